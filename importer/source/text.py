"""Rows of a csv, tsv or txt file, streamed: exact text, ragged rows made even.

The standard library's reader and not pandas: it guesses no missing values, takes rows of any
length and is faster where every cell is to stay text. A first pass reads the file to its end, so
that what cannot be read is said before anything is sent, and so that the widest row is known.
"""

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from importer.errors import SourceError
from importer.rows import Row
from importer.source.columns import read_headings
from importer.source.encoding import blocks, find_encoding
from importer.source.header import LOOK_AT, filled_width, find_header, is_blank
from importer.source.model import ReadOptions, Source

MAX_CELL = 1_000_000
"""Characters. Excel holds 32,767 in a cell; what is longer here lacks a closing quote."""

MAX_LINE = 20_000_000
"""Characters in one line of the file."""

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_END = "\x00\x00"
_SAMPLE = 1 << 18


@dataclass(frozen=True, slots=True)
class _Format:
    """How the file is read. `skip` lines are no rows; `stamp` tells whether it is still the same file."""

    path: Path
    encoding: str
    delimiter: str
    skip: int
    stamp: tuple[int, ...]


def open_text(path: Path, options: ReadOptions, note: str) -> Source:
    """The text file at `path`; `note` is handed on.

    Raises:
        SourceError: It is not text in one encoding, breaks off inside quotes, or has no rows.
    """
    if options.sheet is not None:
        raise SourceError(f"{path.name} is text and has no sheets. Leave --sheet out.")
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))  # one limit for the whole process
    stamp = _stamp(path)
    encoding = find_encoding(path, options.encoding)
    delimiter, skip = _find_delimiter(path, encoding.name, options.delimiter)
    form = _Format(path, encoding.name, delimiter, skip, stamp)
    header = _header(form, options.header_row)
    headings = read_headings(header, _survey(form, header), is_text=True)
    guess = " (guessed; if names look wrong, give --encoding)" if encoding.guessed else ""
    notes = [note, f"encoding {encoding.label}{guess}, delimiter {_DELIMITERS.get(delimiter, delimiter)}"]
    if not encoding.name.startswith(("utf-16", "utf-32")) and any(b"\0" in block for block in blocks(path)):
        notes.append("NUL characters, which nobody sees, are left out")
    if header.number > 1:
        notes.append(f"header found in row {header.number}")
    return Source(
        path=path,
        columns=headings.columns,
        sheet="",
        header_row=header.number,
        is_text=True,
        notes=tuple(filter(None, notes)),
        settings=headings.settings,
        _read=lambda: headings.rows(_unchanged(form)),
    )


def _stamp(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _unchanged(form: _Format) -> Iterator[tuple[int, list[str]]]:
    """The records, and an error instead of another file's records under the same name."""
    try:
        if _stamp(form.path) == form.stamp:
            yield from _records(form)
        if _stamp(form.path) == form.stamp:
            return
    except (OSError, UnicodeError):
        pass
    raise SourceError(
        f"{form.path.name} was changed or removed while it was being read. Run the same command again."
    )


def _lines(form: _Format) -> Iterator[str]:
    """The file's lines with their ends, and one more that tells whether a quote was left open."""
    with form.path.open(encoding=form.encoding, newline="") as file:
        if file.read(1) != "\ufeff":
            file.seek(0)
        for _ in range(form.skip):
            file.readline()
        while line := file.readline(MAX_LINE):
            if len(line) == MAX_LINE:
                raise csv.Error("line too long")
            yield line.replace("\x00", "") if "\x00" in line else line
    yield _END


def _records(form: _Format) -> Iterator[tuple[int, list[str]]]:
    """Every record of the file with its number, blank ones included."""
    number = 0
    try:
        for cells in csv.reader(_lines(form), delimiter=form.delimiter):
            number += 1
            if cells and cells[-1].endswith(_END):
                if cells == [_END]:
                    return
                raise _unclosed(form, number)
            yield number, cells
    except csv.Error:
        raise _unclosed(form, number + 1) from None


def _unclosed(form: _Format, number: int) -> SourceError:
    return SourceError(
        f"{form.path.name}: in row {number} a quotation mark is opened and never closed, "
        f"or a cell is longer than {MAX_CELL:,} characters. Correct that row and save the file."
    )


def _header(form: _Format, asked: int | None) -> Row:
    rows: Iterator[Row] = (
        Row(number, tuple(cells)) for number, cells in _records(form) if not is_blank(cells)
    )
    if asked is not None:
        rows = itertools.dropwhile(lambda row: row.number < asked, rows)
    return find_header(list(itertools.islice(rows, LOOK_AT)), asked, form.path.name)


def _survey(form: _Format, header: Row) -> int:
    """How many columns hold something, headings included; reads the file to its end."""
    width = filled_width(header.cells)
    for number, cells in _records(form):
        if number > header.number and len(cells) > width:
            width = max(width, filled_width(cells))
    return width


def _find_delimiter(path: Path, encoding: str, asked: str | None) -> tuple[str, int]:
    """The delimiter, and how many lines come before the first row: Excel's own ``sep=;`` is none."""
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(_SAMPLE).lstrip("\ufeff")
    told = re.match(r"sep=(.)\r?\n?", sample, re.IGNORECASE)
    skip = 1 if told else 0
    if asked is not None:
        asked = {"tab": "\t", "\\t": "\t"}.get(asked.lower(), asked)
        if len(asked) != 1 or asked in '"\r\n\x00':
            raise SourceError(
                "--delimiter is one character: , ; | or the word tab. Leave it out to have it found."
            )
        return asked, skip
    if told:
        return told[1], skip
    if path.suffix.lower() == ".tsv" and "\t" in sample:
        return "\t", skip
    return max(_DELIMITERS, key=lambda delimiter: _fitness(sample, delimiter)), skip


def _fitness(sample: str, delimiter: str) -> tuple[float, float, bool, int]:
    """How well a delimiter explains the sample: in how many rows it occurs, and how evenly."""
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
            if not is_blank(row)
        ]
    except csv.Error:
        return 0, 0, False, 0
    rows = rows[:-1] if len(rows) > 1 and len(sample) == _SAMPLE else rows
    split = [row for row in rows if len(row) > 1]
    if not split:
        return 0, 0, False, 0
    usual, times = Counter(map(len, split)).most_common(1)[0]
    prose = sum(row[1].startswith(" ") for row in split) > len(split) / 2  # "Smith, John"
    return round(len(split) / len(rows), 2), round(times / len(rows), 1), not prose, usual
