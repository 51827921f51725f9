"""Reading a cell of a workbook as the person sees it."""

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from importer.sheetformat import NOT_CALCULATED
from importer.source import open_source
from tests.workbooks import (
    NO_PLACES,
    PLAIN,
    prefixed,
    read,
    sheet_xml,
    shown,
    workbook,
)


@pytest.mark.parametrize(
    "text",
    ["00501", "NA", "NULL", "None", "nan", "TRUE", "1.0", " x ", "=1+1", "#N/A", "a\nb", "'quoted", "+65 1"],
)
def test_text_stays_text(tmp_path: Path, text: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Name", "Value"])
    sheet.append(["Ann", "x"])
    sheet["B2"].value = text
    sheet["B2"].data_type = "s"
    book.save(tmp_path / "text.xlsx")
    assert read(tmp_path / "text.xlsx") == [(2, ("Ann", text))]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (6581234567, "6581234567"),
        (123456789012345, "123456789012345"),
        (1e15, "1000000000000000"),
        (1234567890123456, "1234567890123456"),
        (12345678901234567890, "12345678901234600000"),
        (5.0, "5"),
        (-5, "-5"),
        (0, "0"),
        (1.5, "1.5"),
        (0.1 + 0.2, "0.3"),
        (1234.0999999999999, "1234.1"),
        (0.00001, "0.00001"),
        (1e-7, "0.0000001"),
        (1e300, "1E+300"),
        (True, "TRUE"),
        (False, "FALSE"),
    ],
)
def test_numbers_have_no_decimal_zero_and_no_exponent(tmp_path: Path, value: float, text: str) -> None:
    assert shown(tmp_path, value) == text


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (dt.date(2024, 2, 29), "yyyy-mm-dd", "2024-02-29"),
        (dt.date(1987, 12, 3), "dd/mm/yyyy", "1987-12-03"),
        (dt.date(1987, 12, 3), "[$-409]d\\-mmm\\-yyyy;@", "1987-12-03"),
        (dt.date(1987, 12, 3), "[$-F800]dddd\\, mmmm dd\\, yyyy", "1987-12-03"),
        (dt.datetime(2024, 2, 29, 13, 5, 6), "m/d/yy h:mm", "2024-02-29 13:05:06"),  # noqa: DTZ001
        (dt.datetime(2024, 2, 29, 0, 0), "m/d/yy h:mm", "2024-02-29"),  # noqa: DTZ001
        (dt.datetime(2024, 2, 29, 13, 5, 6, 600_000), "h:mm:ss", "2024-02-29 13:05:07"),  # noqa: DTZ001
        (dt.time(3, 4, 5), "h:mm:ss", "03:04:05"),
        (dt.timedelta(hours=26, minutes=3), "[h]:mm", "26:03:00"),
        (45000, "yyyy", "2023-03-15"),
    ],
)
def test_dates_are_iso_however_the_cell_formats_them(
    tmp_path: Path, value: object, number_format: str, text: str
) -> None:
    assert shown(tmp_path, value, number_format) == text


def test_dates_are_not_shifted_in_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.worksheets[0]
    sheet.append(["Name", "Born"])
    sheet.append(["Ann", dt.date(1990, 5, 17)])
    book.save(tmp_path / "mac.xlsx")
    assert read(tmp_path / "mac.xlsx") == [(2, ("Ann", "1990-05-17"))]


def test_every_second_of_a_day_is_exact(tmp_path: Path) -> None:
    moments = [dt.datetime(2024, 2, 29) + dt.timedelta(seconds=997 * i) for i in range(86)]  # noqa: DTZ001
    path = workbook(tmp_path / "times.xlsx", [("Name", "At"), *(("Ann", moment) for moment in moments)])
    expected = [moment.isoformat(" ") if moment.time() != dt.time() else "2024-02-29" for moment in moments]
    assert [cells[1] for _, cells in read(path)] == expected


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (501, "00000", "00501"),
        (123456789, "00000\\-0000", "12345-6789"),
        (12345, "000-00", "123-45"),
        (12345678, "000-00-0000", "012-34-5678"),
        (6581234567, '"+"0', "+6581234567"),
        (2125551234, "[<=9999999]###-####;(###) ###-####", "(212) 555-1234"),
        (1234567, "#,##0", "1234567"),
        (1234.5, "#,##0.00", "1234.5"),
        (1234.5, "0.00E+00", "1234.5"),
        (501.5, "00000", "501.5"),
        (-501, "00000", "-501"),
    ],
)
def test_number_formats_of_identifiers_are_honoured(
    tmp_path: Path, value: float, number_format: str, text: str
) -> None:
    assert shown(tmp_path, value, number_format) == text


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.125, "0%", "13%"),
        (0.125, "0.00%", "12.50%"),
        (-0.5, "0%", "-50%"),
        (1234.5, '"$"#,##0.00', "$1,234.50"),
        (1234.5, '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)', "$1,234.50"),
        (-1234.5, '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)', "$(1,234.50)"),
        (0, '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)', "$-"),
        (-5, '"$"0.00;[Red]"$"0.00', "-$5.00"),
        (1234567.891, "#,##0.00\\ [$€-407]", "1,234,567.89 €"),
        (2.675, "[$$-409]0.00", "$2.68"),
        (5, "[$USD] 0.0#", "USD 5.0"),
        (1.5, '0.0" kg"', "1.5 kg"),
        (1_234_567, '$0.0,,"M"', "$1.2M"),
        (1e300, "0%", "1E+300"),
        (5, '"$"#,##0_);("$"#,##0)', "$5"),
    ],
)
def test_percentages_and_currency_are_as_shown(
    tmp_path: Path, value: float, number_format: str, text: str
) -> None:
    assert shown(tmp_path, value, number_format) == text


def test_number_formats_hold_for_their_cells_only(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Name", "Zip", "Count"])
    for number in range(2, 30_002):
        sheet.append(["Ann", number, number])
        if number % 3:
            sheet.cell(number, 2).number_format = "00000"
    book.save(tmp_path / "zips.xlsx")
    expected = [(n, ("Ann", f"{n:05}" if n % 3 else str(n), str(n))) for n in range(2, 30_002)]
    assert read(tmp_path / "zips.xlsx") == expected


def test_errors_are_their_text(tmp_path: Path) -> None:
    errors = ("#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!")
    path = workbook(tmp_path / "errors.xlsx", [[f"Column {i}" for i in range(7)], errors])
    assert read(path) == [(2, errors)]


@pytest.mark.parametrize(
    ("xml", "row"),
    [
        (PLAIN, 3),
        (PLAIN.replace('"', "'"), 3),
        (prefixed(PLAIN), 3),
        (NO_PLACES, 3),
        (prefixed(NO_PLACES), 3),
        (re.sub(r'<row r="\d"', "<row", NO_PLACES), 2),
        (PLAIN.replace('r="B3" t="e"', 't="e"\n  r="B3"'), 3),
    ],
    ids=["usual", "single quotes", "prefix", "no places", "prefix, no places", "no rows", "other order"],
)
def test_cells_are_found_however_a_program_writes_them(tmp_path: Path, xml: str, row: int) -> None:
    assert read(sheet_xml(tmp_path / "other.xlsx", xml)) == [(row, ("Ann", "#N/A"))]


def test_formulas_read_as_their_stored_result(tmp_path: Path) -> None:
    xml = PLAIN.replace('t="e"><f>NA()</f><v>#N/A</v>', "><f>1+1</f><v>2</v>")
    source = open_source(sheet_xml(tmp_path / "formula.xlsx", xml))
    assert [row.cells for row in source.rows()] == [("Ann", "2")]
    assert source.notes == ()


def test_a_formula_that_was_never_calculated_is_no_blank(tmp_path: Path) -> None:
    path = workbook(tmp_path / "formulas.xlsx", [("Name", "Phone"), ("Ann", "=1+1"), ("Bob", "=2+2")])
    source = open_source(path)
    assert [row.cells for row in source.rows()] == [("Ann", NOT_CALCULATED), ("Bob", NOT_CALCULATED)]
    [note] = source.notes
    assert note.startswith(
        '2 formulas were never calculated and read as "#NOT CALCULATED!"; open the workbook'
    )


@pytest.mark.parametrize(
    "write", [str, lambda xml: prefixed(xml), lambda xml: re.sub(r'<c r="\w+"', "<c", xml)]
)
@pytest.mark.parametrize(
    "formula",
    [
        "<f>A1</f>",
        "<f>A1</f><v></v>",
        "<f>A1</f><v/>",
        '<f t="shared" si="0"/>',
        '<f t="shared" si="0"/><v />',
        '<f t="array" ref="B3">A1</f><v></v>',
    ],
)
def test_no_result_is_told_however_it_is_written(
    tmp_path: Path, formula: str, write: Callable[[str], str]
) -> None:
    xml = PLAIN.replace('t="e"><f>NA()</f><v>#N/A</v>', f">{formula}")
    source = open_source(sheet_xml(tmp_path / "formula.xlsx", write(xml)))
    assert [row.cells for row in source.rows()] == [("Ann", NOT_CALCULATED)]
    assert source.notes[0].startswith("1 formula was never calculated")


@pytest.mark.parametrize("write", [str, lambda xml: prefixed(xml)])
@pytest.mark.parametrize(("asks", "value", "shown"), [
    (True, "0", NOT_CALCULATED), (False, "0", "0"), (True, "7", "7"), (True, "00", "0")
])  # fmt: skip
def test_a_zero_that_asks_to_be_calculated_is_no_result(
    tmp_path: Path, asks: bool, value: str, shown: str, write: Callable[[str], str]
) -> None:
    """XlsxWriter stores 0 with every formula."""
    xml = PLAIN.replace('t="e"><f>NA()</f><v>#N/A</v>', f"><f>A1*2</f><v>{value}</v>")
    path = sheet_xml(tmp_path / "formula.xlsx", write(xml))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert b'fullCalcOnLoad="1"' in parts["xl/workbook.xml"]
    if not asks:
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'fullCalcOnLoad="1"', b"")
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    assert [row.cells for row in open_source(path).rows()] == [("Ann", shown)]


def test_a_formula_that_gives_empty_text_is_not_mentioned(tmp_path: Path) -> None:
    xml = PLAIN.replace('t="e"><f>NA()</f><v>#N/A</v>', 't="str"><f>""</f><v></v>')
    assert open_source(sheet_xml(tmp_path / "formula.xlsx", xml)).notes == ()
