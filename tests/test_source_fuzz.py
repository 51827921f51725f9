"""Files that chance has damaged are read or refused: no other exception, no crash, no hang, nothing printed.

`python -m tests.fuzz` goes on for as long as it is told; what it found is kept here.
"""

import os
import struct
import sys
import zipfile
from pathlib import Path

import pytest

from importer.errors import SourceError
from importer.source import open_source
from importer.source.compound import wrapped
from importer.source.quiet import quiet
from tests.bounded import read_bounded
from tests.fuzz.__main__ import case, run
from tests.fuzz.seeds import seeds
from tests.test_source_faults import old_workbook
from tests.test_source_hostile import sheet
from tests.workbooks import XLSB, xlsb


@pytest.mark.parametrize("cases", [1_200, pytest.param(100_000, marks=pytest.mark.slow)])
def test_damaged_files_are_read_or_refused(cases: int) -> None:
    tally, found, peak = run(seed=0, first=0, count=cases)
    assert found == []
    assert sum(tally.values()) == cases
    assert min(tally.values()) > cases / 10
    assert peak < 2_000


def test_a_case_follows_from_its_number() -> None:
    files = seeds()
    assert [case(1, number, files) for number in range(20)] == [
        case(1, number, files) for number in range(20)
    ]
    assert case(1, 1, files) != case(2, 1, files)


def test_a_panic_of_calamine_is_an_error_like_any_other_and_prints_nothing(tmp_path: Path) -> None:
    book = xlsb(tmp_path / "customers.xlsb", XLSB)
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(book, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part.replace(b'Id="rId1"', b'Id="rId7"'))
    old = tmp_path / "customers.xls"
    stream = old_workbook()
    at = stream.index(struct.pack("<H", 0x85)) + 4  # where the sheet starts
    old.write_bytes(wrapped("Workbook", stream[:at] + struct.pack("<I", 0xE2FFFFE0) + stream[at + 4 :]))
    for path in (book, old):
        assert "damaged or incomplete" in read_bounded(path).outcome


def test_what_others_print_meanwhile_comes_out_afterwards(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet():
        os.write(2, b"a line of somebody's log\n")
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "a line of somebody's log\n"
    with quiet():
        os.write(2, b"thread '<unnamed>' panicked at here\n")
    print("still there", file=sys.stderr)  # noqa: T201
    assert capfd.readouterr().err == "still there\n"


def test_a_cell_whose_place_is_no_place_is_refused(tmp_path: Path) -> None:
    """calamine takes what is left of 92147483648 after counting in 32 bits, and as many rows of memory."""
    for place in ("A92147483648", "A99999999999999999999", "", "1A", "AAAAAAAA1", "A", "9"):
        cell = f'<row r="3"><c r="{place}" t="str"><v>x</v></c></row>'
        assert read_bounded(sheet(tmp_path / "customers.xlsx", cell)).outcome


def test_a_file_without_a_name_in_an_archive_is_read(tmp_path: Path) -> None:
    path = tmp_path / "customers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        member = zipfile.ZipInfo("customers.csv")
        member.filename = ""
        archive.writestr(member, b"Name,City\nAnn,Oslo\n")
    assert [row.cells for row in open_source(path).rows()] == [("Ann", "Oslo")]


def test_names_in_messages_are_one_short_line(tmp_path: Path) -> None:
    path = tmp_path / "customers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a\nb\x1b[31m.csv", b"x")
        archive.writestr("c" * 10_000, b"x")
    with pytest.raises(SourceError) as raised:
        open_source(path)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 300
