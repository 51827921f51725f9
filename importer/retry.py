"""When to try again, and after how long."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 3600.0
"""A provider that asks for more than an hour is not waited for longer than this at once."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Capped exponential back-off with full jitter.

    Before attempt n + 1 the wait is uniform between 0 and ``min(cap, base * 2 ** (n - 1))`` seconds, n
    being the attempts made (Brooker, "Exponential Backoff And Jitter", 2015). `attempts` is how often one
    row is tried in all.
    """

    attempts: int = 5
    base: float = 0.5
    cap: float = 30.0

    def wait(self, made: int, *, uniform: Callable[[float, float], float] = random.uniform) -> float | None:
        """Seconds to wait after `made` attempts, None where no further one is due."""
        if made >= self.attempts:
            return None
        return uniform(0.0, min(self.cap, self.base * 2 ** (made - 1)))


def asked_to_wait(
    headers: Mapping[str, str], document: Mapping[str, object] | None, now: float
) -> float | None:
    """Seconds the provider asked to wait, None where it did not say.

    From `Retry-After` (seconds or an HTTP date, RFC 9110 §10.2.3), else `retry_after` in the body, at the
    top or under `error`. `now` is Unix time; where the answer has a `Date`, that is its now: its clock may
    be another than ours.
    """
    theirs = _moment(headers.get("date", ""))
    now = now if theirs is None else theirs
    found = _seconds(headers.get("retry-after"), now)
    if found is None and document is not None:
        inner = document.get("error")
        places = (document, inner if isinstance(inner, dict) else {})
        found = next(
            (s for s in (_seconds(place.get("retry_after"), now) for place in places) if s is not None), None
        )
    return found


def nothing_left(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the window resets where `X-RateLimit-Remaining` says that it is used up, else None.

    `X-RateLimit-Reset` is Unix time at some providers and seconds to go at others: a number of more than
    nine digits is a time, one of more than twelve in milliseconds.
    """
    if headers.get("x-ratelimit-remaining", "").strip() != "0":
        return None
    return _seconds(headers.get("x-ratelimit-reset"), now, epoch_above=1e9)


def _seconds(value: object, now: float, *, epoch_above: float = float("inf")) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except ValueError:
        return _until(str(value), now)
    except OverflowError:
        return LONGEST_WAIT
    if number > epoch_above:
        number = (number / 1000 if number > epoch_above * 1000 else number) - now
    # NaN is not equal to itself
    return min(max(0.0, number), LONGEST_WAIT) if number == number else None


def _until(text: str, now: float) -> float | None:
    when = _moment(text)
    return None if when is None else min(max(0.0, when - now), LONGEST_WAIT)


def _moment(text: str) -> float | None:
    """The Unix time of an HTTP date."""
    try:
        when = parsedate_to_datetime(text)
        return (when if when.tzinfo is not None else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
