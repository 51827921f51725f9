"""The looks of an xlsx sheet: a light read of its styles and of the cells that have such a style.

A sheet of 100,000 x 20 cells is a hundred megabytes of XML, so it is searched as bytes, block by
block, and never parsed. Where the first block is as nearly every program writes (``<c r="B2" …>``),
the rest is searched for the few cells of interest; any other sheet is taken apart tag by tag.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from importer.source.document import Document
from importer.source.faults import MAX_CELLS, MAX_ROWS, TooLargeError
from importer.source.looks import Looks
from importer.source.numberformat import Display, display_of

_BLOCK = 1 << 20
_SMALL = 64 << 20
"""Bytes that a part other than a sheet may have."""

_TAG = re.compile(rb"<(?:\w+:)?(row|c)((?:[\s/][^>]*)?)>")
_PREFIXED = re.compile(rb"<\w+:(?:worksheet|row|c)\b")
_ATTRIBUTE = re.compile(rb"([\w:]+)\s*=\s*[\"']([^\"']*)[\"']")
_PLACE = re.compile(rb"([A-Za-z]{1,7})(\d{1,10})")
_FAR = re.compile(rb'c r="([A-Za-z]{2,}\d|[A-Za-z]\d{7,})')
_VALUE = re.compile(rb"(?:\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?\s*<(?:\w+:)?v[^>]*>([^<]*)<")
_UNCOMPUTED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\s[^>]*/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*\bhidden\s*=\s*[\"'](?:1|true)[\"'][^>]*(?<!/)>")
_BUILT_IN = {"9": "0%", "10": "0.00%"}
"""The formats without a code in the file that are shown otherwise; ECMA-376 part 1, 18.8.30."""


class XlsxLooks:
    """The looks of any sheet of one workbook."""

    def __init__(self, document: Document) -> None:
        self._document = document
        with zipfile.ZipFile(document.open()) as archive:
            self._parts = _sheet_parts(archive)
            self._displays = _displays(archive)

    def of(self, sheet: str) -> Looks:
        """The looks of the sheet by that name.

        Raises:
            TooLargeError: The rectangle that its cells span is larger than calamine can hold.
        """
        part = self._parts[sheet]
        with zipfile.ZipFile(self._document.open()) as archive:
            scan = _Scan(self._displays)
            for block in _blocks(archive, part):
                scan.block(block)
            if scan.far:
                _measure(_blocks(archive, part))
        return scan.looks


def _xml(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    """A part of the package, parsed; an empty element where it is not there."""
    try:
        member = archive.getinfo(part)
    except KeyError:
        return ElementTree.Element("none")
    if member.file_size > _SMALL:
        raise ValueError(f"{part} is too large")
    return ElementTree.fromstring(archive.read(member))  # noqa: S314  expat limits what entities expand to


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet by its name."""
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in _xml(archive, "xl/_rels/workbook.xml.rels")
    }
    parts = {}
    for sheet in _xml(archive, "xl/workbook.xml").iterfind("{*}sheets/{*}sheet"):
        relation = next((value for key, value in sheet.items() if key.endswith("}id")), None)
        parts[sheet.get("name", "")] = located(archive, targets.get(relation, ""))
    return parts


def located(archive: zipfile.ZipFile, target: str) -> str:
    """The part that the workbook refers to as `target`: relative to its folder, in letters of either case."""
    path = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    return next((name for name in archive.namelist() if name.lower() == path.lower()), path)


def _displays(archive: zipfile.ZipFile) -> dict[bytes, Display]:
    """How numbers look, by the style number of their cell; only styles that matter."""
    styles = _xml(archive, "xl/styles.xml")
    codes = _BUILT_IN | {
        known.get("numFmtId", ""): known.get("formatCode", "")
        for known in styles.iterfind("{*}numFmts/{*}numFmt")
    }
    by_format = {number: display_of(code) for number, code in codes.items()}
    found = {}
    for number, style in enumerate(styles.iterfind("{*}cellXfs/{*}xf")):
        display = by_format.get(style.get("numFmtId", ""))
        if display is not None:
            found[b"%d" % number] = display
    return found


def _blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The part in pieces that end where a row does."""
    rest = b""
    with archive.open(part) as file:
        while read := file.read(_BLOCK):
            block = rest + read
            cut = block.rfind(b"row>") + 4
            if cut > 3:
                yield block[:cut]
            rest = block[cut:] if cut > 3 else block
    yield rest


class _Scan:
    """Goes through a sheet's blocks in order. `far` tells that some cell is far out."""

    def __init__(self, displays: Mapping[bytes, Display]) -> None:
        self.looks = Looks()
        self.far = False
        self._plain: bool | None = None
        self._displays = displays
        self._styled = re.compile(rb' s="(%s)"(?! ?/>)' % b"|".join(displays)) if displays else None
        self._row = 0
        self._column = -1

    def block(self, block: bytes) -> None:
        if self._plain is None:
            cells = block[block.find(b"<sheetData") :]
            self._plain = cells.count(b'<c r="') == cells.count(b"<c") and not _PREFIXED.search(block)
        (self._search if self._plain else self._take_apart)(block)
        if b"</f>" in block or not self._plain:
            empty = (found.start() for found in _UNCOMPUTED.finditer(block))
            self.looks.uncomputed += sum(1 for at in empty if not _is_text(block, at))
        if not self.looks.hidden_rows and (b'hidden="1"' in block or b'hidden="true"' in block):
            self.looks.hidden_rows = _HIDDEN_ROW.search(block) is not None

    def _search(self, block: bytes) -> None:
        """A block in which every cell is written ``<c r="…"``."""
        self.far = self.far or any(_is_far(place) for place in set(_FAR.findall(block)))
        at = -1
        while (at := block.find(b' t="e"', at + 1)) >= 0:
            self._tag_around(block, at)
        for found in self._styled.finditer(block) if self._styled else ():
            self._tag_around(block, found.start())
        last = _TAG.match(block, block.rfind(b'<c r="'))
        if last:
            self._place(dict(_ATTRIBUTE.findall(last[2])))

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

    def _place(self, attributes: Mapping[bytes, bytes]) -> None:
        self._row, self._column = _position(attributes.get(b"r", b"")) or (self._row, self._column + 1)
        self.far = self.far or self._column >= MAX_CELLS // MAX_ROWS or self._row > MAX_ROWS


def _position(place: bytes) -> tuple[int, int] | None:
    """``B7`` as row 7, column 1."""
    found = _PLACE.fullmatch(place)
    if not found:
        return None
    column = 0
    for letter in found[1].upper():
        column = column * 26 + letter - 64
    return int(found[2]), column - 1


def _is_far(place: bytes) -> bool:
    """Whether a place, its row perhaps cut short, is so far out that the whole sheet must be measured."""
    row, column = _position(place) or (0, 0)
    return column >= MAX_CELLS // MAX_ROWS or row > MAX_ROWS


def _is_text(block: bytes, at: int) -> bool:
    """Whether the formula that ends there was computed to text, which may be empty."""
    start = max(block.rfind(b"<c ", 0, at), block.rfind(b":c ", 0, at))
    tag = block[start : block.find(b">", start)]
    return b'"str"' in tag or b"'str'" in tag


def _measure(blocks: Iterator[bytes]) -> None:
    """Look at every cell, and refuse what spans too large a rectangle."""
    rows = columns = row = column = 0
    for block in blocks:
        for tag in _TAG.finditer(block):
            place = dict(_ATTRIBUTE.findall(tag[2])).get(b"r", b"")
            if tag[1] == b"row":
                row, column = int(place) if place.isdigit() else row + 1, -1
            elif not tag[2].endswith(b"/"):
                row, column = _position(place) or (row, column + 1)
                rows, columns = max(rows, row), max(columns, column + 1)
            else:
                column += 1
    if rows * columns > MAX_CELLS:
        raise TooLargeError(rows, columns)
