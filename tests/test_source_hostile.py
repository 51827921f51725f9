"""Files that mean harm end with a reason, in bounded memory and time, and never with a traceback.

Each is read in a process of its own, since what calamine cannot hold ends the process.
"""

import random
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from importer.source.compound import wrapped
from tests.bounded import read_bounded
from tests.test_source_ods import ods
from tests.workbooks import XLSB, sheet_xml, workbook, xlsb

CHANCE = random.Random(1)
NOISE = "".join(CHANCE.choices("abcdefghijklmnopqrstuvwxyz ", k=20_000))
"""Text that packs well where it is repeated, and not so well that it is a bomb."""

HEAD = (
    '<row r="1"><c r="A1" t="str"><v>Name</v></c><c r="B1" t="str"><v>City</v></c></row>'
    '<row r="2"><c r="A2" t="str"><v>Ann</v></c><c r="B2" t="str"><v>Oslo</v></c></row>'
)


def refused(path: Path, *, peak: int = 400) -> str:
    """Why the file is refused, in at most so many megabytes."""
    read = read_bounded(path)
    assert read.outcome
    assert len(read.outcome) < 600
    assert read.peak < peak
    return read.outcome


def repacked(path: Path, parts: Mapping[str, bytes | Iterable[bytes]]) -> Path:
    """The workbook with parts put in or replaced, which may be long."""
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if name not in parts}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in kept.items():
            archive.writestr(name, data)
        for name, part in parts.items():
            with archive.open(name, "w", force_zip64=True) as file:
                for piece in [part] if isinstance(part, bytes) else part:
                    file.write(piece)
    return path


def sheet(path: Path, rows: str | Iterable[str], **parts: bytes | Iterable[bytes]) -> Path:
    """A workbook with these rows below two ordinary ones, and other parts by name."""
    start, end = f"<worksheet><sheetData>{HEAD}|</sheetData></worksheet>".split("|")
    pieces = (rows,) if isinstance(rows, str) else rows
    names = {"strings": "xl/sharedStrings.xml", "workbook": "xl/workbook.xml", "styles": "xl/styles.xml"}
    whole = (
        (piece.encode() for piece in (start, *pieces, end))
        if isinstance(rows, str)
        else _around(start, pieces, end)
    )
    return repacked(
        workbook(path, [["x"]]),
        {"xl/worksheets/sheet1.xml": whole, **{names[name]: part for name, part in parts.items()}},
    )


def _around(start: str, pieces: Iterable[str], end: str) -> Iterable[bytes]:
    yield start.encode()
    yield from (piece.encode() for piece in pieces)
    yield end.encode()


LONG = pytest.mark.parametrize("megabytes", [40, pytest.param(200, marks=pytest.mark.slow)])


@pytest.mark.parametrize("megabytes", [70, pytest.param(200, marks=pytest.mark.slow)])
def test_a_row_that_is_one_cell_is_refused(tmp_path: Path, megabytes: int) -> None:
    cell = ('<row r="3"><c r="A3" t="inlineStr"><is><t>', *[NOISE] * 50 * megabytes, "</t></is></c></row>")
    assert "has a row without end" in refused(sheet(tmp_path / "customers.xlsx", cell))


def test_a_cell_of_20_mb_in_the_sheet_is_refused(tmp_path: Path) -> None:
    cell = ('<row r="3"><c r="A3" t="inlineStr"><is><t>', *[NOISE] * 1_000, "</t></is></c></row>")
    assert "has a cell in row 3 of more than 1,000,000 characters" in refused(
        sheet(tmp_path / "customers.xlsx", cell)
    )


@LONG
def test_a_long_cell_beside_the_sheet_is_refused(tmp_path: Path, megabytes: int) -> None:
    strings = [b"<sst><si><t>", *[NOISE.encode()] * 50 * megabytes, b"</t></si></sst>"]
    path = sheet(
        tmp_path / "customers.xlsx", '<row r="3"><c r="A3" t="s"><v>0</v></c></row>', strings=strings
    )
    assert "has a cell of more than 1,000,000 characters" in refused(path)


def test_one_long_text_in_millions_of_cells_is_refused(tmp_path: Path) -> None:
    """30 KB in the file; 30 GB once each cell has its own."""
    rows = (f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(3, 1_000_003))
    path = sheet(
        tmp_path / "customers.xlsx", rows, strings=[f"<sst><si><t>{NOISE * 2}</t></si></sst>".encode()]
    )
    assert "holds more text than any list of customers" in refused(path)


def test_long_texts_in_a_few_cells_each_are_read(tmp_path: Path) -> None:
    strings = [b"<sst>", *(f"<si><t>{i} {NOISE}</t></si>".encode() for i in range(100)), b"</sst>"]
    rows = (f'<row r="{i}"><c r="A{i}" t="s"><v>{i % 100}</v></c></row>' for i in range(3, 2_003))
    read = read_bounded(sheet(tmp_path / "customers.xlsx", rows, strings=strings))
    assert (read.outcome, read.rows) == ("", 2_001)


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="BDWGN3" t="str"><v>x</v></c>',
        "<c r='BDWGN3' t='str'><v>x</v></c>",
        '<x:c r="BDWGN3" t="str"><x:v>x</x:v></x:c>',
    ],
)
def test_a_million_columns_are_refused(tmp_path: Path, cell: str) -> None:
    assert "columns" in refused(sheet(tmp_path / "customers.xlsx", f'<row r="3">{cell}</row>'))


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="4294967295"><c r="A4294967295" t="str"><v>x</v></c></row>',
        '<row r="99999999999999999999"><c r="A99999999999999999999" t="str"><v>x</v></c></row>',
        '<row r="3"><c r="XFD1048576" t="str"><v>x</v></c></row><row r="4"><c r="A4"><v>1</v></c></row>',
        '<row r="3"><c t="str" r="ZZZZZZZ9"><v>x</v></c></row>',
        '<row r="0"><c r="A0" t="str"><v>x</v></c></row>',
        "<row r='1048576'><c><v>1</v></c><c r=\"ALL1048576\"><v>1</v></c></row>",
    ],
)
def test_a_cell_out_of_this_world_is_refused(tmp_path: Path, rows: str) -> None:
    assert refused(sheet(tmp_path / "customers.xlsx", rows))


@pytest.mark.parametrize(
    "junk",
    [
        "<c " * 500_000,
        '<row hidden="1" ' * 100_000,
        '<row hidden="true" ' + 'hidden="1" ' * 200_000,
        "<c " + "a" * 3_000_000 + ">",
        '<c r="A3"><f>' + " " * 1_000_000 + "</f>" + " " * 1_000_000 + "<v>",
        "<x:c><x:f>1</x:f>" + " " * 1_000_000 + "<x:v>",
        '<c r="A3" t="e">' + "<f " * 300_000,
    ],
    ids=["cells", "rows", "attributes", "name", "spaces", "prefixed spaces", "formulas"],
)
def test_markup_that_never_ends_takes_no_time(tmp_path: Path, junk: str) -> None:
    read_bounded(sheet(tmp_path / "customers.xlsx", f"{junk}<!-- </row> -->"))


ENTITIES = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
BOMB = f'<!DOCTYPE x [<!ENTITY e0 "lol">{ENTITIES}]>'


@pytest.mark.parametrize("part", ["workbook", "styles", "strings"])
def test_entities_that_multiply_are_refused(tmp_path: Path, part: str) -> None:
    root = {"workbook": "workbook", "styles": "styleSheet", "strings": "sst"}[part]
    content = f"{BOMB}<{root}><si><t>&e11;</t></si></{root}>".encode()
    rows = '<row r="3"><c r="A3" t="s"><v>0</v></c></row>'
    path = sheet(tmp_path / "customers.xlsx", rows, **{part: content})
    assert "damaged" in refused(path)


def test_entities_that_multiply_in_a_sheet_are_refused(tmp_path: Path) -> None:
    path = sheet_xml(
        tmp_path / "customers.xlsx",
        f"{BOMB}<worksheet><sheetData>{HEAD}"
        '<row r="3"><c r="A3" t="str"><v>&e11;</v></c></row></sheetData></worksheet>',
    )
    assert "damaged" in refused(path)


def test_entities_that_multiply_in_ods_are_refused(tmp_path: Path) -> None:
    path = ods(
        tmp_path,
        "<table:table-row><table:table-cell><text:p>&e11;</text:p></table:table-cell></table:table-row>",
    )
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml")
    assert "damaged" in refused(repacked(path, {"content.xml": BOMB.encode() + content}))


def test_no_entity_is_taken_however_harmless(tmp_path: Path) -> None:
    harmless = b'<!DOCTYPE x [<!ENTITY e "y">]>'
    empty = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    assert read_bounded(sheet(tmp_path / "customers.xlsx", "", styles=empty)).rows == 1
    assert "damaged" in refused(sheet(tmp_path / "customers.xlsx", "", styles=harmless + empty))
    path = ods(
        tmp_path, "<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>"
    )
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml")
    assert read_bounded(path).rows == 1
    assert "damaged" in refused(repacked(path, {"content.xml": harmless + content}))


def long_ods(path: Path, *pieces: str, times: int = 1) -> Path:
    """A sheet whose third row is made of these pieces, the middle one as often as told."""
    empty = ods(path.parent, "|")
    with zipfile.ZipFile(empty) as archive:
        start, end = archive.read("content.xml").split(b"|")
    first, middle, last = (piece.encode() for piece in pieces)
    return repacked(empty, {"content.xml": [start, first, *[middle] * times, last, end]})


@LONG
def test_a_long_cell_in_ods_is_refused(tmp_path: Path, megabytes: int) -> None:
    row = (
        '<table:table-row><table:table-cell office:value-type="string"><text:p>',
        NOISE,
        "</text:p></table:table-cell></table:table-row>",
    )
    assert "has a cell in row 2 of more than" in refused(
        long_ods(tmp_path / "customers.ods", *row, times=50 * megabytes)
    )
    row = (
        '<table:table-row><table:table-cell office:value-type="string" office:string-value="',
        NOISE,
        '"/></table:table-row>',
    )
    assert "has a cell in row 2 of more than" in refused(
        long_ods(tmp_path / "customers.ods", *row, times=50 * megabytes)
    )


@pytest.mark.parametrize(
    ("columns", "rows", "length"),
    [(16_384, 1, 100_000), (16_384, 1_048_576, 1), (100, 1_048_576, 900), (1, 1_048_576, 9_000)],
)
def test_one_text_in_many_cells_of_ods_is_refused(
    tmp_path: Path, columns: int, rows: int, length: int
) -> None:
    row = (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell office:value-type="string" '
        f'table:number-columns-repeated="{columns}"><text:p>{NOISE * 5}'[: -100_000 + length]
        + "</text:p></table:table-cell></table:table-row>"
    )
    assert refused(ods(tmp_path, row))


def test_elements_within_elements_without_end_are_read_or_refused(tmp_path: Path) -> None:
    deep = "<text:span>" * 300_000 + "x" + "</text:span>" * 300_000
    row = f"<table:table-row><table:table-cell><text:p>{deep}</text:p></table:table-cell></table:table-row>"
    assert read_bounded(ods(tmp_path, row)).rows == 1
    nested = b"<workbook>" + b"<a>" * 500_000 + b"</a>" * 500_000 + b"</workbook>"
    assert refused(sheet(tmp_path / "customers.xlsx", "", workbook=nested))


def test_a_workbook_of_nothing_but_sheets_is_refused(tmp_path: Path) -> None:
    sheets = "".join(f'<sheet name="S{i}" sheetId="{i}" r:id="rId1"/>' for i in range(1, 100_000))
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    book = f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets>{sheets}</sheets></workbook>'.encode()
    assert "damaged" in refused(sheet(tmp_path / "customers.xlsx", "", workbook=book))


@pytest.mark.parametrize(
    "span",
    [
        "A1:A99999999999",
        "C99999999999:C2",
        "XFD1048576:ZZZZZZ9999999",
        "A1:XFD1048576",
        "B4000000000:B4000000001",
    ],
)
def test_cells_that_are_merged_out_of_this_world_cost_nothing(tmp_path: Path, span: str) -> None:
    path = sheet_xml(
        tmp_path / "customers.xlsx",
        f"<worksheet><sheetData>{HEAD}</sheetData>"
        f'<mergeCells count="1"><mergeCell ref="{span}"/></mergeCells></worksheet>',
    )
    read = read_bounded(path)
    assert read.peak < 200
    assert read.rows == 1 or read.outcome


def test_formats_without_end_are_refused(tmp_path: Path) -> None:
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    many = "".join(f'<numFmt numFmtId="{i}" formatCode="0000{i}"/>' for i in range(200, 300_000))
    path = sheet(
        tmp_path / "customers.xlsx",
        "",
        styles=f"<styleSheet {main}><numFmts>{many}</numFmts></styleSheet>".encode(),
    )
    assert "damaged" in refused(path)
    long = f'<numFmt numFmtId="200" formatCode="{"0" * 5_000_000}"/>'
    styles = (
        f'<styleSheet {main}><numFmts>{long}</numFmts><cellXfs><xf numFmtId="200"/></cellXfs></styleSheet>'
    )
    path = sheet(
        tmp_path / "customers.xlsx", '<row r="3"><c r="A3" s="0"><v>5</v></c></row>', styles=styles.encode()
    )
    assert read_bounded(path).rows == 2


def test_an_archive_of_nothing_but_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "customers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(50_000):
            archive.writestr(f"{i}.csv", b"")
    assert "holds 50000 files" in refused(path)


def test_shared_texts_of_xlsb_are_counted(tmp_path: Path) -> None:
    def record(kind: int, data: bytes) -> bytes:
        head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        size = len(data)
        parts = b""
        while size > 0x7F:
            parts += bytes([size & 0x7F | 0x80])
            size >>= 7
        return head + parts + bytes([size]) + data

    path = xlsb(tmp_path / "customers.xlsb", XLSB)
    with zipfile.ZipFile(path) as archive:
        part = archive.read("xl/worksheets/sheet1.bin")
    end = part.rindex(b"\x92\x01\x00")
    text = record(19, b"\0" + struct.pack("<I", len(NOISE)) + NOISE.encode("utf-16-le"))
    rows = (
        record(0, struct.pack("<II", i, 0) + bytes(9) + struct.pack("<I", 0))
        + record(7, struct.pack("<III", 0, 0, 0))
        for i in range(2, 300_000)
    )
    repacked(
        path,
        {
            "xl/worksheets/sheet1.bin": [part[:end], *rows, part[end:]],
            "xl/sharedStrings.bin": [record(159, struct.pack("<II", 1, 1)), text, record(160, b"")],
        },
    )
    assert "holds more text than any list of customers" in refused(path)


def test_a_compound_file_that_claims_gigabytes_is_refused(tmp_path: Path) -> None:
    data = bytearray(wrapped("Workbook", bytes(8192)))
    struct.pack_into("<I", data, 3 * 4096 + 120, 0xFFFFFFF0)
    for at in (44, 64, 72):  # how many sectors of each kind there are
        struct.pack_into("<I", data, at, 0xFFFFFFF0)
    path = tmp_path / "customers.xls"
    path.write_bytes(data)
    assert "damaged" in refused(path)
