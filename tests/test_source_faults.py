"""Files that cannot be read: one clear sentence or two, and no other exception."""

import io
import random
import struct
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest

from importer.errors import SourceError
from importer.sheetformat import NOT_CALCULATED
from importer.source import open_source
from importer.source.compound import CompoundFile, wrapped


def refused(path: Path) -> str:
    """Why `path` is refused; never in more than a paragraph, never without its name."""
    with pytest.raises(SourceError) as raised:
        open_source(path)
    message = str(raised.value)
    assert path.name in message
    assert "\n" not in message
    assert len(message) < 500
    assert raised.value.exit_code == 2
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    return message


def book(path: Path) -> Path:
    workbook = openpyxl.Workbook()
    for row in (["Name", "City"], ["Ann", "Oslo"], *[[f"Name {i}", f"City {i}"] for i in range(500)]):
        workbook.worksheets[0].append(row)
    workbook.save(path)
    return path


def repacked(path: Path, **changed: bytes | None) -> Path:
    """The workbook with parts replaced, or left out; the dots and slashes of a name are underscores."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            new = changed.get(name.replace("/", "_").replace(".", "_"), data)
            if new is not None:
                archive.writestr(name, new)
    return path


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert "There is no file" in refused(tmp_path / "customers.csv")


def test_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").mkdir()
    assert "is a folder" in refused(tmp_path / "customers.csv")


def test_what_is_no_ordinary_file_is_told() -> None:
    assert "no ordinary file" in refused(Path("/dev/null"))


@pytest.mark.parametrize("name", ["customers.csv", "customers.xlsx", "customers.pdf"])
def test_an_empty_file_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert "is empty" in refused(tmp_path / name)


@pytest.mark.parametrize(
    "name", ["customers", "customers.json", "customers.numbers", "customers.xlsx.bak", ".csv"]
)
def test_an_unknown_suffix_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("a,b\n1,2\n")
    message = refused(tmp_path / name)
    assert ".csv, .tsv, .txt, .xlsx, .xlsm, .xls, .xlsb, .ods" in message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"%PDF-1.7 \n" * 10, "a PDF document"),
        (b"\x89PNG\r\n\x1a\n" * 10, "a picture"),
        (b"7z\xbc\xaf\x27\x1c" * 10, "unpack it first"),
        (b"BZh91AY&SY" * 10, "unpack it first"),
        (b"SQLite format 3\x00" * 10, "a database"),
    ],
    ids=["pdf", "png", "7z", "bzip2", "sqlite"],
)
def test_other_kinds_of_file_are_called_by_their_name(tmp_path: Path, content: bytes, told: str) -> None:
    for name in ("customers.csv", "customers.xlsx"):
        (tmp_path / name).write_bytes(content)
        assert told in refused(tmp_path / name)


@pytest.mark.parametrize("name", ["~$customers.xlsx", ".~lock.customers.csv#.csv"])
def test_the_lock_beside_an_open_workbook_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"Ann".ljust(165))
    assert "only a lock" in refused(tmp_path / name)


@pytest.mark.parametrize(
    "page",
    [
        "<html><table><tr><td>Name</td></tr></table></html>",
        '\ufeff\n<?xml version="1.0"?><Workbook/>',
        "<TABLE>",
    ],
)
def test_a_web_page_called_workbook_is_told(tmp_path: Path, page: str) -> None:
    (tmp_path / "customers.xls").write_text(page, encoding="utf-8")
    assert "is a web page (HTML or XML)" in refused(tmp_path / "customers.xls")


def test_text_called_workbook_is_read_and_mentioned(tmp_path: Path) -> None:
    (tmp_path / "customers.xlsx").write_text("Name;City\nAnn;Oslo\n")
    source = open_source(tmp_path / "customers.xlsx")
    assert source.is_text
    assert source.notes[0] == "named .xlsx but is plain text: read as such"


def test_archives_without_a_workbook_are_told(tmp_path: Path) -> None:
    for member, told in (
        ("[Content_Types].xml", "an Office document without a workbook"),
        ("mimetype", "an OpenDocument file, but not a spreadsheet"),
        ("Index/Document.iwa", "an Apple Numbers document"),
    ):
        with zipfile.ZipFile(tmp_path / "customers.xlsx", "w") as archive:
            archive.writestr(member, "x")
        assert told in refused(tmp_path / "customers.xlsx")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_workbook_that_breaks_off_is_damaged(tmp_path: Path, share: float) -> None:
    path = book(tmp_path / "customers.xlsx")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert "damaged or incomplete" in refused(path)


@pytest.mark.parametrize(
    "changed",
    [
        {"xl_workbook_xml": b"<workbook"},
        {"xl_workbook_xml": None},
        {"xl_styles_xml": b"<styleSheet><cellXfs>"},
        {"xl_worksheets_sheet1_xml": None},
        {"xl_worksheets_sheet1_xml": b"<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>9"},
        {"xl__rels_workbook_xml_rels": b"\xff\xfe"},
    ],
)
def test_a_workbook_with_a_broken_part_is_damaged(tmp_path: Path, changed: dict[str, bytes | None]) -> None:
    assert "damaged or incomplete" in refused(repacked(book(tmp_path / "customers.xlsx"), **changed))


def test_an_entity_bomb_is_damaged(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "lol">{entities}]><workbook>&e11;</workbook>'
    assert "damaged" in refused(repacked(book(tmp_path / "customers.xlsx"), xl_workbook_xml=bomb.encode()))


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "customers.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(200):
                part.write(bytes(1 << 20))
    assert path.stat().st_size < 1_000_000
    assert "unpacks to 200 MB or more" in refused(path)


def test_an_archive_that_lies_about_its_sizes_is_damaged(tmp_path: Path) -> None:
    path = book(tmp_path / "customers.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", "<sst>" + "<si><t>x</t></si>" * 1000 + "</sst>")
    content = bytearray(path.read_bytes())
    for name in (b"xl/worksheets/sheet1.xml", b"xl/sharedStrings.xml"):
        lying = bytearray(content)
        entry = lying.rindex(b"PK\x01\x02", 0, lying.rindex(name))
        size = struct.unpack_from("<I", lying, entry + 24)[0]
        struct.pack_into("<I", lying, entry + 24, size // 2)
        path.write_bytes(lying)
        assert "damaged or incomplete" in refused(path)


def test_a_workbook_with_a_password_is_told(tmp_path: Path) -> None:
    path = tmp_path / "customers.xlsx"
    path.write_bytes(wrapped("EncryptedPackage", bytes(5000)))
    assert "protected with a password" in refused(path)
    path = tmp_path / "customers.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest:file-entry><manifest:encryption-data/>")
        archive.writestr("content.xml", zlib.compress(b"secret"))
    assert "protected with a password" in refused(path)


BIFF = b"".join(
    struct.pack("<HH", kind, len(data)) + data
    for kind, data in (
        (0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)),
        (0x2F, struct.pack("<HH", 1, 1)),
        (0x0A, b""),
    )
)


def test_an_old_workbook_with_a_password_is_told(tmp_path: Path) -> None:
    path = tmp_path / "customers.xls"
    path.write_bytes(wrapped("Workbook", BIFF))
    assert "protected with a password" in refused(path)


def test_an_old_workbook_without_sheets_is_told(tmp_path: Path) -> None:
    path = tmp_path / "customers.xls"
    path.write_bytes(wrapped("Else", BIFF))
    assert "damaged" in refused(path)


@pytest.mark.parametrize("size", [1, 4095, 4096, 4097, 100_000, 9_000_000])
def test_a_stream_comes_out_of_its_container_as_it_went_in(size: int) -> None:
    stream = random.Random(size).randbytes(size)
    out = CompoundFile(wrapped("Workbook", stream)).stream("Workbook")
    assert out[:size] == stream
    assert not out[size:].strip(b"\0")


def test_a_container_that_goes_round_in_circles_ends() -> None:
    data = bytearray(wrapped("Workbook", bytes(20_000)))
    struct.pack_into("<I", data, 4096 + 4 * 4, 3)  # a sector of the stream that leads back to its first
    assert len(CompoundFile(bytes(data)).stream("Workbook")) <= 20_000


def garbled(content: bytes, chance: random.Random) -> bytes:
    """The bytes with something overwritten, left out or said twice."""
    data = bytearray(content)
    for _ in range(chance.choice([1, 3, 20])):
        at = chance.randrange(len(data))
        kind = chance.random()
        if kind < 0.6:
            data[at] = chance.randrange(256)
        elif kind < 0.8:
            del data[at : at + chance.randrange(1, 200)]
        else:
            data[at:at] = data[chance.randrange(len(data)) :][:50]
        if len(data) < 10:
            break
    return bytes(data)


def garbled_part(content: bytes, chance: random.Random) -> bytes:
    """A package with one part garbled, packed properly again."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        victim = chance.choice(archive.namelist())
        for name in archive.namelist():
            data = archive.read(name)
            new.writestr(name, garbled(data, chance) if name == victim else data)
    return out.getvalue()


@pytest.mark.parametrize("seed", range(60))
def test_a_garbled_workbook_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = book(tmp_path / "customers.xlsx")
    content = path.read_bytes()
    path.write_bytes(garbled(content, chance) if seed % 4 == 0 else garbled_part(content, chance))
    try:
        source = open_source(path)
    except SourceError:
        return
    assert all(len(row.cells) == len(source.columns) for row in source.rows())


def old_workbook(*records: tuple[int, bytes], last: tuple[int, bytes] | None = None) -> bytes:
    """The stream of an xls: 400 rows of a word and a number, and further records before and after them."""
    sheet = [(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)), *records]
    for row in range(400):
        sheet += [
            (0x204, struct.pack("<HHHHB", row, 0, 0, 4, 0) + b"Name"),
            (0x203, struct.pack("<HHHd", row, 1, 0, row)),
        ]
    sheet += [last] if last else []
    name = b"Customers"
    head = struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)
    start = 4 + len(head) + 4 + 8 + len(name) + 4
    bound = struct.pack("<IBBBB", start, 0, 0, len(name), 0) + name
    parts = [(0x809, head), (0x85, bound), (0x0A, b""), *sheet, (0x0A, b"")]
    return b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in parts)


def test_an_old_workbook_is_read_whatever_size_it_claims(tmp_path: Path) -> None:
    path = tmp_path / "customers.xls"
    claim = struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0)
    path.write_bytes(wrapped("Workbook", old_workbook((0x200, claim))))
    assert [row.cells for row in open_source(path).rows()][:2] == [("Name", "1"), ("Name", "2")]


def test_an_old_workbook_with_a_cell_beyond_its_last_column_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "customers.xls"
    far = struct.pack("<HHHd", 0xFFFF, 0xFFFF, 0, 1)
    path.write_bytes(wrapped("Workbook", old_workbook((0x203, far))))
    assert "damaged" in refused(path)


@pytest.mark.parametrize(
    ("flags", "result", "told"), [(2, 0, True), (3, 0, True), (0, 0, False), (2, 7, False)]
)
def test_a_formula_that_was_never_calculated_is_told_in_an_old_workbook(
    tmp_path: Path, flags: int, result: float, told: bool
) -> None:
    """As Apache POI leaves it."""
    path = tmp_path / "customers.xls"
    formula = struct.pack("<HHHdHIH", 1, 1, 0, result, flags, 0, 3) + b"\x1e\1\0"
    path.write_bytes(wrapped("Workbook", old_workbook(last=(0x06, formula))))
    first = next(iter(open_source(path).rows()))
    assert first.cells[1] == (NOT_CALCULATED if told else f"{result:g}")
    assert len(open_source(path).notes) == told


@pytest.mark.parametrize("seed", range(30))
def test_a_garbled_old_workbook_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    stream = old_workbook((0x200, struct.pack("<IIHHH", 0, 400, 0, 2, 0)))
    path = tmp_path / "customers.xls"
    path.write_bytes(wrapped("Workbook", garbled(stream, random.Random(seed)) if seed else stream))
    try:
        source = open_source(path)
    except SourceError:
        assert seed
        return
    assert all(len(row.cells) == len(source.columns) for row in source.rows())
