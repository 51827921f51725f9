"""Reading xlsx and xlsb: every cell as the person sees it, under its row's number."""

import datetime as dt
import re
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import openpyxl
import pytest
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from importer.errors import SourceError
from importer.source import ReadOptions, Source, open_source

HEADINGS = ("Name", "Email", "Phone")
ANN = ("Ann", "ann@example.com", "+4711111111")
BOB = ("Bob", "bob@example.com", "+4722222222")


def workbook(path: Path, rows: Iterable[Sequence[object]], title: str = "Customers") -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def read(path: Path, options: ReadOptions = ReadOptions()) -> list[tuple[int, tuple[str, ...]]]:  # noqa: B008
    return [(row.number, row.cells) for row in open_source(path, options).rows()]


def shown(folder: Path, value: object, number_format: str | None = None) -> str:
    """How one cell reads."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Name", "Value"])
    sheet.append(["Ann", value])
    if number_format is not None:
        sheet["B2"].number_format = number_format
    path = folder / "one.xlsx"
    book.save(path)
    [(_, (_, text))] = read(path)
    return text


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
        (0.125, "0%", "12.5%"),
        (1234.5, '"$"#,##0.00', "1234.5"),
        (1234567, "#,##0", "1234567"),
        (5, "[$€-407] 00", "5"),
        (501.5, "00000", "501.5"),
        (-501, "00000", "-501"),
    ],
)
def test_number_formats_of_identifiers_are_honoured(
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


def sheet_xml(path: Path, data: str) -> Path:
    """A workbook whose sheet holds `data`, as other programs may write it."""
    workbook(path, [["x"]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/worksheets/sheet1.xml"] = (
        data.replace("<x:worksheet", f'<x:worksheet xmlns:x="{main}"')
        .replace("<worksheet", f'<worksheet xmlns="{main}"')
        .encode()
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return path


PLAIN = """<worksheet><sheetData>
<row r="1"><c r="A1" t="str"><v>Name</v></c><c r="B1" t="str"><v>Value</v></c></row>
<row r="3"><c r="A3" t="str"><v>Ann</v></c><c r="B3" t="e"><f>NA()</f><v>#N/A</v></c></row>
</sheetData></worksheet>"""


NO_PLACES = re.sub(r'(<c) r="\w+"', r"\1", PLAIN)


def prefixed(xml: str) -> str:
    return xml.replace("<", "<x:").replace("<x:/", "</x:")


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


def test_a_formula_without_stored_result_is_mentioned(tmp_path: Path) -> None:
    path = workbook(tmp_path / "formulas.xlsx", [("Name", "Phone"), ("Ann", "=1+1"), ("Bob", "=2+2")])
    source = open_source(path)
    assert [row.cells for row in source.rows()] == [("Ann", ""), ("Bob", "")]
    assert len(source.notes) == 1
    assert source.notes[0].startswith("2 formulas have no stored result and read as blank; open the workbook")


def test_a_formula_that_gives_empty_text_is_not_mentioned(tmp_path: Path) -> None:
    xml = PLAIN.replace('t="e"><f>NA()</f><v>#N/A</v>', 't="str"><f>""</f><v></v>')
    assert open_source(sheet_xml(tmp_path / "formula.xlsx", xml)).notes == ()


def test_hidden_rows_are_read_and_mentioned(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (HEADINGS, ANN, BOB):
        sheet.append(row)
    sheet.row_dimensions[2].hidden = True
    book.save(tmp_path / "filtered.xlsx")
    source = open_source(tmp_path / "filtered.xlsx")
    assert [row.cells for row in source.rows()] == [ANN, BOB]
    assert any("rows are hidden" in note for note in source.notes)


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
TABLE = (HEADINGS, ANN, BOB)
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


def test_a_workbook_has_no_encoding(tmp_path: Path) -> None:
    path = workbook(tmp_path / "customers.xlsx", TABLE)
    with pytest.raises(SourceError, match="for text files"):
        open_source(path, ReadOptions(encoding="utf-8"))


def test_a_chart_is_no_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in TABLE:
        book.worksheets[0].append(row)
    book.create_chartsheet("Chart")
    book.save(tmp_path / "chart.xlsx")
    assert open_source(tmp_path / "chart.xlsx").notes == ()


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


class Binary:
    """Writes xlsb, which no library here writes; [MS-XLSB] 2.1.4 and 2.3."""

    def __init__(self) -> None:
        self._data = bytearray()

    def record(self, kind: int, data: bytes = b"") -> None:
        self._data += bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        size = len(data)
        while size > 0x7F:
            self._data.append(size & 0x7F | 0x80)
            size >>= 7
        self._data.append(size)
        self._data += data

    def bytes(self) -> bytes:
        return bytes(self._data)


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(path: Path, cells: Sequence[Sequence[tuple[int, int, bytes]]], *, mac: bool = False) -> Path:
    """A workbook of one sheet; each cell is its record's kind, its style and its value."""
    book = Binary()
    book.record(131)
    book.record(153, struct.pack("<II", int(mac), 0) + wide(""))
    book.record(143)
    book.record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Customers"))
    book.record(144)
    book.record(157, bytes(26))
    book.record(132)
    styles = Binary()
    styles.record(278)
    styles.record(615, struct.pack("<I", 2))
    styles.record(44, struct.pack("<H", 164) + wide("00000"))
    styles.record(44, struct.pack("<H", 165) + wide("dd\\.mm\\.yyyy"))
    styles.record(616)
    styles.record(626, struct.pack("<I", 1))
    styles.record(47, struct.pack("<HHHHH4xBx", 0xFFFF, 0, 0, 0, 0, 0))
    styles.record(627)
    styles.record(617, struct.pack("<I", 4))
    for number in (0, 164, 165, 14):
        styles.record(47, struct.pack("<HHHHH4xBx", 0, number, 0, 0, 0, 0x3F))
    styles.record(618)
    styles.record(279)
    sheet = Binary()
    sheet.record(129)
    sheet.record(148, struct.pack("<IIII", 0, len(cells) - 1, 0, 9))
    sheet.record(145)
    for number, row in enumerate(cells):
        sheet.record(0, struct.pack("<II", number, 0) + bytes(9) + struct.pack("<I", 0))
        for column, (kind, style, value) in enumerate(row):
            sheet.record(kind, struct.pack("<II", column, style) + value)
    sheet.record(146)
    sheet.record(130)
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    content = "application/vnd.ms-excel"
    package = "application/vnd.openxmlformats-package"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Default Extension="rels" ContentType="{package}.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.bin" ContentType="{content}.sheet.binary.macroEnabled.main"/>'
            f'<Override PartName="/xl/worksheets/sheet1.bin" ContentType="{content}.worksheet"/>'
            f'<Override PartName="/xl/styles.bin" ContentType="{content}.styles"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{relations}">'
            f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.bin"/>'
            "</Relationships>",
        )
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{relations}">'
            f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.bin"/>'
            f'<Relationship Id="rId2" Type="{office}/styles" Target="styles.bin"/></Relationships>',
        )
        archive.writestr("xl/workbook.bin", book.bytes())
        archive.writestr("xl/styles.bin", styles.bytes())
        archive.writestr("xl/worksheets/sheet1.bin", sheet.bytes())
    return path


def words(*texts: str) -> list[tuple[int, int, bytes]]:
    return [(6, 0, wide(text)) for text in texts]


def whole(number: int) -> bytes:
    return struct.pack("<I", number << 2 & 0xFFFFFFFF | 2)


XLSB = [
    words("Name", "Zip", "Born", "Since", "Phone", "State"),
    [(6, 0, wide("Ann")), (2, 1, whole(501)), (2, 2, whole(32029)), (5, 3, struct.pack("<d", 45351.5)),
     (5, 0, struct.pack("<d", 6581234567)), (3, 0, b"\x2a")],
]  # fmt: skip


def test_xlsb_reads_like_xlsx(tmp_path: Path) -> None:
    assert read(xlsb(tmp_path / "book.xlsb", XLSB)) == [
        (2, ("Ann", "00501", "1987-09-09", "2024-02-29 12:00:00", "6581234567", "#N/A"))
    ]


def test_xlsb_that_counts_from_1904_is_not_shifted(tmp_path: Path) -> None:
    rows = [words("Name", "Born"), [(6, 0, wide("Ann")), (2, 2, whole(32029 - 1462))]]
    assert read(xlsb(tmp_path / "book.xlsb", rows, mac=True)) == [(2, ("Ann", "1987-09-09"))]


def test_xlsb_too_large_for_memory_is_refused(tmp_path: Path) -> None:
    far = struct.pack("<II", 100_000_000, 0) + wide("x")
    path = xlsb(tmp_path / "book.xlsb", XLSB)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = Binary()
    sheet.record(6, far)
    name = "xl/worksheets/sheet1.bin"
    end = parts[name].rindex(b"\x92\x01\x00")
    parts[name] = parts[name][:end] + sheet.bytes() + parts[name][end:]
    with zipfile.ZipFile(path, "w") as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    with pytest.raises(SourceError, match="spans 2 rows x 100,000,001 columns"):
        open_source(path)


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
