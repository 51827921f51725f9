"""Files that LibreOffice made, kept in `tests/data`: what a person sees in them is known."""

import zipfile
from pathlib import Path

import pytest

from importer.errors import SourceError
from importer.source import open_source
from importer.source.odsrow import END, PlainRows
from tests.make_office_data import HEADINGS

DATA = Path(__file__).parent / "data"

SEEN = {
    4: ("Ann Lee", "6581234567", "00501", "1987-12-03", "2024-02-29 13:05:06", "12.5%", "$1,234.50", "TRUE",
        "Dear Ann Lee", "#N/A", "plain"),
    5: ("Zoë 王伟", "6581234568", "99501", "1900-03-01", "1999-12-31 23:59:59", "100.0%", "-$5.00", "FALSE",
        "Dear Zoë 王伟", "#DIV/0!", "two\nlines"),
    6: ("Bob Ray", "+65 8123 4569", "00502", "2000-02-29", "2024-07-01", "50.0%", "$0.00", "TRUE",
        "", "6581234568", "rich text"),
    8: ("Cid", "NA", "12345", "2024-01-31", "2024-01-01 06:00:00", "33.3%", "$100.00", "FALSE",
        "0", "TRUE", " spaced "),
    9: ("Hidden Hal", "NULL", "00007", "1970-01-01", "1970-01-01 00:00:01", "0.0%", "$1,000,000.00", "TRUE",
        "None", "1099511627776", "=1+1"),
}  # fmt: skip


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_what_libreoffice_shows_is_what_is_read(suffix: str) -> None:
    source = open_source(DATA / f"libreoffice.{suffix}")
    assert source.columns == HEADINGS
    assert {row.number: row.cells for row in source.rows()} == SEEN
    assert source.notes == (
        "sheet 'Customers' of 3 (others: 'Notes', 'Old'; choose with --sheet)",
        "header found in row 3",
        "row 9 is hidden in the sheet; it is read like the others",
        "column K is hidden in the sheet; it is read like the others",
        "row 10 reads like a total and is left out; if it is a customer, fill in more of its cells",
    )


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_a_workbook_that_libreoffice_encrypted_wants_its_password(suffix: str) -> None:
    with pytest.raises(SourceError, match=r"is protected with a password. Open it, remove the password"):
        open_source(DATA / f"encrypted.{suffix}")


def test_most_rows_of_libreoffice_need_no_parser() -> None:
    with zipfile.ZipFile(DATA / "libreoffice.ods") as archive:
        rows = archive.read("content.xml").split(END)
    reader = PlainRows()
    assert sum(reader.cells(row) is not None for row in rows) >= 3
