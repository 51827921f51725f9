"""Our own results files as a source: the customer's columns and cells as they were, ours left out."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.errors import SourceError
from importer.sheetformat import (
    RESULTS_SHEET,
    SETTINGS_HEADING,
    SETTINGS_SHEET,
    SUMMARY_SHEET,
    guard,
    unguard,
)
from importer.source import ReadOptions, open_source

SETTINGS = {"provider": "hitpay", "mapping": {"name": "Name, full", "phone": '"Phone"; mobile'}}
OURS = ("import_status", "import_customer_id", "import_message", "import_row", "import_kyc_link")
MADE = ("created", "cus_1", "", "2", "https://example.com/kyc?a=1")
THEIRS = ("Name", "import_date", "Phone")
CELLS = ("Ann", "2024-01-01", "+4711111111")


def results_csv(folder: Path, rows: Sequence[Sequence[str]], last: str | None, delimiter: str = ",") -> Path:
    """A results file as `importer.results` writes it: guarded, with the settings in the last heading."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    heading, *below = rows
    writer.writerow([*map(guard, heading), *([] if last is None else [last])])
    writer.writerows([[*map(guard, row), *([] if last is None else [""])] for row in below])
    path = folder / "customers.results.csv"
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    return path


def results_book(folder: Path, rows: Sequence[Sequence[str]], settings: Sequence[str]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = RESULTS_SHEET
    for row in rows:
        sheet.append(list(row))
    summary = book.create_sheet(SUMMARY_SHEET, 0)
    for line in (["Name", "Email", "Phone", "City"], ["created", "1", "2", "3"], ["failed", "0", "0", "0"]):
        summary.append(line)
    hidden = book.create_sheet(SETTINGS_SHEET)
    hidden.sheet_state = "veryHidden"
    for part in settings:
        hidden.append(["settings", part])
    path = folder / "customers.results.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_results_give_back_the_columns_they_came_from(tmp_path: Path, delimiter: str) -> None:
    rows = [(*THEIRS, *OURS), (*CELLS, *MADE)]
    last = SETTINGS_HEADING + json.dumps(SETTINGS, separators=(",", ":"))
    source = open_source(results_csv(tmp_path, rows, last, delimiter))
    assert source.columns == THEIRS
    assert [(row.number, row.cells) for row in source.rows()] == [(2, CELLS)]
    assert source.settings == SETTINGS
    assert source.is_text


def test_workbook_results_give_back_the_columns_they_came_from(tmp_path: Path) -> None:
    text = json.dumps(SETTINGS)
    path = results_book(tmp_path, [(*THEIRS, *OURS), (*CELLS, *MADE)], [text[:20], text[20:]])
    source = open_source(path)
    assert (source.sheet, source.columns, source.settings) == (RESULTS_SHEET, THEIRS, SETTINGS)
    assert [(row.number, row.cells) for row in source.rows()] == [(2, CELLS)]
    assert source.notes == ()


def test_a_sheet_that_a_person_added_to_the_results_is_not_preferred(tmp_path: Path) -> None:
    path = results_book(tmp_path, [(*THEIRS, *OURS), (*CELLS, *MADE)], ["{}"])
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("Old list", 0)
    sheet.append(["Name", "Email", "Phone", "Country", "City", "Street", "Zip", "Birth date", "Company"])
    sheet.append(["Ann"] * 9)
    book.save(path)
    assert open_source(path).sheet == RESULTS_SHEET
    assert open_source(path, ReadOptions(sheet="Old list")).columns[0] == "Name"


def test_our_own_sheets_cannot_be_asked_for(tmp_path: Path) -> None:
    path = results_book(tmp_path, [(*THEIRS, *OURS), (*CELLS, *MADE)], ["{}"])
    with pytest.raises(SourceError, match="Its sheets are: 'Results'"):
        open_source(path, ReadOptions(sheet=SUMMARY_SHEET))


def test_a_sheet_called_summary_in_another_workbook_is_a_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = SUMMARY_SHEET
    book.worksheets[0].append(["Name"])
    book.worksheets[0].append(["Ann"])
    book.save(tmp_path / "other.xlsx")
    source = open_source(tmp_path / "other.xlsx")
    assert (source.sheet, source.settings) == (SUMMARY_SHEET, None)


@pytest.mark.parametrize("settings", ["", "{", "[1]", "null"])
def test_damaged_settings_are_no_settings(tmp_path: Path, settings: str) -> None:
    rows = [(*THEIRS, *OURS), (*CELLS, *MADE)]
    for path in (
        results_csv(tmp_path, rows, SETTINGS_HEADING + settings),
        results_book(tmp_path, rows, [settings]),
    ):
        source = open_source(path)
        assert (source.settings, source.columns) == (None, THEIRS)


def test_what_a_results_file_says_of_a_row_comes_with_it(tmp_path: Path) -> None:
    rows = [(*THEIRS, *OURS), (*CELLS, *MADE), (*CELLS, "exists", "-7x", "", "3", "")]
    for path in (results_csv(tmp_path, rows, SETTINGS_HEADING + "{}"), results_book(tmp_path, rows, ["{}"])):
        assert [row.told for row in open_source(path).rows()] == [("created", "cus_1"), ("exists", "-7x")]


def test_no_other_file_says_anything_of_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("Name,import_status,import_customer_id\nAnn,created,cus_1\n", encoding="utf-8")
    assert [row.told for row in open_source(path).rows()] == [None]


def test_columns_that_a_person_added_behind_ours_are_kept(tmp_path: Path) -> None:
    path = results_csv(tmp_path, [(*THEIRS, *OURS, "Remark"), (*CELLS, *MADE, "call back")], None)
    source = open_source(path)
    assert source.columns == (*THEIRS, "Remark")
    assert [row.cells for row in source.rows()] == [(*CELLS, "call back")]


def test_a_sheet_that_only_uses_our_prefix_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("Name,import_status,import_date\nAnn,'=new,2024-01-01\n", encoding="utf-8")
    source = open_source(path)
    assert source.columns == ("Name", "import_status", "import_date")
    assert [row.cells for row in source.rows()] == [("Ann", "'=new", "2024-01-01")]


GUARDED = (
    "=1+1",
    "'=1+1",
    "''=1+1",
    "+47 111",
    "-5",
    "@home",
    "\tx",
    "\rx",
    "'",
    "''",
    "'x",
    "=",
    " =1",
    "x",
)


def test_guarded_cells_come_back_as_they_were(tmp_path: Path) -> None:
    headings = tuple(f"{cell}{i}" for i, cell in enumerate(GUARDED))
    path = results_csv(tmp_path, [(*headings, *OURS), (*GUARDED, *MADE)], SETTINGS_HEADING + "{}")
    source = open_source(path)
    assert source.columns == headings
    assert [row.cells for row in source.rows()] == [GUARDED]


def test_guarded_cells_come_back_after_excel_has_saved_the_csv_as_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [(*THEIRS, *OURS, SETTINGS_HEADING + json.dumps(SETTINGS)), (*map(guard, CELLS), *MADE)]:
        book.worksheets[0].append(list(row))
    book.save(tmp_path / "resaved.xlsx")
    source = open_source(tmp_path / "resaved.xlsx")
    assert (source.columns, source.settings) == (THEIRS, SETTINGS)
    assert [row.cells for row in source.rows()] == [CELLS]


def test_apostrophes_of_a_workbook_are_the_customers(tmp_path: Path) -> None:
    cells = ("'=x", "'+47", "''@")
    source = open_source(results_book(tmp_path, [(*THEIRS, *OURS), (*cells, *MADE)], ["{}"]))
    assert [row.cells for row in source.rows()] == [cells]


def test_apostrophes_of_an_ordinary_csv_are_the_customers(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("Name,Phone\nAnn,'+47\n", encoding="utf-8")
    assert [row.cells for row in open_source(path).rows()] == [("Ann", "'+47")]


@given(st.text(st.sampled_from("'=+-@\t\r ax")))
def test_guard_is_undone_by_unguard(text: str) -> None:
    assert unguard(guard(text)) == text


@given(st.text(st.sampled_from("'=+-@\t\r ax")))
def test_guarded_text_starts_no_formula(text: str) -> None:
    assert not guard(text).startswith(("=", "+", "-", "@", "\t", "\r"))
