"""The state machine of a customer, as transitions within a transaction."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from importer.errors import LedgerError
from importer.ledger.database import Batch, Values, batch, insert
from importer.ledger.entries import SENDING, Claim, Entry, claimable
from importer.ledger.tables import customer_table, history_table
from importer.rows import Status

c = customer_table.c

CLAIMED = (c.identity, c.key, c.row, c.first_sent_at, c.exclusive)
"""What differs from claim to claim."""

OUTCOME = (c.state, c.attempts, c.sent_at, c.customer_id, c.code, c.message, c.http_status, c.extra)


@dataclass(frozen=True)
class Customers:
    """The customers of one account, as one run sees and changes them."""

    engine: sa.Engine
    account_id: int
    run: str

    def read(self, connection: sa.Connection, identities: Sequence[str]) -> Iterator[Entry]:
        """What is known of these customers; those never claimed are left out."""
        for entry, _ in self._read(connection, c.identity.in_(identities)):
            yield entry

    def with_id(self, connection: sa.Connection, customer_id: str) -> Entry | None:
        """The customer with an id of the provider's."""
        found = self._read(connection, c.customer_id == customer_id)
        return next((entry for entry, _ in found), None)

    def _read(self, connection: sa.Connection, which: sa.ColumnElement[bool]) -> Iterator[tuple[Entry, str]]:
        """Each entry, and of which value it is the only one under way."""
        columns = (c[each.name] for each in fields(Entry))
        wanted = sa.select(*columns, c.exclusive).where(c.account_id == self.account_id, which)
        for *facts, extra, exclusive in connection.execute(wanted):
            yield Entry(*[*facts, json.loads(extra)]), exclusive

    def claim(self, connection: sa.Connection, claims: Sequence[Claim]) -> list[Entry | None]:
        """For each claim None where it is ours now, else what is known."""
        # in a fixed order, so that two processes never wait for each other's lines in a ring
        ordered = sorted(claims, key=lambda claim: claim.identity)
        if self._new.execute(connection, [_claimed(claim) for claim in ordered]) == len(claims):
            return [None] * len(claims)
        before = {
            entry.identity: entry for entry in self.read(connection, [each.identity for each in claims])
        }
        won = set()
        for claim in ordered:
            known = before.get(claim.identity)
            if known is not None and (
                self._is_ours(known, claim) or (claimable(known, claim) and self._retake(connection, claim))
            ):
                won.add(claim.identity)
        lost = [claim for claim in claims if claim.identity not in won]
        known_now = self._in_the_way(connection, lost) if lost else {}
        return [None if claim.identity in won else known_now[claim.identity] for claim in claims]

    def _in_the_way(self, connection: sa.Connection, claims: Sequence[Claim]) -> dict[str, Entry]:
        """By the identity of each claim what keeps it from being granted: what is known of it, or another
        customer with the value that only one may have."""
        of_them = c.identity.in_([claim.identity for claim in claims])
        wanted = [claim.exclusive for claim in claims if claim.exclusive]
        known: dict[str, Entry] = {}
        holders: dict[str, Entry] = {}
        for entry, exclusive in self._read(connection, of_them | c.exclusive.in_(wanted)):
            known[entry.identity] = entry
            if exclusive and (entry.state in (SENDING, Status.UNKNOWN) or exclusive not in holders):
                holders[exclusive] = entry
        found = {}
        for claim in claims:
            entry_of_it = known.get(claim.identity)
            holder = holders.get(claim.exclusive)
            free = entry_of_it is None or claimable(entry_of_it, claim)
            found[claim.identity] = holder if holder is not None and free else known[claim.identity]
        return found

    def _is_ours(self, known: Entry, claim: Claim) -> bool:
        """Whether this very claim was granted: just now, or by a commit whose answer was lost."""
        return (known.state, known.run, known.row, known.key, known.first_sent_at) == (
            (SENDING, self.run, claim.row, claim.key, claim.at)
        )

    @cached_property
    def _new(self) -> Batch:
        def statement(values: Values) -> Any:
            all_of_it = {**values, "sent_at": values["first_sent_at"]}
            for name, value in self._unsent().items():
                all_of_it[name] = sa.literal(value, c[name].type)
            # the condition tells SQLite that the ON of ON CONFLICT is no join's
            chosen = sa.select(*all_of_it.values()).where(sa.true())
            filled = insert(self.engine, customer_table).from_select(list(all_of_it), chosen)
            return filled.on_conflict_do_nothing()

        return batch(self.engine, CLAIMED, statement)

    @cached_property
    def _outcomes(self) -> Batch:
        still_open = (c.state == SENDING) | (c.state == str(Status.UNKNOWN))
        mine = (c.account_id == self.account_id) & (c.run == self.run) & still_open

        def statement(values: Values) -> Any:
            update = customer_table.update().where(mine & (c.identity == values["identity"]))
            return update.values({column.name: values[column.name] for column in OUTCOME})

        return batch(self.engine, (c.identity, *OUTCOME), statement)

    def _unsent(self) -> dict[str, object]:
        """What every claim of this run has, beside what is CLAIMED."""
        return {
            "account_id": self.account_id,
            "state": SENDING,
            "run": self.run,
            "attempts": 0,
            "customer_id": "",
            "code": "",
            "message": "",
            "http_status": None,
            "extra": "{}",
        }

    def _retake(self, connection: sa.Connection, claim: Claim) -> bool:
        free = (c.state == str(Status.FAILED)) | ((c.state == str(Status.REJECTED)) & (c.key != claim.key))
        which = (c.account_id == self.account_id) & (c.identity == claim.identity) & free
        try:
            with connection.begin_nested():
                line = {**self._unsent(), **_claimed(claim), "sent_at": claim.at}
                return self._replace(connection, which, line)
        except sa.exc.IntegrityError:
            return False  # another customer with the value that only one may have is under way

    def settle(self, connection: sa.Connection, entries: Sequence[Entry]) -> list[None]:
        """Record outcomes of customers that this run has claimed.

        One that others meanwhile held for lost is `unknown`, and still ours to say what became of it.

        Raises:
            LedgerError: One is not this run's any more.
        """
        lines = [{"identity": entry.identity, **_outcome(entry)} for entry in entries]
        if self._outcomes.execute(connection, lines) != len(lines):
            self._require_settled(connection, entries)
        return [None] * len(entries)

    def _require_settled(self, connection: sa.Connection, entries: Sequence[Entry]) -> None:
        """Make sure that entries stand as they should: by a commit whose answer was lost."""
        now = {entry.identity: entry for entry in self.read(connection, [each.identity for each in entries])}
        for entry in entries:
            known = now.get(entry.identity)
            if known is None or (known.run, known.state) != (self.run, str(entry.state)):
                raise LedgerError(
                    "Another process changed rows of this run in the ledger: nothing more is sent."
                )

    def resolve(self, connection: sa.Connection, pairs: Sequence[tuple[Entry, Entry]]) -> list[bool]:
        """Replace what is known of customers; False for one that somebody else changed meanwhile."""
        return [self._resolve(connection, before, after) for before, after in pairs]

    def _resolve(self, connection: sa.Connection, before: Entry, after: Entry) -> bool:
        same = (
            (c.account_id == self.account_id)
            & (c.identity == before.identity)
            & (c.state == str(before.state))
            & (c.sent_at == before.sent_at)
        )
        return self._replace(connection, same, _outcome(after) | {"run": self.run})

    def _replace(
        self, connection: sa.Connection, which: sa.ColumnElement[bool], line: dict[str, object]
    ) -> bool:
        """Put what stood there into the history, and `line` in its place; False where nothing stood."""
        names = [column.name for column in history_table.c if column.name not in ("id", "at")]
        old = sa.select(sa.literal(time.time()), *(customer_table.c[name] for name in names)).where(which)
        connection.execute(history_table.insert().from_select(["at", *names], old))
        return connection.execute(customer_table.update().where(which).values(line)).rowcount == 1

    def refresh(
        self, connection: sa.Connection, news: Sequence[tuple[str, str, Mapping[str, str]]]
    ) -> list[None]:
        """What else is known now of customers that are done: by identity and id, as one may have changed."""
        done = c.state.in_([str(Status.CREATED), str(Status.EXISTS)])
        for identity, customer_id, extra in news:
            mine = (
                (c.account_id == self.account_id) & (c.identity == identity) & (c.customer_id == customer_id)
            )
            before = connection.execute(sa.select(c.extra).where(mine & done)).scalar_one_or_none()
            if before is not None:
                merged = json.dumps({**json.loads(before), **extra}, ensure_ascii=False)
                connection.execute(customer_table.update().where(mine).values(extra=merged))
        return [None] * len(news)

    def runs_sending(self, connection: sa.Connection) -> set[str]:
        """The runs, this one aside, that have customers under way."""
        mine = (c.account_id == self.account_id) & (c.state == SENDING) & (c.run != self.run)
        return set(connection.execute(sa.select(c.run).where(mine).distinct()).scalars())

    def disown(self, connection: sa.Connection, gone: Iterable[str]) -> None:
        """What runs that are gone left under way is unknown."""
        left = (c.account_id == self.account_id) & (c.state == SENDING) & c.run.in_(list(gone))
        connection.execute(customer_table.update().where(left).values(INTERRUPTED))


INTERRUPTED = {
    "state": str(Status.UNKNOWN),
    "code": "interrupted",
    "message": "The run ended while this row was being sent",
}


def _claimed(claim: Claim) -> dict[str, object]:
    return {
        "identity": claim.identity,
        "key": claim.key,
        "row": claim.row,
        "first_sent_at": claim.at,
        "exclusive": claim.exclusive,
    }


def _outcome(entry: Entry) -> dict[str, object]:
    return {
        "state": str(entry.state),
        "attempts": entry.attempts,
        "sent_at": entry.sent_at,
        "customer_id": entry.customer_id,
        "code": entry.code,
        "message": entry.message,
        "http_status": entry.http_status,
        "extra": json.dumps(dict(entry.extra), ensure_ascii=False) if entry.extra else "{}",
    }
