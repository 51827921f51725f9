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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from importer.errors import LedgerError, SettingsError
from importer.rows import Status
from importer.run_locks import RunLocks, run_locks

SENDING = "sending"
OUTCOMES = (Status.CREATED, Status.EXISTS, Status.REJECTED, Status.FAILED, Status.UNKNOWN)
BATCH = 500
T = TypeVar("T")

schema = sa.MetaData()

account_table = sa.Table(
    "account",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="provider/environment/label[@address]"),
    sa.Column("next_turn", sa.Double, nullable=False, default=0.0, comment="Unix time of the next free turn"),
    comment="One set of credentials; its requests share one limit.",
)

run_table = sa.Table(
    "run",
    schema,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("source", sa.Text, nullable=False, comment="path of the sheet"),
    sa.Column("output", sa.Text, nullable=False, comment="path of the results file"),
    sa.Column("started_at", sa.Double, nullable=False),
    sa.Column("ended_at", sa.Double, comment="NULL: it runs, or its process is gone"),
    sa.Column("exit_code", sa.Integer),
    sa.Column("counts", sa.Text, comment="JSON: status to number of rows"),
    comment="One execution over one source.",
)

customer_table = sa.Table(
    "customer",
    schema,
    sa.Column("account_id", sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("identity", sa.Text, primary_key=True, comment="hash of the fields that name the customer"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, comment="idempotency key: hash of identity and body"),
    sa.Column("run", sa.ForeignKey("run.id"), nullable=False, comment="whose claim or outcome this is"),
    sa.Column("row", sa.Integer, nullable=False, comment="row in that run's source"),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("first_sent_at", sa.Double, nullable=False, comment="Unix time of the claim under this key"),
    sa.Column("sent_at", sa.Double, nullable=False, comment="Unix time of the last attempt"),
    sa.Column("customer_id", sa.Text, nullable=False, default=""),
    sa.Column("code", sa.Text, nullable=False, default=""),
    sa.Column("message", sa.Text, nullable=False, default="", comment="the provider's words"),
    sa.Column("http_status", sa.Integer),
    sa.Column("extra", sa.Text, nullable=False, default="{}", comment="JSON: what else was returned"),
    sa.CheckConstraint(
        sa.column("state").in_([SENDING, *(str(state) for state in OUTCOMES)]), name="known_state"
    ),
    sa.CheckConstraint("state <> 'created' OR customer_id <> ''", name="created_has_an_id"),
    comment="Where each customer stands.",
    sqlite_with_rowid=False,
)
sa.Index("customer_by_run", customer_table.c.run, customer_table.c.state)

history_table = sa.Table(
    "history",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Double, nullable=False),
    *(
        sa.Column(column.name, column.type, nullable=column.nullable)
        for column in customer_table.c
        if column.name != "extra"
    ),
    comment="What a customer's line said before it was claimed again or settled.",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger knows of a customer. `state` is `sending` or a status; times are Unix seconds (UTC)."""

    identity: str
    state: str
    key: str
    run: str
    row: int
    attempts: int
    first_sent_at: float
    sent_at: float
    customer_id: str = ""
    code: str = ""
    message: str = field(default="", repr=False)
    http_status: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """A wish to send a customer. `at` is Unix time."""

    identity: str
    key: str
    row: int
    at: float


class Ledger:
    """The record for one account, and the run that writes it.

    Its methods wait for the disk. The asynchronous ones put their work into the next commit, which is
    made on a thread of the ledger's own.

    Every method raises LedgerError when the record cannot be read or written.
    """

    def __init__(self, engine: sa.Engine, locks: RunLocks) -> None:
        self._engine = engine
        self._locks = locks
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._waiting: list[tuple[Callable[[Sequence[Any]], Sequence[Any]], Any, asyncio.Future[Any]]] = []
        self._committing: asyncio.Task[None] | None = None
        self._account_id = 0
        self._run = ""

    @classmethod
    def open(cls, url: str) -> Self:
        """The ledger at a SQLAlchemy URL, made where there is none.

        Raises:
            SettingsError: The URL cannot be used: unknown, or its driver is not installed.
        """
        try:
            engine = sa.create_engine(url)
        except (SQLAlchemyError, ImportError, ValueError) as error:
            raise SettingsError(
                f"The ledger's address given with --ledger cannot be used: {error}"
            ) from error
        if engine.dialect.name not in ("sqlite", "postgresql"):
            raise SettingsError("A ledger is kept in SQLite or PostgreSQL: give such a URL with --ledger.")
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        with _trouble(engine):
            schema.create_all(engine)
        return cls(engine, run_locks(engine))

    def close(self) -> None:
        """Let go of the run's lock and the connection."""
        self._thread.shutdown()
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
            found = sa.select(account_table.c.id).where(account_table.c.key == key)
            insert = _insert(self._engine, account_table).values(key=key).on_conflict_do_nothing()
            connection.execute(insert)
            self._account_id = connection.execute(found).scalar_one()

    def begin_run(self, run: str, *, source: str, output: str) -> None:
        """Enter a run, hold its lock, and take what runs that are gone left `sending` as `unknown`."""
        with _trouble(self._engine):
            self._locks.hold(run)
        with self._transaction() as connection:
            connection.execute(
                run_table.insert().values(
                    id=run, account_id=self._account_id, source=source, output=output, started_at=time.time()
                )
            )
        self._run = run
        self._disown()

    def end_run(self, *, exit_code: int, counts: Mapping[Status, int]) -> None:
        """Enter how the run ended."""
        with self._transaction() as connection:
            connection.execute(
                run_table.update()
                .where(run_table.c.id == self._run)
                .values(ended_at=time.time(), exit_code=exit_code, counts=json.dumps(counts))
            )

    def runs(self) -> list[dict[str, object]]:
        """Every run of every account, the newest first."""
        wanted = sa.select(run_table, account_table.c.key.label("account")).join(account_table)
        with self._transaction() as connection:
            return [
                dict(line)
                for line in connection.execute(wanted.order_by(run_table.c.started_at.desc())).mappings()
            ]

    def _disown(self) -> None:
        mine = (customer_table.c.account_id == self._account_id) & (customer_table.c.state == SENDING)
        with self._transaction() as connection:
            runs = connection.execute(sa.select(customer_table.c.run).where(mine).distinct()).scalars().all()
        gone = [run for run in runs if run != self._run and not self._locks.is_held(run)]
        if gone:
            lost = {
                "state": str(Status.UNKNOWN),
                "code": "interrupted",
                "message": "The run ended while this row was being sent",
            }
            with self._transaction() as connection:
                connection.execute(
                    customer_table.update().where(mine & customer_table.c.run.in_(gone)).values(lost)
                )

    # -- what is known

    def known(self, identities: Iterable[str]) -> dict[str, Entry]:
        """What the ledger has of these customers. One left `sending` by a run that is gone is `unknown`."""
        found: dict[str, Entry] = {}
        wanted = list(identities)
        with self._transaction() as connection:
            for start in range(0, len(wanted), BATCH):
                for entry in self._read(connection, wanted[start : start + BATCH]):
                    found[entry.identity] = entry
        held: dict[str, bool] = {}
        for identity, entry in found.items():
            if entry.state == SENDING and entry.run != self._run:
                if entry.run not in held:
                    held[entry.run] = self._locks.is_held(entry.run)
                if not held[entry.run]:
                    found[identity] = replace(entry, state=Status.UNKNOWN, code="interrupted")
        return found

    def _read(self, connection: sa.Connection, identities: Sequence[str]) -> Iterator[Entry]:
        c = customer_table.c
        wanted = sa.select(
            c.identity, c.state, c.key, c.run, c.row, c.attempts, c.first_sent_at, c.sent_at,
            c.customer_id, c.code, c.message, c.http_status, c.extra,
        ).where(c.account_id == self._account_id, c.identity.in_(identities))  # fmt: skip
        for line in connection.execute(wanted):
            facts = line._asdict()
            yield Entry(**{**facts, "extra": json.loads(facts["extra"])})

    # -- the state machine

    async def claim(self, claim: Claim) -> Entry | None:
        """Claim a customer for this run: None when it is ours, else what is known of it."""
        return await self._commit(self._claim_all, claim)

    async def settle(self, entry: Entry) -> None:
        """Record the outcome of a customer that this run has claimed."""
        await self._commit(self._settle_all, entry)

    async def resolve(self, before: Entry, after: Entry) -> bool:
        """Replace what is known of an `unknown` customer; False if someone else did meanwhile."""
        return await self._commit(self._resolve_all, (before, after))

    async def reserve_turns(self, count: int, *, interval: float, now: float, horizon: float) -> float:
        """Reserve `count` turns `interval` seconds apart; the Unix time of the first, not before `now`.

        A next turn further away than `horizon` seconds is a clock that jumped, and is not believed.
        """
        return await self._commit(self._reserve_all, (count, interval, now, horizon))

    async def hold_turns(self, until: float) -> None:
        """No turn of the account before `until` (Unix time)."""
        await self._commit(self._hold_all, until)

    def _claim_all(self, connection: sa.Connection, claims: Sequence[Claim]) -> list[Entry | None]:
        wanted = sorted({claim.identity for claim in claims})
        before = {entry.identity: entry for entry in self._read(connection, wanted)}
        new = [claim for claim in claims if claim.identity not in before]
        won = self._insert_claims(connection, new) if new else set()
        again = [
            claim
            for claim in claims
            if claim.identity in before and _claimable(before[claim.identity], claim)
        ]
        if again:
            won |= self._retake(connection, again)
        lost = [claim.identity for claim in claims if claim.identity not in won]
        after = {entry.identity: entry for entry in self._read(connection, lost)} if lost else {}
        return [None if claim.identity in won else after[claim.identity] for claim in claims]

    def _insert_claims(self, connection: sa.Connection, claims: Sequence[Claim]) -> set[str]:
        insert = (
            _insert(self._engine, customer_table)
            .on_conflict_do_nothing()
            .returning(customer_table.c.identity)
        )
        lines = [self._claim_line(claim) for claim in sorted(claims, key=lambda each: each.identity)]
        return set(connection.execute(insert, lines).scalars())

    def _claim_line(self, claim: Claim) -> dict[str, object]:
        return {
            "account_id": self._account_id,
            "identity": claim.identity,
            "state": SENDING,
            "key": claim.key,
            "run": self._run,
            "row": claim.row,
            "first_sent_at": claim.at,
            "sent_at": claim.at,
        }

    def _retake(self, connection: sa.Connection, claims: Sequence[Claim]) -> set[str]:
        won = set()
        for claim in sorted(claims, key=lambda each: each.identity):
            c = customer_table.c
            free = (c.state == str(Status.FAILED)) | (
                (c.state == str(Status.REJECTED)) & (c.key != claim.key)
            )
            mine = (c.account_id == self._account_id) & (c.identity == claim.identity) & free
            self._remember(connection, mine)
            line = self._claim_line(claim) | {"attempts": 0, "customer_id": "", "code": "", "message": "",
                                              "http_status": None, "extra": "{}"}  # fmt: skip
            if connection.execute(customer_table.update().where(mine).values(line)).rowcount == 1:
                won.add(claim.identity)
        return won

    def _remember(self, connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
        names = [column.name for column in history_table.c if column.name not in ("id", "at")]
        old = sa.select(sa.literal(time.time()), *(customer_table.c[name] for name in names)).where(which)
        connection.execute(history_table.insert().from_select(["at", *names], old))

    def _settle_all(self, connection: sa.Connection, entries: Sequence[Entry]) -> list[None]:
        c = customer_table.c
        mine = (c.account_id == self._account_id) & (c.run == self._run) & (c.state == SENDING)
        update = customer_table.update().where(mine & (c.identity == sa.bindparam("b_identity")))
        lines = [{"b_identity": entry.identity, **_outcome_line(entry)} for entry in entries]
        done = connection.execute(
            update.values({name: sa.bindparam(name) for name in _OUTCOME_COLUMNS}), lines
        )
        if done.rowcount != len(lines):
            raise LedgerError("Another process changed rows of this run in the ledger: nothing more is sent.")
        return [None] * len(entries)

    def _resolve_all(self, connection: sa.Connection, pairs: Sequence[tuple[Entry, Entry]]) -> list[bool]:
        c = customer_table.c
        done = []
        for before, after in pairs:
            same = (
                (c.account_id == self._account_id)
                & (c.identity == before.identity)
                & (c.state == before.state)
                & (c.sent_at == before.sent_at)
            )
            self._remember(connection, same)
            line = _outcome_line(after) | {"run": self._run}
            done.append(connection.execute(customer_table.update().where(same).values(line)).rowcount == 1)
        return done

    def _reserve_all(
        self, connection: sa.Connection, wishes: Sequence[tuple[int, float, float, float]]
    ) -> list[float]:
        mine = account_table.c.id == self._account_id
        following: float = connection.execute(
            sa.select(account_table.c.next_turn).where(mine).with_for_update()
        ).scalar_one()
        starts = []
        for count, interval, now, horizon in wishes:
            believed = following if following <= now + horizon else now + interval
            start = max(now, believed)
            following = start + count * interval
            starts.append(start)
        connection.execute(account_table.update().where(mine).values(next_turn=following))
        return starts

    def _hold_all(self, connection: sa.Connection, untils: Sequence[float]) -> list[None]:
        later = (account_table.c.id == self._account_id) & (account_table.c.next_turn < max(untils))
        connection.execute(account_table.update().where(later).values(next_turn=max(untils)))
        return [None] * len(untils)

    # -- group commit

    async def _commit(self, work: Callable[[sa.Connection, Sequence[Any]], Sequence[T]], item: object) -> T:
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, item, done))  # type: ignore[arg-type]  # the queue mixes kinds of work
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_waiting())
        # the work goes on when the caller is cancelled: an outcome must not be lost on the way
        return await asyncio.shield(done)

    async def _commit_waiting(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                try:
                    answers = await loop.run_in_executor(self._thread, self._write, batch)
                except Exception as error:  # noqa: BLE001  handed on to each that waits
                    for _, _, done in batch:
                        if not done.done():
                            done.set_exception(error)
                    continue
                for (_, _, done), answer in zip(batch, answers, strict=True):
                    if not done.done():
                        done.set_result(answer)
        finally:
            self._committing = None

    def _write(self, batch: Sequence[tuple[Any, Any, Any]]) -> list[Any]:
        """All of a batch in one transaction: first outcomes, then claims, so that the order is fixed."""
        answers: dict[int, Any] = {}
        groups: dict[str, list[int]] = {}
        for position, (work, _, _) in enumerate(batch):
            groups.setdefault(work.__name__, []).append(position)
        with self._transaction() as connection:
            for name in sorted(groups, reverse=True):
                positions = groups[name]
                work = batch[positions[0]][0]
                found = work(connection, [batch[position][1] for position in positions])
                answers.update(zip(positions, found, strict=True))
        return [answers[position] for position in range(len(batch))]

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        with _trouble(self._engine), self._engine.begin() as connection:
            yield connection


_OUTCOME_COLUMNS = ("state", "attempts", "sent_at", "customer_id", "code", "message", "http_status", "extra")


def _outcome_line(entry: Entry) -> dict[str, object]:
    return {
        "state": str(entry.state),
        "attempts": entry.attempts,
        "sent_at": entry.sent_at,
        "customer_id": entry.customer_id,
        "code": entry.code,
        "message": entry.message,
        "http_status": entry.http_status,
        "extra": json.dumps(dict(entry.extra), ensure_ascii=False),
    }


def _claimable(entry: Entry, claim: Claim) -> bool:
    return entry.state == Status.FAILED or (entry.state == Status.REJECTED and entry.key != claim.key)


def _insert(engine: sa.Engine, table: sa.Table) -> Any:
    return (postgresql if engine.dialect.name == "postgresql" else sqlite).insert(table)


def _prepare_sqlite(engine: sa.Engine) -> None:
    """Wait for the disk at each commit, and take the write lock at the beginning of a transaction."""
    database = engine.url.database
    if database:
        try:
            Path(database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise SettingsError(
                f"The ledger's folder {Path(database).parent} cannot be made: {error.strerror}."
            ) from error

    @sa.event.listens_for(engine, "connect")
    def _settings(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout = 30000")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _trouble(engine: sa.Engine) -> Iterator[None]:
    """Errors of the database and the disk as ours, with the ledger's place and no statement in them."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        reason = getattr(error, "orig", None) or error
        place = engine.url.render_as_string(hide_password=True)
        raise LedgerError(
            f"The ledger {place} cannot be used: {str(reason).splitlines()[0]}. Nothing is sent that cannot "
            f"be recorded. Mend it, or name another with --ledger, and run the same command again."
        ) from error
