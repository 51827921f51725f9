"""The history of nightly jobs: what each night found, by which the next one knows what is unusual."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from importer.ledger.database import trouble
from importer.ledger.locks import job_lock
from importer.ledger.tables import night_table, run_table

c = night_table.c


@dataclass(frozen=True, slots=True)
class NightFile:
    """One file of a night, as the ledger keeps it.

    `content` is a hash of its bytes, `rows` how many customers it holds, `headings` those of its columns;
    None where it was not read so far. `ended_at`, `exit_code` and `state` are None of one that never ended.
    `unfinished` are rows that a later run may still do by itself. Times are Unix time.
    """

    id: int
    job: str
    started_at: float
    source: str
    content: str
    rows: int | None
    headings: tuple[str, ...] | None
    ended_at: float | None
    exit_code: int | None
    state: str | None
    run: str
    unfinished: int

    @property
    def imported(self) -> bool:
        """Whether it came to its end, with or without rows that did not make it."""
        return self.exit_code in (0, 1)


@dataclass(frozen=True, slots=True)
class Nights:
    """The lines of all jobs. Its methods raise LedgerError when they cannot be read or written."""

    engine: sa.Engine
    transaction: Callable[[], AbstractContextManager[sa.Connection]]

    @contextmanager
    def alone(self, job: str) -> Iterator[bool]:
        """Hold the lock of a job while inside; False where another night of it is under way here."""
        with trouble(self.engine):
            lock = job_lock(self.engine, job)
        try:
            yield lock is not None
        finally:
            if lock is not None:
                lock.release()

    def begin(self, job: str, *, started_at: float, source: str = "") -> int:
        """Enter a file of the night that began at `started_at`, before anything is done with it; its number.

        The night itself is entered so where there is no file.
        """
        line = night_table.insert().values(job=job, started_at=started_at, source=source)
        with self.transaction() as connection:
            key = connection.execute(line).inserted_primary_key
        assert key is not None  # noqa: S101  the table has one
        return int(key[0])

    def note(self, number: int, **facts: object) -> None:
        """Add what became known of a file: `content`, `rows`, `headings`, `source`, `run`, `unfinished`."""
        if "headings" in facts:
            facts["headings"] = json.dumps(facts["headings"])
        with self.transaction() as connection:
            connection.execute(night_table.update().where(c.id == number).values(**facts))

    def end(self, number: int, *, exit_code: int, state: str) -> None:
        """Enter how it ended with a file."""
        self.note(number, ended_at=time.time(), exit_code=exit_code, state=state)

    def move_files(self, run: str, *, source: str, output: str) -> None:
        """Enter where the source and the results of a run are now."""
        line = run_table.update().where(run_table.c.id == run)
        with self.transaction() as connection:
            connection.execute(line.values(source=source, output=output))

    def latest(self, job: str, most: int = 100) -> list[NightFile]:
        """The last files of a job, the newest first."""
        return self._read(sa.select(night_table).where(c.job == job).order_by(c.id.desc()).limit(most))

    def with_content(self, job: str, content: str) -> NightFile | None:
        """The last time that the job imported a file of this content, None where it never did."""
        same = (c.job == job, c.content == content, c.exit_code.in_((0, 1)))
        if not content:
            return None
        found = self._read(sa.select(night_table).where(*same).order_by(c.id.desc()).limit(1))
        return found[0] if found else None

    def _read(self, wanted: sa.Select[Any]) -> list[NightFile]:
        with self.transaction() as connection:
            lines = [dict(line) for line in connection.execute(wanted).mappings()]
        for line in lines:
            if line["headings"] is not None:
                line["headings"] = tuple(json.loads(line["headings"]))
        return [NightFile(**line) for line in lines]
