"""The rows of one run and where each stands, on disk, so that memory does not grow with the sheet.

A private SQLite database that is gone with the process. It is no record: the ledger is.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Self

from importer.errors import TemporaryFolderError
from importer.findings import Findings, told_of
from importer.packed import NOTHING_KNOWN, TO_SEND, Line, line_of, packed, unpacked
from importer.paging import Pages
from importer.rows import Row, RowResult, Status, no_counts
from importer.validation import Checked

SCHEMA = """
CREATE TABLE staged (
  number INTEGER PRIMARY KEY, cells TEXT NOT NULL, identity TEXT NOT NULL, key TEXT NOT NULL,
  exclusive TEXT NOT NULL, body BLOB NOT NULL, pending TEXT NOT NULL, status TEXT NOT NULL,
  result TEXT NOT NULL
)
"""
TOLD = "CREATE TABLE told (number INTEGER PRIMARY KEY, status TEXT NOT NULL, customer_id TEXT NOT NULL)"
ALIKE = """
WITH RECURSIVE alike (number, identity, exclusive) AS (
  SELECT number, identity, exclusive FROM staged
  WHERE number IN (SELECT value FROM json_each(?)) AND identity <> ''
  UNION
  SELECT staged.number, staged.identity, staged.exclusive FROM staged JOIN alike
  ON staged.identity = alike.identity OR (alike.exclusive <> '' AND staged.exclusive = alike.exclusive)
)
SELECT number FROM alike
"""
BATCH = 1000

Among = Collection[int] | None
"""Numbers of the rows that count; None for all."""


class Pending(StrEnum):
    """What is still to do for a row. WATCH: another run is sending it just now."""

    NOTHING = ""
    SEND = TO_SEND
    SETTLE = "settle"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Staged:
    """A row that is to be sent or settled."""

    number: int
    identity: str
    key: str
    exclusive: str
    body: bytes = field(repr=False)


class _Private(sqlite3.Connection):
    """Tells a full temporary folder as what it is."""

    def execute(self, *given: Any) -> sqlite3.Cursor:
        with _room():
            return super().execute(*given)

    def executemany(self, *given: Any) -> sqlite3.Cursor:
        with _room():
            return super().executemany(*given)


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise TemporaryFolderError(
            f"The rows find no room in the temporary folder ({error}). Free some space there, or let "
            "SQLITE_TMPDIR or TMPDIR name another, then run the same command again: nothing is sent twice."
        ) from error


class Staging:
    """Rows in sheet order, each with its result so far."""

    def __init__(self) -> None:
        # an empty name makes a private database in a temporary file that SQLite deletes
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False, factory=_Private)
        # so that few pages are read where every row is looked at
        self._database.execute("PRAGMA page_size = 16384")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("BEGIN")  # never ended: nothing here outlives the process
        self._database.execute(SCHEMA)
        self._database.execute(TOLD)
        self._tally: tuple[int, dict[tuple[str, str], int]] = (-1, {})
        self.findings = Findings(self._database)
        self.pages = Pages(self._database, self.findings)

    def close(self) -> None:
        """Drop everything."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(self, rows: Iterable[Checked]) -> None:
        """Take checked rows: those with faults are `invalid`, the others wait to be sent."""
        batch = list(rows)
        self.take(map(line_of, batch), [each for each in batch if each.findings or each.faults])

    def take(self, lines: Iterable[Line], of_note: Iterable[Checked]) -> None:
        """Take rows that are lines already; `of_note` are those with faults or findings."""
        self._database.executemany("INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", lines)
        for checked in of_note:
            self.findings.note(checked)

    def replace(self, rows: Iterable[Checked]) -> set[int]:
        """Take rows that were checked anew.

        Returns these rows and all that were or are the same customer: what is known of them is forgotten.
        """
        self._database.execute("CREATE INDEX IF NOT EXISTS by_identity ON staged (identity)")
        self._database.execute("CREATE INDEX IF NOT EXISTS by_exclusive ON staged (exclusive)")
        numbers: set[int] = set()
        for checked in rows:
            number = checked.row.number
            numbers |= {number} | self._alike([number])
            self._database.execute("DELETE FROM staged WHERE number = ?", (number,))
            self.findings.drop(number)
            self.load([checked])
        numbers |= self._alike(numbers)
        self._database.execute(
            "UPDATE staged SET pending = 'send', status = 'not_sent', result = ?"  # noqa: S608  ours
            f" WHERE identity <> '' AND {_in(numbers)}",
            (NOTHING_KNOWN, *_bound(numbers)),
        )
        return numbers

    def _alike(self, numbers: Collection[int]) -> set[int]:
        """The rows that share a customer with `numbers`, or with one that does."""
        return {number for (number,) in self._database.execute(ALIKE, _bound(numbers))}

    def note_told(self, number: int, status: str, customer_id: str) -> None:
        """Keep what a results file, or an earlier run of the same source, says of a row.

        `created` is what a run of this very source made.
        """
        self._database.execute("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", (number, status, customer_id))

    def forget_told(self, number: int) -> None:
        """Let go of what was said of a row."""
        self._database.execute("DELETE FROM told WHERE number = ?", (number,))

    def made(self, numbers: Collection[int]) -> dict[int, str]:
        """The customer id, by row, of those that are told to be `created`."""
        return dict(
            self._database.execute(
                f"SELECT number, customer_id FROM told WHERE status = 'created' AND {_in(numbers)}",  # noqa: S608  ours
                _bound(numbers),
            )
        )

    def customers(self) -> list[tuple[int, str]]:
        """(row, identity) of each row that would be sent or settled, or that is there already.

        Not of those that are told to be there: as another customer than they are now.
        """
        return self._database.execute(
            "SELECT number, identity FROM staged WHERE identity <> '' AND (pending <> '' OR status = 'exists'"
            " AND number NOT IN (SELECT number FROM told))"
        ).fetchall()

    def told(self, among: Among = None) -> list[tuple[int, str, str, str]]:
        """(row, status, customer id, identity) of rows that would be sent, or are at fault, but are told
        otherwise; with `among` only these rows count."""
        return self._database.execute(
            "SELECT told.*, staged.identity FROM told JOIN staged USING (number)"  # noqa: S608  ours
            f" WHERE (staged.pending = 'send' OR staged.status = 'invalid') AND {_in(among)}",
            _bound(among),
        ).fetchall()

    def duplicates(
        self, *, by: Literal["identity", "exclusive"], among: Among = None
    ) -> list[tuple[int, int]]:
        """(row, earlier row) for each row to be sent that has the same of it as an earlier one.

        With `among` only these rows count.
        """
        repeated = (
            f"SELECT {by}, min(number) AS first FROM staged WHERE pending = 'send' AND {by} <> ''"  # noqa: S608  one of two words
            f" AND {_in(among)} GROUP BY {by} HAVING count(*) > 1"
        )
        return self._database.execute(
            f"SELECT staged.number, repeated.first FROM staged JOIN ({repeated}) AS repeated"  # noqa: S608  as above
            f" USING ({by}) WHERE staged.pending = 'send' AND staged.number > repeated.first",
            _bound(among),
        ).fetchall()

    def pending(self, what: Pending, among: Among = None) -> Iterator[Staged]:
        """The rows to be sent or settled, in sheet order. Rows may be updated meanwhile.

        With `among` only these rows count.
        """
        last = -1
        while True:
            lines = self._database.execute(
                "SELECT number, identity, key, exclusive, body FROM staged WHERE pending = ? AND number > ?"  # noqa: S608  ours
                f" AND {_in(among)} ORDER BY number LIMIT ?",
                (what, last, *_bound(among), BATCH),
            ).fetchall()
            if not lines:
                return
            yield from (Staged(*line) for line in lines)
            last = lines[-1][0]

    def update(self, results: Iterable[tuple[RowResult, Pending]]) -> None:
        """Replace what is known of rows."""
        lines = [(pending, result.status, packed(result), result.row) for result, pending in results]
        self._database.executemany(
            "UPDATE staged SET pending = ?, status = ?, result = ? WHERE number = ?", lines
        )

    def counts(self) -> dict[Status, int]:
        """How many rows have each status, zero included."""
        counts = no_counts()
        for (_, status), count in self._tallied().items():
            counts[Status(status)] += count
        return counts

    def count(self) -> int:
        """How many rows there are."""
        return sum(self._tallied().values())

    def count_pending(self, what: Pending) -> int:
        """How many rows are still to be sent or settled."""
        return sum(count for (pending, _), count in self._tallied().items() if pending == what)

    def _tallied(self) -> dict[tuple[str, str], int]:
        """How many rows have which pending and status: counted once, until anything is changed."""
        changes = self._database.total_changes
        if self._tally[0] != changes:
            lines = self._database.execute("SELECT pending, status, count(*) FROM staged GROUP BY 1, 2")
            self._tally = changes, {(pending, status): count for pending, status, count in lines}
        return self._tally[1]

    def standing(self) -> Iterator[RowResult]:
        """The result of every row so far, in sheet order, without what was found in its cells."""
        cursor = self._database.execute("SELECT number, status, result FROM staged ORDER BY number")
        return (unpacked(*line) for line in cursor)

    def results(self) -> Iterator[tuple[Row, RowResult]]:
        """Every row with its result and what was found in it, in sheet order."""
        cursor = self._database.execute("SELECT number, cells, status, result FROM staged ORDER BY number")
        found = self.findings.by_row()
        of_row, findings = next(found, (0, ()))
        for number, cells, status, text in cursor:
            while of_row and of_row < number:
                of_row, findings = next(found, (0, ()))
            result = unpacked(number, status, text)
            if number == of_row:
                result = told_of(result, findings)
                of_row, findings = next(found, (0, ()))
            yield Row(number, tuple(json.loads(cells))), result


def _in(among: Among) -> str:
    return "1" if among is None else "number IN (SELECT value FROM json_each(?))"


def _bound(among: Among) -> tuple[str, ...]:
    return () if among is None else (json.dumps(sorted(among)),)
