"""One file of a night: what is unlike other nights, then the import, then where the file goes."""

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from importer import pipeline
from importer.choosing import read_options
from importer.errors import EmptySourceError, ImporterError, MappingError, SourceError
from importer.jobfile import JobFile
from importer.jobs import Job
from importer.ledger import UNFINISHED, Ledger
from importer.night import alarms
from importer.night.interruption import Interruption
from importer.night.report import Alarm, AlarmKind, FileReport, state_of
from importer.night.taking import Fate, Filed, OfDay, Taken
from importer.night.wording import in_keys
from importer.planning import Plan, check
from importer.rows import Status, Summary
from importer.source import open_source
from importer.source.document import digest_of
from importer.stopping import Stop, StopReason
from importer.telling.logfile import Log
from importer.telling.runlog import run_log


@dataclass(frozen=True, slots=True)
class Night:
    """What all files of a night have in common.

    `began` has a time zone; `ledger` holds the history; `path` is that of the job file, for messages. `again`
    sends what the ledger has as done.
    """

    file: JobFile
    began: datetime
    ledger: Ledger = field(repr=False)
    interruption: Interruption
    log: Log | None = None
    variables: Mapping[str, str] | None = field(default=None, repr=False)
    again: bool = False
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file. `last`: no further one is to be taken tonight."""

    report: FileReport
    alarms: tuple[Alarm, ...] = ()
    last: bool = False


@dataclass(slots=True)
class _Course:
    """How far the import of a file came, whatever ends it."""

    alarms: list[Alarm] = field(default_factory=list)
    summary: Summary | None = None
    output: Path | None = None
    stop: Stop = field(default_factory=Stop)
    error: ImporterError | None = None
    unfit: Job | None = None
    """Whose required columns are not there any more."""

    @property
    def exit_code(self) -> int:
        if self.error is not None:
            return self.error.exit_code
        if self.summary is not None:
            return self.summary.exit_code
        return min((alarm.exit_code for alarm in self.alarms if alarm.stops), default=0)

    @property
    def fate(self) -> Fate:
        """Done where nothing is left to do; again where time or the provider ended it; else for a person."""
        if self.exit_code == 0:
            return Fate.DONE
        if self.exit_code == 1 and self.summary is not None and self.summary.counts[Status.NOT_SENT]:
            return Fate.AGAIN  # there was a limit to how many rows
        about_rows = self.stop.reason is not None and self.stop.reason.about_rows
        sheet = isinstance(self.error, SourceError | MappingError)
        if self.exit_code in (2, 3) or self.exit_code >= 128:
            return Fate.ATTENTION if about_rows or sheet else Fate.AGAIN
        return Fate.ATTENTION

    @property
    def unfinished(self) -> int:
        """Rows left to be done: by the next night, at least one, or after a 1 by whoever takes it up.

        A file that waits for a person has none.
        """
        counts = self.summary.counts if self.summary is not None else {}
        rows = sum(counts.get(status, 0) for status in UNFINISHED)
        if self.exit_code < 2:
            return rows
        return max(rows, 1) if self.fate is Fate.AGAIN else 0

    @property
    def last(self) -> bool:
        """Whether another file would fare alike: the time is up, or nothing can be sent or recorded."""
        return self.fate is Fate.AGAIN and self.exit_code > 2


def import_file(night: Night, taken: Taken) -> Imported:
    """Import one file: every row gets its status, the file goes where it belongs, the history has a line.

    What goes wrong is in the report, and nothing is raised.
    """
    course, number = _Course(), None
    filed = Filed(taken.path, None)
    with _told(course):
        number = night.ledger.nights.begin(
            night.file.name, started_at=night.began.timestamp(), source=taken.place
        )
        _carry_out(night, taken, number, course)
    with _told(course):
        filed = taken.put_away(course.fate, course.output)
    with _told(course):
        _enter_end(night, number, course, filed)
    kinds = [alarm.kind for alarm in course.alarms if alarm.stops]
    told = tuple(
        replace(alarm, message=in_keys(alarm.message) + _way_out(night, alarm, kinds, filed, course.unfit))
        for alarm in course.alarms
    )
    return Imported(_report(taken, course, filed), told, course.last)


def _enter_end(night: Night, number: int | None, course: _Course, filed: Filed) -> None:
    """Enter into the history how it went, and where source and results are now."""
    summary = course.summary
    if summary is not None:
        night.ledger.nights.move_files(summary.run, source=str(filed.source), output=str(filed.output or ""))
    if number is not None:
        night.ledger.nights.note(number, unfinished=course.unfinished)
        state = state_of(course.exit_code, course.alarms)
        night.ledger.nights.end(number, exit_code=course.exit_code, state=state.value)


def _way_out(night: Night, alarm: Alarm, kinds: list[AlarmKind], filed: Filed, unfit: Job | None) -> str:
    """The end of an alarm's message: what to type where a person finds that all is right."""
    if not alarm.stops:
        return "."
    if alarm.kind is AlarmKind.EMPTY or night.path is None:
        return ". Nothing was sent."
    words = ["importer", "run", "--job", str(night.path)]
    words += [str(filed.source)] if isinstance(filed.source, Path) else []
    words += [word for kind in kinds for word in ("--despite", kind.value)]
    if unfit is not None:
        return (
            f". Nothing was sent. {_mapping_anew(night.path, unfit, filed)}, then type: {shlex.join(words)}"
        )
    return f". Nothing was sent. If all is right: {shlex.join(words)}"


def _mapping_anew(path: Path, job: Job, filed: Filed) -> str:
    """What to do where the columns do not hold what is required."""
    if job.mapping is not None:
        return f"Name the new columns in {job.mapping}"
    name = path.with_suffix(".mapping.toml")
    words = ["importer", "map", str(filed.source), "-p", str(job.provider), *read_options(job)]
    written = shlex.join([*words, "-o", str(name)])
    return f'Write a mapping with {written}, add mapping = "{name.name}" to the job file'


@contextmanager
def _told(course: _Course) -> Iterator[None]:
    """What ends the import of a file is part of its report. Of two errors the first is the cause."""
    try:
        yield
    except ImporterError as error:
        course.error = course.error or error


def _carry_out(night: Night, taken: Taken, number: int, course: _Course) -> None:
    settings, nights = night.file.alarms, night.ledger.nights
    with night.interruption:
        content = digest_of(taken.path)
        same = nights.with_content(night.file.name, content)
        through = same if same is not None and not same.unfinished else None
        past = alarms.Past(nights.latest(night.file.name), through, night.began.timestamp())
        nights.note(number, content=content)
        job = _job(night, taken)
        try:
            plan = check(job, variables=night.variables)
        except EmptySourceError as error:
            course.alarms += filter(None, [alarms.empty(settings, taken.name, str(error))])
            return
        except MappingError:
            course.alarms += _drift(night, job, taken, past)
            course.unfit = job
            if not any(alarm.stops for alarm in course.alarms):
                raise
            return
    with plan:
        found = _found(plan, taken)
        nights.note(number, rows=found.rows, headings=found.headings, run=plan.run)
        course.alarms += alarms.raised(settings, found, past)
        course.output = plan.opened.output
        _send(night, plan, course)


def _send(night: Night, plan: Plan, course: _Course) -> None:
    """Carry out a plan; one that an alarm stops is only written down, with the reason in each row."""
    stopping = [alarm for alarm in course.alarms if alarm.stops]
    for alarm in stopping[:1]:
        course.stop.request(StopReason(alarm.message, alarm.exit_code, code=alarm.kind.value))
    with run_log(night.log, plan, job=night.file.name) as watch:
        sending = pipeline.run(
            plan, on_progress=watch, stop=course.stop, agreed=bool(stopping), variables=night.variables
        )
        course.summary = night.interruption.run(sending, course.stop)
        watch.ended(course.summary if _stays(night.file) else replace(course.summary, output=""))


def _stays(file: JobFile) -> bool:
    """Whether results lie for good where they are written: an inbox and an address have them elsewhere."""
    return file.inbox is None and "://" not in str(file.source)


def _job(night: Night, taken: Taken) -> Job:
    job = night.file.job(taken.path, night.began, variables=night.variables)
    output = night.file.output_of(taken.path, taken.day) if isinstance(taken, OfDay) else job.output
    job = replace(job, name=night.file.name, again=night.again, output=output)
    if night.path is None:
        return job
    # results are opened in other folders than this one
    return replace(job, command=shlex.join(["importer", "run", "--job", str(night.path.absolute())]))


def _found(plan: Plan, taken: Taken) -> alarms.Found:
    counts = plan.counts
    rows = sum(counts.values())
    return alarms.Found(taken.name, rows, counts[Status.INVALID], plan.opened.source.columns)


def _drift(night: Night, job: Job, taken: Taken, past: alarms.Past) -> list[Alarm]:
    """Columns that changed so much that they do not cover what the provider requires any more."""
    if past.last_headings is None:
        return []
    headings = open_source(job.source, job.read).columns
    found = alarms.columns(night.file.alarms, taken.name, headings, past.last_headings)
    if found is None:
        return []
    return [replace(found, message=f"{found.message}: what {job.provider} requires is not in them any more")]


def _report(taken: Taken, course: _Course, filed: Filed) -> FileReport:
    summary = course.summary
    if summary is not None:
        summary = replace(
            summary,
            source=str(filed.source),
            output=str(filed.output or ""),
            stopped=in_keys(summary.stopped),
        )
    return FileReport(taken.name, summary, in_keys(str(course.error or "")), course.exit_code)
