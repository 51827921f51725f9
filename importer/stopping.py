"""When a run ends early, and why: the reasons, and the watch that finds them in the results."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from importer.rows import RowResult, Status

CANARY = 10
"""If the first so many rows are all refused for one reason, something is wrong with all of them."""

TROUBLES = 5
"""So many rows in a row without an answer are an outage."""

FIRST_PAUSE = 2.0
PAUSES = 5
"""An outage is waited for with 2, 4, 8, 16 and 32 seconds, then the run stops."""

NO_ANSWER = frozenset(
    {"not_connected", "connect_timeout", "login_unreachable", "timed_out", "connection_lost", "server_error"}
)


@dataclass(frozen=True, slots=True)
class StopReason:
    """Why a run stops early, for people, and what the process ends with.

    `about_rows`: the rows themselves are the reason, so that the same sheet would stop again. `code` is for
    machines, and keeps its meaning.
    """

    message: str
    exit_code: int = 3
    about_rows: bool = False
    code: str = "stopped"


@dataclass
class Stop:
    """The wish to stop: no new row is taken, those in flight are finished. The first reason stays.

    While it is `held` nothing new is sent either, but the run goes on as soon as somebody lets it.
    """

    reason: StopReason | None = None
    held: bool = False
    _going: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: set[asyncio.Task[object]] = field(default_factory=set)

    def request(self, reason: StopReason) -> None:
        """Stop. Whoever waits for a turn waits no longer."""
        if self.reason is None:
            self.reason = reason
            for task in self._waiting:
                task.cancel()

    def hold(self) -> None:
        """Send nothing new until `go_on`."""
        self.held = True
        self._going.clear()

    def go_on(self) -> None:
        """Send again."""
        self.held = False
        self._going.set()

    async def not_held(self) -> None:
        """Wait for as long as it is held."""
        while self.held:
            await self._going.wait()

    @property
    def wished(self) -> bool:
        """Whether the run is to stop."""
        return self.reason is not None

    async def unless_stopped(self, waiting: Callable[[], Awaitable[object]]) -> bool:
        """Await `waiting()`; False if the run stops before it is over."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a coroutine runs in one
        if self.wished:
            return False
        self._waiting.add(task)
        try:
            await waiting()
        except asyncio.CancelledError:
            ours = self.reason is not None and task.uncancel() == 0
            if not ours:
                raise
        finally:
            self._waiting.discard(task)
        return not self.wished


LOOK_EVERY = 1.0
"""Seconds between looks at the clock. A timer stands while a machine sleeps, and knows no set clock."""


@dataclass(slots=True)
class Deadline:
    """Stops a run at `when` (Unix time), also where the clock jumps or the machine sleeps meanwhile."""

    stop: Stop
    when: float
    now: Callable[[], float] = time.time
    _handle: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        self._look()

    def _look(self) -> None:
        left = self.when - self.now()
        if left <= 0:
            self.stop.request(StopReason("the time given with --stop-by has come", code="time_is_up"))
            return
        self._handle = asyncio.get_running_loop().call_later(min(left, LOOK_EVERY), self._look)

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            self._handle.cancel()


@dataclass
class Watch:
    """Looks at each result and says when enough is enough.

    `max_errors` is the number of rows that may fail to make it (None: any number), `errors` how many
    have. A pause or a stop that a result calls for is returned by `see`.
    """

    provider: str
    max_errors: int | None = None
    errors: int = 0
    accepted: bool = False
    _tried: bool = False
    _answered: bool = False
    _refusals: list[str] = field(default_factory=list)
    _troubles: int = 0
    _pauses: int = 0
    _paused_at: float = 0.0

    @property
    def watching_first_rows(self) -> bool:
        """Whether it is still open if the first rows are all refused for one reason."""
        return not self.accepted and len(self._refusals) < CANARY

    def silence(self) -> StopReason | None:
        """The reason to call it an outage where no row was answered, of a sheet too small to stop early."""
        silent = self._tried and not self._answered
        return self._out_of_reach() if silent else None

    def see(self, result: RowResult, *, now: float) -> StopReason | float | None:
        """A reason to stop, seconds to pause, or None to go on. `now` is Unix time."""
        if result.status in (Status.CREATED, Status.EXISTS):
            self.accepted = True
        else:
            self.errors += 1
        self._tried = True
        self._answered = self._answered or result.code not in NO_ANSWER
        return self.too_many() or self._canary(result) or self._outage(result, now)

    def too_many(self) -> StopReason | None:
        """Whether more rows than allowed did not make it."""
        if self.max_errors is not None and self.errors > self.max_errors:
            return StopReason(
                f"{self.errors} rows did not make it, and --max-errors allows {self.max_errors}",
                about_rows=True,
                code="too_many_errors",
            )
        return None

    def _out_of_reach(self) -> StopReason:
        return StopReason(
            f"{self.provider} cannot be reached, or gives no answers: run again later", code="out_of_reach"
        )

    def _canary(self, result: RowResult) -> StopReason | None:
        if self.accepted or len(self._refusals) >= CANARY:
            return None
        self._refusals.append(result.code if result.status is Status.REJECTED else "")
        if len(self._refusals) == CANARY and len(set(self._refusals)) == 1 and self._refusals[0]:
            return StopReason(
                f"{self.provider} refused each of the first {CANARY} rows for one reason "
                f"({result.code}): look at the message of the first one before sending more",
                about_rows=True,
                code="all_refused",
            )
        return None

    def _outage(self, result: RowResult, now: float) -> StopReason | float | None:
        if result.code not in NO_ANSWER:
            self._troubles = self._pauses = 0
            return None
        if result.sent_at is not None and result.sent_at.timestamp() < self._paused_at:
            return None  # it was under way when the pause began
        self._troubles += 1
        if self._troubles < TROUBLES and not self._pauses:
            return None
        if self._pauses == PAUSES:
            return self._out_of_reach()
        self._pauses += 1
        self._paused_at = now
        return float(FIRST_PAUSE * 2 ** (self._pauses - 1))
