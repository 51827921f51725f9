"""Keep requests under every window of a provider's limit, together with all who share the account."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from importer.ledger import Ledger, TurnsWanted
from importer.rows import Limit

MARGIN = 0.0125
"""How much wider than the limit allows requests are spaced, as a share. It is what a request may be off its
turn: a fifth of it early, four fifths late, as shares of the shortest window. What is off by more could
meet others in one window, and takes another turn."""

LATE_SHARE = MARGIN * 4 / 5
EARLY_SHARE = MARGIN / 5

MOST_SHARING = 3
"""So many processes may share an account whose limit is so wide that lateness does not matter."""

AHEAD = 0.1
"""Seconds of turns that are reserved at once at most, so that the ledger is not asked for each."""

LONG_WAIT = 5.0
"""Seconds from which on a person wants to know why nothing happens."""

LONGEST_RESERVING = 1.0
"""Turns are asked for from the time on at which the answer is expected: after as many seconds as the last one
took, but no more than these. Else those of a slow ledger would all be too late when they come."""

LEAD = 0.02
"""Seconds before its turn that a row may be claimed, so that waiting for the disk does not make it late."""

HORIZON = 60.0
HORIZON_TURNS = 100
"""A next turn further away than so many seconds, and so many turns, comes from a clock that jumped: each
process takes one turn, or a tenth of a second of them, ahead."""

SLOWEST = 4.0
"""After several 429 the spacing is at most this many times the limit's own."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The time, as arguments: `now` is Unix time in seconds that never goes back, `sleep` waits seconds."""

    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[object]]


def system_clock() -> Clock:
    """This machine's. It follows the monotonic clock from here on: a clock set back makes no turn repeat."""
    return _monotonic_from(time.time)


def shared_clock(ledger: Ledger) -> Clock:
    """The one that all who share a ledger go by: machines whose clocks differ would add up in a window."""
    return _monotonic_from(ledger.time)


def _monotonic_from(ask: Callable[[], float]) -> Clock:
    asked = time.monotonic()
    offset = ask() - (asked + time.monotonic()) / 2
    return Clock(lambda: time.monotonic() + offset, asyncio.sleep)


def spacing(limits: Sequence[Limit]) -> float:
    """Seconds between two requests that keep every window: the slowest of them decides."""
    return max(limit.per / limit.requests for limit in limits)


@dataclass
class Pacer:
    """Turns to send, evenly spaced, for one account.

    Turns come from the ledger, where every process that shares the account takes them; a start or a
    restart therefore never adds up with what was sent before. A turn used late is given back as lost: the
    rate sinks for a moment, the window holds. `at_once` is how many turns may be out at the same time.
    `on_wait` is told of a turn that is some time off, in seconds: somebody paused the account.
    """

    ledger: Ledger
    limits: tuple[Limit, ...]
    clock: Clock = field(default_factory=system_clock)
    at_once: float = math.inf
    on_wait: Callable[[float], None] | None = None
    _next: float = 0.0
    _left: int = 0
    _slower: float = 1.0
    _held_until: float = 0.0
    _spacing: float = 0.0
    _early: float = 0.0
    _reserving: float = 0.0
    _late: float = 0.0
    _returned: list[float] = field(default_factory=list)
    _line: deque[asyncio.Future[float]] = field(default_factory=deque)
    _serving: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        """Work out the spacing once."""
        shortest = min(limit.per for limit in self.limits)
        self._spacing = spacing(self.limits) * (1 + MARGIN)
        self._early, self._late = EARLY_SHARE * shortest, LATE_SHARE * shortest
        if all(MOST_SHARING * 2 * self.at_once <= MARGIN * limit.requests for limit in self.limits):
            # however late they are, those that are out, and as many reserved, fit into the margin
            self._late = math.inf

    @property
    def interval(self) -> float:
        """Seconds between two turns now."""
        return self._spacing * self._slower

    @property
    def at_ease(self) -> bool:
        """Whether the limit is so wide that no turn is ever too late."""
        return self._late == math.inf

    def turn_at_hand(self) -> float | None:
        """A turn (Unix seconds) that is due already, if there is one and nobody stands in line for it."""
        turn = self._reserved() if not self._line else None
        if turn is not None and turn - LEAD > self.clock.now():
            self.give_back(turn)
            return None
        return turn

    async def turn(self) -> float:
        """The time of the next free turn (Unix seconds), shortly before it; `wait_until` waits for the rest.

        Who asks stands in line: only the first holds a turn, so that none is reserved far ahead.
        """
        mine: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._line.append(mine)
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        return await mine

    async def _serve(self) -> None:
        """Give turns to those in line, all that are due at once, until nobody waits."""
        try:
            while self._line:
                turn = await self._next_turn()
                early = turn - LEAD - self.clock.now()
                if early > 0:
                    if early > LONG_WAIT and self.on_wait is not None:
                        self.on_wait(early)
                    await self.clock.sleep(early)
                if turn >= max(self._held_until, self.clock.now() - self._late):
                    self._hand_out(turn)
        except Exception as error:  # noqa: BLE001  told to each that waits
            for waiting in self._line:
                if not waiting.done():
                    waiting.set_exception(error)
            self._line.clear()
        finally:
            self._serving = None

    def _hand_out(self, turn: float) -> None:
        while self._line:
            first = self._line.popleft()
            if not first.done():  # who was cancelled has left the line
                first.set_result(turn)
                return
        self.give_back(turn)

    async def _next_turn(self) -> float:
        while (turn := self._reserved()) is None:
            await self._refill()
        return turn

    def _reserved(self) -> float | None:
        """A turn that is ours already, if there is one."""
        while self._returned:
            turn = self._returned.pop()
            if turn >= max(self._held_until, self.clock.now() - self._late):
                return turn
        self._skip_missed()
        if not self._left:
            return None
        turn, self._next, self._left = self._next, self._next + self.interval, self._left - 1
        return turn

    def give_back(self, turn: float) -> None:
        """A turn that was not needed: the next who asks may have it."""
        self._returned.append(turn)

    async def wait_until(self, turn: float) -> bool:
        """Wait for a turn; False if it was missed or the account was paused meanwhile: take another."""
        wait = turn - self.clock.now()
        if wait > self._early:
            await self.clock.sleep(wait)
        return turn >= self._held_until and self.clock.now() <= turn + self._late

    def _skip_missed(self) -> None:
        late = self.clock.now() - self._next
        if self._left and late > self._late:
            # those on the verge of being too late as well would be so when they are used
            missed = min(self._left, int(late / self.interval) + 1)
            self._next += missed * self.interval
            self._left -= missed

    async def _refill(self) -> None:
        # no more than are wanted: what is reserved and not used, nobody else has either
        wanted = max(len(self._line), int(self.at_once)) if self.at_ease else len(self._line)
        count = max(1, min(wanted, int(AHEAD / self.interval)))
        asked = self.clock.now()
        self._next = await self.ledger.reserve_turns(
            TurnsWanted(
                count,
                interval=self.interval,
                now=asked + self._reserving,
                horizon=max(HORIZON, HORIZON_TURNS * self.interval),
            )
        )
        self._left = count
        self._reserving = min(self.clock.now() - asked, LONGEST_RESERVING)

    def hold(self, seconds: float) -> None:
        """Nothing is sent from here for `seconds`, from this moment on. `pause` has it known everywhere."""
        until = self.clock.now() + seconds
        if until > self._held_until:
            self._held_until = until
            self._left = 0

    async def pause(self, seconds: float) -> None:
        """Nothing is sent for the account for `seconds`; afterwards more slowly than before."""
        until = self.clock.now() + seconds
        if until >= self._held_until:
            self.hold(seconds)
            await self.ledger.hold_turns(until)

    def slow_down(self) -> None:
        """The provider found us too fast: space wider, up to four times."""
        self._slower = min(SLOWEST, self._slower * 1.5)
        self._left = 0  # these were reserved closer together

    def recover(self) -> None:
        """A request went through: back towards the limit, in some seventy requests from the slowest."""
        if self._slower > 1.0:
            self._slower = max(1.0, self._slower * 0.98)
