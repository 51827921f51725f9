"""How a night went: its files, its alarms, its state, and the exit code that is the highest of all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from importer.rows import Status, Summary


class State(StrEnum):
    """How a night went, in the one word that notifications and metrics go by."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


class AlarmKind(StrEnum):
    """What is not as on other nights."""

    NO_FILE = "no_file"
    EMPTY = "empty"
    SMALLER = "smaller"
    SAME_FILE = "same_file"
    INVALID = "invalid"
    COLUMNS = "columns"
    BUSY = "busy"


ALARM_EXIT_CODES = {kind: code for code, kind in enumerate(AlarmKind, 10)}
"""What a night ends with that an alarm stopped: 10 to 16."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is not as on other nights.

    `message` says what, with the numbers, and what to do; it holds no cell of a sheet. An alarm that `stops`
    kept its file from being sent, any other one is only told. `source` is the name of the file, "" where
    it concerns the night as a whole.
    """

    kind: AlarmKind
    message: str
    stops: bool
    source: str = ""

    @property
    def exit_code(self) -> int:
        """What it adds to the exit code of the night: nothing where it is only told."""
        return ALARM_EXIT_CODES[self.kind] if self.stops else 0


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. `summary` is None where nothing was sent, `error` then says why."""

    source: str
    summary: Summary | None
    error: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class NightReport:
    """How a night went. `began` is UTC; `job` the name of the job, by which its history is kept."""

    job: str
    files: tuple[FileReport, ...]
    exit_code: int
    alarms: tuple[Alarm, ...]
    state: State
    began: datetime | None = None
    seconds: float = 0.0


def highest(exit_codes: Iterable[int]) -> int:
    """The exit code that says most: a signal, then 3, 2, an alarm, 1, 0. Of two alarms the lower one."""
    return max(exit_codes, key=_rank, default=0)


def overall(files: Iterable[FileReport], alarms: Iterable[Alarm]) -> int:
    """The exit code of a night: the one that says most, and 2 only where nothing was sent in all of it.

    A file that cannot be imported beside others that were is, like rows that did not make it, a 1.
    """
    files = tuple(files)
    sent = any(file.summary.counts[each] for file in files if file.summary is not None for each in _SENT)
    codes = [*(file.exit_code for file in files), *(alarm.exit_code for alarm in alarms)]
    return highest(1 if sent and code == 2 else code for code in codes)


_SENT = (Status.CREATED, Status.EXISTS, Status.REJECTED, Status.FAILED, Status.UNKNOWN)


def _rank(exit_code: int) -> tuple[int, int]:
    if exit_code >= 128:
        return 5, exit_code
    if exit_code >= 10:
        return 2, -exit_code
    return {0: 0, 1: 1, 2: 3}.get(exit_code, 4), 0


def state_of(exit_code: int, alarms: Iterable[Alarm]) -> State:
    """The state of a night: `ok` where all went well and nothing is to be told."""
    if exit_code > 1:
        return State.FAILED
    return State.DEGRADED if exit_code == 1 or any(alarms) else State.OK
