"""The looks of an xlsb sheet: number formats and error cells, read beside calamine's values.

Format: [MS-XLSB]; record numbers are in section 2.3.2.
"""

import posixpath
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from importer.source.faults import MAX_CELLS, TooLargeError
from importer.source.looks import Looks
from importer.source.numberformat import Display
from importer.source.xls import BUILT_IN, ERRORS, displays

_ROW, _BLANK, _RK, _ERROR, _REAL, _FORMULA_NUMBER, _FORMULA_ERROR = 0, 1, 2, 3, 5, 9, 11
_LAST_CELL = 11
_FORMAT, _STYLE, _STYLES_BEGIN, _STYLES_END, _SHEET = 44, 47, 617, 618, 156


class XlsbLooks:
    """The looks of any sheet of one workbook."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with zipfile.ZipFile(path) as archive:
            self._parts = _sheet_parts(archive)
            self._displays = _displays(archive)

    def of(self, sheet: str) -> Looks:
        """The looks of the sheet by that name.

        Raises:
            TooLargeError: The rectangle that its cells span is larger than calamine can hold.
        """
        looks = Looks()
        part = self._parts.get(sheet)
        if part is None:
            return looks
        rows = columns = row = 0
        with zipfile.ZipFile(self._path) as archive:
            for kind, data in _records(archive.read(part)):
                if kind == _ROW:
                    row = _u32(data, 0) + 1
                    looks.hidden_rows = looks.hidden_rows or bool(data[11] & 0x10)
                elif _BLANK < kind <= _LAST_CELL:
                    column = _u32(data, 0)
                    rows, columns = max(rows, row), max(columns, column + 1)
                    self._cell(looks, kind, row, column, data)
        if rows * columns > MAX_CELLS:
            raise TooLargeError(rows, columns)
        return looks

    def _cell(self, looks: Looks, kind: int, row: int, column: int, data: bytes) -> None:
        if kind in (_ERROR, _FORMULA_ERROR):
            looks.mark(row, column, ERRORS.get(data[8], "#ERROR"))
        elif kind in (_RK, _REAL, _FORMULA_NUMBER):
            display = self._displays.get(int.from_bytes(data[4:7], "little"))
            if display is not None:
                looks.mark(row, column, display)


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet by its name."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.bin.rels"))  # noqa: S314  see xlsx
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    parts = {}
    for kind, data in _records(archive.read("xl/workbook.bin")):
        if kind == _SHEET:
            relation, after = _text(data, 8)
            name, _ = _text(data, after)
            parts[name] = posixpath.normpath(posixpath.join("/xl", targets.get(relation, ""))).lstrip("/")
    return parts


def _displays(archive: zipfile.ZipFile) -> dict[int, Display]:
    codes = dict(BUILT_IN)
    styles: list[int] = []
    inside = False
    if "xl/styles.bin" not in archive.namelist():
        return {}
    for kind, data in _records(archive.read("xl/styles.bin")):
        if kind == _FORMAT:
            codes[int.from_bytes(data[:2], "little")], _ = _text(data, 2)
        elif kind in (_STYLES_BEGIN, _STYLES_END):
            inside = kind == _STYLES_BEGIN
        elif kind == _STYLE and inside:
            styles.append(int.from_bytes(data[2:4], "little"))
    return displays(codes, styles)


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
