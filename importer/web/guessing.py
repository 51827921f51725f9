"""Wrong passwords cost time."""

from collections import OrderedDict
from dataclasses import dataclass, field

FREE = 5
"""Wrong passwords before there is a pause."""

PAUSE = 60.0
"""Seconds of it."""

REMEMBERED = 10_000
"""Names and addresses that are remembered."""


@dataclass(slots=True)
class Guesses:
    """Counts wrong passwords, by name and address. Times are Unix seconds."""

    _wrong: OrderedDict[tuple[str, str], tuple[int, float]] = field(default_factory=OrderedDict)

    def wait(self, name: str, address: str, *, now: float) -> float:
        """Seconds before another password is looked at, 0 for none."""
        count, last = self._wrong.get((name, address), (0, 0.0))
        return max(0.0, last + PAUSE - now) if count >= FREE else 0.0

    def note(self, name: str, address: str, *, right: bool, now: float) -> None:
        """Take note of how a guess went."""
        key = (name, address)
        count, _ = self._wrong.pop(key, (0, 0.0))
        if not right:
            self._wrong[key] = (count + 1, now)
        while len(self._wrong) > REMEMBERED:
            self._wrong.popitem(last=False)
