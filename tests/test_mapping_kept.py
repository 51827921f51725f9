"""A mapping is kept as TOML and in results files, and read again as it was; what it cannot be is said."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer import mapping as mappings
from importer import normalise
from importer.errors import MappingError
from importer.mapping import (
    FieldMapping,
    Option,
    Proposal,
    Question,
    Suggestion,
    Take,
    from_settings,
    suggest,
    to_settings,
    to_toml,
)
from importer.mapping.looks import Holds, Look
from importer.normalise import Order
from importer.providers import PROVIDERS
from importer.providers.fields import Date

HITPAY, YATIVO, JUICYWAY = (PROVIDERS[name] for name in ("hitpay", "yativo", "juicyway"))
PATHS = {provider.name: [leaf.path for leaf in provider.leaves] for provider in PROVIDERS.values()}
DATES = {
    name: [leaf.path for leaf in provider.leaves if isinstance(leaf.column.kind, Date)]
    for name, provider in PROVIDERS.items()
}
CHARACTERS = st.characters(exclude_categories=["Cs"])
HEADINGS = st.text(CHARACTERS, min_size=1, max_size=12)
TEXTS = st.text(CHARACTERS, max_size=12)
LOOKS = st.builds(Look, st.sampled_from(Holds), st.booleans())


@st.composite
def field_mappings(draw: st.DrawFn) -> FieldMapping:
    """Any mapping of a provider's fields to any headings, with all that may be said about them."""
    provider = draw(st.sampled_from(sorted(PATHS)))
    paths = st.sampled_from(PATHS[provider])
    columns = draw(st.dictionaries(paths, st.lists(HEADINGS, min_size=1, max_size=3).map(tuple), max_size=5))
    replaced = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=3, unique_by=_as_matched).map(dict)
    orders: st.SearchStrategy[Order] = st.sampled_from(get_args(Order))
    dates = st.dictionaries(st.sampled_from(DATES[provider] or [""]), orders)
    return FieldMapping(
        provider,
        columns,
        draw(st.dictionaries(paths, TEXTS, max_size=3)),
        takes={path: draw(st.sampled_from(Take)) for path in columns if draw(st.booleans())},
        values=draw(st.dictionaries(paths, replaced, max_size=2)),
        dates=draw(dates) if DATES[provider] else {},
        default_country=draw(st.sampled_from(["", "NG", "SG"])),
        looks=draw(st.dictionaries(HEADINGS, LOOKS, max_size=3)),
    )


def _as_matched(pair: tuple[str, str]) -> str:
    return normalise.identity_text(pair[0])


@st.composite
def open_ends(draw: st.DrawFn, kept: FieldMapping) -> tuple[Proposal, dict[str, dict[str, int]]]:
    """Any reasons, questions and words that were not understood, of a mapping."""
    paths = st.sampled_from(PATHS[kept.provider])
    suggested = st.builds(Suggestion, st.just(("x",)), st.floats(0, 1), TEXTS)
    option = st.builds(Option, TEXTS, st.dictionaries(paths, st.tuples(HEADINGS), max_size=2))
    question = st.builds(
        Question, paths, TEXTS, st.lists(option, max_size=3).map(tuple), st.booleans(), TEXTS
    )
    strange = st.dictionaries(paths, st.dictionaries(TEXTS, st.integers(1, 9), max_size=3), max_size=2)
    suggestions = draw(st.dictionaries(paths, suggested, max_size=3))
    return Proposal(kept, suggestions, tuple(draw(st.lists(question, max_size=3)))), draw(strange)


@settings(max_examples=150, deadline=None)
@given(field_mappings(), st.lists(HEADINGS, max_size=4), st.data())
def test_mapping_reads_back_from_toml_as_it_was(
    kept: FieldMapping, others: list[str], data: st.DataObject
) -> None:
    """Whatever headings, words and reasons hold: quotes, line breaks, brackets, control characters."""
    provider = PROVIDERS[kept.provider]
    used = [name for names in kept.columns.values() for name in names]
    proposal, strange = data.draw(open_ends(kept))
    text = to_toml(kept, [*used, *others], provider, proposal=proposal, strange=strange)
    document = tomllib.loads(text)
    assert document["provider"] == kept.provider
    assert from_settings(document, provider) == kept


@settings(max_examples=80, deadline=None)
@given(field_mappings())
def test_mapping_reads_back_from_a_results_file_as_it_was(kept: FieldMapping) -> None:
    carried = json.loads(json.dumps(to_settings(kept)))
    assert from_settings(carried, PROVIDERS[kept.provider]) == kept


def test_mapping_file_shows_every_field_and_the_columns_left_over() -> None:
    columns = ["First name", "Last name", "Email", "Colour"]
    text = to_toml(suggest(columns, HITPAY, constants={"gender": "female"}), columns, HITPAY)
    assert '"name" = ["First name", "Last name"]' in text
    assert '"email" = "Email"' in text
    assert '# "phone_number" = ""  # Phone, required' in text
    assert '# "address.city" = ""  # City, optional' in text
    assert '"gender" = "female"' in text
    assert '# not used: "Colour"' in text


def test_mapping_file_is_written_read_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    kept = FieldMapping("hitpay", {"name": ("Näme\u2028\x7f",), "email": ("E",)}, {"remark": "x"})
    mappings.save(path, to_toml(kept, ["Näme\u2028\x7f", "E"], HITPAY))
    assert mappings.load(path, HITPAY) == kept
    with pytest.raises(MappingError, match="exists: give another name with -o"):
        mappings.save(path, "")
    assert mappings.load(path, HITPAY) == kept


def test_mapping_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"cannot be written: No such file or directory\."):
        mappings.save(tmp_path / "nowhere" / "mapping.toml", "")


def test_mapping_written_by_hand_may_be_short(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    text = '[columns]\nname = "A"\n"address.city" = ["B"]\n[constants]\nremark = 7\n"gender" = "f"\n'
    path.write_text(text, encoding="utf-8")
    columns = {"name": ("A",), "address.city": ("B",)}
    assert mappings.load(path, HITPAY) == FieldMapping("hitpay", columns, {"remark": "7", "gender": "f"})


@pytest.mark.parametrize(
    ("value", "text"), [("true", "yes"), ("false", "no"), ("65", "65"), ('"065"', "065")]
)
def test_constant_without_quotes_is_read_as_people_mean_it(tmp_path: Path, value: str, text: str) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(f"[constants]\nsend_kyc_mail = {value}\n", encoding="utf-8")
    assert mappings.load(path, YATIVO).constants == {"send_kyc_mail": text}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('provider = "rapyd"', "is for rapyd, not for hitpay"),
        ("provider = ", "cannot be read"),
        ('columns = "name"', r"needs a table \[columns\]"),
        ('[columns]\ncolour = "A"', "no field 'colour'"),
        ('[constants]\ncolour = "A"', "no field 'colour'"),
        ("[columns]\nname = []", "name must be a heading or a list of headings"),
        ("[columns]\nname = [1]", "name must be a heading or a list of headings"),
        ("[constants]\nname = 1.5", "constant name must be a text in quotes"),
    ],
)
def test_mapping_file_that_is_none_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=message):
        mappings.load(path, HITPAY)


def test_dotted_field_without_quotes_is_read_as_people_mean_it(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text('[columns]\naddress.city = "Town"\n', encoding="utf-8")
    assert mappings.load(path, HITPAY).columns == {"address.city": ("Town",)}


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_mapping_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "mapping.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MappingError, match=r"mapping\.toml cannot be read"):
        mappings.load(path, HITPAY)


def test_mapping_of_constants_keeps_them_out_of_its_repr() -> None:
    assert "secret" not in repr(FieldMapping("hitpay", {}, {"remark": "secret"}))


def test_settings_are_plain_data() -> None:
    kept = FieldMapping("hitpay", {"name": ("First", "Last")}, {"gender": "f"})
    plain: Mapping[str, object] = {"columns": {"name": ["First", "Last"]}, "constants": {"gender": "f"}}
    assert to_settings(kept) == plain


# -- names, words, dates, phones


def read(text: str, provider: str = "hitpay") -> FieldMapping:
    """A mapping as a person writes it."""
    return from_settings(tomllib.loads(text), PROVIDERS[provider])


def test_part_of_a_column_is_said_in_words() -> None:
    kept = read('[columns]\nfirst_name = { column = "Full name", take = "first word" }', "juicyway")
    assert kept.columns == {"first_name": ("Full name",)}
    assert kept.takes == {"first_name": Take.FIRST_WORD}


def test_dotted_fields_without_quotes_are_read_in_every_table() -> None:
    text = """
        [values.address.country]
        "D" = "Germany"
        [values.gender]
        x = "female"
        [dates]
        birth_date = "dmy"
    """
    kept = read(text)
    assert kept.values == {"address.country": {"D": "Germany"}, "gender": {"x": "female"}}
    assert kept.dates == {"birth_date": "dmy"}


def test_replacement_without_quotes_is_read_as_people_mean_it() -> None:
    kept = read("[values.send_kyc_mail]\nx = true\n0 = false\n", "yativo")
    assert kept.values == {"send_kyc_mail": {"x": "yes", "0": "no"}}


def test_table_with_nothing_but_comments_is_none() -> None:
    assert read('[values."gender"]\n# "divers" = ""\n[dates]\n[looks]\n') == FieldMapping("hitpay", {})


@pytest.mark.parametrize("country", ["NG", "ng", "Nigeria", "NGA"])
def test_default_country_may_be_written_in_any_usual_way(country: str) -> None:
    assert read(f'default_country = "{country}"').default_country == "NG"


def test_mapping_saved_by_an_editor_of_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_bytes('\ufeffprovider = "hitpay"\r\n[columns]\r\nname = "Näme"\r\n'.encode())
    assert mappings.load(path, HITPAY).columns == {"name": ("Näme",)}
    assert mappings.provider_of(path) == "hitpay"


def test_settings_of_an_older_results_file_still_load() -> None:
    old = {"columns": {"name": ["First", "Last"]}, "constants": {"gender": "f"}}
    assert from_settings(old, HITPAY) == FieldMapping("hitpay", {"name": ("First", "Last")}, {"gender": "f"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colums = 1", 'has no "colums". Did you mean "columns"?'),
        ("[value]", 'Did you mean "values"?'),
        ('[columns]\nemial = "A"', "no field 'emial'. Did you mean \"email\"?"),
        ('[columns]\npostal_code = "A"', 'Did you mean "address.postal_code"?'),
        ('[columns]\nname = { column = "A", takes = "first word" }', 'name has "takes"'),
        ('[columns]\nname = { column = "A", take = "frist word" }', 'Did you mean "first word"?'),
        ('[columns]\nname = { column = "A" }', "It may take: first word, other words"),
        ('[columns]\nname = { column = 1, take = "first word" }', "name must be a heading"),
        ('[values]\ngender = "x"', '"gender" under [values] must be a table'),
        ('[values.sex]\nx = "f"', "no field 'sex'"),
        ("[values.gender]\nx = 1.5", '"x" under [values."gender"] must be a text'),
        ('[values.gender]\nM = "male"\n"m " = "female"', 'has "m " twice'),
        ('[dates]\nbirth_date = "day first"', 'must be "dmy", "mdy" or "ymd"'),
        ('[dates]\nname = "dmy"', "name, which is no date"),
        ('default_country = "Atlantis"', 'default_country: "Atlantis" is not a known country'),
        ('[looks]\n"A" = "phnoes"', "nothing a column may hold"),
        ("looks = 1", "its looks is none"),
    ],
)
def test_what_a_mapping_cannot_say_is_named_with_what_is_nearest(text: str, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        read(text)
    assert message in str(caught.value)


# -- what is open


def test_question_stands_where_its_answer_goes() -> None:
    options = (Option('"A"', {"email": ("A",)}), Option('"B"', {"email": ("B",)}))
    asked = Question("email", "2 columns could be it", options, hint="Or none.")
    kept = FieldMapping("hitpay", {"name": ("Name",)})
    lines = to_toml(kept, ["Name", "A", "B"], HITPAY, proposal=Proposal(kept, {}, (asked,))).splitlines()
    at = lines.index("# QUESTION: 2 columns could be it: remove the # of the right line")
    assert lines[at + 1 : at + 4] == ["# Or none.", '# "email" = "A"', '# "email" = "B"']
    answered = "\n".join(line.removeprefix("# ") if line == '# "email" = "B"' else line for line in lines)
    assert read(answered).columns == {"name": ("Name",), "email": ("B",)}


def test_answers_for_two_fields_stand_in_pairs() -> None:
    both = {"first_name": ("Who",), "last_name": ("Who",)}
    options = tuple(
        Option("", both, {"first_name": one, "last_name": other})
        for one, other in ((Take.FIRST_WORD, Take.OTHER_WORDS), (Take.AFTER_THE_COMMA, Take.BEFORE_THE_COMMA))
    )
    kept = FieldMapping("juicyway", {})
    text = to_toml(
        kept, ["Who"], JUICYWAY, proposal=Proposal(kept, {}, (Question("first_name", "?", options),))
    )
    assert (
        '# "first_name" = { column = "Who", take = "first word" }\n'
        '# "last_name" = { column = "Who", take = "other words" }\n'
        "# or\n"
        '# "first_name" = { column = "Who", take = "after the comma" }\n'
    ) in text
    assert '"last_name" = ""' not in text


def test_required_fields_come_first() -> None:
    columns = ["Notes", "Phone", "Gender", "Name", "Email"]
    lines = to_toml(suggest(columns, HITPAY), columns, HITPAY).splitlines()
    at = lines.index("[columns]")
    assert [line.partition(" =")[0] for line in lines[at + 1 : at + 4]] == [
        '"name"',
        '"email"',
        '"phone_number"',
    ]


def test_confidence_and_reason_stand_beside_what_is_not_exact() -> None:
    kept = FieldMapping("hitpay", {"name": ("Name",), "email": ("Mail",)})
    why = {"name": Suggestion(("Name",), 1), "email": Suggestion(("Mail",), 0.6, "holds\ne-mails")}
    text = to_toml(kept, ["Name", "Mail"], HITPAY, proposal=Proposal(kept, why))
    assert '"name" = "Name"\n' in text
    assert '"email" = "Mail"  # 60%: holds e-mails\n' in text


def test_words_that_were_not_understood_wait_to_be_replaced() -> None:
    kept = FieldMapping("hitpay", {"gender": ("Sex",)}, values={"gender": {"Männlich": "male"}})
    text = to_toml(kept, ["Sex"], HITPAY, strange={"gender": {"divers": 3, "k. A.": 1}})
    assert (
        '[values."gender"]\n'
        '# What "Sex" says = what is meant: male or female. "" is an empty cell.\n'
        '"Männlich" = "male"\n'
        '# "divers" = ""  # 3 rows\n'
        '# "k. A." = ""  # 1 row\n'
    ) in text
