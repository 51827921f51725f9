"""A night from its beginning to its end: one at a time, file after file, then everybody is told."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from importer.errors import ImporterError
from importer.jobfile import JobFile
from importer.ledger import Ledger
from importer.night.alarms import alarm, despite
from importer.night.importing import Imported, Night, import_file
from importer.night.interruption import Interruption
from importer.night.places import place_of
from importer.night.report import Alarm, AlarmKind, FileReport, NightReport, State, overall, state_of
from importer.night.tonight import Tonight
from importer.night.waiting import Clock
from importer.opening import default_ledger
from importer.telling.logfile import Log

Telling = Callable[[NightReport, State | None], None]
"""Is told how a night went, and how the one before it did (None: there was none, or it is not known)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a night is told besides its job file.

    `path` is that of the job file, for messages; `despite` are alarms that a person has looked at; `again`
    sends what the ledger has as done. `telling` are called in their order once the night is over, whatever
    ended it. `variables` replace the environment.
    """

    path: Path | None = None
    despite: Sequence[AlarmKind] = ()
    again: bool = False
    telling: Sequence[Telling] = ()
    log: Log | None = None
    variables: Mapping[str, str] | None = field(default=None, repr=False)
    clock: Clock = Clock()  # noqa: RUF009  frozen


def run_night(
    file: JobFile,
    orders: Orders = Orders(),
    interruption: Interruption | None = None,
) -> NightReport:
    """Carry out the job of a file once. What goes wrong is in the report, and nothing is raised."""
    began = datetime.fromtimestamp(orders.clock.now(), UTC).astimezone()
    started = time.monotonic()
    file = file.model_copy(update={"alarms": despite(file.alarms, orders.despite)})
    diary = _Diary(file, began)
    try:
        with Ledger.open(file.ledger or default_ledger()) as ledger, ledger.nights.alone(file.name) as free:
            night = Night(
                file=file,
                began=began,
                ledger=ledger,
                interruption=interruption or Interruption(),
                log=orders.log,
                variables=orders.variables,
                again=orders.again,
                path=orders.path,
            )
            diary.previous = _previous(ledger, file.name, under_way=not free)
            _carry_out(night, orders, diary, free=free)
    except ImporterError as error:
        diary.fail(error)
    report = diary.report(seconds=round(time.monotonic() - started, 3))
    for tell in orders.telling:
        tell(report, diary.previous)
    return report


def _carry_out(night: Night, orders: Orders, diary: "_Diary", *, free: bool) -> None:
    try:
        if free:
            _import_all(night, orders, diary)
        else:
            diary.add(_busy(night.file))
    except ImporterError as error:
        diary.fail(error)
    except Exception as error:
        logging.getLogger("importer").debug("What stopped the night", exc_info=error)
        diary.fail(
            ImporterError(
                f"This is a fault of the program: {type(error).__name__}. What was sent is recorded, and the "
                "next night goes on. Report it, with what -v shows."
            )
        )
    if diary.has_own and (free or diary.alarms):
        diary.enter(night.ledger)


@dataclass(slots=True)
class _Diary:
    """What has happened so far. `has_own`: something that no line of a file in the history tells."""

    file: JobFile
    began: datetime
    files: list[FileReport] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    previous: State | None = None
    has_own: bool = True

    def add(self, *found: Alarm | None) -> None:
        """Alarms that concern the night as a whole."""
        alarms = list(filter(None, found))
        self.alarms += alarms
        self.has_own = self.has_own or bool(alarms)

    def fail(self, error: ImporterError) -> None:
        """What ended the night as a whole."""
        self.files.append(FileReport("", None, str(error), error.exit_code))
        self.has_own = True

    def imported(self, one: Imported) -> None:
        """A file is through, and has entered its own line into the history."""
        self.files.append(one.report)
        self.alarms += one.alarms
        self.has_own = False

    @property
    def exit_code(self) -> int:
        """The one that says most."""
        return overall(self.files, self.alarms)

    def enter(self, ledger: Ledger) -> None:
        """Enter the night itself into the history: it had no file, or there is more to say than they do."""
        number = ledger.nights.begin(self.file.name, started_at=self.began.timestamp())
        state = state_of(self.exit_code, self.alarms)
        ledger.nights.end(number, exit_code=self.exit_code, state=state.value)

    def report(self, *, seconds: float) -> NightReport:
        """How it went."""
        return NightReport(
            job=self.file.name,
            files=tuple(self.files),
            exit_code=self.exit_code,
            alarms=tuple(self.alarms),
            state=state_of(self.exit_code, self.alarms),
            began=self.began.astimezone(UTC),
            seconds=seconds,
        )


def _previous(ledger: Ledger, job: str, *, under_way: bool) -> State | None:
    """How the last night went: the worst of its files. One that never ended has failed, or is `under_way`."""
    found = [line for line in ledger.nights.latest(job) if line.state or not under_way]
    states = [State(line.state or State.FAILED) for line in found if line.started_at == found[0].started_at]
    return max(states, key=list(State).index, default=None)


def _busy(file: JobFile) -> Alarm | None:
    return alarm(
        file.alarms,
        AlarmKind.BUSY,
        f"Another night of the job {file.name} is still under way on this machine, so this one did nothing. "
        "If that is usual, give it stop_by, or start it less often.",
    )


def _import_all(night: Night, orders: Orders, diary: _Diary) -> None:
    tonight = Tonight(night, place_of(night, orders.clock))
    for taken in tonight.files():
        imported = import_file(night, taken)
        diary.imported(imported)
        if imported.last:
            break
    diary.add(*tonight.remarks())
