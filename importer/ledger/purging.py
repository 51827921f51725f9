"""Remove what the ledger keeps of people, but for what keeps them from being created twice."""

import hashlib
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from importer.ledger.entries import SENDING
from importer.ledger.runs import PURGED, RunRecord
from importer.ledger.tables import customer_table, history_table, night_table, run_table
from importer.rows import Status

BATCH = 500

OPEN = (SENDING, str(Status.UNKNOWN))
"""States of customers that are never touched: what became of them is still to be found out."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How much of what was removed, or would be. `kept_runs` are old ones with rows still to be settled.

    `identities` are the customers known by a hash, state and id that stay, `forgotten` those that go.
    """

    runs: int = 0
    messages: int = 0
    links: int = 0
    history: int = 0
    identities: int = 0
    forgotten: int = 0
    kept_runs: int = 0


def forgotten_path(path: str) -> str:
    """What stands in place of a path: a hash, by which the same path is still known again."""
    if path.startswith(PURGED):
        return path
    return PURGED + hashlib.blake2b(path.encode(), digest_size=16).hexdigest()


def same_path(column: sa.ColumnElement[str], path: str) -> sa.ColumnElement[bool]:
    """Whether a column has that path, or did before it was purged."""
    return column.in_([path, forgotten_path(path)])


def runs_with_open_rows(connection: sa.Connection) -> set[str]:
    """Runs with customers that are being sent, or may have been created."""
    c = customer_table.c
    return set(connection.execute(sa.select(c.run).where(c.state.in_(OPEN)).distinct()).scalars())


def count(connection: sa.Connection, runs: Sequence[RunRecord], *, forget: bool) -> Purged:
    """What `purge` would remove of these runs."""
    ids = [run.id for run in runs]
    c, settled = customer_table.c, customer_table.c.state.not_in(OPEN)

    def number(table: sa.Table, *which: sa.ColumnElement[bool]) -> int:
        found = 0
        for batch in _batches(ids):
            wanted = sa.select(sa.func.count()).select_from(table).where(table.c.run.in_(batch), *which)
            found += int(connection.execute(wanted).scalar_one())
        return found

    customers = number(customer_table, settled)
    return Purged(
        runs=sum(not run.purged for run in runs),
        messages=number(customer_table, settled, c.message != ""),
        links=number(customer_table, settled, c.extra != "{}"),
        history=number(history_table),
        identities=0 if forget else customers,
        forgotten=customers if forget else 0,
    )


def purge(connection: sa.Connection, runs: Sequence[RunRecord], *, forget: bool) -> None:
    """Remove what these runs keep of people; with `forget` the customers themselves as well."""
    c, settled = customer_table.c, customer_table.c.state.not_in(OPEN)
    for batch in _batches([run.id for run in runs]):
        connection.execute(history_table.delete().where(history_table.c.run.in_(batch)))
        connection.execute(night_table.update().where(night_table.c.run.in_(batch)).values(source=PURGED))
        mine = c.run.in_(batch) & settled
        if forget:
            connection.execute(customer_table.delete().where(mine))
        else:
            connection.execute(customer_table.update().where(mine).values(message="", extra="{}"))
    for run in runs:
        paths = {"source": forgotten_path(run.source), "output": forgotten_path(run.output)}
        gone = run_table.update().where(run_table.c.id == run.id)
        connection.execute(gone.values(**paths, settings=None, ending=None))


def _batches(ids: Sequence[str]) -> Iterator[Collection[str]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def wipe(engine: sa.Engine) -> str:
    """Have an SQLite file hold no byte of what was removed; else say why there may be some.

    What was overwritten earlier may still stand in unused pages, so the file is written anew, and the log of
    writes is cut to nothing.
    """
    if engine.dialect.name != "sqlite":
        return (
            "The server frees the old lines in time; to have it do so now, have its owner type: VACUUM FULL"
        )
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        reason = "it is in use" if (cursor.fetchone() or (1,))[0] else ""
    except sqlite3.Error as error:
        reason = str(error)
    finally:
        connection.close()
    again = "Run the same command again when nothing else is running."
    return f"The file may still hold removed bytes ({reason}). {again}" if reason else ""
