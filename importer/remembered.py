"""Which rows of one source were sent, and as which customers, whatever is made of its cells later.

A small SQLite file, kept as long as its source is. With another mapping, other repairs or other corrections
a row may seem to be another customer: by its number it is still the one that was created.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from importer.errors import SettingsError
from importer.ledger import SENDING, Entry
from importer.rows import Status
from importer.staging import Staging

SCHEMA = """
CREATE TABLE IF NOT EXISTS sent (
  account TEXT NOT NULL, sheet TEXT NOT NULL, row INTEGER NOT NULL, identity TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT '', customer_id TEXT NOT NULL DEFAULT '', PRIMARY KEY (account, sheet, row)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (run TEXT PRIMARY KEY) WITHOUT ROWID;
"""

TOLD_STATUSES = frozenset({Status.CREATED, Status.EXISTS, Status.UNKNOWN})
"""Statuses with which a row is not sent as another customer."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The rows of one sheet that were sent for one account, in a file that need not be there yet."""

    path: Path
    account: str
    sheet: str

    def note_sending(self, staging: Staging, run: str) -> None:
        """Keep, before a run sends anything, as which customer each row is about to be.

        Raises:
            SettingsError: The file cannot be written, so nothing may be sent.
        """
        lines = [(self.account, self.sheet, row, identity) for row, identity in staging.customers()]
        with _opened(self.path) as database, database:
            database.execute("INSERT OR IGNORE INTO runs VALUES (?)", (run,))
            database.executemany(
                "INSERT OR REPLACE INTO sent (account, sheet, row, identity) VALUES (?, ?, ?, ?)", lines
            )

    def note_ended(self, staging: Staging) -> None:
        """Keep what became of the rows.

        Raises:
            SettingsError: The file cannot be written; the ledger knows all the same.
        """
        lines = (
            (each.status, each.customer_id, self.account, self.sheet, each.row) for each in staging.standing()
        )
        with _opened(self.path) as database, database:
            database.executemany(
                "UPDATE sent SET status = ?, customer_id = ? WHERE account = ? AND sheet = ? AND row = ?",
                lines,
            )

    def rows(self, known: Callable[[Sequence[str]], Mapping[str, Entry]]) -> Iterator[tuple[int, str, str]]:
        """(row, status, customer id) of each row that was sent; status "" where it may be sent once more.

        `created` are those that runs of this source made, and nobody else. What is `known` of a customer now
        comes before what was known when the run ended.

        Raises:
            SettingsError: The file cannot be read.
        """
        if not self.path.exists():
            return
        with _opened(self.path) as database:
            lines = database.execute(
                "SELECT row, identity, status, customer_id FROM sent WHERE account = ? AND sheet = ?",
                (self.account, self.sheet),
            ).fetchall()
            runs = frozenset(run for (run,) in database.execute("SELECT run FROM runs"))
        entries = known([identity for _, identity, _, _ in lines])
        for row, identity, status, customer_id in lines:
            entry = entries.get(identity)
            yield (row, *(_now(entry, runs) if entry else _then(status, customer_id)))


def _now(entry: Entry, runs: Collection[str]) -> tuple[str, str]:
    if entry.state in (SENDING, Status.UNKNOWN):
        return Status.UNKNOWN, ""
    if entry.state == Status.CREATED and entry.run in runs:
        return Status.CREATED, entry.customer_id
    there = entry.state in (Status.CREATED, Status.EXISTS)
    return (Status.EXISTS, entry.customer_id) if there else ("", "")


def _then(status: str, customer_id: str) -> tuple[str, str]:
    return (status, customer_id) if status in TOLD_STATUSES else ("", "")


def before_this(status: str) -> str:
    """A status of a results file as one of the runs to come: what was `created` before `exists` now."""
    return Status.EXISTS if status == Status.CREATED else status


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(path)) as database:
            database.executescript(SCHEMA)
            yield database
    except sqlite3.Error as error:
        raise SettingsError(f"What was sent cannot be kept in {path}, or read: {error}.") from error
