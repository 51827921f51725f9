"""The looks of an xlsx workbook: a light read of its styles, and a search through its sheets."""

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

from importer.source.document import Document
from importer.source.faults import MAX_CELL, MAX_TEXT, too_long, too_much_text
from importer.source.looks import Looks
from importer.source.numberformat import BUILT_IN, Display, display_of
from importer.source.xlsxscan import Scan, blocks, measure

_SMALL = 32 << 20
"""Bytes that a part other than a sheet or its texts may have."""

_FORMATS = 10_000
"""Excel has some 250."""

_SHORTEST_CELL = len('<c t="s"><v>0</v></c>')
_SHORT = 256
"""Bytes of a text that does no harm in however many cells."""

_TEXT_END = re.compile(rb"</(?:\w+:)?si>")
_SHARED = re.compile(rb't\s*+=\s*+["\']s["\'][^<>]*>\s*+<(?:\w+:)?v>\s*+(\d{1,9})\s*+<')


class XlsxLooks:
    """The looks of any sheet of one workbook."""

    def __init__(self, document: Document) -> None:
        self._document = document
        with zipfile.ZipFile(document.open()) as archive:
            workbook = xml(archive, "xl/workbook.xml")
            self._parts = sheet_parts(archive, workbook)
            self._displays = _displays(archive)
            self._longest = _longest_text(archive)
        calculation = workbook.find("{*}calcPr")
        self._stale = calculation is not None and calculation.get("fullCalcOnLoad") in ("1", "true")

    def of(self, sheet: str) -> Looks:
        """The looks of the sheet by that name.

        Raises:
            BeyondBoundsError: It is larger than calamine can hold.
        """
        part = self._parts[sheet]
        with zipfile.ZipFile(self._document.open()) as archive:
            if self._longest * (archive.getinfo(part).file_size // _SHORTEST_CELL) > MAX_TEXT:
                _count_text(archive, part, self._longest)
            scan = Scan(self._displays, stale=self._stale)
            for block in blocks(archive, part):
                scan.block(block)
            if scan.far:
                measure(blocks(archive, part))
        return scan.looks


def xml(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    """A part of the package, parsed; an empty element where it is not there."""
    try:
        member = archive.getinfo(part)
    except KeyError:
        return ElementTree.Element("none")
    if member.file_size > _SMALL:
        raise ValueError(f"{part} is too large")
    content = archive.read(member)
    if b"<!DOCTYPE" in content:
        raise ValueError(f"{part} defines entities")
    return ElementTree.fromstring(content)  # noqa: S314  no entities, and expat limits what they expand to


def sheet_parts(archive: zipfile.ZipFile, workbook: ElementTree.Element) -> dict[str, str]:
    """The part of each sheet by its name."""
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in xml(archive, "xl/_rels/workbook.xml.rels")
    }
    parts = {}
    find = locator(archive)
    for sheet in workbook.iterfind("{*}sheets/{*}sheet"):
        relation = next((value for key, value in sheet.items() if key.endswith("}id")), None)
        parts[sheet.get("name", "")] = find(targets.get(relation, ""))
    if len(set(parts.values())) < len(parts):
        raise ValueError("sheets that are the same part")
    return parts


def locator(archive: zipfile.ZipFile) -> Callable[[str], str]:
    """What finds the part that a workbook refers to: relative to its folder, in letters of either case."""
    names = {name.lower(): name for name in reversed(archive.namelist())}

    def find(target: str) -> str:
        path = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
        return names.get(path.lower(), path)

    return find


def _displays(archive: zipfile.ZipFile) -> dict[bytes, Display]:
    """How numbers look, by the style number of their cell; only styles that matter."""
    styles = xml(archive, "xl/styles.xml")
    formats = styles.findall("{*}numFmts/{*}numFmt")
    if len(formats) > _FORMATS:
        raise ValueError("more formats than any program has")
    codes = {str(number): code for number, code in BUILT_IN.items()}
    codes |= {known.get("numFmtId", ""): known.get("formatCode", "") for known in formats}
    by_format = {number: display_of(code) for number, code in codes.items()}
    found = {}
    for number, style in enumerate(styles.iterfind("{*}cellXfs/{*}xf")):
        display = by_format.get(style.get("numFmtId", ""))
        if display is not None:
            found[b"%d" % number] = display
    return found


def _longest_text(archive: zipfile.ZipFile) -> int:
    """Bytes of the longest text that cells share, or `_SHORT` where none is longer.

    Raises:
        BeyondBoundsError: It is longer than any spreadsheet program makes it.
    """
    return max((_longest_gap(block, b"</si>") for block in _text_blocks(archive)), default=0)


def _longest_gap(block: bytes, mark: bytes) -> int:
    """Bytes from one mark to the next, at most; found from places so close that a long gap holds one."""
    longest = _SHORT
    for place in range(_SHORT, len(block), _SHORT):
        after = block.find(mark, place)
        longest = max(longest, (after if after >= 0 else len(block)) - max(0, block.rfind(mark, 0, place)))
    return longest


def _text_blocks(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """The texts that cells share, in pieces that end where a text does."""
    part = locator(archive)("sharedStrings.xml")
    if part not in archive.namelist():
        return
    rest = b""
    with archive.open(part) as file:
        while read := file.read(1 << 20):
            block = rest + read
            cut = max(block.rfind(b"</si>"), block.rfind(b":si>")) + 5
            if cut > 4:
                yield block[:cut]
                block = block[cut:]
            rest = block
            if len(rest) > 8 * MAX_CELL:
                raise too_long()
    yield rest


def _count_text(archive: zipfile.ZipFile, part: str, longest: int) -> None:
    """Add up the texts of all cells, some being so long that together they may be too much."""
    sizes = [len(text) for block in _text_blocks(archive) for text in _TEXT_END.split(block)[:-1]]
    total = 0
    for block in blocks(archive, part):
        for index, times in Counter(_SHARED.findall(block)).items():
            total += times * (sizes[int(index)] if int(index) < len(sizes) else longest)
        if total > MAX_TEXT:
            raise too_much_text()
