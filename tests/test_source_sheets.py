"""Which sheet of a workbook is read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import openpyxl
import pytest

from importer.errors import SourceError
from importer.source import ReadOptions, open_source
from tests.workbooks import TABLE

State = Literal["visible", "hidden", "veryHidden"]


def several(path: Path, sheets: dict[str, tuple[State, Sequence[Sequence[object]]]]) -> Path:
    """A workbook of sheets by name, each with its state and rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, (state, rows) in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


NOTES = (["How to fill this in"], ["Do not change the headings."], ["Ask Ann."])


OTHER = (("Code", "Country"), ("NO", "Norway"))


def test_the_sheet_with_the_customers_is_chosen_and_the_others_are_named(tmp_path: Path) -> None:
    path = several(
        tmp_path / "book.xlsx",
        {
            "Read me": ("visible", NOTES),
            "Countries": ("visible", OTHER),
            "List": ("visible", TABLE),
            "Empty": ("visible", ()),
        },
    )
    source = open_source(path)
    assert source.sheet == "List"
    assert source.notes == (
        "sheet 'List' of 4 (others: 'Read me', 'Countries', 'Empty'; choose with --sheet)",
    )


def test_other_sheets_that_look_like_customers_are_told(tmp_path: Path) -> None:
    path = several(
        tmp_path / "book.xlsx",
        {
            "Jan": ("visible", TABLE),
            "Feb": ("visible", TABLE),
            "Codes": ("visible", (("A", "B"), ("1", "2"))),
        },
    )
    [note] = open_source(path).notes
    assert note.startswith("sheet 'Jan' of 3 (others: 'Feb', 'Codes'; choose with --sheet); 'Feb' looks like")
    assert "looks like" not in open_source(path, ReadOptions(sheet="Feb")).notes[0]


def test_hidden_sheets_come_last(tmp_path: Path) -> None:
    path = several(tmp_path / "book.xlsx", {"Old": ("hidden", TABLE), "Codes": ("visible", OTHER)})
    assert open_source(path).sheet == "Codes"
    path = several(
        tmp_path / "book.xlsx",
        {"Old": ("veryHidden", TABLE), "New": ("hidden", TABLE), "Read me": ("visible", NOTES[:1])},
    )
    source = open_source(path)
    assert source.sheet == "New"
    assert "sheet 'New', hidden of 3" in source.notes[0]


def test_a_sheet_that_is_asked_for_is_read(tmp_path: Path) -> None:
    path = several(tmp_path / "book.xlsx", {"A": ("visible", TABLE), "Old ones": ("hidden", OTHER)})
    assert open_source(path, ReadOptions(sheet="Old ones")).columns == OTHER[0]
    assert open_source(path, ReadOptions(sheet="old ONES ")).sheet == "Old ones"


def test_an_unknown_sheet_is_refused_and_the_others_are_named(tmp_path: Path) -> None:
    path = several(tmp_path / "book.xlsx", {"A": ("visible", TABLE), "B": ("hidden", OTHER)})
    with pytest.raises(SourceError, match=r"no sheet 'C'. Its sheets are: 'A', 'B'"):
        open_source(path, ReadOptions(sheet="C"))


def test_a_chart_is_no_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in TABLE:
        book.worksheets[0].append(row)
    book.create_chartsheet("Chart")
    book.save(tmp_path / "chart.xlsx")
    assert open_source(tmp_path / "chart.xlsx").notes == ()
