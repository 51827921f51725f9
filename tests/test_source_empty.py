"""A file without a customer in it is told apart from one that cannot be read."""

import gzip
from pathlib import Path

import openpyxl
import pytest

from importer.errors import EmptySourceError, SourceError
from importer.source import open_source


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"Name,Email\n", b"Name,Email\n,\n"])
def test_text_without_a_customer_is_empty(tmp_path: Path, content: bytes) -> None:
    for name, data in {"a.csv": content, "b.csv.gz": gzip.compress(content)}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(EmptySourceError):
            open_source(tmp_path / name)


@pytest.mark.parametrize("sheets", [1, 3])
def test_workbook_without_a_customer_is_empty(tmp_path: Path, sheets: int) -> None:
    book = openpyxl.Workbook()
    for _ in range(sheets - 1):
        book.create_sheet()
    for sheet in book.worksheets:
        sheet.append(["Name", "Email"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(EmptySourceError):
        open_source(tmp_path / "a.xlsx")


def test_file_without_headings_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,2\n3,4\n")
    with pytest.raises(SourceError) as caught:
        open_source(tmp_path / "a.csv")
    assert not isinstance(caught.value, EmptySourceError)
