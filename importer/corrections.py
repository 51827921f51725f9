"""Cells that a person corrected, kept apart from the sheet, whose bytes are never altered.

A small SQLite file: row and column of the sheet, and the text that stands there now.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from importer.errors import SettingsError
from importer.rows import Row
from importer.source import Source

SCHEMA = """
CREATE TABLE IF NOT EXISTS cells (
  row INTEGER NOT NULL, column INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (row, column)
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a cell says now. `row` is the sheet's number, `column` counts the source's columns from 0."""

    row: int
    column: int
    text: str = field(repr=False)


def keep_corrections(path: Path, corrections: Iterable[Correction]) -> None:
    """Add to the corrections in a file, all of them or none; made where there is none.

    Raises:
        SettingsError: It cannot be written; what was there before still holds.
    """
    # JSON, since a sheet may hold halves of characters that no database takes
    lines = [(each.row, each.column, json.dumps(each.text)) for each in corrections]
    with _opened(path) as database, database:
        database.executemany("INSERT OR REPLACE INTO cells VALUES (?, ?, ?)", lines)


def read_corrections(path: Path) -> Mapping[int, Mapping[int, str]]:
    """By row, then by column, what cells say now; nothing where there is no such file.

    Raises:
        SettingsError: It cannot be read.
    """
    if not path.exists():
        return {}
    found: dict[int, dict[int, str]] = {}
    with _opened(path) as database:
        for row, column, text in database.execute("SELECT * FROM cells"):
            found.setdefault(row, {})[column] = json.loads(text)
    return found


def corrected(source: Source, corrections: Mapping[int, Mapping[int, str]]) -> Source:
    """The source as it reads with corrections; as it is where there are none."""
    if not corrections:
        return source

    def rows() -> Iterator[Row]:
        for row in source.rows():
            own = corrections.get(row.number)
            yield row if own is None else corrected_row(row, own)

    return source.with_rows(rows)


def corrected_row(row: Row, texts: Mapping[int, str]) -> Row:
    """The row with other texts, by column. Columns that the sheet does not have are left out."""
    cells = (texts.get(column, text) for column, text in enumerate(row.cells))
    return replace(row, cells=tuple(cells))


@dataclass(frozen=True, slots=True)
class Replacement:
    """What to find in the cells of a column, and what to put there.

    With `whole` only cells that say nothing else count, without regard to letter case and to white space
    around them; an empty `find` then means empty cells. Else each occurrence counts, letter by letter.
    """

    find: str = field(repr=False)
    put: str = field(repr=False)
    whole: bool = True

    def of(self, text: str) -> str:
        """The text as it is afterwards."""
        if self.whole:
            return self.put if text.strip().casefold() == self.find.strip().casefold() else text
        return text.replace(self.find, self.put) if self.find else text


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(path)) as database:
            database.execute(SCHEMA)
            yield database
    except sqlite3.Error as error:
        raise SettingsError(f"The corrections in {path} cannot be kept or read: {error}.") from error
