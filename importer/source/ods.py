"""OpenDocument spreadsheets: each cell's value and the text that was shown stand side by side in the file.

Not calamine, which hands out values alone and loses errors, booleans and long times of this format.

Format: OpenDocument 1.3 part 3, chapter 9 (tables), section 19.385 (value types).
"""

import datetime
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from importer.source.faults import MAX_CELLS, MAX_ROWS, TooLargeError, encrypted, explained
from importer.source.looks import HIDDEN_ROWS
from importer.source.numberformat import number_text, percent_text

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"

_GROUPED = re.compile(r"-?\d{1,3}(?:[,.'\u2019\s]\d{3})+")
_TIME = re.compile(r"(-?)PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?")


@dataclass(slots=True)
class OdsSheet:
    """One sheet; rows that repeat are kept once."""

    width: int = 0
    notes: tuple[str, ...] = ()
    _rows: list[tuple[int, int, list[str]]] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Rows by number; blank ones are left out."""
        for first, times, cells in self._rows:
            for number in range(first, first + times):
                yield number, list(cells)

    def add(self, first: int, times: int, cells: list[str]) -> None:
        """`times` rows alike, from the number `first` on."""
        self._rows.append((first, times, cells))
        self.width = max(self.width, len(cells))


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


def open_ods(path: Path) -> OdsBook:
    """The workbook at `path`.

    Raises:
        SourceError: It is damaged, or encrypted.
    """
    with explained(path), zipfile.ZipFile(path) as archive:
        listed = "META-INF/manifest.xml" in archive.namelist()
        if listed and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise encrypted(path)
        with archive.open("content.xml") as content:
            return _read(content)


def _read(content: IO[bytes]) -> OdsBook:
    concealed: set[str] = set()
    hidden: dict[str, int] = {}
    sheets: dict[str, OdsSheet] = {}
    above: list[str] = []
    sheet, row, stored = OdsSheet(), 1, 0
    for event, element in ElementTree.iterparse(content, events=("start", "end")):  # noqa: S314  see xlsx
        if event == "start":
            above.append(element.tag)
            if element.tag == f"{_TABLE}table" and above[-2] == f"{_OFFICE}spreadsheet":
                sheet, row = OdsSheet(), 1
                name = element.get(f"{_TABLE}name", "")
                sheets[name] = sheet
                hidden[name] = int(element.get(f"{_TABLE}style-name") in concealed)
            continue
        above.pop()
        if element.tag == f"{_STYLE}style":
            if any(part.get(f"{_TABLE}display") == "false" for part in element):
                concealed.add(element.get(f"{_STYLE}name", ""))
        elif element.tag == f"{_TABLE}table-row" and f"{_TABLE}tracked-changes" not in above:
            times = min(int(element.get(f"{_TABLE}number-rows-repeated", "1")), MAX_ROWS)
            cells = _cells(element)
            if cells:
                sheet.add(row, times, cells)
                stored += len(cells)
                if element.get(f"{_TABLE}visibility", "visible") != "visible":
                    sheet.notes = (HIDDEN_ROWS,)
                if stored > MAX_CELLS or row > MAX_ROWS:
                    raise TooLargeError(row, sheet.width)
            row += times
            element.clear()
    return OdsBook(hidden, sheets)


def _cells(row: ElementTree.Element) -> list[str]:
    """The row's cells up to the last with something in it."""
    cells: list[str] = []
    blank = 0
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        times = min(int(cell.get(f"{_TABLE}number-columns-repeated", "1")), 16_384)
        text = _shown(cell) if cell.tag == f"{_TABLE}table-cell" else ""  # what a merge covers, nobody sees
        if text:
            cells.extend(("",) * blank)
            cells.extend((text,) * times)
            blank = 0
        else:
            blank += times
    return cells


def _shown(cell: ElementTree.Element) -> str:
    """The cell as text, by the rules that hold for Excel's cells."""
    text = "\n".join(_plain(part) for part in cell if part.tag == f"{_TEXT}p")
    kind = cell.get(f"{_OFFICE}value-type")
    if kind is None or kind == "string" or cell.get(f"{_CALC}value-type") == "error":
        return text or cell.get(f"{_OFFICE}string-value", "")
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value", "").upper()
    if kind == "date":
        return _date(cell.get(f"{_OFFICE}date-value", "")) or text
    if kind == "time":
        return _time(cell.get(f"{_OFFICE}time-value", "")) or text
    stored = cell.get(f"{_OFFICE}value")
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
        if inner.tag == f"{_TEXT}s":
            pieces.append(" " * int(inner.get(f"{_TEXT}c", "1")))
        elif inner.tag == f"{_TEXT}tab":
            pieces.append("\t")
        elif inner.tag == f"{_TEXT}line-break":
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
    found = _TIME.fullmatch(value)
    if not found:
        return ""
    hours, minutes, seconds = (int(found[i] or 0) for i in (2, 3, 4))
    return f"{found[1]}{hours:02}:{minutes:02}:{seconds:02}"
