"""The order of things: settle what is unknown, send what is ready, settle again, write the results."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from importer.accounts import read_credentials, require_address
from importer.connecting import concurrency, open_sender
from importer.pacing import Clock
from importer.planning import Plan, remembered, told_path
from importer.progress import OnProgress, Phase, Progress, ignore
from importer.reporting import check_room, write_results
from importer.retry import Retry
from importer.rewriting import kept_settings
from importer.rows import MADE_IT, RowResult, Status, Summary
from importer.sending import Sender, Sent
from importer.settling import Assumption, Settler, assume
from importer.source.document import digest_of
from importer.staging import Pending, Staged
from importer.standing import ELSEWHERE, SETTLED_CODE, marked, still_absent
from importer.stopping import Deadline, Stop, StopReason, Watch

CLAIMED_AHEAD = 0.25
"""So many more rows than may be under way are in hand where turns do not matter, as a share: while the claim
of one goes to the disk, another is sent."""

STAGED_AT_ONCE = 200
"""Results that are noted together."""

WATCH_EVERY = 0.5
"""Seconds between looks at rows that another run is sending."""

BEYOND_LIMIT = ("limit_reached", "Beyond --limit")
SETTLED_ONLY = (SETTLED_CODE, "Ready: importer run sends it")
"""Why a row was not sent: the code, and in words."""


async def run(
    plan: Plan,
    *,
    on_progress: OnProgress = ignore,
    stop: Stop | None = None,
    settle_only: bool = False,
    agreed: bool = False,
    variables: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    retry: Retry = Retry(),  # noqa: B008  frozen
) -> Summary:
    """Carry out a plan: every row gets its status, and the results file is written.

    `stop` lets the caller end it early: no new row is taken, those in flight are finished. With
    `settle_only` nothing new is sent. `agreed`: a person has seen the plan, and columns that hold hardly any
    of what they are mapped to are meant so. `variables` replace the environment, for credentials.

    Raises:
        SetupError: A credential or the address is missing, a column is wrong, or the disk has no room for the
            results; nothing was sent.
        LedgerError: The ledger cannot be used; nothing is sent that could not be recorded. The results
            file is not written; the same run again goes on.
    """
    started = time.monotonic()
    begun = datetime.now(UTC)
    account = plan.opened.account
    if not (agreed or settle_only):
        plan.require_columns_make_sense()
    if not plan.idle:
        require_address(account)
    credentials = {} if plan.idle else read_credentials(account, variables)
    stopping = stop or Stop()
    watch = Watch(account.provider.title, _most_errors(plan))
    check_room(plan)
    _begin(plan)
    async with AsyncExitStack() as stack:
        sender = await open_sender(
            plan.opened,
            plan.ledger,
            plan.run,
            stack,
            credentials=credentials,
            stop=stopping,
            clock=clock,
            retry=retry,
        )
        delivery = Delivery(plan, sender, watch, on_progress)
        sender.pacer.on_wait = delivery.tell_of_wait
        if plan.opened.job.stop_at is not None:
            stack.enter_context(Deadline(stopping, plan.opened.job.stop_at))
        settler = Settler(plan, sender, on_progress, send_missing=not settle_only)
        for _ in range(2):  # what is unknown before, and what became so
            await settler.settle_all()
            await delivery.deliver(send=not settle_only)
    silence = watch.silence() if plan.opened.job.name and _left(plan) else None
    if silence is not None:  # of a night: at a terminal each row says it
        stopping.request(silence)
    unsent = SETTLED_ONLY if settle_only else BEYOND_LIMIT
    return _finish(plan, stopping, begun, started, on_progress, unsent)


async def record(plan: Plan, assumption: Assumption) -> Summary:
    """Record what a person found out about unknown rows, and write the results anew. Sends nothing.

    Raises:
        SettingsError: A row is not unknown, or one id was given for several rows; nothing was recorded.
        LedgerError: The ledger cannot be used.
    """
    started, begun = time.monotonic(), datetime.now(UTC)
    _begin(plan)
    await assume(plan, assumption)
    return _finish(plan, Stop(), begun, started, ignore, SETTLED_ONLY)


def _begin(plan: Plan) -> None:
    plan.ledger.begin_run(
        plan.run,
        source=told_path(plan.opened.job.source),
        output=told_path(plan.opened.output),
        again=plan.again,
        job=plan.opened.job.name,
        settings=kept_settings(plan),
    )
    if (kept := remembered(plan.opened)) is not None:
        kept.note_sending(plan.staging, plan.run)


async def follow(
    plan: Plan, *, stop: Stop | None = None, agreed: bool = False, variables: Mapping[str, str] | None = None
) -> AsyncIterator[Progress | Summary]:
    """Carry out a plan as `run` does, and give its progress as it happens; the last item is the summary.

    A consumer that leaves early stops the run: what is in flight is finished and the results are written
    before the iterator closes.
    """
    stopping = stop or Stop()
    news: asyncio.Queue[Progress | None] = asyncio.Queue()
    work = asyncio.create_task(
        run(plan, on_progress=news.put_nowait, stop=stopping, agreed=agreed, variables=variables)
    )
    work.add_done_callback(lambda _: news.put_nowait(None))
    try:
        while (progress := await news.get()) is not None:
            yield progress
        yield await work
    finally:
        if not work.done():
            stopping.request(StopReason("nobody follows the run any more"))
            await asyncio.wait([work])


def _left(plan: Plan) -> bool:
    """Whether rows did not get an answer, and were not found either."""
    return plan.counts[Status.FAILED] + plan.counts[Status.UNKNOWN] > 0


def _most_errors(plan: Plan) -> int | None:
    text = plan.opened.job.max_errors
    if text.endswith("%"):
        return math.floor(sum(plan.counts.values()) * float(text[:-1]) / 100)
    return int(text) if text else None


@dataclass(slots=True)
class Delivery:
    """The ready rows of a plan on their way, several at once."""

    plan: Plan
    sender: Sender
    watch: Watch
    on_progress: OnProgress
    _taken: int = 0
    _done: int = 0
    _told_until: float = 0.0
    _broken: Exception | None = None
    _unstaged: list[tuple[RowResult, Pending]] = field(default_factory=list)
    _open: set[asyncio.Future[None]] = field(default_factory=set)
    _gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def send_ready(self) -> None:
        """Send what is ready, in sheet order, until there is no more, the limit is reached, or a stop."""
        self.watch.errors = sum(n for status, n in self.plan.counts.items() if status in _ERRORS)
        reason = self.watch.too_many()
        if reason is not None:
            self.sender.stop.request(reason)
        total = self._taken + self.plan.ready
        if self.plan.opened.job.limit is not None:
            total = min(total, self.plan.opened.job.limit)
        rows = self.plan.staging.pending(Pending.SEND)
        async with asyncio.TaskGroup() as workers:
            for number in range(min(self._workers(), total - self._taken)):
                workers.create_task(self._work(rows, total, first=number == 0))
        while self._open:
            await asyncio.wait(self._open)
            await asyncio.sleep(0)  # what is to be done after them
        self._stage()
        if self._broken is not None:
            raise self._broken

    def _workers(self) -> int:
        """How many rows are in hand at once."""
        at_once = concurrency(self.plan.opened)
        return at_once + (int(CLAIMED_AHEAD * at_once) if self.sender.pacer.at_ease else 0)

    async def deliver(self, *, send: bool) -> None:
        """Send what is ready (unless told not to) until nothing waits for other runs any more."""
        while True:
            if send:
                await self.send_ready()
            if not await self.watch_others():
                return

    def tell_of_wait(self, seconds: float) -> None:
        """Have people see that the account is paused, unless they were told of this pause."""
        until = self.sender.pacer.clock.now() + seconds
        if until <= self._told_until + 1:
            return
        self._told_until = until
        self.on_progress(Progress(Phase.WAITING, self._done, self._done + self.plan.ready, wait=seconds))

    async def watch_others(self) -> bool:
        """Wait a moment for what other runs are sending, if anything: False where there is nothing.

        Each such row then has their outcome, or is ours to go on with, or is waited for once more. A run
        that lives ends its rows, and one that is gone leaves them unknown, so this comes to an end.
        """
        waiting = self.plan.staging.count_pending(Pending.WATCH)
        if not waiting or self.sender.stop.wished:
            return False
        clock = self.sender.pacer.clock
        self.on_progress(Progress(Phase.WAITING, self._done, self._done + waiting, wait=WATCH_EVERY))
        await self.sender.stop.unless_stopped(lambda: clock.sleep(WATCH_EVERY))
        self.plan.ledger.give_up_lost()
        rows = list(self.plan.staging.pending(Pending.WATCH))
        known = self.plan.ledger.known([staged.identity for staged in rows])
        for staged in rows:
            entry = known.get(staged.identity)
            found = list(marked(staged, entry)) if entry is not None else []
            self.plan.staging.update(found or [(RowResult(staged.number, Status.NOT_SENT), Pending.SEND)])
        return True

    async def _work(self, rows: Iterator[Staged], total: int, *, first: bool) -> None:
        # rows go one by one until one is accepted: a wrong key or mapping costs few requests
        if not first:
            await self._gate.wait()
        try:
            while not self.sender.stop.wished and self._taken < total:
                staged = next(rows, None)
                if staged is None:
                    return
                self._taken += 1
                sent = await self.sender.send(staged)
                if sent is not None:
                    await self._follow(sent, total)
        except Exception as error:  # noqa: BLE001  raised again once the others are through
            self._break_off(error)
        finally:
            if first:
                self._gate.set()

    async def _follow(self, sent: Sent, total: int) -> None:
        """Report a row once it is settled. Only one by one, or where errors count, the next waits for that.

        Else it is on its way, and cannot run ahead: its claim goes to the disk with this outcome or later.
        """
        if sent.settled is None:
            self._report(sent.result, total)
            return
        self._see_to(sent.settled, then=lambda: self._report(sent.result, total))
        one_by_one = not self._gate.is_set() or concurrency(self.plan.opened) == 1
        if one_by_one or self.watch.max_errors is not None:
            await asyncio.wait([sent.settled])

    def _see_to(self, future: asyncio.Future[None], *, then: Callable[[], None] = lambda: None) -> None:
        """Have the run wait for it before it ends, and do something afterwards."""

        def done(_: object) -> None:
            self._open.discard(future)
            try:
                future.result()
                then()
            except asyncio.CancelledError:
                return  # the process ends
            except Exception as error:  # noqa: BLE001  as that of a worker
                self._break_off(error)

        self._open.add(future)
        future.add_done_callback(done)

    def _break_off(self, error: Exception) -> None:
        """Stop because of what should not be; it is raised once all rows that are under way are through.

        They are to finish: cancelling a request makes an unknown.
        """
        self._broken = self._broken or error
        self.sender.stop.request(StopReason(str(error), code="broke_off"))

    def _report(self, result: RowResult | None, total: int) -> None:
        if result is None:
            return
        after = _what_next(result)
        self._unstaged.append((result, after))
        if len(self._unstaged) == STAGED_AT_ONCE:
            self._stage()
        if after is Pending.WATCH:
            self._taken -= 1  # not sent by us, and it may come round again
            return
        self._done += 1
        self.on_progress(Progress(Phase.SENDING, self._done, total, result))
        verdict = self.watch.see(result, now=self.sender.pacer.clock.now())
        if self.watch.accepted or not self.watch.watching_first_rows:
            self._gate.set()
        if isinstance(verdict, StopReason):
            self.sender.stop.request(verdict)
        elif verdict is not None:
            self._told_until = self.sender.pacer.clock.now() + verdict
            self.on_progress(Progress(Phase.WAITING, self._done, total, wait=verdict))
            self.sender.pacer.hold(verdict)  # at once: rows claimed together with this one are about to leave
            self._see_to(asyncio.create_task(self.sender.pacer.pause(verdict)))

    def _stage(self) -> None:
        """Note what became of rows. What is not noted yet when a process ends stands in the ledger."""
        self.plan.staging.update(self._unstaged)
        self._unstaged.clear()


_ERRORS = frozenset({Status.INVALID, Status.REJECTED, Status.FAILED, Status.UNKNOWN})


def _what_next(result: RowResult) -> Pending:
    if result.code == ELSEWHERE:
        return Pending.WATCH
    return Pending.SETTLE if result.status is Status.UNKNOWN else Pending.NOTHING


def _keep_absent(plan: Plan) -> None:
    """Have rows stay failed that were found absent: nothing was done about them since."""
    waiting = plan.staging.pending(Pending.SEND)
    while rows := list(islice(waiting, STAGED_AT_ONCE)):
        known = plan.ledger.known([staged.identity for staged in rows])
        for staged in rows:
            if staged.identity in known:
                plan.staging.update(still_absent(staged, known[staged.identity]))


def _finish(
    plan: Plan,
    stop: Stop,
    begun: datetime,
    started: float,
    on_progress: OnProgress,
    unsent: tuple[str, str],
) -> Summary:
    """Say why rows were not sent, write the results, enter the end of the run."""
    reason = stop.reason
    if reason is not None:
        unsent = ("stopped", f"The run stopped before this row: {reason.message}")
    elif unsent is SETTLED_ONLY:
        _keep_absent(plan)
    plan.explain_unsent(*unsent)
    counts = plan.counts
    complete = all(status in MADE_IT for status, count in counts.items() if count)
    exit_code = reason.exit_code if reason is not None else 0 if complete else 1
    on_progress(Progress(Phase.WRITING, 0, sum(counts.values())))
    if (kept := remembered(plan.opened)) is not None:
        kept.note_ended(plan.staging)
    write_results(plan, begun, reason)
    stopped = reason.message if reason is not None else ""
    opened = plan.opened
    written = digest_of(opened.output) if opened.output == opened.job.source else ""
    plan.ledger.end_run(exit_code=exit_code, counts=counts, stopped=stopped, unsent=unsent, written=written)
    return Summary(
        run=plan.run,
        provider=opened.account.provider.name,
        environment=str(opened.account.environment),
        account=opened.account.label,
        source=str(opened.job.source),
        output=str(opened.output),
        counts=counts,
        exit_code=exit_code,
        seconds=round(time.monotonic() - started, 3),
        stopped=stopped,
        stop_code=reason.code if reason is not None else "",
    )
