"""Reading xlsb, which no library here writes."""

import struct
import zipfile
from pathlib import Path

import pytest

from importer.errors import SourceError
from importer.source import open_source
from tests.workbooks import XLSB, Binary, read, whole, wide, words, xlsb


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
