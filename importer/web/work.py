"""One piece of work on an import, on a thread of its own, and how far it is."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event

from importer.errors import ImporterError
from importer.progress import Phase, Progress
from importer.rows import Status, no_counts
from importer.settling import Assumption
from importer.stopping import Stop, StopReason
from importer.web.failing import log_failure

LATEST = 12
"""Messages that are shown."""

CHART = 120
"""Points of the chart of the rate."""

STOPPED = StopReason("somebody pressed Stop on the page", 130)

_log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What is being done."""

    CHECKING = "checking"
    SENDING = "sending"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class Said:
    """What became of one row. `at` is Unix time."""

    at: float
    row: int
    status: Status
    message: str = field(repr=False)


@dataclass
class Task:
    """A piece of work: written by its thread, read by whoever watches. `changes` counts what was written.

    It is `held` or `stopping` as soon as somebody said so. `before` are the counts when it began, `counts`
    what has changed since; all are 0 where it is not known yet how rows stand. `limits` are those that are
    kept, in words, and `allowed` the requests a second that they come to; `about` is what is recorded;
    `error` is for people, "" where all went well.
    """

    kind: Kind
    stop: Stop = field(default_factory=Stop)
    started: float = field(default_factory=time.time)
    before: dict[Status, int] = field(default_factory=no_counts)
    counts: dict[Status, int] = field(default_factory=no_counts)
    phase: str = ""
    done: int = 0
    total: int = 0
    limits: str = ""
    waits_until: float = 0.0
    latest: deque[Said] = field(default_factory=lambda: deque(maxlen=LATEST))
    allowed: float = 0.0
    per_second: dict[int, int] = field(default_factory=dict, repr=False)
    error: str = ""
    held: bool = False
    stopping: bool = False
    changes: int = 0
    about: Assumption | None = None
    ended: Event = field(default_factory=Event)
    _settled: dict[int, Status] = field(default_factory=dict, repr=False)
    _loop: asyncio.AbstractEventLoop | None = None

    @property
    def running(self) -> bool:
        """Whether it is not over yet."""
        return not self.ended.is_set()

    @property
    def checking(self) -> bool:
        """Whether rows are checked just now, be it before something else is done."""
        return self.phase == Kind.CHECKING

    def begin_sending(self, before: Mapping[Status, int], *, rows: int) -> None:
        """So many rows are sent from now on, and all stand as they did `before`."""
        self.before, self.done, self.total = dict(before), 0, rows
        self.phase = ""  # last, for whoever looks meanwhile

    def see_rows(self, number: int) -> None:
        """So many rows are checked."""
        self.done = number
        self.changes += 1

    def see(self, progress: Progress) -> None:
        """Take note of what a run tells."""
        self.phase, self.done, self.total = str(progress.phase), progress.done, progress.total
        self.waits_until = time.time() + progress.wait if progress.wait else 0.0
        if progress.result is not None and progress.phase is not Phase.WAITING:
            result, now = progress.result, time.time()
            # what is shown is where each row stands now, so it leaves where it stood
            settled = progress.phase is Phase.SETTLING
            was = Status.UNKNOWN if settled else self._settled.pop(result.row, Status.NOT_SENT)
            if settled:
                self._settled[result.row] = result.status
            self.counts[was] -= 1
            self.counts[result.status] += 1
            self.per_second[int(now)] = self.per_second.get(int(now), 0) + 1
            if result.status is not Status.CREATED:
                self.latest.appendleft(Said(now, result.row, result.status, result.message))
        self.changes += 1

    def work(self, do: Callable[[], None]) -> None:
        """Do it, on the thread that this is called on; whatever goes wrong is told and not raised."""
        try:
            do()
        except ImporterError as error:
            self.error = str(error)
        except Exception as error:  # noqa: BLE001  the page goes on; what it was, people are told
            log_failure(_log, self.kind, error)
            self.error = (
                f"Something unforeseen went wrong ({type(error).__name__}). What was sent is recorded: "
                "the same again sends nothing twice."
            )
        finally:
            self.ended.set()
            self.changes += 1

    def begin_loop(self) -> None:
        """From now on a stop is brought to the loop that this is called in."""
        self._loop = asyncio.get_running_loop()

    def request_stop(self, reason: StopReason = STOPPED) -> None:
        """Take no new row and finish those under way. From any thread."""
        self.stopping = True
        self._in_loop(lambda: self.stop.request(reason))

    def hold(self) -> None:
        """Send nothing new until `go_on`. From any thread."""
        self.held = True
        self._in_loop(self.stop.hold)

    def go_on(self) -> None:
        """Send again. From any thread."""
        self.held = False
        self._in_loop(self.stop.go_on)

    def _in_loop(self, do: Callable[[], None]) -> None:
        self.changes += 1
        if self._loop is None:
            do()
            return
        with suppress(RuntimeError):  # it is over
            self._loop.call_soon_threadsafe(do)
