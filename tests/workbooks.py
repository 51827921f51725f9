"""Workbooks to read: made by openpyxl, written as XML that other programs write, and in binary."""

import re
import struct
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import openpyxl

from importer.source import ReadOptions, open_source

HEADINGS = ("Name", "Email", "Phone")


ANN = ("Ann", "ann@example.com", "+4711111111")


BOB = ("Bob", "bob@example.com", "+4722222222")
TABLE = (HEADINGS, ANN, BOB)


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
