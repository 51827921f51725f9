"""Rows of a csv, tsv or txt file, streamed: exact text, ragged rows made even.

The standard library's reader and not pandas: it guesses no missing values, takes rows of any
length and is faster where every cell is to stay text. A first pass reads the file to its end, so
that what cannot be read is said before anything is sent, and so that the widest row is known.
"""

import csv
import io
import itertools
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from importer.errors import SourceError
from importer.rows import Row
from importer.source.columns import read_headings
from importer.source.dialect import Dialect, find_dialect
from importer.source.document import BLOCK, Document, changed, steady
from importer.source.encoding import find_encoding
from importer.source.faults import MAX_CELL, MAX_CELLS, MAX_COLUMNS
from importer.source.header import filled_width, find_header, first_rows
from importer.source.model import ReadOptions, Source
from importer.source.totals import LeftOut

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_RECORD = 8_000_000
"""Bytes of one record, which may have many lines."""

_WIDE = 1000
"""Columns; with fewer, a file may have any number of rows."""

_END = "\x00\x00"
_SAMPLE = 1 << 18


def open_text(document: Document, options: ReadOptions, *notes: str) -> Source:
    """The text file; `notes` are handed on.

    Raises:
        SourceError: It is not text in one encoding, breaks off inside quotes, or has no rows.
    """
    if options.sheet is not None:
        raise SourceError(f"{document.name} is text and has no sheets. Leave --sheet out.")
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))  # one limit for the whole process
    with steady(document.name):
        encoding = find_encoding(document, options.encoding)
        dialect = dialect_of(document, encoding.name, options.delimiter)
        wide = encoding.name.startswith(("utf-16", "utf-32"))
        has_nul = wide or _holds(document, "\0")
        has_quotes = wide or _holds(document, dialect.quote)
    table = _Table(document, encoding.name, dialect, has_nul, has_quotes)
    header = _header(table, options.header_row)
    survey = _survey(table, header)
    headings = read_headings(header, survey.width, is_text=True)
    guess = " (guessed; if names look wrong, give --encoding)" if encoding.guessed else ""
    told = [f"encoding {encoding.label}{guess}, {dialect}"]
    if has_nul and not wide:
        told.append("NUL characters, which nobody sees, are left out")
    if header.number > 1:
        told.append(f"header found in row {header.number}")
    left_out = LeftOut()
    return Source(
        path=document.path,
        columns=headings.columns,
        sheet="",
        header_row=header.number,
        is_text=True,
        settings=headings.settings,
        ours=headings.ours,
        _found=tuple(filter(None, (*notes, *told))),
        _left_out=left_out,
        _read=lambda: headings.rows(_unchanged(table, survey.checksum), left_out),
        _read_ours=lambda: headings.our_cells(_unchanged(table, survey.checksum)),
    )


def _holds(document: Document, character: str) -> bool:
    """Whether an ASCII character is in it, in an encoding that has it as one byte."""
    return any(character.encode() in block for block in document.blocks())


class _Watched(io.RawIOBase):
    """A file that keeps the checksum of what was read, and stops a record without end.

    Whoever reads it counts the records: `number`.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._before, self._size = -1, 0
        self.number = 0
        self.checksum = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        block = self._file.read(len(memoryview(buffer)))
        memoryview(buffer)[: len(block)] = block
        self.checksum = zlib.crc32(block, self.checksum)
        self._size = len(block) + self._size * (self._before == self.number)
        self._before = self.number
        if self._size > MAX_RECORD + 2 * BLOCK:
            raise csv.Error("record too long")
        return len(block)

    def close(self) -> None:
        self._file.close()
        super().close()


MOST_LINES = 1000
"""A cell of more lines is not looked at again for how it ends."""


@dataclass(frozen=True, slots=True)
class _Table:
    """How the document is read. Without quotation marks each of its lines is a record."""

    document: Document
    encoding: str
    dialect: Dialect
    has_nul: bool
    has_quotes: bool

    def open(self) -> _Watched:
        """The document from its first byte."""
        with steady(self.document.name):
            return _Watched(self.document.open())

    @contextmanager
    def lines(self, file: _Watched) -> Iterator[Iterable[str]]:
        """The lines with their ends, of which `file` keeps how many records were read."""
        text = io.TextIOWrapper(io.BufferedReader(file, BLOCK), self.encoding, newline="")
        try:
            with steady(self.document.name), text:
                first = text.readline().removeprefix("\ufeff")
                lines: Iterable[str] = itertools.chain((first,) if self.dialect.skip == 0 else (), text)
                if self.has_nul:
                    lines = (line.replace("\0", "") for line in lines)
                yield lines
        except csv.Error:
            raise _unclosed(self.document.name, file.number + 1) from None

    def records(self, file: _Watched) -> Iterator[tuple[int, list[str]]]:
        """Every record with its number, blank ones included."""
        with self.lines(file) as lines:
            if self.has_quotes:
                yield from self._quoted_records(file, lines)
                return
            for number, cells in enumerate(self.dialect.records(lines), 1):
                file.number = number
                yield number, cells

    def _quoted_records(self, file: _Watched, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        kept: list[str] = []
        # one more line tells whether a quotation mark was left open
        records = self.dialect.records(_keeping(itertools.chain(lines, (_END,)), kept))
        before = next(records)
        file.number = 1
        for number, cells in enumerate(records, 1):
            file.number = number + 1
            yield number, before
            before = cells
            if 1 < len(kept) <= MOST_LINES and not self._well_quoted(kept):
                raise _unclosed(self.document.name, file.number)
            kept.clear()
        if before != [_END]:
            raise _unclosed(self.document.name, file.number)

    def _well_quoted(self, lines: Sequence[str]) -> bool:
        """Whether no quotation mark of a record on several lines was closed by the next one's."""
        try:
            return len(list(self.dialect.records(lines, strict=True))) > 0
        except csv.Error:
            return False


def _keeping(lines: Iterable[str], kept: list[str]) -> Iterator[str]:
    """`lines`, the first of each record put into `kept` as well."""
    for line in lines:
        if len(kept) <= MOST_LINES:
            kept.append(line)
        yield line


def _unchanged(table: _Table, checksum: int) -> Iterator[tuple[int, list[str]]]:
    """The records, and an error instead of another file's records under the same name."""
    if not table.document.changed:
        file = table.open()
        yield from table.records(file)
        if file.checksum == checksum and not table.document.changed:
            return
    raise changed(table.document.name)


def _unclosed(name: str, number: int) -> SourceError:
    return SourceError(
        f"{name}: in row {number} a quotation mark is opened and never closed, "
        f"or a cell is longer than {MAX_CELL:,} characters. Correct that row and save the file."
    )


def dialect_of(document: Document, encoding: str, asked: str | None) -> Dialect:
    """How the lines of a text file in that encoding become cells."""
    with io.TextIOWrapper(document.open(), encoding, newline="") as text:
        sample = text.read(_SAMPLE)
        whole = not text.read(1)
    return find_dialect(sample.lstrip("\ufeff"), asked, whole=whole, tabs=document.suffix == ".tsv")


def _header(table: _Table, asked: int | None) -> Row:
    rows = first_rows(table.records(table.open()), asked)
    return find_header(rows, asked, table.document.name)


@dataclass(frozen=True, slots=True)
class _Survey:
    """What is known once the file was read to its end. `width` is in columns that hold something."""

    width: int
    checksum: int


def _survey(table: _Table, header: Row) -> _Survey:
    file = table.open()
    number, width = (_measured if table.has_quotes else _measured_by_line)(table, file, header)
    if width > MAX_COLUMNS or (width > _WIDE and width * number > MAX_CELLS):
        raise SourceError(
            f"{table.document.name} has {number:,} rows of up to {width:,} columns, more than a spreadsheet "
            "program shows. Delete what stands far out; or say how columns are divided with --delimiter."
        )
    return _Survey(width, file.checksum)


def _measured(table: _Table, file: _Watched, header: Row) -> tuple[int, int]:
    """How many records there are, and how wide the widest from the headings on is."""
    number, width = 0, filled_width(header.cells)
    for number, cells in table.records(file):
        if number > header.number and len(cells) > width:
            width = max(width, filled_width(cells))
    return number, width


def _measured_by_line(table: _Table, file: _Watched, header: Row) -> tuple[int, int]:
    """The same where each line is a record: only those with more delimiters than others are taken apart."""
    number, width, delimiter = 0, filled_width(header.cells), table.dialect.delimiter
    with table.lines(file) as lines:
        for number, line in enumerate(lines, 1):
            if line.count(delimiter) >= width or len(line) > MAX_CELL:
                [cells] = table.dialect.records([line])
                width = max(width, filled_width(cells)) if number > header.number else width
            file.number = number
    return number, width
