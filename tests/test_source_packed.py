"""Reading one spreadsheet packed with gzip or zip, whoever packed it."""

import gzip
import io
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from importer.errors import SourceError
from importer.source import open_source

TEXT = b"Name,City\nAnn,Oslo\nBob,Rome\n"
CELLS = [("Ann", "Oslo"), ("Bob", "Rome")]


def book() -> bytes:
    workbook = openpyxl.Workbook()
    for row in (["Name", "City"], *CELLS):
        workbook.worksheets[0].append(list(row))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def gzipped(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content))
    return path


def refused(path: Path) -> str:
    with pytest.raises(SourceError) as raised:
        open_source(path)
    assert path.name in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    return str(raised.value)


@pytest.mark.parametrize("name", ["customers.csv.gz", "CUSTOMERS.CSV.GZ", "customers.gz", "customers.txt.gz"])
def test_gzipped_text_is_read_as_often_as_wanted(tmp_path: Path, name: str) -> None:
    source = open_source(gzipped(tmp_path / name, TEXT))
    assert [row.cells for row in source.rows()] == CELLS
    assert list(zip(source.rows(), source.rows(), strict=True)) == [(row, row) for row in source.rows()]
    assert (source.path, source.is_text) == (tmp_path / name, True)
    assert source.notes[0] == f"{Path(name).stem} unpacked from {name}"


def test_a_zipped_spreadsheet_is_read_whatever_the_archive_is_called(tmp_path: Path) -> None:
    for inner, content in (("list/customers.csv", TEXT), ("customers.xlsx", book())):
        source = open_source(zipped(tmp_path / "from Ann.zip", {inner: content}))
        assert [row.cells for row in source.rows()] == CELLS
        assert source.notes[0] == f"{Path(inner).name} unpacked from from Ann.zip"
        assert source.is_text is inner.endswith("csv")


def test_a_gzipped_workbook_is_read(tmp_path: Path) -> None:
    source = open_source(gzipped(tmp_path / "customers.xlsx.gz", book()))
    assert [row.cells for row in source.rows()] == CELLS
    assert not source.is_text


@pytest.mark.parametrize("name", ["customers.csv", "customers.xlsx"])
def test_what_is_packed_under_another_name_is_read_too(tmp_path: Path, name: str) -> None:
    assert [row.cells for row in open_source(gzipped(tmp_path / name, TEXT)).rows()] == CELLS
    path = zipped(tmp_path / name, {"customers.csv": TEXT})
    assert [row.cells for row in open_source(path).rows()] == CELLS


def test_what_a_mac_leaves_in_an_archive_is_no_second_file(tmp_path: Path) -> None:
    litter = {"__MACOSX/._customers.csv": b"x", ".DS_Store": b"x", "list/": b"", "list/customers.csv": TEXT}
    assert [row.cells for row in open_source(zipped(tmp_path / "customers.zip", litter)).rows()] == CELLS


def test_several_files_in_an_archive_are_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "customers.zip", {"a.csv": TEXT, "b/c.xlsx": book()})
    assert "holds 2 files: a.csv, b/c.xlsx. Unpack it" in refused(path)
    path = zipped(tmp_path / "many.zip", {f"{i}.csv": TEXT for i in range(30)})
    assert "holds 30 files: 0.csv, 1.csv, 2.csv, 3.csv, 4.csv, 5.csv and 24 more." in refused(path)


def test_an_archive_of_nothing_or_of_nothing_much_is_told(tmp_path: Path) -> None:
    assert "no file in it" in refused(zipped(tmp_path / "customers.zip", {"folder/": b""}))
    assert "is empty" in refused(zipped(tmp_path / "customers.zip", {"customers.csv": b""}))
    assert "is empty" in refused(gzipped(tmp_path / "customers.csv.gz", b""))


def test_an_archive_of_something_else_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"letter\.pdf is a PDF document"):
        open_source(zipped(tmp_path / "customers.zip", {"letter.pdf": b"%PDF-1.7 ..."}))
    with pytest.raises(SourceError, match=r"customers\.tar is a tar archive"):
        open_source(gzipped(tmp_path / "customers.tar.gz", b"customers.csv".ljust(257, b"\0") + b"ustar\0"))
    word = zipped(tmp_path / "x", {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
    path = zipped(tmp_path / "customers.zip", {"letter.docx": word.read_bytes()})
    with pytest.raises(SourceError, match=r"letter\.docx is an Office document without a workbook"):
        open_source(path)


def test_what_is_packed_twice_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"customers\.csv is packed twice"):
        open_source(gzipped(tmp_path / "customers.csv.gz", gzip.compress(TEXT)))
    inner = zipped(tmp_path / "x.zip", {"customers.csv": TEXT}).read_bytes()
    with pytest.raises(SourceError, match=r"inner\.zip is packed twice"):
        open_source(zipped(tmp_path / "customers.zip", {"inner.zip": inner}))


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_an_archive_that_breaks_off_is_damaged(tmp_path: Path, share: float) -> None:
    text = b"Name,City\n" + b"".join(b"Customer %d,Town\n" % i for i in range(20_000))
    for path in (
        gzipped(tmp_path / "customers.csv.gz", text),
        zipped(tmp_path / "customers.zip", {"customers.csv": text}),
    ):
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * share)])
        assert "damaged or incomplete" in refused(path)


def test_an_archive_with_one_bit_changed_is_damaged(tmp_path: Path) -> None:
    for path in (
        gzipped(tmp_path / "customers.csv.gz", TEXT * 100),
        zipped(tmp_path / "customers.zip", {"customers.csv": TEXT * 100}),
    ):
        data = bytearray(path.read_bytes())
        data[60] ^= 4
        path.write_bytes(data)
        assert "damaged" in refused(path)


def test_an_archive_with_a_password_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "customers.zip", {"customers.csv": TEXT})
    data = bytearray(path.read_bytes())
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + flags] |= 1
    path.write_bytes(data)
    assert "protected with a password" in refused(path)


def test_a_way_of_packing_that_is_not_known_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "customers.zip", {"customers.csv": TEXT})
    data = bytearray(path.read_bytes())
    for header, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.index(header) + method] = 9  # Deflate64, as Windows uses for large files
    path.write_bytes(data)
    assert "packed in a way that cannot be undone here" in refused(path)


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_a_bomb_is_not_unpacked_to_its_end(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"customers.csv.{kind}"
    if kind == "gz":
        with gzip.open(path, "wb") as file:
            for _ in range(400):
                file.write(bytes(1 << 20))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("c.csv", "w") as part:
            for _ in range(400):
                part.write(bytes(1 << 20))
    tracemalloc.start()
    try:
        assert "which no customer list needs" in refused(path)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_packed_file_that_changes_is_not_read_on(tmp_path: Path) -> None:
    path = gzipped(tmp_path / "customers.csv.gz", TEXT)
    source = open_source(path)
    gzipped(path, TEXT + b"Cid,Bern\n")
    with pytest.raises(SourceError, match="was changed or removed"):
        list(source.rows())
