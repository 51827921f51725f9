"""The looks of an xls sheet: number formats and error cells, read beside calamine's values.

Formats: [MS-CFB] for the container, [MS-XLS] for the records within (BIFF8, Excel 97 to 2003).
"""

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from importer.source.looks import Looks
from importer.source.numberformat import Display, display_of

_BOF, _EOF, _BOUNDSHEET, _FORMAT, _XF = 0x809, 0x0A, 0x85, 0x41E, 0xE0
_NUMBER, _RK, _MULRK, _FORMULA, _BOOLERR, _ROW = 0x203, 0x27E, 0xBD, 0x06, 0x205, 0x208
_BIFF8 = 0x600

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!",
    0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip
"""[MS-XLS] 2.5.10, the same in [MS-XLSB] 2.5.97.2."""

BUILT_IN = {9: "0%", 10: "0.00%"}
"""Formats without a code in the file that are shown otherwise than their number."""


class XlsLooks:
    """The looks of any sheet of one workbook; of none where the workbook is older than Excel 97."""

    def __init__(self, path: Path) -> None:
        self._stream = _stream(path.read_bytes(), "Workbook")
        self._sheets: dict[str, int] = {}
        self._displays: dict[int, Display] = {}
        codes: dict[int, str] = dict(BUILT_IN)
        styles: list[int] = []
        for kind, data in _records(self._stream, 0):
            if kind == _BOF and _u16(data, 0) != _BIFF8:
                return
            if kind == _FORMAT:
                codes[_u16(data, 0)] = _text(data, 2, wide=True)
            elif kind == _XF:
                styles.append(_u16(data, 2))
            elif kind == _BOUNDSHEET:
                self._sheets[_text(data, 6, wide=False)] = struct.unpack_from("<I", data)[0]
        self._displays = displays(codes, styles)

    def of(self, sheet: str) -> Looks:
        """The looks of the sheet by that name."""
        looks = Looks()
        if sheet in self._sheets:
            for kind, data in _records(self._stream, self._sheets[sheet]):
                _look(looks, self._displays, kind, data)
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
    """One record of a sheet."""
    if kind == _ROW:
        looks.hidden_rows = looks.hidden_rows or bool(data[12] & 0x20)
        return
    if kind not in (_NUMBER, _RK, _MULRK, _FORMULA, _BOOLERR):
        return
    row, column, style = struct.unpack_from("<HHH", data)
    if kind == _BOOLERR and data[7]:
        looks.mark(row + 1, column, ERRORS.get(data[6], "#ERROR"))
    elif kind == _FORMULA and data[12:14] == b"\xff\xff":
        if data[6] == 2:
            looks.mark(row + 1, column, ERRORS.get(data[8], "#ERROR"))
    elif kind == _MULRK:
        for at in range((len(data) - 6) // 6):
            style = _u16(data, 4 + 6 * at)
            if style in shown:
                looks.mark(row + 1, column + at, shown[style])
    elif style in shown and kind != _BOOLERR:
        looks.mark(row + 1, column, shown[style])


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")


def _text(data: bytes, at: int, *, wide: bool) -> str:
    """A Unicode string: its length in one byte or two, a flag for two-byte characters, the characters."""
    length = _u16(data, at) if wide else data[at]
    at += 2 if wide else 1
    double = data[at] & 1
    raw = data[at + 1 : at + 1 + length * (2 if double else 1)]
    return raw.decode("utf-16-le" if double else "latin-1", "replace")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Records from an offset to the end of that substream."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        if kind == _EOF:
            return
        at += 4 + size


def _stream(data: bytes, name: str) -> bytes:
    """One stream of a compound file; nothing where it is not there."""
    sector = 1 << _u16(data, 30)
    table = _sectors(data, sector)
    directory = b"".join(_chain(data, table, _u32(data, 48), sector))
    for at in range(0, len(directory) - 127, 128):
        entry = directory[at : at + 128]
        if entry[: max(0, _u16(entry, 64) - 2)].decode("utf-16-le", "replace").casefold() == name.casefold():
            start, size = _u32(entry, 116), _u32(entry, 120)
            if size < _u32(data, 56):
                return b""  # so small a stream holds no sheet
            return b"".join(_chain(data, table, start, sector))[:size]
    return b""


def _sectors(data: bytes, sector: int) -> list[int]:
    """Which sector follows on which."""
    tables = [_u32(data, 76 + 4 * i) for i in range(109)]
    more = _u32(data, 68)
    while more < 0xFFFFFFFA and len(tables) < len(data) // sector:
        block = data[(more + 1) * sector : (more + 2) * sector]
        numbers = struct.unpack(f"<{sector // 4}I", block.ljust(sector, b"\xff"))
        tables.extend(numbers[:-1])
        more = numbers[-1]
    found: list[int] = []
    for number in tables:
        if number < 0xFFFFFFFA:
            block = data[(number + 1) * sector : (number + 2) * sector]
            found.extend(struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4]))
    return found


def _chain(data: bytes, table: list[int], start: int, sector: int) -> Iterator[bytes]:
    """The sectors of a stream in order; ends where the table goes round in circles."""
    for _ in range(len(table)):
        if start >= len(table):
            return
        yield data[(start + 1) * sector : (start + 2) * sector]
        start = table[start]


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
