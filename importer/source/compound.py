"""Compound files, the container of xls: one stream out of a file, and a sound file around one stream.

calamine follows the chains of a damaged container round in circles until memory ends. So the
stream is taken out here, with every chain bounded, and handed on in a container made anew.

Format: [MS-CFB].
"""

import struct
from collections.abc import Iterator

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_END, _FREE, _TABLE_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_NUMBERED = 0xFFFFFFFA
_SECTOR = 4096
_IN_HEADER = 109
"""Numbers of table sectors that the header holds."""


class CompoundFile:
    """The streams of a compound file by name."""

    def __init__(self, data: bytes) -> None:
        if not data.startswith(SIGNATURE) or _u16(data, 30) not in (9, 12):
            raise ValueError("no compound file")
        self._data = data
        self._size = 1 << _u16(data, 30)
        self._table = self._read_table()
        directory = self._chain(_u32(data, 48))
        self._entries: dict[str, tuple[int, int]] = {}
        for at in range(0, len(directory) - 127, 128):
            entry = directory[at : at + 128]
            name = entry[: max(0, _u16(entry, 64) - 2)][:64].decode("utf-16-le", "replace")
            self._entries.setdefault(name, (_u32(entry, 116), _u32(entry, 120)))
        start, size = next(iter(self._entries.values()), (_END, 0))
        self._small = self._chain(start)[:size]
        small_table = self._chain(_u32(data, 60))
        self._small_table = struct.unpack(
            f"<{len(small_table) // 4}I", small_table[: len(small_table) // 4 * 4]
        )

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def stream(self, name: str) -> bytes:
        """The bytes of a stream; KeyError where there is none."""
        start, size = self._entries[name]
        if size >= _u32(self._data, 56):
            return self._chain(start)[:size]
        numbers = _follow(self._small_table, start)
        return b"".join(self._small[number * 64 : number * 64 + 64] for number in numbers)[:size]

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(number) for number in _follow(self._table, start))

    def _sector(self, number: int) -> bytes:
        return self._data[(number + 1) * self._size : (number + 2) * self._size]

    def _read_table(self) -> tuple[int, ...]:
        """Which sector follows on which."""
        count = self._size // 4
        sectors = [_u32(self._data, 76 + 4 * i) for i in range(_IN_HEADER)]
        more = _u32(self._data, 68)
        while more < _NUMBERED and len(sectors) <= len(self._data) // self._size:
            numbers = struct.unpack(f"<{count}I", self._sector(more).ljust(self._size, b"\xff"))
            sectors.extend(numbers[:-1])
            more = numbers[-1]
        table = b"".join(self._sector(number) for number in sectors if number < _NUMBERED)
        return struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])


def wrapped(name: str, stream: bytes) -> bytes:
    """A compound file that holds this one stream."""
    filled = max(1, -(-len(stream) // _SECTOR))
    tables = 1
    while tables * (_SECTOR // 4) < tables + 2 + filled:
        tables += 1
    if tables > _IN_HEADER:
        raise ValueError("too long for one header")
    directory, root, first = tables, tables + 1, tables + 2
    numbers = [_TABLE_SECTOR] * tables + [_END, _END]
    numbers += [*range(first + 1, first + filled), _END]
    numbers += [_FREE] * (tables * (_SECTOR // 4) - len(numbers))
    header = SIGNATURE + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 4, 0xFFFE, 12, 6)
    header += struct.pack("<IIIIIIIII", 1, tables, directory, 0, _SECTOR, _END, 0, _END, 0)
    header += struct.pack(f"<{_IN_HEADER}I", *range(tables), *[_FREE] * (_IN_HEADER - tables))
    entries = _entry("Root Entry", 5, 1, root, 64) + _entry(name, 2, _FREE, first, max(len(stream), _SECTOR))
    return b"".join(
        (
            header.ljust(_SECTOR, b"\0"),
            struct.pack(f"<{len(numbers)}I", *numbers),
            entries.ljust(_SECTOR, b"\0"),
            bytes(_SECTOR),
            stream.ljust(filled * _SECTOR, b"\0"),
        )
    )


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    """A directory entry: a storage or stream with its first sector."""
    raw = name.encode("utf-16-le")
    return raw.ljust(64, b"\0") + struct.pack(
        "<HBBIII36xIQ", len(raw) + 2, kind, 1, _FREE, _FREE, child, start, size
    )


def _follow(table: tuple[int, ...], start: int) -> Iterator[int]:
    """The numbers of a chain; one that goes round in circles ends after as many as there are."""
    for _ in range(len(table)):
        if start >= len(table):
            return
        yield start
        start = table[start]


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
