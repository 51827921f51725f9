"""The values that reading a spreadsheet starts from and ends in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from importer.rows import Row
from importer.source.totals import LeftOut


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a person may say about a file; None lets the reader find out.

    `header_row` is the number the spreadsheet program shows; `encoding` any name Python knows;
    `delimiter` one character, or the word ``tab``.
    """

    sheet: str | None = None
    header_row: int | None = None
    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A spreadsheet that was found readable.

    `columns` are the headings as the sheet has them, blank and repeated ones included, one per
    column; `sheet` is "" for text. `settings` is what one of our results files carries; None for any
    other file, and where a person has removed them. `ours` are the columns it adds, by heading, with their
    positions from 0.
    """

    path: Path
    columns: tuple[str, ...]
    sheet: str
    header_row: int
    is_text: bool
    settings: Mapping[str, object] | None
    ours: Mapping[str, int]
    _found: tuple[str, ...] = field(repr=False)
    _left_out: LeftOut = field(repr=False, compare=False)
    _read: Callable[[], Iterator[Row]] = field(repr=False, compare=False)
    _read_ours: Callable[[], Iterator[tuple[int, Mapping[str, str]]]] = field(repr=False, compare=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found, in plain words, for the plan; what was left out once the rows were read."""
        return (*self._found, *self._left_out.notes())

    def with_rows(self, read: Callable[[], Iterator[Row]]) -> "Source":
        """The same with other rows, of which `read` gives all each time."""
        return replace(self, _read=read)

    def rows(self) -> Iterator[Row]:
        """The rows below the headings, in sheet order, blank ones and totals left out; as often as wanted.

        A text file is streamed from disk each time, in bounded memory.

        Raises:
            SourceError: The text file was changed since it was opened; or a cell of a workbook holds a
                time that is none.
        """
        return self._read()

    def our_cells(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        """The cells of the columns that a results file adds, by heading, with the number of their row.

        Raises as `rows` does.
        """
        return self._read_ours()
