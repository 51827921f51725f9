"""OpenDocument spreadsheets: each cell's value and the text that was shown stand side by side in the file.

Not calamine, which hands out values alone and loses errors, booleans and long times of this format.

Format: OpenDocument 1.3 part 3, chapter 9 (tables), section 19.385 (value types).
"""

import datetime
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from importer.source.document import Document
from importer.source.faults import MAX_CELLS, MAX_ROWS, TooLargeError, encrypted, explained
from importer.source.looks import HIDDEN_ROWS
from importer.source.numberformat import number_text, percent_text

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"

_SHEET, _ROW, _CELL, _COVERED = (
    f"{_TABLE}{name}" for name in ("table", "table-row", "table-cell", "covered-table-cell")
)
_STYLED, _DELETED = f"{_STYLE}style", f"{_TABLE}tracked-changes"
_PARAGRAPH, _SPACES, _TAB, _BREAK = (f"{_TEXT}{name}" for name in ("p", "s", "tab", "line-break"))
_TIMES, _KIND, _CALC_KIND = f"{_TABLE}number-columns-repeated", f"{_OFFICE}value-type", f"{_CALC}value-type"
_VALUE, _STRING = f"{_OFFICE}value", f"{_OFFICE}string-value"
_DATE, _TIME, _BOOLEAN = f"{_OFFICE}date-value", f"{_OFFICE}time-value", f"{_OFFICE}boolean-value"

_GROUPED = re.compile(r"-?\d{1,3}(?:[,.'\u2019\s]\d{3})+")
_DURATION = re.compile(r"(-?)PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?")


@dataclass(slots=True)
class OdsSheet:
    """One sheet; rows that repeat are kept once."""

    width: int = 0
    next_row: int = 1
    notes: tuple[str, ...] = ()
    _rows: list[tuple[int, int, list[str]]] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Rows by number; blank ones are left out."""
        for first, times, cells in self._rows:
            for number in range(first, first + times):
                yield number, list(cells)

    def add(self, row: ElementTree.Element) -> int:
        """Take in the next row, which may stand for many; how many cells were stored."""
        times = min(int(row.get(f"{_TABLE}number-rows-repeated", "1")), MAX_ROWS)
        cells = _cells(row)
        if cells:
            self._rows.append((self.next_row, times, cells))
            self.width = max(self.width, len(cells))
            if row.get(f"{_TABLE}visibility", "visible") != "visible":
                self.notes = (HIDDEN_ROWS,)
        self.next_row += times
        return len(cells)


@dataclass(slots=True)
class OdsBook:
    """A workbook that has been read to its end."""

    hidden: Mapping[str, int]
    _sheets: Mapping[str, OdsSheet]

    def sheet(self, name: str) -> OdsSheet:
        """The sheet by that name."""
        return self._sheets[name]

    def close(self) -> None:
        """Nothing is open."""


def open_ods(document: Document) -> OdsBook:
    """The workbook in the document.

    Raises:
        SourceError: It is damaged, or encrypted.
    """
    with explained(document.name), zipfile.ZipFile(document.open()) as archive:
        listed = "META-INF/manifest.xml" in archive.namelist()
        if listed and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise encrypted(document.name)
        with archive.open("content.xml") as content:
            return _read(content)


def _read(content: IO[bytes]) -> OdsBook:
    concealed: set[str] = set()
    hidden: dict[str, int] = {}
    sheets: dict[str, OdsSheet] = {}
    sheet, stored = OdsSheet(), 0
    for _, element in ElementTree.iterparse(content):  # noqa: S314  expat limits what entities expand to
        if element.tag == _ROW:
            stored += sheet.add(element)
            if stored > MAX_CELLS or sheet.next_row > 2 * MAX_ROWS:
                raise TooLargeError(sheet.next_row, sheet.width)
            element.clear()
        elif element.tag == _SHEET:
            name = element.get(f"{_TABLE}name")
            if name is not None:
                sheets[name] = sheet
                hidden[name] = int(element.get(f"{_TABLE}style-name") in concealed)
            sheet = OdsSheet()
        elif element.tag == _DELETED:
            sheet = OdsSheet()  # what was deleted is kept before the sheets
        elif element.tag == _STYLED and any(part.get(f"{_TABLE}display") == "false" for part in element):
            concealed.add(element.get(f"{_STYLE}name", ""))
    return OdsBook(hidden, sheets)


def _cells(row: ElementTree.Element) -> list[str]:
    """The row's cells up to the last with something in it."""
    cells: list[str] = []
    blank = 0
    for cell in row:
        if cell.tag != _CELL and cell.tag != _COVERED:
            continue
        repeated = cell.get(_TIMES)
        times = 1 if repeated is None else min(int(repeated), 16_384)
        text = _shown(cell) if cell.tag == _CELL else ""  # what a merge covers, nobody sees
        if text:
            cells.extend(("",) * blank)
            cells.extend((text,) * times)
            blank = 0
        else:
            blank += times
    return cells


def _shown(cell: ElementTree.Element) -> str:
    """The cell as text, by the rules that hold for Excel's cells."""
    text = "\n".join(_plain(part) for part in cell if part.tag == _PARAGRAPH)
    kind = cell.get(_KIND)
    if kind is None or kind == "string" or cell.get(_CALC_KIND) == "error":
        return text or cell.get(_STRING, "")
    if kind == "boolean":
        return cell.get(_BOOLEAN, "").upper()
    if kind == "date":
        return _date(cell.get(_DATE, "")) or text
    if kind == "time":
        return _time(cell.get(_TIME, "")) or text
    stored = cell.get(_VALUE)
    if stored is None:
        return text
    value = float(stored)
    if kind == "percentage":
        return percent_text(value)
    number = number_text(value)
    return text if kind == "float" and _identifies(text, number) else number


def _identifies(text: str, number: str) -> bool:
    """Whether a number is shown with zeros in front or words around it, or as a word; not merely grouped."""
    digits = re.sub(r"\D", "", text)
    if not digits:
        return bool(text.strip())
    return (
        number.isdigit() and digits.lstrip("0") == number.lstrip("0") and not _GROUPED.fullmatch(text.strip())
    )


def _plain(part: ElementTree.Element) -> str:
    """A paragraph's text, its spans and links included."""
    pieces = [part.text or ""]
    for inner in part:
        if inner.tag == _SPACES:
            pieces.append(" " * int(inner.get(f"{_TEXT}c", "1")))
        elif inner.tag == _TAB:
            pieces.append("\t")
        elif inner.tag == _BREAK:
            pieces.append("\n")
        elif inner.tag != f"{_OFFICE}annotation":
            pieces.append(_plain(inner))
        pieces.append(inner.tail or "")
    return "".join(pieces)


def _date(value: str) -> str:
    try:
        moment = datetime.datetime.fromisoformat(value)
    except ValueError:
        return ""
    if moment.microsecond:
        moment = moment.replace(microsecond=0) + datetime.timedelta(seconds=round(moment.microsecond / 1e6))
    return moment.isoformat(" ") if moment.time() != datetime.time() else moment.date().isoformat()


def _time(value: str) -> str:
    found = _DURATION.fullmatch(value)
    if not found:
        return ""
    hours, minutes, seconds = (int(found[i] or 0) for i in (2, 3, 4))
    return f"{found[1]}{hours:02}:{minutes:02}:{seconds:02}"
