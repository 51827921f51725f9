"""The template: for every provider there is, what it offers, and what it is once filled in."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from importer.errors import SettingsError, SourceError
from importer.jobs import Job
from importer.mapping import suggest
from importer.normalise import Unfit, choice, country_code, country_names, yes_no
from importer.planning import check
from importer.providers import PROVIDERS, Provider
from importer.providers.fields import Choice, Country, Leaf, YesNo
from importer.rows import Status
from importer.sheetformat import EXAMPLE
from importer.source import Source, open_source
from importer.template import default_output, version_tag, write_template
from tests.office import saved_by_libreoffice

every_provider = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
HITPAY = PROVIDERS["hitpay"]


def made(folder: Path, provider: Provider = HITPAY) -> Path:
    path = folder / default_output(provider)
    write_template(path, provider)
    return path


def sheet(path: Path) -> Worksheet:
    found = openpyxl.load_workbook(path)["Customers"]
    assert isinstance(found, Worksheet)
    return found


def customer(provider: Provider, name: str = "Ann") -> list[str]:
    """One row as the template shows it, with a name where it has the mark."""
    return [name, *(leaf.column.example for leaf in provider.leaves[1:])]


def fill(path: Path, rows: Mapping[int, Sequence[str | None]]) -> Path:
    """Type these cells into the template, by row number, and save it."""
    book = openpyxl.load_workbook(path)
    for number, cells in rows.items():
        for place, text in enumerate(cells, 1):
            book["Customers"].cell(number, place).value = text
    book.save(path)
    return path


def read(source: Source) -> list[tuple[int, str]]:
    return [(row.number, row.cells[0]) for row in source.rows()]


def pairs(provider: Provider) -> Iterable[tuple[Leaf, str]]:
    """Each field with the letter of its column."""
    return ((leaf, get_column_letter(place)) for place, leaf in enumerate(provider.leaves, 1))


# -- what it offers


@every_provider
def test_every_field_has_a_column_that_is_found_by_its_heading(tmp_path: Path, provider: Provider) -> None:
    headings = [str(cell.value) for cell in sheet(made(tmp_path, provider))[1]]
    found = suggest(headings, provider).columns
    assert found == {leaf.path: (leaf.column.title,) for leaf in provider.leaves}


@every_provider
def test_a_star_and_a_colour_mark_what_every_row_needs_and_the_heading_stays_as_it_is(
    tmp_path: Path, provider: Provider
) -> None:
    row = sheet(made(tmp_path, provider))[1]
    starred = [str(cell.value) for cell in row if cell.number_format == '@" *"']
    assert starred == [leaf.column.title for leaf in provider.leaves if leaf.required]
    colours: dict[bool, set[str]] = {True: set(), False: set()}
    for cell, leaf in zip(row, provider.leaves, strict=True):
        colours[leaf.required].add(cell.fill.fgColor.rgb)
    assert not colours[True] & colours[False]


@every_provider
def test_every_heading_has_a_note_with_need_rule_and_example(tmp_path: Path, provider: Provider) -> None:
    for cell, leaf in zip(sheet(made(tmp_path, provider))[1], provider.leaves, strict=True):
        assert cell.comment is not None
        note = cell.comment.text
        assert note.startswith("Required." if leaf.required else ("Optional.", "Required where"))
        assert note.startswith("Required where") is leaf.required_in_group
        assert leaf.column.rule in note
        shown = re.search(r"^Example: (.+)$", note, re.MULTILINE)
        assert shown is not None
        if not isinstance(leaf.column.kind, Choice):
            assert shown[1] == leaf.column.example


def test_notes_tell_how_long_a_text_may_be_but_not_so_of_a_phone_that_is_taken_apart(tmp_path: Path) -> None:
    notes = {str(cell.value): cell.comment.text for cell in sheet(made(tmp_path))[1] if cell.comment}
    told = {
        heading: found[1] for heading, text in notes.items() if (found := re.search(r"At most (\d+)", text))
    }
    assert told == {"Name": "255", "E-mail": "255", "Remark": "255", "Postal code": "16"}


def test_the_note_of_the_first_heading_tells_the_version(tmp_path: Path) -> None:
    assert version_tag(HITPAY) == "hitpay 2026-11-20 / 1"
    path = made(tmp_path)
    note = sheet(path)["A1"].comment
    assert note is not None
    assert note.text.endswith("Template hitpay 2026-11-20 / 1")
    assert openpyxl.load_workbook(path).properties.version == version_tag(HITPAY)


@every_provider
def test_every_column_is_text_down_to_the_last_row_of_the_sheet(tmp_path: Path, provider: Provider) -> None:
    path = made(tmp_path, provider)
    found = sheet(path)
    for _, letter in pairs(provider):
        assert found.column_dimensions[letter].number_format == "@"
        assert found[f"{letter}2"].number_format == "@"
    with ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"' in xml


@every_provider
def test_closed_sets_and_countries_have_a_drop_down_in_every_row(tmp_path: Path, provider: Provider) -> None:
    path = made(tmp_path, provider)
    offered = {str(rule.sqref): rule for rule in sheet(path).data_validations.dataValidation}
    for leaf, letter in pairs(provider):
        rule = offered.pop(f"{letter}2:{letter}1048576", None)
        assert (rule is not None) is isinstance(leaf.column.kind, Choice | YesNo | Country)
        if rule is None:
            continue
        assert (rule.type, rule.allow_blank) == ("list", True)
        assert rule.errorStyle == ("warning" if isinstance(leaf.column.kind, Country) else "stop")
        assert_taken(leaf, words_of(path, rule.formula1))
    assert offered == {}


def words_of(path: Path, formula: str) -> list[str]:
    """What a drop-down offers: words in the rule itself, or cells of the hidden sheet."""
    if formula.startswith('"'):
        assert len(formula) <= 257, "Excel takes 255 characters"
        return formula.strip('"').split(",")
    name, _, place = formula.partition("!")
    cells = openpyxl.load_workbook(path)[name][place.replace("$", "")]
    return [str(cell.value) for (cell,) in cells]


def assert_taken(leaf: Leaf, words: list[str]) -> None:
    match leaf.column.kind:
        case Choice(known):
            assert [choice(word, known) for word in words] == list(known)
        case YesNo():
            assert [yes_no(word) for word in words] == [True, False]
        case _:
            assert tuple(words) == country_names()
            assert not any(isinstance(country_code(word), Unfit) for word in words)


@every_provider
def test_the_example_is_offered_by_the_drop_downs_and_would_be_taken(
    tmp_path: Path, provider: Provider
) -> None:
    path = made(tmp_path, provider)
    example = [str(cell.value) for cell in sheet(path)[2]]
    assert example[0] == EXAMPLE
    for rule in sheet(path).data_validations.dataValidation:
        first = str(rule.sqref).partition(":")[0]
        assert sheet(path)[first].value in words_of(path, rule.formula1)
    fill(path, {3: ["Ann", *example[1:]]})
    assert ready(path, tmp_path) == 1


def ready(path: Path, folder: Path, provider: str | None = None) -> int:
    """How many rows a run would send; no other row may be there."""
    job = Job(source=path, provider=provider, ledger=f"sqlite:///{folder / 'ledger.sqlite3'}")
    with check(job, variables={}) as plan:
        assert {status for status, count in plan.counts.items() if count} <= {Status.NOT_SENT}
        return plan.ready


# -- what it is once filled in


@every_provider
def test_filled_in_it_is_a_source_that_knows_its_provider(tmp_path: Path, provider: Provider) -> None:
    path = fill(made(tmp_path, provider), {3: customer(provider)})
    source = open_source(path)
    assert source.notes == (f"filled in on the template {version_tag(provider)}",)
    assert read(source) == [(3, "Ann")]
    job = Job(source=path, ledger=f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    with check(job, variables={}) as plan:
        assert plan.opened.account.provider is provider
        assert (plan.ready, plan.exit_code) == (1, 0)
        assert plan.opened.mapping.unused(source.columns) == ()


def test_the_example_row_may_stay_be_deleted_or_be_typed_over(tmp_path: Path) -> None:
    ann, bob = customer(HITPAY), customer(HITPAY, "Bob")
    path = fill(made(tmp_path), {3: ann, 4: bob})
    assert read(open_source(path)) == [(3, "Ann"), (4, "Bob")]
    book = openpyxl.load_workbook(path)
    book["Customers"].delete_rows(2)
    book.save(path)
    assert read(open_source(path)) == [(2, "Ann"), (3, "Bob")]
    rapyd = PROVIDERS["rapyd"]
    over = fill(made(tmp_path, rapyd), {2: customer(rapyd)})
    assert read(open_source(over)) == [(2, "Ann")]


def test_an_empty_template_says_that_the_customers_are_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"Sheet 'Customers' .* no rows below\. Add the customers"):
        open_source(made(tmp_path))


def test_zeros_far_below_the_example_stay(tmp_path: Path) -> None:
    path = fill(made(tmp_path), {5_000: customer(HITPAY, "007")})
    assert read(open_source(path)) == [(5_000, "007")]


def test_another_provider_may_be_asked_for_and_results_go_beside_it(tmp_path: Path) -> None:
    path = fill(made(tmp_path), {3: customer(HITPAY)})
    assert ready(path, tmp_path, provider="rapyd") == 1
    with check(Job(source=path, ledger=f"sqlite:///{tmp_path / 'l'}"), variables={}) as plan:
        assert plan.opened.output == tmp_path / "hitpay.template.results.xlsx"
    with pytest.raises(SettingsError, match="is the source, which is never overwritten"):
        check(Job(source=path, output=path, ledger=f"sqlite:///{tmp_path / 'l'}"), variables={})


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_saved_by_libreoffice_it_is_read_alike(tmp_path: Path, kind: str) -> None:
    path = fill(made(tmp_path), {3: customer(HITPAY, "Zoë"), 4: customer(HITPAY, "007")})
    saved = saved_by_libreoffice(path, kind)
    source = open_source(saved)
    assert read(source) == [(3, "Zoë"), (4, "007")]
    assert [row.cells for row in source.rows()] == [row.cells for row in open_source(path).rows()]
    job = Job(
        source=saved, provider="hitpay" if kind == "csv" else None, ledger=f"sqlite:///{tmp_path / 'l'}"
    )
    with check(job, variables={}) as plan:
        assert plan.counts[Status.INVALID] == 0


def test_as_csv_it_is_read_alike_with_the_stars_that_were_shown(tmp_path: Path) -> None:
    """A program that saves cells as they are shown writes the star into the heading."""
    headings = [f"{leaf.column.title} *" if leaf.required else leaf.column.title for leaf in HITPAY.leaves]
    example = [str(cell.value) for cell in sheet(made(tmp_path))[2]]
    path = tmp_path / "saved.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings, example, customer(HITPAY)])
    assert read(open_source(path)) == [(3, "Ann")]
    assert ready(path, tmp_path, provider="hitpay") == 1


# -- where it goes


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "hitpay.template.xlsx"
    path.write_bytes(b"filled in for hours")
    with pytest.raises(SettingsError, match=r"exists and may be filled in.* -o .*hitpay\.template-2\.xlsx"):
        write_template(path, HITPAY)
    assert path.read_bytes() == b"filled in for hours"


@pytest.mark.parametrize(
    ("name", "words"),
    [("t.csv", r"does not end in \.xlsx\. Add -o .*t\.xlsx"), ("gone/t.xlsx", "there is no folder")],
)
def test_where_it_cannot_go_is_told_with_the_way_out(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        write_template(tmp_path / name, HITPAY)
    assert list(tmp_path.iterdir()) == []
