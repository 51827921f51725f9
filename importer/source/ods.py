"""OpenDocument spreadsheets: each cell's value and the text that was shown stand side by side in the file.

Not calamine, which hands out values alone and loses errors, booleans and long times of this format.
And expat itself, since a tree of elements takes three times as long to build.

Format: OpenDocument 1.3 part 3, chapter 9 (tables).
"""

import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from importer.sheetformat import NOT_CALCULATED
from importer.source.document import Document
from importer.source.faults import (
    MAX_CELL,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_TEXT,
    encrypted,
    explained,
    too_long,
    too_much_text,
    too_wide,
)
from importer.source.looks import Looks
from importer.source.odscell import OFFICE, TABLE, TEXT, shown
from importer.source.odsrow import END, Attributes, PlainRows, has_usual_names
from importer.source.place import Span

_STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "
_COLUMNS, _COLUMNS_SPANNED = f"{TABLE}number-columns-repeated", f"{TABLE}number-columns-spanned"
_ROWS, _ROWS_SPANNED = f"{TABLE}number-rows-repeated", f"{TABLE}number-rows-spanned"
_VISIBILITY, _SPACES = f"{TABLE}visibility", f"{TEXT}c"

_BLOCK = 1 << 20
_LONGEST_ROW = 64 << 20
"""Bytes of XML."""

_LONG = 1000
"""Characters; shorter text needs no second look."""


@dataclass(slots=True)
class OdsSheet:
    """One sheet; rows that repeat are kept once."""

    width: int = 0
    next_row: int = 1
    looks: Looks = field(default_factory=Looks)
    _rows: list[tuple[int, int, tuple[str, ...]]] = field(default_factory=list)

    @property
    def merged(self) -> list[Span]:
        """The cells that are merged."""
        return self.looks.merged

    def notes(self, header: int, width: int) -> Iterator[str]:
        """What a person should know of the rows below the headings."""
        return self.looks.notes(header, width)

    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Rows by number; blank ones are left out."""
        for first, times, cells in self._rows:
            for number in range(first, first + times):
                yield number, cells

    def add(self, cells: list[str], times: int, *, hidden: bool) -> None:
        """Take in the next row, which may stand for many."""
        if cells:
            self._rows.append((self.next_row, times, tuple(cells)))
            self.width = max(self.width, len(cells))
            if hidden:
                self.looks.hidden_rows.append(self.next_row)
        self.next_row += times


@dataclass(slots=True)
class OdsBook:
    """A workbook that has been read to its end."""

    hidden: Mapping[str, int]
    _sheets: Mapping[str, OdsSheet]

    def sheet(self, name: str) -> OdsSheet:
        """The sheet by that name."""
        return self._sheets[name]

    def close(self) -> None:
        """Nothing is open."""


def open_ods(document: Document) -> OdsBook:
    """The workbook in the document.

    Raises:
        SourceError: It is damaged, or encrypted.
    """
    with explained(document.name), zipfile.ZipFile(document.open()) as archive:
        listed = "META-INF/manifest.xml" in archive.namelist()
        if listed and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise encrypted(document.name)
        with archive.open("content.xml") as content:
            return _Reader().read(content)


class _Reader:
    """What expat calls, element by element, and what it is in the middle of."""

    def __init__(self) -> None:
        self._sheets: dict[str, OdsSheet] = {}
        self._hidden: dict[str, int] = {}
        self._concealed: set[str] = set()
        self._style = ""
        self._table: Attributes = {}
        self._sheet = OdsSheet()
        self._row: Attributes = {}
        self._cells: list[str] = []
        self._stored = self._repeated = self._blank = self._column = 0
        self._repeats = False
        self._cell: Attributes = {}
        self._paragraphs: list[str] = []
        self._text: list[str] = []
        self._depth = self._cell_depth = 0
        self._aside: tuple[list[str], list[str]] = [], []
        self._plain = PlainRows()
        self._names: dict[str | None, str] = {}
        self._utf8, self._usual = True, False

    def read(self, content: IO[bytes]) -> OdsBook:
        """The workbook whose content this is.

        Raises:
            BeyondBoundsError: It is larger than can be held.
        """
        parser = self._parser()
        rest = b""
        while block := content.read(_BLOCK):
            *rows, rest = (rest + block).split(END)
            for row in rows:
                if not (self._usual and self._put_plain_row(row)):
                    parser.Parse(row + END)
            if len(rest) > _LONGEST_ROW:
                raise too_long(self._sheet.next_row)
        parser.Parse(rest, True)
        return OdsBook(self._hidden, self._sheets)

    def _parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._starter(), self._ender()
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = _refuse_entities
        parser.XmlDeclHandler = self._declared
        parser.StartNamespaceDeclHandler = self._named
        return parser

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self._utf8 = (encoding or "utf-8").lower() == "utf-8"

    def _named(self, prefix: str | None, name: str) -> None:
        self._names[prefix] = name
        self._usual = self._utf8 and has_usual_names(self._names)

    def _put_plain_row(self, row: bytes) -> bool:
        plain = self._plain.cells(row)
        if plain is None:
            return False
        attributes, cells = plain
        self._start_row(attributes)
        for cell, text in cells:
            self._put(cell, text)
        self._end_row()
        return True

    def _starter(self) -> Callable[[str, Attributes], None]:
        starts: Mapping[str, Callable[[Attributes], None]] = {
            f"{_STYLE}style": self._start_style,
            f"{_STYLE}table-properties": self._table_style,
            f"{TABLE}table": self._start_table,
            f"{TABLE}table-column": self._start_column,
            f"{TABLE}table-row": self._start_row,
            f"{TABLE}table-cell": self._start_cell,
            f"{TABLE}covered-table-cell": self._start_cell,
            f"{TEXT}p": self._start_paragraph,
            f"{TEXT}s": lambda spaces: self._text.append(" " * min(int(spaces.get(_SPACES, "1")), 1000)),
            f"{TEXT}tab": lambda _: self._text.append("\t"),
            f"{TEXT}line-break": lambda _: self._text.append("\n"),
            f"{OFFICE}annotation": self._start_remark,
        }

        def start(name: str, attributes: Attributes) -> None:
            self._depth += 1
            known = starts.get(name)
            if known is not None:
                known(attributes)

        return start

    def _ender(self) -> Callable[[str], None]:
        ends: Mapping[str, Callable[[], None]] = {
            f"{TABLE}tracked-changes": self._end_changes,
            f"{TABLE}table": self._end_table,
            f"{TABLE}table-row": self._end_row,
            f"{TABLE}table-cell": self._end_cell,
            f"{TABLE}covered-table-cell": self._end_covered,
            f"{TEXT}p": self._end_paragraph,
            f"{OFFICE}annotation": self._end_remark,
        }

        def end(name: str) -> None:
            known = ends.get(name)
            if known is not None:
                known()
            self._depth -= 1

        return end

    def _start_style(self, style: Attributes) -> None:
        self._style = style.get(f"{_STYLE}name", "")

    def _table_style(self, properties: Attributes) -> None:
        if properties.get(f"{TABLE}display") == "false":
            self._concealed.add(self._style)

    def _start_table(self, table: Attributes) -> None:
        self._table, self._sheet, self._column = table, OdsSheet(), 0

    def _end_table(self) -> None:
        name = self._table.get(f"{TABLE}name")
        if name is not None:
            self._sheets[name] = self._sheet
            self._hidden[name] = int(self._table.get(f"{TABLE}style-name") in self._concealed)

    def _end_changes(self) -> None:
        self._sheet = OdsSheet()  # what was deleted is kept before the sheets

    def _start_column(self, column: Attributes) -> None:
        times = min(int(column.get(_COLUMNS, "1")), MAX_COLUMNS)
        if column.get(_VISIBILITY, "visible") != "visible":
            self._sheet.looks.hidden_columns.extend(range(self._column, self._column + times))
        self._column += times

    def _start_row(self, row: Attributes) -> None:
        self._row, self._cells, self._blank, self._repeats = row, [], 0, False

    def _end_row(self) -> None:
        times = min(int(self._row.get(_ROWS, "1")), MAX_ROWS)
        sheet = self._sheet
        sheet.add(self._cells, times, hidden=self._row.get(_VISIBILITY, "visible") != "visible")
        self._stored += len(self._cells) * times
        if self._stored > MAX_CELLS or sheet.next_row > 2 * MAX_ROWS:
            raise too_wide(sheet.next_row, sheet.width)
        if times > 1 or self._repeats:
            self._repeated += times * sum(map(len, self._cells))
            if self._repeated > MAX_TEXT:
                raise too_much_text()

    def _start_cell(self, cell: Attributes) -> None:
        self._cell, self._cell_depth = cell, self._depth
        self._paragraphs.clear()

    def _end_cell(self) -> None:
        self._put(self._cell, "\n".join(self._paragraphs) if self._paragraphs else None)

    def _put(self, cell: Attributes, shown_text: str | None) -> None:
        """Take in a cell, which may stand for many."""
        text = shown(cell, shown_text) if cell or shown_text else ""
        times = min(int(cell[_COLUMNS]), MAX_COLUMNS) if _COLUMNS in cell else 1
        if not text:
            self._blank += times
            return
        if self._blank:
            self._cells.extend(("",) * self._blank)
            self._blank = 0
        if len(text) > _LONG or text == NOT_CALCULATED or _ROWS_SPANNED in cell:
            self._look(cell, text, times)
        if times == 1:
            self._cells.append(text)
        else:
            self._cells.extend((text,) * times)
            self._repeats = True

    def _look(self, cell: Attributes, text: str, times: int) -> None:
        """Note what is peculiar about a cell."""
        row, column, looks = self._sheet.next_row, len(self._cells), self._sheet.looks
        if len(text) > MAX_CELL:
            raise too_long(row)
        looks.uncomputed += text == NOT_CALCULATED
        if _ROWS_SPANNED in cell:
            down, right = int(cell[_ROWS_SPANNED]) - 1, int(cell.get(_COLUMNS_SPANNED, "1")) - 1
            looks.merged.append(Span(row, column, row + down, column + right))

    def _end_covered(self) -> None:
        self._blank += min(int(self._cell.get(_COLUMNS, "1")), MAX_COLUMNS)  # nobody sees what is in there

    def _start_paragraph(self, _: Attributes) -> None:
        if self._depth == self._cell_depth + 1:
            self._text.clear()

    def _end_paragraph(self) -> None:
        if self._depth == self._cell_depth + 1:
            self._paragraphs.append("".join(self._text))

    def _start_remark(self, _: Attributes) -> None:
        self._aside = self._text.copy(), self._paragraphs.copy()

    def _end_remark(self) -> None:
        self._text[:], self._paragraphs[:] = self._aside


def _refuse_entities(*_: object) -> None:
    raise ValueError("no spreadsheet program defines entities")
