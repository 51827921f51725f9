"""Cells as SpreadsheetML: text that stays text, and comes back byte for byte. (pure)

openpyxl writes the workbook; only the rows of the one long sheet are written here. Measured side by
side on 100,000 rows of 29 columns, openpyxl's write-only loop takes three to five times as long, without
marking or linking a cell. It also cuts long text, refuses control characters and takes ``=1+1`` for a
formula.

What readers do with these cells (tried with openpyxl 3.1, calamine 0.9, LibreOffice 7): all three give
back leading blanks, tabs, line ends, `007` and `=1+1`. A control character is written as Excel writes
it, ``_x0001_`` (ECMA-376 part 1, 22.9.2.19); text that already looks so has its underscore escaped,
``_x005F_x0001_``. calamine and LibreOffice undo that, openpyxl does not. U+FFFE, U+FFFF and half a
surrogate pair are no characters in XML: they are escaped too, and come back as their escape. LibreOffice,
when it saves, turns CR LF inside a cell into LF, and writes a text like ``_x005F_x0041_`` unescaped.
"""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

from importer.results.columns import Layout

CELL_LIMIT = 32_767
"""Excel takes no longer text, counted in UTF-16 units (Microsoft, "Excel specifications and limits")."""

_ILLEGAL = r"\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_NOT_XML = re.compile(f"[{_ILLEGAL}]")
_ESCAPED = re.compile(f"_(?=x[0-9A-Fa-f]{{4}}_)|[{_ILLEGAL}]")
_MARKUP = re.compile(f"[&<>\r_{_ILLEGAL}]")
_FORMULA_LIKE = re.compile(r"[=@']|[+-](?![\d ().-]*\Z)")  # not +65 9123 4567


def escape(text: str) -> str:
    """`text` as the content of a ``<t>`` element."""
    if not _MARKUP.search(text):
        return text
    text = _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    # a bare carriage return would be read as a line feed
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def cut(text: str) -> str:
    """`text` if a cell holds it, else its beginning with a remark that it is not the whole."""
    if len(text) <= CELL_LIMIT // 2 or _units(text) <= CELL_LIMIT:
        return text
    remark = f" [cut here: the whole has {len(text):,} characters]"
    room = CELL_LIMIT - len(remark)
    kept = text[:room]
    while (over := _units(kept) - room) > 0:
        kept = kept[: -max(1, over // 2)]
    return kept + remark


def legible(text: str) -> str:
    """`text` for people alone, where openpyxl writes it: what XML cannot hold is shown as U+FFFD."""
    return _NOT_XML.sub("\ufffd", text)[: CELL_LIMIT // 2]


def _units(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)


@dataclass(frozen=True, slots=True)
class Styles:
    """Numbers of the cell styles in the workbook. The `guarded` ones have Excel's quote prefix."""

    text: int
    guarded: int
    fault: int
    fault_guarded: int
    doubt: int
    doubt_guarded: int
    number: int
    link: int
    their_heading: int
    our_heading: int


class RowWriter:
    """Turns values into ``<row>`` elements of one sheet, left to right, line by line."""

    def __init__(self, layout: Layout, styles: Styles) -> None:
        from openpyxl.utils import get_column_letter

        self._styles = styles
        self._theirs = len(layout.theirs)
        self._letters = [get_column_letter(n) for n in range(1, len(layout.headings) + 1)]
        self._starts = [f'<c r="{letter}' for letter in self._letters]

    def headings(self, headings: Sequence[str]) -> str:
        """The first line."""
        style = [self._styles.their_heading] * self._theirs
        style += [self._styles.our_heading] * (len(headings) - self._theirs)
        cells = (
            text_cell(f"{start}1", number, heading)
            for start, number, heading in zip(self._starts, style, headings, strict=True)
        )
        return f'<row r="1">{"".join(cells)}</row>'

    def place(self, line: int, position: int) -> str:
        """A cell by the name a spreadsheet program gives it; `position` from 0."""
        return f"{self._letters[position]}{line}"

    def row(
        self,
        line: int,
        values: Sequence[str | int],
        faulty: Container[int] = (),
        doubted: Container[int] = (),
        linked: Container[int] = (),
    ) -> str:
        """Line `line` with `values`; `faulty`, `doubted` and `linked` are 0-based positions in it."""
        parts = [f'<row r="{line}">']
        for position, value in enumerate(values):
            place = f"{self._starts[position]}{line}"
            if isinstance(value, int):
                parts.append(f'{place}" s="{self._styles.number}"><v>{value}</v></c>')
            elif value:
                parts.append(text_cell(place, self._style(value, position, faulty, doubted, linked), value))
            elif position in faulty:
                parts.append(f'{place}" s="{self._styles.fault}"/>')
        parts.append("</row>")
        return "".join(parts)

    def _style(
        self,
        text: str,
        position: int,
        faulty: Container[int],
        doubted: Container[int],
        linked: Container[int],
    ) -> int:
        if position in linked:
            return self._styles.link
        guarded = _FORMULA_LIKE.match(text) is not None
        if position in faulty:
            return self._styles.fault_guarded if guarded else self._styles.fault
        if position in doubted:
            return self._styles.doubt_guarded if guarded else self._styles.doubt
        return self._styles.guarded if guarded else self._styles.text


def text_cell(start: str, style: int, text: str) -> str:
    """A cell of text; `start` is its beginning, up to its place: ``<c r="B7``."""
    return f'{start}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
