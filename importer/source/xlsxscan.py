"""A light look at the cells of an xlsx sheet: which have a style, an error, or a formula without result.

A sheet of 100,000 x 20 cells is a hundred megabytes of XML, so it is searched as bytes, block by
block, and never parsed. A block as nearly every program writes it (``<c r="B2" s="1" t="n">``) is
searched for the few cells of interest; any other is taken apart tag by tag.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping

from importer.source.faults import MAX_CELL, MAX_CELLS, MAX_COLUMNS, BeyondBoundsError, too_long, too_wide
from importer.source.looks import Looks
from importer.source.numberformat import Display

_BLOCK = 1 << 20
_LONGEST_ROW = 64 << 20
"""Bytes of XML."""

_FAR = MAX_CELLS // 1_050_000
"""Columns; what is left of them fits in memory with as many rows as a sheet has."""

_FEW = 12
"""Styles; more are found faster by looking at all numbers."""

_TAG = re.compile(rb"<(?:\w+:)?(row|c)((?:[\s/][^<>]*)?)>")
_ATTRIBUTE = re.compile(rb"\s([\w:]{1,40})\s*+=\s*+[\"']([^\"']*)[\"']")
_PLACE = re.compile(rb"([A-Za-z]{1,7})(\d{1,10})")
_VALUE = re.compile(rb"(?:\s*+<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>))?\s*+<(?:\w+:)?v[^<>]*>([^<]*)<")
_ODD = re.compile(rb'<c\b(?! r="[A-Z](?:\d{1,6}|10[0-4]\d{4})")(?: r="([A-Z]+)(?:\d{1,6}|10[0-4]\d{4})")?')
"""Cells that are not plain, and the letters of those that are but stand right of column Z."""

_ROWS = re.compile(rb'<c r="[A-Z]+(\d+)"')
_NO_RESULT = (
    rb"\s*+<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*+(?:<(?:\w+:)?v\s*+/>|<(?:\w+:)?v>\s*+%s\s*+</(?:\w+:)?v>)?\s*+</(?:\w+:)?c>"
)
_PLAIN_NO_RESULT = (rb"</f>(?:<v>%s</v>|<v ?/>)?</c>", rb"<f(?: [^<>]*)?/>(?:<v>%s</v>|<v ?/>)?</c>")
_ROW_OR_COLUMN = re.compile(rb"<(?:\w+:)?(row|col)(\s[^<>]{0,1000}hidden[^<>]{0,1000}+)>")


class Scan:
    """Goes through a sheet's blocks in order. `far` tells that some cell may be far out.

    With `stale`, the workbook asks to be calculated when it is opened: a formula with the result 0 was
    written by a program that cannot calculate.
    """

    def __init__(self, displays: Mapping[bytes, Display], *, stale: bool) -> None:
        self.looks = Looks()
        self.far = False
        self._displays = displays
        styles = b"|".join(displays) if len(displays) <= _FEW else rb"\d+"
        self._styled = re.compile(rb'" s="(%s)"(?: t="n")?>' % styles) if displays else None
        zero = b"0?" if stale else b""
        self._no_result = re.compile(_NO_RESULT % zero)
        self._plain_no_result = [re.compile(pattern % zero) for pattern in _PLAIN_NO_RESULT]
        self._columns: dict[bytes, int] = {}
        self._hidden: bytes | None = None
        self._row = 0
        self._column = -1

    def block(self, block: bytes) -> None:
        """Take in the next block, which ends where a row ends."""
        odd = _odd(block)
        self.far = self.far or any(not name or column_of(name) >= _FAR for name in odd)
        plain = b"" not in odd
        (self._search if plain else self._take_apart)(block)
        if self._hidden is None and b"hidden=" in block:
            self._hidden = b'hidden="true"' if b'hidden="false"' in block else b"hidden="
        if self._hidden is not None and self._hidden in block:
            self._find_hidden(block)

    def _search(self, block: bytes) -> None:
        """A block in which every cell is written ``<c r="…"``."""
        at = -1
        while (at := block.find(b' t="e"', at + 1)) >= 0:
            self._tag_around(block, at)
        if self._styled is not None:
            self._find_styled(block, self._styled)
        if b"<f" in block:
            for pattern in self._plain_no_result:
                self._find_no_result(block, pattern)
        last = _TAG.match(block, block.rfind(b'<c r="'))
        if last:
            self._place(dict(_ATTRIBUTE.findall(last[2])))

    def _find_styled(self, block: bytes, styled: re.Pattern[bytes]) -> None:
        displays, columns, mark = self._displays, self._columns, self.looks.mark
        for found in styled.finditer(block):
            start = found.start()
            _, tag, place = block[start - 16 : start].rpartition(b'<c r="')
            if not tag:
                self._tag_around(block, start)
                continue
            display = displays.get(found[1])
            if display is not None:
                name = place.rstrip(b"0123456789")
                column = columns.get(name)
                if column is None:
                    column = columns[name] = column_of(name)
                mark(int(place[len(name) :]), column, display)

    def _tag_around(self, block: bytes, at: int) -> None:
        tag = _TAG.match(block, block.rfind(b"<", 0, at))
        if tag and tag[1] == b"c":
            self._cell(block, tag)

    def _take_apart(self, block: bytes) -> None:
        """Any other block: tag by tag, counting where cells do not say where they are."""
        for tag in _TAG.finditer(block):
            if tag[1] == b"c":
                self._cell(block, tag)
                continue
            number = dict(_ATTRIBUTE.findall(tag[2])).get(b"r", b"")
            self._row = int(number) if number.isdigit() else self._row + 1
            self._column = -1

    def _cell(self, block: bytes, tag: re.Match[bytes]) -> None:
        attributes = dict(_ATTRIBUTE.findall(tag[2]))
        self._place(attributes)
        kind = attributes.get(b"t", b"n")
        if kind == b"e":
            value = _VALUE.match(block, tag.end())
            if value:
                self.looks.mark(self._row, self._column, value[1].decode("utf-8", "replace"))
        elif kind == b"n" and not tag[2].endswith(b"/"):
            display = self._displays.get(attributes.get(b"s", b""))
            if display is not None:
                self.looks.mark(self._row, self._column, display)
        if kind != b"str" and self._no_result.match(block, tag.end()):
            self.looks.not_calculated(self._row, self._column)

    def _place(self, attributes: Mapping[bytes, bytes]) -> None:
        self._row, self._column = _place_of(attributes, self._row, self._column + 1)

    def _find_no_result(self, block: bytes, pattern: re.Pattern[bytes]) -> None:
        for found in pattern.finditer(block):
            start = block.rfind(b"<c ", 0, found.start())
            attributes = dict(_ATTRIBUTE.findall(block[start : block.find(b">", start)]))
            place = position(attributes.get(b"r", b""))
            if place and attributes.get(b"t") != b"str":  # that was calculated, to no text
                self.looks.not_calculated(*place)

    def _find_hidden(self, block: bytes) -> None:
        for what, text in _ROW_OR_COLUMN.findall(block):
            told = dict(_ATTRIBUTE.findall(text))
            if told.get(b"hidden") not in (b"1", b"true"):
                continue
            if what == b"row":
                if not text.endswith(b"/"):  # without cells
                    self.looks.hidden_rows.append(int(told.get(b"r", b"0")))
            else:
                first, last = int(told.get(b"min", b"1")) - 1, int(told.get(b"max", b"0"))
                self.looks.hidden_columns.extend(range(first, min(last, MAX_COLUMNS)))


def _odd(block: bytes) -> set[bytes]:
    """The columns, by name, of cells that are not plain; b"" for cells that are written otherwise."""
    prefixed = b":" in block and (b":c " in block or b":c>" in block)  # one letter is found ten times as fast
    return {b""} if prefixed else set(_ODD.findall(block))


def _place_of(attributes: Mapping[bytes, bytes], row: int, column: int) -> tuple[int, int]:
    """Where a cell says that it is; there where it is expected if it says nothing."""
    if b"r" not in attributes:
        return row, column
    place = position(attributes[b"r"])
    if place is None:
        raise ValueError("no place in a sheet")
    return place


def position(place: bytes) -> tuple[int, int] | None:
    """``B7`` as row 7, column 1."""
    found = _PLACE.fullmatch(place)
    return (int(found[2]), column_of(found[1])) if found else None


def column_of(name: bytes) -> int:
    """``B`` as 1."""
    column = 0
    for letter in name.upper():
        column = column * 26 + letter - 64
    return column - 1


def blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The sheet in pieces that end before a row.

    Raises:
        BeyondBoundsError: A row, or a cell, is longer than any spreadsheet program makes it.
    """
    rest: list[bytes] = []
    size = 0
    with archive.open(part) as file:
        while read := file.read(_BLOCK):
            cut = read.rfind(b"<row")
            if cut < 0:
                cut = read.rfind(b"<", 0, max(0, read.rfind(b":row")))
            size += len(read)
            if cut >= 0:
                yield _checked(b"".join((*rest, read[:cut])))
                rest, size = [read[cut:]], len(read) - cut
            else:
                rest.append(read)
            if size > _LONGEST_ROW:
                raise BeyondBoundsError("has a row without end. Save the sheet as CSV and look at it.")
    yield _checked(b"".join(rest))


def _checked(block: bytes) -> bytes:
    if len(block) > 2 * _BLOCK:
        at = 0
        for cell in re.split(rb"</(?:\w+:)?c>", block):
            if len(cell) > 4 * MAX_CELL:
                found = re.search(rb'\br=["\'][A-Za-z]+(\d+)', block[at : at + 1000])
                raise too_long(int(found[1]) if found else None)
            at += len(cell)
    return block


def measure(pieces: Iterator[bytes]) -> None:
    """Look at the place of every cell.

    Raises:
        BeyondBoundsError: They span a larger rectangle than can be held.
    """
    rows = columns = row = column = 0
    for block in pieces:
        odd = _odd(block)
        if b"" not in odd:
            found = [int(number) for number in set(_ROWS.findall(block))]
            rows, columns = max([rows, *found]), max([columns, 26, *(column_of(name) + 1 for name in odd)])
            row = max(row, *found) if found else row
            continue
        for tag in _TAG.finditer(block):
            attributes = dict(_ATTRIBUTE.findall(tag[2]))
            if tag[1] == b"row":
                number = attributes.get(b"r", b"")
                row, column = int(number) if number.isdigit() else row + 1, -1
                continue
            row, column = _place_of(attributes, row, column + 1)
            if not tag[2].endswith(b"/"):
                rows, columns = max(rows, row), max(columns, column + 1)
    if rows * columns > MAX_CELLS:
        raise too_wide(rows, columns)
