"""Rows of an OpenDocument spreadsheet as nearly every program writes them, found by their bytes (pure).

Three in four of the seconds that a large sheet takes go into handing over one element after the other.
A row in which each cell is one tag, or one paragraph without markup, does not need that.
"""

import re
from collections.abc import Mapping

from importer.source.odscell import CALC, OFFICE, TABLE, TEXT

END = b"</table:table-row>"
_START = b"<table:table-row"
_CELL = re.compile(rb"<table:table-cell([^<>]*)>(?:<text:p>([^<]*)</text:p></table:table-cell>)?")
_ATTRIBUTE = re.compile(r' (table|office|calcext|text):([a-z-]+)="([^"<]*)"')
_ATTRIBUTES = re.compile(rf"(?:{_ATTRIBUTE.pattern.replace('(', '(?:')})*")
_NAMESPACES = {"table": TABLE, "office": OFFICE, "calcext": CALC, "text": TEXT}
_REMEMBERED = 20_000

Attributes = dict[str, str]


class PlainRows:
    """Takes rows apart that need no parser. What attributes stand for is remembered."""

    def __init__(self) -> None:
        self._known: dict[bytes, Attributes] = {}

    def cells(self, row: bytes) -> tuple[Attributes, list[tuple[Attributes, str | None]]] | None:
        """Of a row up to its end tag: its attributes, and those of each cell with its text.

        The text is None where a cell has no paragraph. None instead of all if the row needs a parser.
        """
        if not row.startswith(_START) or b"&" in row:
            return None
        start = row.find(b">") + 1
        found = _CELL.findall(row, start)
        closed = row.count(b"/>", start)
        paragraphs = row.count(b"<text:p>", start)
        if row.count(b"<", start) != closed + 4 * paragraphs or len(found) != closed + paragraphs:
            return None
        try:
            attributes = self._attributes(row[len(_START) : start - 1])
            return attributes, [
                (self._attributes(each), None if each.endswith(b"/") else text.decode())
                for each, text in found
            ]
        except ValueError:
            return None

    def _attributes(self, text: bytes) -> Attributes:
        known = self._known.get(text)
        if known is None:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            known = self._known[text] = parse_attributes(text.decode().removesuffix("/"))
        return known


def parse_attributes(text: str) -> Attributes:
    """Attributes by their full names. Raises ValueError for any that are written in another way."""
    if not _ATTRIBUTES.fullmatch(text):
        raise ValueError("other than plain attributes")
    return {_NAMESPACES[prefix] + name: value for prefix, name, value in _ATTRIBUTE.findall(text)}


def has_usual_names(namespaces: Mapping[str | None, str]) -> bool:
    """Whether a document's prefixes mean what they mean everywhere."""
    needed = {"table": TABLE, "office": OFFICE, "text": TEXT}
    return (
        all(namespaces.get(prefix) == name.strip() for prefix, name in needed.items())
        and namespaces.get("calcext", CALC.strip()) == CALC.strip()
    )
