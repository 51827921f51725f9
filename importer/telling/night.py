"""Tell how a night went: notifications, metrics, the log, one line. What goes wrong here stops nothing."""

import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TextIO

from importer.errors import ResultsError, SettingsError
from importer.jobfile import JobFile
from importer.night.report import NightReport, State
from importer.telling.delivering import Address, deliver, read_addresses
from importer.telling.lines import Level, LogFormat
from importer.telling.logfile import Log
from importer.telling.metrics import write_metrics
from importer.telling.notices import notice
from importer.telling.summary import counts_of, summary_line

LEVELS = {State.OK: Level.INFO, State.DEGRADED: Level.WARNING, State.FAILED: Level.ERROR}


def open_log(job: JobFile, *, asked: bool = False) -> Log:
    """The log of a job: its file, or standard error, which has rows only where somebody `asked` for it.

    Raises:
        SettingsError: The file cannot be opened.
    """
    path = job.log.file
    return Log(path, LogFormat(job.log.format), detailed=asked or path is not None)


def check_telling(job: JobFile, variables: Mapping[str, str]) -> tuple[Address, ...]:
    """Make sure before the night that people can be told: the addresses, as far as that goes without a try.

    Raises:
        SettingsError: An address is not understood, apprise is missing, or the folder of a file is.
    """
    for place, file in (("[log] file", job.log.file), ("[metrics] file", job.metrics.file)):
        if file is not None and not file.parent.is_dir():
            raise SettingsError(f"{place}: there is no folder {file.parent}. Create it.")
    return read_addresses(job.notify, variables, exposed=job.credentials.exposed)


def tell(
    report: NightReport,
    previous: State | None,
    job: JobFile,
    variables: Mapping[str, str],
    out: TextIO,
    *,
    log: Log | None = None,
    command: str = "",
    correcting: str = "",
    err: TextIO | None = None,
) -> Sequence[str]:
    """Notify, write the metrics, end the log, and put the one line on `out`. Never raises.

    `previous` is the state of the night before, None where there is none; `log` is that of the night, opened
    here where there is none; `command` is what to type to run the job again, `correcting` with a results file
    behind it what sends corrected rows. What could not be told goes to `err` (by default standard error), a
    line each, and is returned: it changes no exit code.
    """
    telling = _Telling(report, job, log)
    through = correcting or f"importer run --job {report.job}.toml"
    again = command or through
    telling.carefully("notifications", lambda: telling.notify(previous, variables, again, through))
    telling.carefully("metrics", telling.measure)
    telling.carefully("log", telling.end_log)
    with suppress(OSError, ValueError):  # nobody reads it any more
        errors = err or sys.stderr
        errors.writelines(f"importer: {complaint}\n" for complaint in telling.complaints)
        errors.flush()
    with suppress(OSError, ValueError):
        out.write(f"{summary_line(report)}\n")
        out.flush()
    return telling.complaints


@dataclass
class _Telling:
    """One night's telling: complaints gather, and nothing stops it."""

    report: NightReport
    job: JobFile
    log: Log | None
    complaints: list[str] = field(default_factory=list)
    missed: int = 0

    def carefully(self, what: str, step: Callable[[], None]) -> None:
        """Do a step. An import that went well does not end with an error because of its telling."""
        try:
            step()
        except SettingsError as error:
            self.complaints.append(str(error))
        except Exception as error:  # noqa: BLE001  told, by its kind: its words may hold an address
            self.complaints.append(f"The {what} failed: {type(error).__name__}.")

    def notify(
        self, previous: State | None, variables: Mapping[str, str], command: str, correcting: str
    ) -> None:
        """Deliver what is to be told."""
        host = socket.gethostname()
        on = self.job.notify.on
        told = notice(self.report, previous, on=on, command=command, correcting=correcting, host=host)
        if told is None:
            return
        self.missed = 1  # until it is known better
        addresses = read_addresses(self.job.notify, variables, exposed=self.job.credentials.exposed)
        missed = deliver(told, addresses)
        self.missed = len(missed)
        self.complaints += [f"The notification did not get through to {address}." for address in missed]

    def measure(self) -> None:
        """Write the metrics, where there are to be any."""
        path = self.job.metrics.file
        if path is None:
            return
        labels = {
            "provider": self.job.provider or _provider(self.report),
            "environment": str(self.job.environment),
        }
        now = time.time()
        try:
            write_metrics(self.report, path, labels=labels, now=now, notifications_failed=self.missed)
        except ResultsError as error:
            reason = getattr(error.__cause__, "strerror", None) or type(error).__name__
            self.complaints.append(f"The metrics cannot be written to {path}: {reason}.")

    def end_log(self) -> None:
        """Enter the end of the night."""
        log = self.log or open_log(self.job)
        try:
            self._enter(log)
        finally:
            if log is not self.log:
                log.close()
        if log.complaint():
            self.complaints.append(log.complaint())

    def _enter(self, log: Log) -> None:
        report = self.report
        if self.missed:
            log.write("notification_failed", Level.ERROR, {"job": report.job})
        facts = {
            "job": report.job,
            "status": report.state,
            "code": ";".join(dict.fromkeys(str(alarm.kind) for alarm in report.alarms)),
            "counts": {str(status): count for status, count in counts_of(report).items()},
            "seconds": report.seconds,
            "exit_code": report.exit_code,
        }
        log.write("night_ended", LEVELS[report.state], facts)


def _provider(report: NightReport) -> str:
    return next((each.summary.provider for each in report.files if each.summary is not None), "")
