"""The looks of an xls workbook: number formats and error cells, read beside calamine's values.

Format: [MS-XLS], record numbers in section 2.3.2. Number formats are told for Excel 97 and later.
"""

import struct
from collections.abc import Iterator, Mapping

from importer.source.compound import CompoundFile, wrapped
from importer.source.document import Document
from importer.source.faults import encrypted
from importer.source.looks import Looks
from importer.source.numberformat import BUILT_IN, Display, display_of

_BOF, _EOF, _BOUNDSHEET, _FORMAT, _XF, _PASSWORD = 0x809, 0x0A, 0x85, 0x41E, 0xE0, 0x2F
_NUMBER, _RK, _MULRK, _FORMULA, _BOOLERR = 0x203, 0x27E, 0xBD, 0x06, 0x205
_LABEL, _SHARED_LABEL, _ROW, _DIMENSIONS, _COLUMNS_LOOK = 0x204, 0xFD, 0x208, 0x200, 0x7D
_CELLS = frozenset({_NUMBER, _RK, _MULRK, _FORMULA, _BOOLERR, _LABEL, _SHARED_LABEL})
_BIFF8 = 0x600
_COLUMNS = 256
_ON_LOAD = 2
"""In a formula's flags: to be calculated on opening. With a result of 0 its writer cannot calculate."""

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!",
    0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip
"""[MS-XLS] 2.5.10, the same in [MS-XLSB] 2.5.97.2."""


class XlsLooks:
    """The looks of every sheet of one workbook, and the workbook made sound for calamine.

    Raises:
        SourceError: It wants a password.
    """

    def __init__(self, document: Document) -> None:
        container = CompoundFile(document.open().read())
        if "EncryptedPackage" in container:
            raise encrypted(document.name)
        name = "Workbook" if "Workbook" in container else "Book"
        self._name = document.name
        self._stream = bytearray(container.stream(name))
        self._stream_name = name
        self._looks: dict[str, Looks] = {}
        sheets, shown = self._read_globals()
        for sheet, start in sheets.items():
            self._looks[sheet] = self._read_sheet(start, shown)

    def of(self, sheet: str) -> Looks:
        """The looks of the sheet by that name."""
        return self._looks.get(sheet, Looks())

    def workbook(self) -> bytes:
        """The same workbook in a sound container, and without the sizes that it claims for its sheets."""
        return wrapped(self._stream_name, bytes(self._stream))

    def _read_globals(self) -> tuple[dict[str, int], dict[int, Display]]:
        """Where each sheet starts, and how numbers look by the style of their cell."""
        codes: dict[int, str] = dict(BUILT_IN)
        styles: list[int] = []
        sheets: dict[str, int] = {}
        modern = False
        for kind, at, size in _records(self._stream, 0):
            data = bytes(self._stream[at : at + size])
            if kind == _BOF:
                modern = _u16(data, 0) == _BIFF8
            elif kind == _PASSWORD:
                raise encrypted(self._name)
            elif kind == _BOUNDSHEET:
                sheets[_text(data, 6, wide=False)] = int.from_bytes(data[:4], "little")
            elif kind == _FORMAT and modern:
                codes[_u16(data, 0)] = _text(data, 2, wide=True)
            elif kind == _XF and modern:
                styles.append(_u16(data, 2))
        return sheets, displays(codes, styles)

    def _read_sheet(self, start: int, shown: Mapping[int, Display]) -> Looks:
        looks = Looks()
        columns = 0
        for kind, at, size in _records(self._stream, start):
            if kind in _CELLS:
                _, column, style = struct.unpack_from("<HHH", self._stream, at)
                columns = max(columns, column + 1, column + size // 6 * (kind == _MULRK))
                if kind in (_FORMULA, _BOOLERR) or style in shown or kind == _MULRK:
                    _look(looks, shown, kind, bytes(self._stream[at : at + size]))
            elif kind == _DIMENSIONS:
                self._stream[at : at + size] = bytes(size)  # calamine would reserve whatever it says
            elif kind == _ROW and self._stream[at + 12] & 0x20:
                looks.hidden_rows.append(1 + _u16(self._stream[at : at + 2], 0))
            elif kind == _COLUMNS_LOOK and self._stream[at + 8] & 1:
                left, right = struct.unpack_from("<HH", self._stream, at)
                looks.hidden_columns.extend(range(left, min(right, _COLUMNS) + 1))
        if columns > _COLUMNS:
            raise ValueError("more columns than the format has")
        return looks


def displays(codes: Mapping[int, str], styles: list[int]) -> dict[int, Display]:
    """How numbers look by the style of their cell; only styles that matter."""
    by_format = {number: display_of(code) for number, code in codes.items()}
    found = {}
    for number, format_number in enumerate(styles):
        display = by_format.get(format_number)
        if display is not None:
            found[number] = display
    return found


def _look(looks: Looks, shown: Mapping[int, Display], kind: int, data: bytes) -> None:
    """One cell, or several side by side."""
    row, column, style = struct.unpack_from("<HHH", data)
    if kind == _BOOLERR:
        if data[7]:
            looks.mark(row + 1, column, ERRORS.get(data[6], "#ERROR"))
    elif kind == _FORMULA and data[14] & _ON_LOAD and not any(data[6:14]):
        looks.not_calculated(row + 1, column)
    elif kind == _FORMULA and data[12:14] == b"\xff\xff":
        if data[6] == 2:
            looks.mark(row + 1, column, ERRORS.get(data[8], "#ERROR"))
    elif kind == _MULRK:
        for beside in range((len(data) - 6) // 6):
            style = _u16(data, 4 + 6 * beside)
            if style in shown:
                looks.mark(row + 1, column + beside, shown[style])
    elif style in shown:
        looks.mark(row + 1, column, shown[style])


def _text(data: bytes, at: int, *, wide: bool) -> str:
    """A Unicode string: its length in one byte or two, a flag for two-byte characters, the characters."""
    length = _u16(data, at) if wide else data[at]
    at += 2 if wide else 1
    double = data[at] & 1
    raw = data[at + 1 : at + 1 + length * (2 if double else 1)]
    return raw.decode("utf-16-le" if double else "latin-1", "replace")


def _u16(data: bytes | bytearray, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")


def _records(stream: bytearray, at: int) -> Iterator[tuple[int, int, int]]:
    """Records from an offset to the end of that part: kind, where the data starts, its size."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, size
        if kind == _EOF:
            return
        at += 4 + size
