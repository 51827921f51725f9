"""The example row of a template: the reader leaves it out, until a customer is typed over it."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

from importer.errors import SourceError
from importer.sheetformat import EXAMPLE, SETTINGS_SHEET
from importer.source import open_source

Save = Callable[[Path, Sequence[Sequence[str]]], Path]

HEADINGS = ("Name", "E-mail", "Phone")
SHOWN = (EXAMPLE, "mei@example.com", "+65 8123 4567")
ANN = ("Ann Lee", "ann@example.com", "+47 11 11 11 11")
BOB = ("Bob Ray", "bob@example.com", "+47 22 22 22 22")


def as_text(folder: Path, rows: Sequence[Sequence[str]]) -> Path:
    path = folder / "filled.csv"
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


def as_workbook(folder: Path, rows: Sequence[Sequence[str]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    path = folder / "filled.xlsx"
    book.save(path)
    return path


every_kind = pytest.mark.parametrize("save", [as_text, as_workbook])


@every_kind
@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        ([HEADINGS, SHOWN, ANN, BOB], [3, 4]),
        ([HEADINGS, ANN, BOB], [2, 3]),
        ([HEADINGS, ANN, SHOWN, BOB], [2, 4]),
        ([HEADINGS, ANN, BOB, SHOWN], [2, 3]),
        ([HEADINGS, SHOWN, SHOWN, ANN, BOB], [4, 5]),
    ],
    ids=["left in place", "deleted", "sorted between", "moved to the end", "copied"],
)
def test_an_example_row_is_no_customer_and_costs_none(
    tmp_path: Path, save: Save, rows: Sequence[Sequence[str]], numbers: list[int]
) -> None:
    source = open_source(save(tmp_path, rows))
    assert [(row.number, row.cells) for row in source.rows()] == list(zip(numbers, (ANN, BOB), strict=True))


@every_kind
def test_a_customer_typed_over_the_example_is_read(tmp_path: Path, save: Save) -> None:
    source = open_source(save(tmp_path, [HEADINGS, ANN, BOB]))
    assert [row.number for row in source.rows()] == [2, 3]
    source = open_source(save(tmp_path, [HEADINGS, ("Ann Lee", *SHOWN[1:]), BOB]))
    assert [row.cells[0] for row in source.rows()] == ["Ann Lee", "Bob Ray"]


@every_kind
def test_an_example_is_known_when_a_column_was_put_before_it(tmp_path: Path, save: Save) -> None:
    rows = [("No.", *HEADINGS), ("", *SHOWN), ("1", *ANN)]
    assert [row.number for row in open_source(save(tmp_path, rows)).rows()] == [3]


@every_kind
@pytest.mark.parametrize("name", [f"{EXAMPLE}!", f"{EXAMPLE} Ltd", "Example", "Example row", EXAMPLE.upper()])
def test_a_customer_whose_name_only_resembles_the_mark_is_read(tmp_path: Path, save: Save, name: str) -> None:
    source = open_source(save(tmp_path, [HEADINGS, (name, *ANN[1:])]))
    assert [row.cells[0] for row in source.rows()] == [name]


@every_kind
def test_a_sheet_with_nothing_but_the_example_has_no_rows(tmp_path: Path, save: Save) -> None:
    with pytest.raises(SourceError, match=r"in row 1 but no rows below\. Add the customers"):
        open_source(save(tmp_path, [HEADINGS, SHOWN]))


def test_a_template_is_known_by_its_tag_and_carries_its_provider(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(as_workbook(tmp_path, [HEADINGS, SHOWN, ANN]))
    carried = {"provider": "hitpay", "template": "hitpay 2026-11-20 / 1"}
    hidden = book.create_sheet(SETTINGS_SHEET)
    for line in (["settings", json.dumps(carried)], ["country", "Norway"], ["country", "Rome"]):
        hidden.append(line)
    book.save(tmp_path / "template.xlsx")
    source = open_source(tmp_path / "template.xlsx")
    assert source.settings == carried
    assert source.notes == ("filled in on the template hitpay 2026-11-20 / 1",)
