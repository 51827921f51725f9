"""Reading xlsx: every row under its number, whatever else is in the sheet."""

import datetime as dt
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from importer.errors import SourceError
from importer.source import ReadOptions, Source, open_source
from tests.workbooks import (
    ANN,
    BOB,
    HEADINGS,
    PLAIN,
    TABLE,
    prefixed,
    read,
    sheet_xml,
    workbook,
)


def test_rows_come_with_the_numbers_that_excel_shows(tmp_path: Path) -> None:
    path = workbook(tmp_path / "customers.xlsx", [HEADINGS, ANN, [], ["", " "], BOB])
    source = open_source(path)
    assert source.columns == HEADINGS
    assert [(row.number, row.cells) for row in source.rows()] == [(2, ANN), (5, BOB)]
    assert (source.sheet, source.header_row, source.is_text, source.settings) == ("Customers", 1, False, None)
    assert source.notes == ()


def test_rows_can_be_read_again_and_from_another_thread_after_the_file_is_gone(tmp_path: Path) -> None:
    path = workbook(tmp_path / "customers.xlsx", [HEADINGS, ANN, BOB])
    source = open_source(path)
    path.unlink()
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.extend(source.rows()))
    thread.start()
    thread.join()
    assert found == list(source.rows()) != []


def test_hidden_rows_and_columns_are_read_and_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (("Customers",), HEADINGS, *[ANN, BOB] * 10):
        sheet.append(list(row))
    for number in (1, 3, *range(12, 23)):
        sheet.row_dimensions[number].hidden = True
    for name in ("B", "F", "G"):
        sheet.column_dimensions[name].hidden = True
    book.save(tmp_path / "filtered.xlsx")
    source = open_source(tmp_path / "filtered.xlsx")
    assert [row.cells for row in source.rows()] == [ANN, BOB] * 10
    assert source.notes == (
        "header found in row 2",
        "12 rows are hidden in the sheet (3, 12, 13, 14, 15, 16, 17, 18, …); they are read like the others",
        "column B is hidden in the sheet; it is read like the others",
    )


def merged(path: Path, rows: Sequence[Sequence[object]], *spans: str) -> Source:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    for span in spans:
        book.worksheets[0].merge_cells(span)
    book.save(path)
    return open_source(path)


def test_merged_titles_and_headings_do_no_harm(tmp_path: Path) -> None:
    rows = (
        ("Customers of Acme", "", "", ""),
        ("Name", "Contact", "", "City"),
        ("", "Email", "Phone", ""),
        (*ANN, "Oslo"),
        (*BOB, "Rome"),
    )
    source = merged(tmp_path / "merged.xlsx", rows, "A1:D1", "A2:A3", "B2:C2", "D2:D3")
    assert source.columns == ("Name", "Email", "Phone", "City")
    assert [row.cells for row in source.rows()] == [(*ANN, "Oslo"), (*BOB, "Rome")]
    assert source.notes == ("header found in row 3",)


def test_a_cell_that_customers_share_counts_once_and_is_told(tmp_path: Path) -> None:
    rows = (
        ("Name", "Email", "City"),
        ("Ann", "a@x.co", "Oslo"),
        ("Bob", "b@x.co", None),
        ("Cid", "c@x.co", "Rome"),
    )
    source = merged(tmp_path / "merged.xlsx", rows, "C2:C3")
    assert [row.cells[2] for row in source.rows()] == ["Oslo", "", "Rome"]
    [note] = source.notes
    assert note.startswith(
        "cells are merged across rows (C2:C3); what they say counts for the first row only"
    )


def test_a_table_away_from_the_corner_keeps_its_place(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for column, (heading, cell) in enumerate(zip(HEADINGS, ANN, strict=True), 3):
        sheet.cell(4, column, heading)
        sheet.cell(6, column, cell)
    sheet.cell(4, 6, "Zip")
    sheet.cell(6, 6, 501).number_format = "00000"
    book.save(tmp_path / "away.xlsx")
    source = open_source(tmp_path / "away.xlsx")
    assert source.columns == ("", "", *HEADINGS, "Zip")
    assert [(row.number, row.cells) for row in source.rows()] == [(6, ("", "", *ANN, "00501"))]
    assert "header found in row 4" in source.notes


def test_cells_beyond_the_headings_are_kept_and_blank_columns_at_the_end_are_not(tmp_path: Path) -> None:
    path = workbook(tmp_path / "wide.xlsx", [("Name", "", "City"), ("Ann", "", "Oslo", "", "note", " ")])
    source = open_source(path)
    assert source.columns == ("Name", "", "City", "", "")
    assert [row.cells for row in source.rows()] == [("Ann", "", "Oslo", "", "note")]


def test_headings_that_are_numbers_or_dates_are_text(tmp_path: Path) -> None:
    path = workbook(tmp_path / "years.xlsx", [("Name", 2024, dt.date(2024, 1, 31)), ("Ann", 1, 2)])
    assert open_source(path).columns == ("Name", "2024", "2024-01-31")


def test_a_workbook_has_no_encoding(tmp_path: Path) -> None:
    path = workbook(tmp_path / "customers.xlsx", TABLE)
    with pytest.raises(SourceError, match="for text files"):
        open_source(path, ReadOptions(encoding="utf-8"))


@pytest.mark.parametrize(
    "name", ["CUSTOMERS.XLSX", "customers.xlsm", "customers.xls", "customers.ods", "customers.csv"]
)
def test_a_workbook_is_read_by_what_it_is(tmp_path: Path, name: str) -> None:
    source = open_source(workbook(tmp_path / "x.xlsx", TABLE).rename(tmp_path / name))
    assert [row.cells for row in source.rows()] == [ANN, BOB]
    assert bool(source.notes) is (not name.lower().endswith(("xlsx", "xlsm")))
    assert not source.is_text


def test_formatted_but_empty_rows_are_no_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in TABLE:
        sheet.append(row)
    blank = WriteOnlyCell(sheet, None)
    blank.font = Font(bold=True)
    for _ in range(5_000):
        sheet.append([blank] * 20)
    book.save(tmp_path / "phantom.xlsx")
    source = open_source(tmp_path / "phantom.xlsx")
    assert source.columns == HEADINGS
    assert [row.number for row in source.rows()] == [2, 3]


def test_one_stray_cell_at_the_bottom_is_a_row_like_any_other(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in TABLE:
        sheet.append(row)
    sheet["A1048576"] = "stray"
    book.save(tmp_path / "far.xlsx")
    assert [number for number, _ in read(tmp_path / "far.xlsx")] == [2, 3, 1_048_576]


@pytest.mark.parametrize("xml", [PLAIN, PLAIN.replace('"', "'"), prefixed(PLAIN)])
def test_a_sheet_too_large_for_memory_is_refused_before_it_is_read(tmp_path: Path, xml: str) -> None:
    far = xml.replace("B3", "XFD1048576")
    with pytest.raises(SourceError, match=r"spans 1,048,576 rows x 16,384 columns.*save the sheet as CSV"):
        open_source(sheet_xml(tmp_path / "far.xlsx", far))


def test_a_wide_sheet_is_no_large_sheet(tmp_path: Path) -> None:
    headings = [f"Heading {i}" for i in range(16_384)]
    path = workbook(tmp_path / "wide.xlsx", [headings, headings])
    assert open_source(path).columns == tuple(headings)


def test_nothing_heavy_is_imported_before_a_file_is_opened() -> None:
    code = (
        "import sys, importer.source;"
        "heavy = {'pandas', 'openpyxl', 'python_calamine', 'charset_normalizer'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )


def same_as_openpyxl(source: Source, path: Path) -> bool:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    _, *rows = book.worksheets[0].iter_rows(values_only=True)
    book.close()
    return [row.cells for row in source.rows()] == [
        tuple("" if cell is None else str(cell) for cell in row) for row in rows
    ]


def test_openpyxl_reads_the_same(tmp_path: Path) -> None:
    rows = [
        (f"Name {i}", 6580000000 + i, None if i % 7 else "x", "é" * (i % 5), i / 8) for i in range(3, 3000, 8)
    ]
    rows = [(*row[:4], float(row[4]) + 0.5) for row in rows]
    path = workbook(tmp_path / "same.xlsx", [("Name", "Phone", "Mark", "Word", "Amount"), *rows])
    assert same_as_openpyxl(open_source(path), path)
