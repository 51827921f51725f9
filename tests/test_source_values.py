"""Laws of what is read: whatever text, number or date is written comes back as it is shown."""

import datetime as dt
import math
import re
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from importer.errors import SourceError
from importer.source import ReadOptions, open_source
from importer.source.odsrow import PlainRows
from tests.test_source_ods import SPACES

LAW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
FIRST_ROW = ReadOptions(header_row=1)

# What XML can hold: no control characters. Line ends are the subject of other tests.
TEXT = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\n\t"
    ),
    max_size=40,
)
ROWS = st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=8)


def seen(rows: Sequence[Sequence[str]]) -> list[tuple[int, tuple[str, ...]]]:
    """The rows with something in them, below a row of headings, by number."""
    return [(number, tuple(row)) for number, row in enumerate(rows, 2) if any(map(str.strip, row))]


def read(path: Path) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.number, row.cells) for row in open_source(path, FIRST_ROW).rows()]


@LAW
@given(ROWS)
@example([["=1+1", "'x", "_x_"], ["00501", "NA", "TRUE"], ["1e5", "#N/A", " x "]])
def test_any_text_that_openpyxl_writes_comes_back(tmp_path: Path, rows: list[list[str]]) -> None:
    rows = [
        [re.sub("_x[0-9A-Fa-f]{4}_", "", cell) for cell in row] for row in rows
    ]  # an escape in this format
    rows.append(["last", "row", "here"])
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for number, row in enumerate([["First", "Second", "Third"], *rows], 1):
        for column, text in enumerate(row, 1):
            if text:
                setattr(sheet.cell(number, column, "x"), "_value", text)  # noqa: B010  no formula of "=1+1"
    book.save(tmp_path / "customers.xlsx")
    rows = [[cell if cell.strip() else "" for cell in row] for row in rows]
    assert read(tmp_path / "customers.xlsx") == seen(rows)


def paragraphs(text: str) -> str:
    """Text as OpenDocument has it: a paragraph a line, blanks and tabs as elements."""

    def line(part: str) -> str:
        part = re.sub(
            " +",
            lambda found: (
                f'<text:s text:c="{len(found[0])}"/>' if len(found[0]) > 1 or part[0] == " " else " "
            ),
            escape(part),
        )
        return part.replace("\t", "<text:tab/>")

    return "".join(f"<text:p>{line(part)}</text:p>" for part in text.split("\n"))


def ods(path: Path, rows: Sequence[Sequence[str]], quote: str = '"') -> Path:
    """A spreadsheet with these texts as LibreOffice writes it."""
    body = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string">{paragraphs(text)}</table:table-cell>'
            if text
            else '<table:table-cell table:number-columns-repeated="1"/>'
            for text in row
        )
        + "</table:table-row>"
        for row in rows
    )
    content = (
        f"<office:document-content {SPACES}><office:body><office:spreadsheet>"
        f'<table:table table:name="Customers">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content.encode())
    return path


@LAW
@given(ROWS)
def test_any_text_in_ods_comes_back_with_a_parser_and_without(tmp_path: Path, rows: list[list[str]]) -> None:
    rows.append(["last", "row", "here"])
    path = ods(tmp_path / "customers.ods", [["First", "Second", "Third"], *rows])
    assert read(path) == seen(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlainRows, "cells", lambda *_: None)
        assert read(path) == seen(rows)


def values(folder: Path, written: Sequence[object], number_format: str = "General") -> list[str]:
    """How each value reads that openpyxl writes."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Name", "Value"])
    for number, value in enumerate(written, 2):
        sheet.cell(number, 1, "Ann")
        cell = sheet.cell(number, 2)
        cell.value = value  # type: ignore[assignment]
        if not isinstance(value, (dt.date, dt.time)):
            cell.number_format = number_format
    book.save(folder / "customers.xlsx")
    return [cells[1] for _, cells in read(folder / "customers.xlsx")]


NUMBERS = st.one_of(st.integers(-(10**18), 10**18), st.floats(-1e300, 1e300))
SHORT = st.floats(-1e12, 1e12).map(lambda number: float(format(number, ".12g")))  # openpyxl rounds others


@LAW
@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_any_number_has_the_digits_that_excel_keeps_and_no_exponent(
    tmp_path: Path, numbers: list[float]
) -> None:
    for number, text in zip(numbers, values(tmp_path, numbers), strict=True):
        if abs(number) < 2**53 and number == int(number):
            assert text == str(int(number))
        else:
            assert math.isclose(float(text), number, rel_tol=1e-13)
        assert not text.endswith(".0")
        assert "E" not in text.upper() or not 1e-15 < abs(number) < 1e21


@LAW
@given(st.lists(st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 12, 31)), min_size=1, max_size=20))  # noqa: DTZ001
def test_any_date_is_never_shifted(tmp_path: Path, moments: list[dt.datetime]) -> None:
    moments = [moment.replace(microsecond=0) for moment in moments]
    days = [moment.date() for moment in moments]
    assert values(tmp_path, days) == [day.isoformat() for day in days]
    assert values(tmp_path, moments) == [
        moment.isoformat(" ") if moment.time() != dt.time() else moment.date().isoformat()
        for moment in moments
    ]


CODES = st.text(st.sampled_from('0#?.,%$€;@_*-+()[]<>="\\ EeGgenralhmsdy/:1'), min_size=1, max_size=20)


@LAW
@given(st.lists(NUMBERS, min_size=1, max_size=10), CODES)
@example([1e300, -0.0, 5e-324], "0.00%")
@example([0.5, 12], "$#,##0.00;(0);")
@example([1e18], "[h]:mm")
@example([1e9], "[mm]")
@example([-1e18], "yyyy")
def test_no_number_format_makes_reading_fail(tmp_path: Path, numbers: list[float], code: str) -> None:
    try:
        assert len(values(tmp_path, [1, *numbers], code)) >= 1
    except SourceError as error:
        assert re.search(r"has a time in row \d+ that no clock counts to", str(error))  # noqa: PT017  one in many


@LAW
@given(st.lists(SHORT, min_size=1, max_size=20), st.integers(0, 6))
def test_a_percentage_is_the_number_rounded_as_its_format_says(
    tmp_path: Path, numbers: list[float], places: int
) -> None:
    code = f"0.{'0' * places}%" if places else "0%"
    for number, text in zip(numbers, values(tmp_path, numbers, code), strict=True):
        assert text.endswith("%")
        assert len(text.partition(".")[2]) == (places + 1 if places else 0)
        exact = Decimal(format(number, ".15g")) * 100
        assert abs(Decimal(text[:-1]) - exact) <= Decimal(5) / 10 ** (places + 1)
        assert math.copysign(1, Decimal(text[:-1])) == math.copysign(1, number) or Decimal(text[:-1]) == 0
