"""Answers remembered under an idempotency key."""

from dataclasses import dataclass

from importer.simulator.exchange import Answer

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Remembered:
    """The first request under a key, and what it was answered."""

    body: bytes
    answer: Answer
    until: float


class Replays:
    """First answers, each for `seconds`."""

    def __init__(self, *, seconds: float = DAY) -> None:
        """Start with none."""
        self._seconds = seconds
        self._kept: dict[str, Remembered] = {}

    def find(self, key: str, now: float) -> Remembered | None:
        """What is remembered under `key`, unless it is too old."""
        found = self._kept.get(key)
        return found if found is not None and now < found.until else None

    def keep(self, key: str, body: bytes, answer: Answer, now: float) -> None:
        """Remember `answer` as the first one under `key`."""
        self._kept.pop(key, None)
        self._kept[key] = Remembered(body, answer, now + self._seconds)
        oldest = next(iter(self._kept))
        if self._kept[oldest].until <= now:
            del self._kept[oldest]
