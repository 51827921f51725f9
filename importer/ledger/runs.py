"""The runs in the ledger: how each began and ended, and what it left of a customer."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from typing import Any

import sqlalchemy as sa

from importer.ledger.entries import Entry
from importer.ledger.tables import account_table, customer_table, history_table, run_table


class RunState(StrEnum):
    """Whether a run is still going: GONE is one that never came to its end, and whose process is no more."""

    RUNNING = "running"
    ENDED = "ended"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. Times are Unix seconds; `ended_at` and `exit_code` are None where it has not ended.

    `counts` are rows by status, of one that has not ended those it has an outcome of so far. `settings` are
    what writing its results again needs, None where they were purged or an earlier version ran it. `unsent`
    says of the rows it did not send why: the code, and in words. `written` is the digest of the results
    where they took the place of the source.
    """

    id: str
    account: str
    job: str
    source: str
    output: str
    again: str
    started_at: float
    ended_at: float | None
    exit_code: int | None
    counts: Mapping[str, int]
    state: RunState
    stopped: str = ""
    unsent: tuple[str, str] = ("", "")
    written: str = ""
    settings: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def purged(self) -> bool:
        """Whether `runs purge` has taken what it kept of people."""
        return self.source.startswith(PURGED)

    @property
    def apart(self) -> bool:
        """Whether its source does not tell all that it read: the page keeps corrections apart."""
        return bool((self.settings or {}).get("apart"))

    @property
    def name(self) -> str:
        """What people call its source."""
        return (self.settings or {}).get("called") or PurePath(self.source).name


PURGED = "purged:"
"""In place of a path: a hash follows, by which the same path is still known again."""


def read_runs(
    connection: sa.Connection, *, run: str = "", job: str = "", since: float = 0.0, limit: int | None = None
) -> list[sa.RowMapping]:
    """The lines of the runs of all accounts that began at `since` or later, the newest first."""
    wanted = sa.select(run_table, account_table.c.key.label("account")).join(account_table)
    if run:
        wanted = wanted.where(run_table.c.id == run)
    if job:
        wanted = wanted.where(run_table.c.job == job)
    newest = run_table.c.started_at.desc(), run_table.c.id.desc()
    wanted = wanted.where(run_table.c.started_at >= since).order_by(*newest).limit(limit)
    return list(connection.execute(wanted).mappings())


def outcomes_so_far(connection: sa.Connection, run: str) -> dict[str, int]:
    """How many customers have which state by this run, for one that has not said so itself."""
    c = customer_table.c
    wanted = (
        sa.select(c.state, sa.func.count().label("customers"))
        .where(c.run == run)
        .group_by(c.state)
        .order_by(c.state)
    )
    return {line.state: line.customers for line in connection.execute(wanted)}


def record_of(line: sa.RowMapping, *, gone: bool, so_far: Mapping[str, int]) -> RunRecord:
    """A line of the table as a value. `gone`: if it has not ended, its process has."""
    state = RunState.GONE if gone else RunState.RUNNING
    ending = json.loads(line["ending"] or "{}")
    counts = json.loads(line["counts"] or "{}")
    return RunRecord(
        **{name: line[name] for name in ("id", "account", "job", "source", "output", "again")},
        **{name: line[name] for name in ("started_at", "ended_at", "exit_code")},
        counts=counts or so_far,
        state=RunState.ENDED if line["ended_at"] is not None else state,
        stopped=ending.get("stopped", ""),
        unsent=tuple(ending.get("unsent", ("", ""))),
        written=ending.get("written", ""),
        settings=json.loads(line["settings"]) if line["settings"] else None,
    )


def _last_sent(connection: sa.Connection, run: str) -> float | None:
    """When the run last sent something, of what still stands."""
    c = customer_table.c
    found: float | None = connection.execute(
        sa.select(sa.func.max(c.sent_at)).where(c.run == run)
    ).scalar_one()
    return found


def as_left(
    connection: sa.Connection, account_id: int, identities: Sequence[str], record: RunRecord
) -> dict[str, tuple[Entry, str]]:
    """What was known of customers when a run ended; its own last word comes before all others.

    Beside it the run that sent what it tells of: not the same where this one found it out about another's.
    """
    until = record.ended_at or _last_sent(connection, record.id) or record.started_at
    lines: dict[str, list[tuple[float, Entry]]] = {}
    for table in (history_table, customer_table):
        for at, entry in _lines(connection, table, account_id, identities):
            lines.setdefault(entry.identity, []).append((at, entry))
    found = {}
    for identity, told in lines.items():
        own = [number for number, (_, entry) in enumerate(told) if entry.run == record.id]
        then = next((entry for at, entry in told if at > until), None)
        if own:
            found[identity] = told[own[-1]][1], _sender([entry for _, entry in told[: own[-1] + 1]])
        elif then is not None and then.first_sent_at <= until:
            found[identity] = then, then.run
    return found


def _sender(lines: Sequence[Entry]) -> str:
    """The run of the last attempt that the last of these lines of a customer tells of."""
    last = lines[-1]
    return next(each.run for each in lines if (each.sent_at, each.key) == (last.sent_at, last.key))


_ENTRY = (
    "identity", "state", "key", "run", "row", "attempts", "first_sent_at", "sent_at", "customer_id", "code",
    "message", "http_status", "extra",
)  # fmt: skip


def _lines(
    connection: sa.Connection, table: sa.Table, account_id: int, identities: Sequence[str]
) -> list[tuple[float, Entry]]:
    """Each line with the time until which it stood, in order."""
    past = table is history_table
    names = ("at", *_ENTRY) if past else _ENTRY
    mine = (table.c.account_id == account_id) & table.c.identity.in_(identities)
    wanted = sa.select(*(table.c[name] for name in names)).where(mine)
    found = []
    for line in connection.execute(wanted.order_by(table.c.id) if past else wanted):
        facts = line._asdict()
        at = facts.pop("at", math.inf)
        found.append((at, Entry(**{**facts, "extra": json.loads(facts["extra"])})))
    return found
