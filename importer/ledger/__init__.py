"""The crash-safe record of what was sent, per account.

A customer's states: ``(none) → sending → created | exists | rejected | failed | unknown``.

* ``sending`` is on disk before the first byte of a request leaves; the outcome is on disk before the row
  is reported. Both wait for the disk (SQLite: WAL with ``synchronous=FULL``); what arrives while one
  commit is under way goes into the next one together, so that durability costs a commit per batch.
* A row found ``sending`` whose run is gone is ``unknown``: it may or may not have been sent. That a run is
  gone is certain when the lock it holds while it lives can be taken.
* ``failed`` and a corrected ``rejected`` may be claimed again; ``unknown`` only after it was settled;
  ``created`` and ``exists`` never.

It holds hashes, ids, statuses and provider messages, and no cell of a sheet.
"""

import asyncio
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Self

import sqlalchemy as sa

from importer.errors import SettingsError
from importer.ledger import groupcommit
from importer.ledger.customers import INTERRUPTED, Customers
from importer.ledger.database import connection_was_lost, insert, missing_file, open_engine, trouble
from importer.ledger.entries import SENDING, Claim, Entry
from importer.ledger.groupcommit import GroupCommit
from importer.ledger.locks import run_locks
from importer.ledger.nights import NightFile, Nights
from importer.ledger.purging import Purged, count, purge, runs_with_open_rows, same_path, wipe
from importer.ledger.runs import (
    RunRecord,
    RunState,
    as_left,
    outcomes_so_far,
    read_runs,
    record_of,
)
from importer.ledger.tables import account_table, mark_table, run_table
from importer.ledger.turns import TurnsWanted, hold, reserve
from importer.rows import Status

__all__ = [
    "SENDING",
    "Claim",
    "Entry",
    "Ledger",
    "NightFile",
    "Purged",
    "RunRecord",
    "RunState",
    "TurnsWanted",
    "missing_file",
]

BATCH = 500

UNFINISHED = (Status.FAILED, Status.UNKNOWN, Status.NOT_SENT)
"""Statuses that the same run again may change by itself."""


class Ledger:
    """The record for one account, and the run that writes it.

    Its methods wait for the disk; the asynchronous ones put their work into the next common commit.
    Every method raises LedgerError when the record cannot be read or written.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._locks = run_locks(engine)
        self._customers = Customers(engine, 0, "")
        order = (self._settle, self._resolve, self._refresh, self._reserve, self._hold, self._claim)
        self._commits = GroupCommit(self._owned_transaction, order, self._was_lost)

    @classmethod
    def open(cls, url: str) -> Self:
        """The ledger at a SQLAlchemy URL, made where there is none.

        Raises:
            SettingsError: The URL cannot be used: unknown, or its driver is not installed.
            LedgerError: The database cannot be used.
        """
        return cls(open_engine(url))

    def close(self) -> None:
        """Let go of the run's lock and the connection."""
        self._commits.close()
        self._locks.release()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- accounts and runs

    def use_account(self, key: str) -> None:
        """Work on the account of that key from now on."""
        with self._transaction() as connection:
            connection.execute(insert(self._engine, account_table).values(key=key).on_conflict_do_nothing())
            found = sa.select(account_table.c.id).where(account_table.c.key == key)
            account_id = connection.execute(found).scalar_one()
        self._customers = replace(self._customers, account_id=account_id)

    def begin_run(
        self,
        run: str,
        *,
        source: str,
        output: str,
        again: str = "",
        job: str = "",
        settings: Mapping[str, object] | None = None,
    ) -> None:
        """Enter a run, hold its lock, and take what runs that are gone left `sending` as `unknown`.

        `settings` are what writing its results again needs; they must be JSON-able.

        Raises:
            SettingsError: Another run is making the customers of this source again just now.
        """
        with trouble(self._engine):
            self._locks.hold(run)
        self._customers = replace(self._customers, run=run)
        line = {"id": run, "account_id": self._customers.account_id, "source": source, "output": output}
        line |= {"again": again, "job": job, "settings": None if settings is None else json.dumps(settings)}
        with self._transaction() as connection:
            connection.execute(run_table.insert().values(**line, started_at=time.time()))
        if again:
            self._refuse_another_again(run, source, again)
        self.give_up_lost()

    def give_up_lost(self) -> None:
        """What runs that are gone left under way is `unknown` from now on."""
        with self._transaction() as connection:
            sending = self._customers.runs_sending(connection)
        gone = self._gone(sending)
        if gone:
            with self._transaction() as connection:
                self._customers.disown(connection, gone)

    def _gone(self, runs: Iterable[str]) -> set[str]:
        with trouble(self._engine):
            return {run for run in runs if not self._locks.is_held(run)}

    def unfinished_again(self, source: str) -> str:
        """What sets the last deliberate repeat of a source apart, if it did not get every row done; else "".

        The same command once more then goes on with it, instead of making third customers.
        """
        newest = run_table.c.started_at.desc()
        with self._transaction() as connection:
            wanted = sa.select(run_table.c.again).where(self._again_over(source)).order_by(newest).limit(1)
            again = connection.execute(wanted).scalar_one_or_none()
            if again is None:
                return ""
            # it may have gone on from its results file
            ended = sa.select(run_table.c.counts).where(run_table.c.again == again)
            told = connection.execute(ended.order_by(newest).limit(1)).scalar_one()
        counts = json.loads(told or "{}")
        unfinished = not counts or any(counts.get(status) for status in UNFINISHED)
        return str(again) if unfinished else ""

    def _again_over(self, source: str) -> sa.ColumnElement[bool]:
        """The runs that made customers again, of a sheet or of the results file they wrote."""
        same = same_path(run_table.c.source, source) | same_path(run_table.c.output, source)
        return (run_table.c.account_id == self._customers.account_id) & same & (run_table.c.again != "")

    def _refuse_another_again(self, run: str, source: str, again: str) -> None:
        """Two that make customers again, each for itself, would make them twice: the first one goes on."""
        others = self._again_over(source) & run_table.c.ended_at.is_(None) & (run_table.c.again != again)
        with self._transaction() as connection:
            found = set(connection.execute(sa.select(run_table.c.id).where(others)).scalars())
        living = found - self._gone(found)
        if living:
            with self._transaction() as connection:
                connection.execute(run_table.delete().where(run_table.c.id == run))
            raise SettingsError(
                f"The run {min(living)} is sending the customers of this file again just now. Wait until it "
                "ends; nothing was sent."
            )

    def end_run(
        self,
        *,
        exit_code: int,
        counts: Mapping[Status, int],
        stopped: str = "",
        unsent: tuple[str, str] = ("", ""),
        written: str = "",
    ) -> None:
        """Enter how the run ended; the words are told at `RunRecord`."""
        ending = {"stopped": stopped, "unsent": unsent, "written": written}
        told = {"exit_code": exit_code, "counts": json.dumps(counts), "ending": json.dumps(ending)}
        with self._transaction() as connection:
            mine = run_table.c.id == self._customers.run
            connection.execute(run_table.update().where(mine).values(ended_at=time.time(), **told))

    def last_written(self, output: str) -> float | None:
        """When the last run that wrote this results file ended (Unix time), None where none did."""
        wanted = sa.select(sa.func.max(run_table.c.ended_at)).where(same_path(run_table.c.output, output))
        with self._transaction() as connection:
            found: float | None = connection.execute(wanted).scalar_one()
        return found

    @property
    def mark(self) -> str:
        """What tells this ledger from any other, wherever it is kept; it was made with it."""
        with self._transaction() as connection:
            return str(connection.execute(sa.select(mark_table.c.mark)).scalar_one())

    def time(self) -> float:
        """Unix time by the clock that all who share the ledger go by: the server's, where there is one."""
        if self._engine.dialect.name == "sqlite":
            return time.time()
        with self._transaction() as connection:
            now = sa.select(sa.extract("epoch", sa.func.clock_timestamp()))
            return float(connection.execute(now).scalar_one())

    def runs(
        self, *, run: str = "", job: str = "", since: float = 0.0, limit: int | None = None
    ) -> list[RunRecord]:
        """The runs of every account that began at `since` (Unix time) or later, the newest first."""
        with self._transaction() as connection:
            lines = read_runs(connection, run=run, job=job, since=since, limit=limit)
            silent = [line["id"] for line in lines if line["counts"] is None]
            so_far = {each: outcomes_so_far(connection, each) for each in silent}
        gone = self._gone(line["id"] for line in lines if line["ended_at"] is None)
        return [record_of(line, gone=line["id"] in gone, so_far=so_far.get(line["id"], {})) for line in lines]

    def as_left(self, record: RunRecord, identities: Sequence[str]) -> dict[str, tuple[Entry, str]]:
        """What was known of these customers of the account when a run of it ended, and which run sent it.

        Its own last word of a customer counts before all others. What another run was sending at that
        time has the outcome that came later.
        """
        with self._transaction() as connection:
            return as_left(connection, self._customers.account_id, identities, record)

    def purge(self, *, before: float, forget: bool = False, dry: bool = False) -> Purged:
        """Remove what is kept of people by runs that ended before a Unix time, and say how much that is.

        Never what is unknown or being sent, nor the runs of such rows, nor one that is still going. What
        keeps customers from being created twice stays, unless they are to be forgotten. `dry` only counts.
        """
        old = [each for each in self.runs() if (each.ended_at or each.started_at) < before]
        with self._transaction() as connection:
            waiting = runs_with_open_rows(connection)
            runs = [each for each in old if each.state is not RunState.RUNNING and each.id not in waiting]
            found = count(connection, runs, forget=forget)
            if not dry:
                purge(connection, runs, forget=forget)
        kept = [each for each in old if each.id in waiting]
        return replace(found, kept_runs=len(kept))

    def wipe(self) -> str:
        """Leave no byte of what was removed; else say why some may still be there."""
        return wipe(self._engine)

    @property
    def nights(self) -> Nights:
        """The history of nightly jobs."""
        return Nights(self._engine, self._transaction)

    # -- what is known

    def known(self, identities: Iterable[str]) -> dict[str, Entry]:
        """What the ledger has of these customers. One left `sending` by a run that is gone is `unknown`."""
        found: dict[str, Entry] = {}
        wanted = list(identities)
        with self._transaction() as connection:
            for start in range(0, len(wanted), BATCH):
                for entry in self._customers.read(connection, wanted[start : start + BATCH]):
                    found[entry.identity] = entry
        sending = {e.run for e in found.values() if e.state == SENDING and e.run != self._customers.run}
        gone = self._gone(sending)
        for identity, entry in found.items():
            if entry.state == SENDING and entry.run in gone:
                found[identity] = replace(
                    entry, state=Status.UNKNOWN, code=INTERRUPTED["code"], message=INTERRUPTED["message"]
                )
        return found

    def holder_of(self, customer_id: str) -> Entry | None:
        """Which customer the ledger has under an id of the provider's, None where it has none."""
        with self._transaction() as connection:
            return self._customers.with_id(connection, customer_id)

    # -- the state machine

    async def claim(self, claim: Claim) -> Entry | None:
        """Claim a customer for this run: None when it is ours, else what is known of it."""
        return await self._commits.write(self._claim, claim)

    def settle(self, entry: Entry) -> asyncio.Future[None]:
        """Record the outcome of a customer that this run has claimed: done once it is on disk.

        It is under way at once, and ends whether somebody waits for it or not.
        """
        return self._commits.write(self._settle, entry)

    async def resolve(self, before: Entry, after: Entry) -> bool:
        """Replace what is known of an `unknown` customer; False if somebody else did meanwhile."""
        return await self._commits.write(self._resolve, (before, after))

    async def refresh(self, identity: str, customer_id: str, extra: Mapping[str, str]) -> None:
        """Keep what else the provider says now of a customer that is done, if it is known under that id."""
        await self._commits.write(self._refresh, (identity, customer_id, extra))

    async def reserve_turns(self, wanted: TurnsWanted) -> float:
        """The Unix time of the first of some turns that are nobody else's."""
        return await self._commits.write(self._reserve, wanted)

    async def hold_turns(self, until: float) -> None:
        """No turn of the account before `until` (Unix time)."""
        await self._commits.write(self._hold, until)

    def _claim(self, connection: sa.Connection, claims: Sequence[Claim]) -> Sequence[Entry | None]:
        return self._customers.claim(connection, claims)

    def _settle(self, connection: sa.Connection, entries: Sequence[Entry]) -> Sequence[None]:
        return self._customers.settle(connection, entries)

    def _resolve(self, connection: sa.Connection, pairs: Sequence[tuple[Entry, Entry]]) -> Sequence[bool]:
        return self._customers.resolve(connection, pairs)

    def _refresh(
        self, connection: sa.Connection, news: Sequence[tuple[str, str, Mapping[str, str]]]
    ) -> Sequence[None]:
        return self._customers.refresh(connection, news)

    def _reserve(self, connection: sa.Connection, wishes: Sequence[TurnsWanted]) -> Sequence[float]:
        return reserve(connection, self._customers.account_id, wishes)

    def _hold(self, connection: sa.Connection, untils: Sequence[float]) -> Sequence[None]:
        return hold(connection, self._customers.account_id, untils)

    def _was_lost(self, error: Exception) -> bool:
        # SQLite has no connection to lose: its errors are the disk's
        return self._engine.dialect.name != "sqlite" and connection_was_lost(error)

    @contextmanager
    def _owned_transaction(self) -> Iterator[sa.Connection]:
        """A transaction of a run that holds its lock: whoever lost it first takes it again."""
        with trouble(self._engine):
            self._locks.keep()
            with self._engine.begin() as connection:
                yield connection

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        """A transaction, of a server that just restarts as well."""
        with trouble(self._engine), self._connected() as connection, connection.begin():
            yield connection

    def _connected(self) -> sa.Connection:
        for wait in () if self._engine.dialect.name == "sqlite" else groupcommit.RECONNECT_AFTER:
            try:
                return self._engine.connect()
            except sa.exc.OperationalError:
                time.sleep(wait)
        return self._engine.connect()
