"""The looks of an xlsb sheet: number formats and error cells, read beside calamine's values.

And dates: Excel stores a day as a whole number, which calamine 0.37 hands out as it is.

Format: [MS-XLSB]; record numbers are in section 2.3.2.
"""

import datetime
import struct
import zipfile
from collections.abc import Iterator
from functools import partial
from xml.etree import ElementTree

from importer.source.document import Document
from importer.source.faults import MAX_CELLS, MAX_COLUMNS, MAX_TEXT, too_much_text, too_wide
from importer.source.looks import Looks
from importer.source.numberformat import BUILT_IN, Display
from importer.source.place import Span
from importer.source.xls import ERRORS, displays
from importer.source.xlsx import locator

_ROW, _BLANK, _RK, _ERROR, _REAL, _FORMULA_NUMBER, _FORMULA_ERROR = 0, 1, 2, 3, 5, 9, 11
_SHARED_TEXT, _LAST_CELL, _TEXT_ITEM, _COLUMNS_LOOK, _MERGED = 7, 11, 19, 60, 176
_FORMAT, _STYLE, _STYLES_BEGIN, _STYLES_END, _SHEET, _PROPERTIES = 44, 47, 617, 618, 156, 153
_DATES = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58})
"""Formats of dates without a code in the file; ECMA-376 part 1, 18.8.30."""


class XlsbLooks:
    """The looks of any sheet of one workbook."""

    def __init__(self, document: Document) -> None:
        self._document = document
        with zipfile.ZipFile(document.open()) as archive:
            self._parts, epoch = _workbook(archive)
            self._displays, self._dates = _displays(archive, epoch)
            self._sizes = _text_sizes(archive)

    def of(self, sheet: str) -> Looks:
        """The looks of the sheet by that name.

        Raises:
            BeyondBoundsError: It is larger than calamine can hold.
        """
        looks = Looks()
        rows = columns = row = text = 0
        with zipfile.ZipFile(self._document.open()) as archive:
            for kind, data in _records(archive.read(self._parts[sheet])):
                if kind == _ROW:
                    row = _u32(data, 0) + 1
                    if data[11] & 0x10:
                        looks.hidden_rows.append(row)
                elif _BLANK < kind <= _LAST_CELL:
                    column = _u32(data, 0)
                    rows, columns = max(rows, row), max(columns, column + 1)
                    self._cell(looks, kind, row, column, data)
                    text += self._sizes.get(_u32(data, 8), 0) if kind == _SHARED_TEXT else 0
                elif kind == _COLUMNS_LOOK and data[16] & 1:
                    looks.hidden_columns.extend(range(_u32(data, 0), min(_u32(data, 4), MAX_COLUMNS) + 1))
                elif kind == _MERGED:
                    top, bottom, left, right = struct.unpack_from("<IIII", data)
                    looks.merged.append(Span(top + 1, left, bottom + 1, right))
        if rows * columns > MAX_CELLS:
            raise too_wide(rows, columns)
        if text > MAX_TEXT:
            raise too_much_text()
        return looks

    def _cell(self, looks: Looks, kind: int, row: int, column: int, data: bytes) -> None:
        if kind in (_ERROR, _FORMULA_ERROR):
            looks.mark(row, column, ERRORS.get(data[8], "#ERROR"))
        elif kind in (_RK, _REAL, _FORMULA_NUMBER):
            style = int.from_bytes(data[4:7], "little")
            display = self._displays.get(style)
            if display is None and kind == _RK and data[8] & 2:
                display = self._dates.get(style)
            if display is not None:
                looks.mark(row, column, display)


def _workbook(archive: zipfile.ZipFile) -> tuple[dict[str, str], datetime.date]:
    """The part of each sheet by its name, and the day before the first."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.bin.rels"))  # noqa: S314  see xlsx
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    parts = {}
    find = locator(archive)
    epoch = datetime.date(1899, 12, 30)  # 1900 is a leap year to Excel, hence one day earlier
    for kind, data in _records(archive.read("xl/workbook.bin")):
        if kind == _PROPERTIES and data[0] & 1:
            epoch = datetime.date(1904, 1, 1)
        elif kind == _SHEET:
            relation, after = _text(data, 8)
            name, _ = _text(data, after)
            parts[name] = find(targets.get(relation, ""))
    if len(set(parts.values())) < len(parts):
        raise ValueError("sheets that are the same part")
    return parts, epoch


def _displays(
    archive: zipfile.ZipFile, epoch: datetime.date
) -> tuple[dict[int, Display], dict[int, Display]]:
    """How numbers look by the style of their cell, and how whole numbers do that are days."""
    from openpyxl.styles.numbers import is_date_format

    codes = dict(BUILT_IN)
    styles: list[int] = []
    inside = False
    if "xl/styles.bin" not in archive.namelist():
        return {}, {}
    for kind, data in _records(archive.read("xl/styles.bin")):
        if kind == _FORMAT:
            codes[int.from_bytes(data[:2], "little")], _ = _text(data, 2)
        elif kind in (_STYLES_BEGIN, _STYLES_END):
            inside = kind == _STYLES_BEGIN
        elif kind == _STYLE and inside:
            styles.append(int.from_bytes(data[2:4], "little"))
    days = _DATES | {number for number, code in codes.items() if is_date_format(code)}
    day = partial(_day, epoch)
    return displays(codes, styles), {style: day for style, number in enumerate(styles) if number in days}


def _text_sizes(archive: zipfile.ZipFile) -> dict[int, int]:
    """How long the texts are that cells share; those worth counting, by their number."""
    part = locator(archive)("sharedStrings.bin")
    if part not in archive.namelist():
        return {}
    items = (data for kind, data in _records(archive.read(part)) if kind == _TEXT_ITEM)
    return {number: _u32(data, 1) for number, data in enumerate(items) if len(data) > 100}


def _day(epoch: datetime.date, value: float) -> str | None:
    if not 60 < value < 2_958_466:  # before March 1900 and after 9999 calendars differ
        return None
    return (epoch + datetime.timedelta(days=int(value))).isoformat()


def _u32(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", data, at)[0])


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A wide string, and where it ends."""
    end = at + 4 + 2 * _u32(data, at)
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Records: a kind in one or two bytes, a size in one to four, seven bits each; the data."""
    at = 0
    while at < len(data):
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        for _ in range(4):
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, data[at : at + size]
        at += size
