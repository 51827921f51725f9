"""Finding the headings below titles and notes, in text and workbooks alike."""

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from importer.errors import SourceError
from importer.source import ReadOptions, Source, open_source

Rows = Sequence[Sequence[str]]


def as_text(folder: Path, rows: Rows) -> Path:
    path = folder / "customers.csv"
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


def as_workbook(folder: Path, rows: Rows) -> Path:
    book = openpyxl.Workbook()
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row, 1):
            if cell:
                book.worksheets[0].cell(number, column, cell)
    path = folder / "customers.xlsx"
    book.save(path)
    return path


def both(folder: Path, rows: Rows, options: ReadOptions = ReadOptions()) -> Source:  # noqa: B008
    """The table read from text and from a workbook, which must agree."""
    text = open_source(as_text(folder, rows), options)
    book = open_source(as_workbook(folder, rows), options)
    assert (text.header_row, text.columns) == (book.header_row, book.columns)
    assert list(text.rows()) == list(book.rows())
    return text


ANN = ("Ann Lee", "ann@example.com", "+4711111111", "Oslo")
BOB = ("Bob Ray", "bob@example.com", "+4722222222", "Rome")
HEADINGS = ("Name", "Email", "Phone", "City")

FOUND: dict[str, tuple[int, Rows]] = {
    "first row": (1, [HEADINGS, ANN, BOB]),
    "below a title": (2, [("Customers 2024",), HEADINGS, ANN, BOB]),
    "below a title and a blank row": (3, [("Customers",), (), HEADINGS, ANN]),
    "below a block of facts": (
        5,
        [("Company:", "Acme Ltd"), ("Date:", "2024-05-01"), ("Rows:", "2"), (), HEADINGS, ANN, BOB],
    ),
    "below facts without a gap": (3, [("Company", "Acme"), ("Country", "Norway"), HEADINGS, ANN, BOB]),
    "below a wide title": (2, [("Customers", "of", "Acme"), HEADINGS, ANN, BOB]),
    "above a gap": (1, [HEADINGS, (), ANN, BOB]),
    "one column": (1, [("email",), ("ann@example.com",), ("bob@example.com",)]),
    "with a blank heading": (1, [("Name", "", "Phone"), ("Ann", "x", "1"), ("Bob", "y", "2")]),
    "of text only": (1, [("alpha", "beta"), ("gamma", "delta"), ("epsilon", "zeta")]),
    "above sparse rows": (
        1,
        [HEADINGS, ("Ann", "", "", ""), ("Bob", "", "", "Rome"), ("", "", "12345678", "")],
    ),
    "above a longer row": (1, [("Name", "City"), ("Ann", "Oslo", "a note"), ("Bob", "Rome")]),
    "above a longer row, no familiar word": (1, [("alpha", "beta"), ("x", "y", "z"), ("u", "v"), ("s", "t")]),
    "with repeated headings": (1, [("Name", "Phone", "Phone"), ("Ann", "1", "2"), ("Bob", "3", "4")]),
    "with numbers": (1, [("Name", "2023", "2024"), ("Ann", "1", "2"), ("Bob", "3", "4")]),
    "with an example": (1, [("Name", "Email (like ann@example.com)"), ("Ann", "ann@example.com")]),
    "in another language": (
        2,
        [("Kunden", "Stand Mai"), ("Vorname", "Ort", "Straße"), ("Ann", "Köln", "A 1")],
    ),
    "below a row of numbers": (2, [("1", "2", "3"), ("alpha", "beta", "gamma"), ("x", "y", "z")]),
    "below a long note": (
        2,
        [("Please fill in every column and send the file back by Friday.",), HEADINGS, ANN],
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_headings_are_found(tmp_path: Path, case: str) -> None:
    number, rows = FOUND[case]
    source = both(tmp_path, rows)
    assert source.header_row == number
    assert source.columns[: len(rows[number - 1])] == tuple(rows[number - 1])
    assert sum(1 for _ in source.rows()) == sum(any(row) for row in rows[number:])
    assert (f"header found in row {number}" in source.notes) is (number > 1)


def test_the_row_that_is_asked_for_has_the_headings(tmp_path: Path) -> None:
    rows = [HEADINGS, ("nombre", "correo", "tel", "ciudad"), ANN]
    source = both(tmp_path, rows, ReadOptions(header_row=2))
    assert source.columns == rows[1]
    assert [row.number for row in source.rows()] == [3]


def test_the_row_that_is_asked_for_may_be_far_down(tmp_path: Path) -> None:
    rows = [*[("a note",)] * 300, HEADINGS, ANN]
    assert both(tmp_path, rows, ReadOptions(header_row=301)).columns == HEADINGS


def refused(folder: Path, rows: Rows, options: ReadOptions = ReadOptions()) -> str:  # noqa: B008
    """Why the table is refused, from text and from a workbook alike."""
    with pytest.raises(SourceError) as text:
        open_source(as_text(folder, rows), options)
    with pytest.raises(SourceError) as book:
        open_source(as_workbook(folder, rows), options)
    place = "Sheet 'Sheet' of customers.xlsx"
    assert str(text.value) == str(book.value).replace(place, "customers.csv")
    return str(text.value)


@pytest.mark.parametrize("number", [0, -1, 2, 7])
def test_a_row_that_is_not_there_cannot_have_the_headings(tmp_path: Path, number: int) -> None:
    message = refused(tmp_path, [HEADINGS, (), ANN], ReadOptions(header_row=number))
    assert f"Row {number} of customers.csv is blank or not there" in message
    assert "--header-row" in message


@pytest.mark.parametrize("rows", [[HEADINGS], [HEADINGS, (), ("", " ")], [("only",)]])
def test_headings_without_rows_are_refused(tmp_path: Path, rows: Rows) -> None:
    assert "in row 1 but no rows below" in refused(tmp_path, rows)


def test_headings_that_were_asked_for_need_rows_too(tmp_path: Path) -> None:
    assert "in row 2 but no rows below" in refused(
        tmp_path, [["Our customers"], HEADINGS], ReadOptions(header_row=2)
    )


def test_a_table_without_headings_is_refused(tmp_path: Path) -> None:
    assert "no row that reads like headings" in refused(tmp_path, [ANN, BOB])


def test_nothing_but_blank_rows_is_refused(tmp_path: Path) -> None:
    assert "holds nothing" in refused(tmp_path, [(), (" ", ""), ()])


def test_row_that_was_asked_for_is_refused_where_it_is_a_customer(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("Name,Email\nAnn Lee,ann@example.com\nBo Roe,bo@example.com\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"Row 2 of customers\.csv holds an e-mail address") as told:
        open_source(path, ReadOptions(header_row=2))
    assert "Ann Lee" not in str(told.value)


def test_customer_without_an_address_below_one_with_it_is_no_row_of_headings(tmp_path: Path) -> None:
    rows = [
        ("Ann Lee", "ann@example.com", "Oslo"),
        ("Bo Roe", "none", "Bergen"),
        ("Cy Day", "c@d.example", "Moss"),
    ]
    told = refused(tmp_path, rows)
    assert "no row that reads like headings" in told
    assert "Bo Roe" not in told


def test_contact_above_the_headings_is_no_customer(tmp_path: Path) -> None:
    rows = [("Contact", "kim@example.com"), ("Name", "Email"), ("Ann Lee", "ann@example.com")]
    assert open_source(as_text(tmp_path, rows)).columns == ("Name", "Email")
