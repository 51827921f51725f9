"""Rate windows, enforced strictly over arrival times.

A window of 60 in 60 s slides: no stretch of 60 s, wherever it begins, holds more than 60 admitted requests.
Refused requests are not counted, as a provider that counted them would never let a busy client back in.
"""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_RATE = re.compile(r"([0-9]+)/([0-9]*\.?[0-9]*)(s|min|h)")


class Block(StrEnum):
    """What a provider does, besides refusing, to somebody who goes over a window."""

    NONE = "none"
    """Nothing: as soon as there is room, a request is admitted."""
    TO_ITS_END = "to_its_end"
    """Refuse everything until the clock's current period (the minute on the clock, say) is over.

    Whoever comes back before the window has room again is blocked again."""
    FOR_ITS_LENGTH = "for_its_length"
    """Refuse everything for as long as the window is."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most `limit` requests in any `per` seconds."""

    limit: int
    per: float
    block: Block = Block.NONE

    def __post_init__(self) -> None:
        """Refuse a window that admits nothing.

        Raises:
            ValueError: The limit or the length is not positive.
        """
        if self.limit < 1 or self.per <= 0:
            raise ValueError(f"a window needs a limit and a length above zero: {self.limit}/{self.per:g}s")

    def blocks_until(self, now: float) -> float:
        """When the block ends that somebody gets who goes over this window `now`."""
        if self.block is Block.NONE:
            return now
        return now + self.per if self.block is Block.FOR_ITS_LENGTH else now - now % self.per + self.per

    @classmethod
    def parse(cls, text: str) -> "Window":
        """The window written as ``25/s``, ``200/min`` or ``100/10s``.

        Raises:
            ValueError: It is written otherwise.
        """
        match = _RATE.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not a rate: write 25/s, 200/min or 100/10s")
        limit, count, unit = match.groups()
        return cls(int(limit), float(count or 1) * _UNITS[unit])


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a client stands in the window that is nearest to full.

    `wait` is in seconds and 0 unless the request was refused; `reset_at` is on the limiter's clock.
    """

    limit: int
    remaining: int
    reset_at: float
    wait: float = 0.0


class Limiter:
    """Several windows over one stream of requests."""

    def __init__(self, windows: Sequence[Window]) -> None:
        """Start with no request counted."""
        self._windows = [(window, deque[float]()) for window in windows]
        self._blocked_until = float("-inf")

    def admit(self, now: float) -> Standing:
        """Count a request that arrives `now`, or refuse it (``wait > 0``) and count nothing."""
        self._forget(now)
        blocked = now < self._blocked_until
        full = [(window, arrivals[0]) for window, arrivals in self._windows if len(arrivals) >= window.limit]
        if not full and not blocked:
            for _, arrivals in self._windows:
                arrivals.append(now)
            return self._tightest()
        if not blocked:
            self._blocked_until = max(window.blocks_until(now) for window, _ in full)
        until = max([self._blocked_until, *(oldest + window.per for window, oldest in full)])
        return Standing(self._windows[0][0].limit, 0, until, until - now)

    def _forget(self, now: float) -> None:
        for window, arrivals in self._windows:
            while arrivals and arrivals[0] + window.per <= now:
                arrivals.popleft()

    def _tightest(self) -> Standing:
        window, arrivals = min(self._windows, key=lambda item: item[0].limit - len(item[1]))
        return Standing(window.limit, window.limit - len(arrivals), arrivals[0] + window.per)
