"""Rows that sum up the others are no customers, and are never left out silently."""

from pathlib import Path

import openpyxl
import pytest

from importer.source import open_source

HEADINGS = ("Name", "Email", "Phone", "Amount")
ANN = ("Ann", "ann@example.com", "+4711111111", "5")
BOB = ("Bob", "bob@example.com", "+4722222222", "7")


def sheet(folder: Path, *rows: tuple[str, ...]) -> Path:
    path = folder / "customers.csv"
    path.write_text("".join(";".join(row) + "\n" for row in (HEADINGS, *rows)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "row",
    [
        ("Total", "", "", "12"),
        ("TOTAL:", "", "", "$12.00"),
        ("", "Grand total", "", "USD 12"),
        ("Total customers: 2",),
        ("Total 2 customers",),
        ("Subtotal", "", "2", "12,00 €"),
        ("Gesamtsumme", "", "", "12"),
        ("Total général", "", "", "12"),
        ("Итого", "", "", "12"),
        ("合計", "", "", "12"),
        ("합계", "", "", "#REF!"),
    ],
)
def test_a_total_is_no_customer_and_is_told(tmp_path: Path, row: tuple[str, ...]) -> None:
    source = open_source(sheet(tmp_path, ANN, row, BOB, ("",), row))
    assert [cells.number for cells in source.rows()] == [2, 4]
    assert source.notes[-1] == (
        "rows 3, 6 read like totals and are left out; if one is a customer, fill in more of its cells"
    )
    assert list(source.rows()) == list(source.rows())
    assert sum("total" in note for note in source.notes) == 1


@pytest.mark.parametrize(
    "row",
    [
        ("Total", "info@total.example", "", ""),
        ("Total Energies", "", "", "12"),
        ("Total", "Paris", "", "12"),
        ("Sum", "", "+6591234567", ""),
        ("Tom Total", "", "", "12"),
        ("Ann", "Total", "", "12"),
        ("Ges", "", "", ""),
    ],
)
def test_a_customer_with_such_a_name_is_a_customer(tmp_path: Path, row: tuple[str, ...]) -> None:
    source = open_source(sheet(tmp_path, ANN, row, BOB))
    assert [cells.number for cells in source.rows()] == [2, 3, 4]
    assert not any("total" in note for note in source.notes)


def test_a_workbook_is_read_the_same_way(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (HEADINGS, ANN, BOB, ("Total", None, None, 12)):
        book.worksheets[0].append(list(row))
    book.save(tmp_path / "customers.xlsx")
    source = open_source(tmp_path / "customers.xlsx")
    assert [row.number for row in source.rows()] == [2, 3]
    assert source.notes == (
        "row 4 reads like a total and is left out; if it is a customer, fill in more of its cells",
    )


def test_a_row_of_a_results_file_is_kept_whatever_it_reads_like(tmp_path: Path) -> None:
    path = tmp_path / "customers.results.csv"
    path.write_text(
        "Name,Amount,import_status,import_customer_id,import_row\n"
        "Ann,5,created,cus_1,2\nTotal,12,created,cus_2,3\n"
    )
    assert [row.cells for row in open_source(path).rows()] == [("Ann", "5"), ("Total", "12")]
