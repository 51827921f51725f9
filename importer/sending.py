"""One row's way to the provider: claim, send, judge, settle; and what became of an unknown one."""

import asyncio
import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple, TypeVar

from importer.client import Client
from importer.errors import NotAppliedError, OutcomeUnknownError, ProviderRefusedError, SendError
from importer.ledger import SENDING, Claim, Entry, Ledger
from importer.mapping import FieldMapping
from importer.pacing import Pacer
from importer.providers import replies
from importer.providers.base import Provider, Reply, Sought, Verdict
from importer.quoting import Quotes
from importer.retry import Retry, nothing_left
from importer.rows import RowResult, Status
from importer.staging import Staged
from importer.standing import in_the_way, result_of
from importer.stopping import Stop, StopReason

T = TypeVar("T")
DELAY_TO_NOTE = 1.0
"""Seconds between the time in the ledger and that of a request from which on the ledger is told."""

NEVER_LEFT = "stopped"
"""Code of a customer that was claimed when the run stopped, and not sent."""

LONGEST_MESSAGE = 1000

MOST_PAGES = 1000
"""So many pages of a look-up are read at most: 100,000 customers where a page has 100."""

PAGES_KEPT = 100
"""So many answers serve several look-ups that ask for the same: some 20 MB where a page has 100 customers."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A row that was sent, or need not be.

    `result` holds, and may be told, once `settled` is done: then it is on disk. It is None for a row that was
    claimed and had not left when the run stopped, `settled` where the ledger has nothing new.
    """

    result: RowResult | None
    settled: asyncio.Future[None] | None = None


class _Tried(NamedTuple):
    """The last attempt of a row: the how manieth, and when (Unix seconds)."""

    attempts: int
    at: float


@dataclass
class Sender:
    """Brings rows to one provider. `stop` is asked before a row is claimed and told of a refusal.

    A row has one of the `slots` while its request is under way. `made_before` are the attempts, by identity,
    that rows had before they were found absent.
    """

    provider: Provider
    client: Client
    ledger: Ledger
    pacer: Pacer
    stop: Stop
    run: str
    protected: bool
    columns: FieldMapping
    slots: asyncio.Semaphore
    retry: Retry = field(default_factory=Retry)
    made_before: dict[str, int] = field(default_factory=dict)
    _blocks: int = 0
    _blocked_until: float = 0.0

    async def send(self, staged: Staged) -> Sent | None:
        """Claim a row and send it; None if the run stopped before it was claimed."""
        turn = await self._turn()
        if turn is None:
            return None
        now = self.pacer.clock.now()
        known = await self.ledger.claim(
            Claim(staged.identity, staged.key, staged.number, now, staged.exclusive)
        )
        if known is not None:
            self.pacer.give_back(turn)
            return Sent(in_the_way(staged, known))
        made = self.made_before.pop(staged.identity, 0)
        entry = Entry(staged.identity, SENDING, staged.key, self.run, staged.number, made, now, now)
        outcome = await self._attempts(staged, entry, turn)
        result = result_of(staged.number, outcome) if outcome.code != NEVER_LEFT else None
        return Sent(result, self.ledger.settle(outcome))

    async def send_again(self, staged: Staged, unknown: Entry) -> RowResult | None:
        """Repeat a request under the idempotency key that protects it.

        None if somebody else settles it, or the run stopped before.
        """
        turn = await self._turn()
        entry = replace(unknown, state=SENDING, run=self.run)
        if turn is None or not await self.ledger.resolve(unknown, entry):
            return None
        outcome = await self._attempts(staged, entry, turn, uncertain=True)
        await self.ledger.settle(outcome)
        return result_of(staged.number, outcome)

    async def _attempts(self, staged: Staged, entry: Entry, turn: float, *, uncertain: bool = False) -> Entry:
        """Try until there is an outcome. `uncertain`: an earlier attempt may have had an effect."""
        made = 0
        failed: Entry | None = None
        next_turn: float | None = turn
        while True:
            async with self.slots:
                sent_at = await self._departure(entry, next_turn)
                if sent_at is None:
                    return failed or _never_left(entry, uncertain=uncertain)
                made += 1
                tried = _Tried(entry.attempts + 1, sent_at)
                try:
                    verdict, http_status = await self._exchange(staged)
                    return self._with_verdict(staged, entry, tried, verdict, http_status)
                except ProviderRefusedError as error:
                    self.stop.request(StopReason(self.told(staged, str(error)), code="account_refused"))
                    status = Status.UNKNOWN if uncertain else Status.FAILED
                    return self._with_error(staged, entry, tried, error, status)
                except NotAppliedError as error:
                    wait = await self._wait_after(error, made, sent_at)
                    status = Status.UNKNOWN if uncertain else Status.FAILED
                    failure: SendError = error
                except OutcomeUnknownError as error:
                    uncertain = True
                    wait = self.retry.wait(made) if self.protected else None
                    status = Status.UNKNOWN
                    failure = error
            failed = self._with_error(staged, entry, tried, failure, status)
            if wait is None or not await self._rest(wait):
                return failed
            entry = replace(entry, attempts=tried.attempts, sent_at=tried.at)
            next_turn = await self._turn()

    async def _departure(self, entry: Entry, turn: float | None) -> float | None:
        """The time (Unix seconds) at which a request may leave now, None if the run stops before."""
        while turn is not None:
            entry = await self._note_delay(entry, turn)
            if await self.pacer.wait_until(turn) and not self.stop.held:
                return None if self.stop.wished else self.pacer.clock.now()
            turn = await self._turn()
        return None

    def told(self, staged: Staged, words: str) -> str:
        """A provider's words as they may be kept and shown: without the cells and secrets they quote."""
        return words and clean(self._quotes.without(words, staged.body, self.client.secrets))

    def _with_verdict(
        self, staged: Staged, entry: Entry, tried: _Tried, verdict: Verdict, http_status: int
    ) -> Entry:
        return replace(
            entry,
            state=verdict.status,
            attempts=tried.attempts,
            sent_at=tried.at,
            customer_id=clean(verdict.customer_id),
            code=self.told(staged, verdict.code),
            message=self.told(staged, self._message(verdict)),
            http_status=http_status,
            extra={name: clean(text) for name, text in verdict.extra.items()},
        )

    def _with_error(
        self, staged: Staged, entry: Entry, tried: _Tried, error: SendError, status: Status
    ) -> Entry:
        return replace(
            entry,
            state=status,
            attempts=tried.attempts,
            sent_at=tried.at,
            code=error.code,
            message=self.told(staged, str(error)),
            http_status=error.http_status,
        )

    def _message(self, verdict: Verdict) -> str:
        """What the provider said, with the sheet's own headings for its fields."""
        faults = [f"{self.columns.column_of(name) or name}: {words}" for name, words in verdict.faults]
        return "; ".join(filter(None, [verdict.message, *faults]))

    @cached_property
    def _quotes(self) -> Quotes:
        return Quotes.of(self.provider, self.columns)

    async def _turn(self) -> float | None:
        """The next free turn, None if the run stops before there is one."""
        at_once = not (self.stop.held or self.stop.wished)
        if at_once and (turn := self.pacer.turn_at_hand()) is not None:
            return turn
        turns: list[float] = []

        async def wait_for_turn() -> None:
            while not turns:
                await self.stop.not_held()
                turn = await self.pacer.turn()
                if self.stop.held:  # since it stood in line
                    self.pacer.give_back(turn)
                else:
                    turns.append(turn)

        return turns[0] if await self.stop.unless_stopped(wait_for_turn) else None

    async def _rest(self, seconds: float) -> bool:
        """Wait; False if the run stops meanwhile."""
        return await self.stop.unless_stopped(lambda: self.pacer.clock.sleep(seconds))

    async def _note_delay(self, entry: Entry, turn: float) -> Entry:
        """Put the time of a request on disk that leaves much later than its row was claimed.

        If this process ends now, "not found" must not count before the provider had time for this request.
        """
        leaves = max(turn, self.pacer.clock.now())
        if leaves - entry.sent_at <= DELAY_TO_NOTE:
            return entry
        entry = replace(entry, sent_at=leaves)
        await self.ledger.settle(entry)
        return entry

    async def _exchange(self, staged: Staged) -> tuple[Verdict, int]:
        reply = await self.client.create(staged.body, staged.key)
        if self.pacer.clock.now() >= self._blocked_until:
            self._blocks = 0
        self.pacer.recover()
        await self._heed(reply)
        verdict = self.provider.judge(reply)
        if reply.status == 409 and reply.document is not None and verdict.status is not Status.EXISTS:
            verdict = replies.exists(f"{self.provider.title} reports a conflict: {replies.said(reply)}")
        if verdict.status is Status.UNKNOWN:
            raise OutcomeUnknownError(verdict.message, code=verdict.code, http_status=reply.status)
        return verdict, reply.status

    async def _wait_after(self, error: NotAppliedError, made: int, sent_at: float) -> float | None:
        if error.throttled:
            await self._heed_block(error.retry_after, sent_at)
        wait = self.retry.wait(made)
        if wait is None or error.retry_after is None:
            return wait
        return 0.0 if error.throttled else error.retry_after

    async def _heed_block(self, retry_after: float | None, sent_at: float) -> None:
        """Pause the account. All that were under way when a block began tell of that one block."""
        if sent_at >= self._blocked_until:
            self.pacer.slow_down()
            longest = len(self.provider.blocked_for) - 1
            blocked = self.provider.blocked_for[min(self._blocks, longest)]
            self._blocks += 1
            pause = blocked if retry_after is None else retry_after
        elif retry_after is not None:
            pause = retry_after
        else:
            return
        self._blocked_until = max(self._blocked_until, self.pacer.clock.now() + pause)
        await self.pacer.pause(pause)

    async def _heed(self, reply: Reply) -> None:
        wait = nothing_left(reply.headers, self.pacer.clock.now())
        if wait:
            await self.pacer.pause(wait)

    # -- looking up

    async def look_up(self, staged: Staged, unknown: Entry, pages: dict[str, Reply]) -> Verdict | None:
        """What the provider has of an unknown customer; None: it is not there.

        `pages` are answers that the caller still finds recent enough; those asked for now are added.

        Raises:
            SendError: Nothing could be learnt.
        """
        assert self.provider.look_up is not None  # noqa: S101  the caller has looked
        sought = Sought(
            json.loads(staged.body), staged.identity, datetime.fromtimestamp(unknown.first_sent_at, UTC)
        )
        return await self.ask(self.provider.look_up(sought), pages)

    async def ask(self, steps: Generator[str, Reply, T], pages: dict[str, Reply]) -> T:
        """What `steps` makes of the answers to what it asks for; `pages` and errors as in `look_up`."""
        target = next(steps)
        for _ in range(MOST_PAGES):
            reply = pages.get(target) or await self._get(target)
            if len(pages) < PAGES_KEPT:
                pages[target] = reply
            try:
                target = steps.send(reply)
            except StopIteration as done:
                found: T = done.value
                return found
        raise OutcomeUnknownError(f"The look-up came to no end in {MOST_PAGES} pages", code="endless_look_up")

    async def _get(self, target: str) -> Reply:
        made = 0
        while True:
            turn = await self._turn()
            while turn is not None and not await self.pacer.wait_until(turn):
                turn = await self._turn()
            if turn is None:
                raise OutcomeUnknownError("The run stopped before the look-up", code="interrupted")
            made += 1
            try:
                return await self.client.get(target)
            except (NotAppliedError, OutcomeUnknownError) as error:
                # a GET has no effect: whatever went wrong, it may be repeated
                wait = (
                    await self._wait_after(error, made, turn)
                    if isinstance(error, NotAppliedError)
                    else self.retry.wait(made)
                )
                if wait is None or not await self._rest(wait):
                    raise


def _never_left(entry: Entry, *, uncertain: bool) -> Entry:
    """What stands in the ledger of a claim that was given up before its request left."""
    if uncertain:
        return replace(entry, state=Status.UNKNOWN)
    return replace(entry, state=Status.FAILED, code=NEVER_LEFT, message="The run stopped before it was sent")


def clean(text: str) -> str:
    """A provider's text as a database and a cell take it: no control characters, not endless."""
    if len(text) <= LONGEST_MESSAGE and text.isprintable():
        return text
    kept = "".join(_printable(text[:LONGEST_MESSAGE]))
    return kept + "…" if len(text) > LONGEST_MESSAGE else kept


def _printable(text: str) -> Iterator[str]:
    for character in text:
        if character.isprintable() or character == " ":
            yield character
        else:
            yield " " if character.isspace() else "\ufffd"
