"""Names in one column and in two: joined where that is plain, split where a person says so."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapping import Option, Proposal, Question, Sample, Take, propose
from importer.providers import PROVIDERS

ADDRESS = ("Email", "Phone", "Type", "Street", "City", "State", "Zip", "Country")
REST = ("ann@example.com", "+65 8123 4567", "individual", "1 High Street", "Singapore", "SG", "048616", "SG")


def juicyway(names: Sequence[str], *rows: Sequence[str]) -> Proposal:
    """What a sheet with these name columns suggests for a provider that takes first and last name apart."""
    cells = [(*row, *REST) for row in rows]
    return propose([*names, *ADDRESS], PROVIDERS["juicyway"], sample=Sample(cells, complete=True))


def hitpay(names: Sequence[str], *rows: Sequence[str]) -> Proposal:
    """What a sheet with these name columns suggests for a provider that takes the whole name."""
    cells = [(*row, "ann@example.com", "+65 8123 4567") for row in rows]
    return propose([*names, "Email", "Phone"], PROVIDERS["hitpay"], sample=Sample(cells, complete=True))


def only_question(proposal: Proposal) -> Question:
    """The one question that stops a run."""
    (question,) = proposal.pressing
    return question


def ways(question: Question) -> list[tuple[str, ...]]:
    """What each answer takes, first name first."""
    return [tuple(str(option.takes[path]) for path in sorted(option.takes)) for option in question.options]


# -- which part


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Ann Lee", ("Ann", "Lee", "Lee", "Ann", "Ann Lee", "")),
        ("Ana María  de la Cruz", ("Ana", "María de la Cruz", "Cruz", "Ana María de la", None, "")),
        ("Lee, Ann Mei", ("Lee,", "Ann Mei", "Mei", "Lee, Ann", "Lee", "Ann Mei")),
        ("Madonna", ("Madonna", "", "Madonna", "", "Madonna", "")),
        ("", ("", "", "", "", "", "")),
    ],
)
def test_part_of_a_name_is_taken(text: str, parts: tuple[str | None, ...]) -> None:
    for take, part in zip(Take, parts, strict=True):
        assert part is None or take.of(text) == part


@given(st.text(max_size=30))
def test_two_parts_make_the_whole_again(text: str) -> None:
    whole = " ".join(text.split())
    for one, other in ((Take.FIRST_WORD, Take.OTHER_WORDS), (Take.ALL_BUT_THE_LAST_WORD, Take.LAST_WORD)):
        assert f"{one.of(text)} {other.of(text)}".strip() == whole


# -- one column for two fields


def test_whole_name_is_never_split_without_asking() -> None:
    question = only_question(juicyway(["Full name"], ["Ann Lee"], ["Bo Lim"]))
    assert question.fields == {"first_name", "last_name"}
    assert "takes first_name and last_name apart" in question.words
    assert ways(question) == [("first word", "other words"), ("all but the last word", "last word")]


def test_answer_to_how_a_name_is_split_feeds_both_fields() -> None:
    proposal = juicyway(["Full name"], ["Ann Lee"])
    mapping = only_question(proposal).options[0].chosen(proposal.mapping)
    assert mapping.columns["first_name"] == mapping.columns["last_name"] == ("Full name",)
    assert mapping.takes == {"first_name": Take.FIRST_WORD, "last_name": Take.OTHER_WORDS}


def test_comma_in_most_names_is_offered_first() -> None:
    question = only_question(juicyway(["Kunde"], ["Lee, Ann"], ["Lim, Bo"], ["Cy Tan"]))
    assert ways(question)[0] == ("after the comma", "before the comma")


def test_missing_half_of_a_name_may_stand_in_the_column_of_the_whole() -> None:
    question = only_question(juicyway(["Vorname", "Name"], ["Anna", "Müller"], ["Bo", "Meier"]))
    assert question.field == "last_name"
    assert question.options[0].words == '"Name" as it is'
    assert ways(question) == [(), ("other words",), ("last word",)]


def test_each_column_of_whole_names_is_offered() -> None:
    question = only_question(juicyway(["Customer", "Display name"], ["Ann Lee", "Ann Lee"]))
    assert {name for option in question.options for name in option.columns["first_name"]} == {
        "Customer",
        "Display name",
    }


def test_column_of_whole_names_that_holds_something_else_is_not_offered() -> None:
    proposal = juicyway(["Customer"], *([f"c{n}@example.com"] for n in range(4)))
    assert {question.field for question in proposal.pressing} == {"first_name", "last_name"}
    assert not any(question.options for question in proposal.pressing)


def test_first_and_last_name_of_their_own_need_no_splitting() -> None:
    assert juicyway(["Full name", "First name", "Last name"], ["Ann Lee", "Ann", "Lee"]).pressing == ()


# -- two columns for one field


def test_name_beside_a_first_name_may_be_the_last_name() -> None:
    """A German sheet headed Name and Vorname: taken for whole, nobody would have a first name."""
    proposal = hitpay(["Name", "Vorname"], ["Müller", "Anna"], ["Meier", "Jo"])
    question = only_question(proposal)
    assert question.words == '"Name" may be the whole name or, beside "Vorname", only half of it'
    assert question.options[0] == Option('"Vorname" and "Name" joined', {"name": ("Vorname", "Name")})
    assert question.options[1].columns == {"name": ("Name",)}


def test_name_beside_a_last_name_may_be_the_first_name() -> None:
    question = only_question(hitpay(["Name", "Surname"], ["Ann", "Lee"], ["Bo", "Lim"]))
    assert question.options[0].columns == {"name": ("Name", "Surname")}


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        (["Name", "First name"], [["Ann Lee", "Ann"], ["Bo Lim", "bo"]]),  # it holds the other
        (["Name", "First name"], [["Robert Brown", "Bob"], ["William Lim", "Bill"]]),  # two words are no half
        (["Name", "Nickname"], [["Müller", "Mü"]]),
        (["Full name", "First name"], [["Müller", "Anna"]]),  # says what it is
        (["Name", "First name", "Last name"], [["Müller", "Anna", "Müller"]]),
        (["Name", "First name"], [["Müller", ""], ["Meier", ""]]),
    ],
)
def test_whole_name_is_not_doubted_without_reason(names: list[str], rows: list[list[str]]) -> None:
    proposal = hitpay(names, *rows)
    assert proposal.pressing == ()
    assert proposal.mapping.columns["name"] == (names[0],)


def test_only_half_of_a_name_is_offered_where_there_is_no_whole() -> None:
    question = only_question(hitpay(["Colour", "Nombre"], ["red", "Ann"], ["blue", "Bo"]))
    assert [option.words for option in question.options] == ['"Nombre"', '"Colour"']
