"""What a run tells whoever watches it: a bar on a terminal, a line in a log, a page."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from importer.rows import RowResult


class Phase(StrEnum):
    """What a run is doing."""

    SETTLING = "settling"
    SENDING = "sending"
    WAITING = "waiting"
    WRITING = "writing"
    REFRESHING = "refreshing"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    `done` of `total` rows of this phase are through. `result` is the row that has just got its outcome,
    None between rows; `wait` the number of seconds for which nothing is sent, 0 while it goes on.
    """

    phase: Phase
    done: int
    total: int
    result: RowResult | None = None
    wait: float = 0.0


OnProgress = Callable[[Progress], None]


def ignore(_: Progress) -> None:
    """For callers that do not watch."""
