"""Nights as the tests of telling need them, and a job that has had one."""

from pathlib import Path

from importer.jobfile import JobFile
from importer.night.report import Alarm, AlarmKind, FileReport, NightReport, state_of
from importer.rows import Status, Summary, no_counts


def summary(
    exit_code: int = 0, stopped: str = "", output: str = "out/c.results.csv", **counts: int
) -> Summary:
    """How a run over one file ended."""
    found = no_counts() | {Status(status): count for status, count in counts.items()}
    return Summary("run", "hitpay", "sandbox", "default", "c.csv", output, found, exit_code, 1.5, stopped)


def night(
    exit_code: int = 0, *files: Summary, alarms: tuple[Alarm, ...] = (), error: str = ""
) -> NightReport:
    """A night with these files, and one more that could not be read where there is an `error`."""
    reports = [FileReport(f"c{number}.csv", each, "", each.exit_code) for number, each in enumerate(files, 1)]
    if error:
        reports.append(FileReport("broken.csv", None, error, 2))
    state = state_of(exit_code, alarms)
    return NightReport("nightly", tuple(reports), exit_code, alarms, state, None, 12.4)


GOOD = night(0, summary(created=120, exists=3))
DEGRADED = night(1, summary(1, created=5, invalid=2))
STOPPED = night(3, summary(3, "HitPay refused the account (HTTP 401)", created=5, failed=1, not_sent=1200))
NO_FILE = night(10, alarms=(Alarm(AlarmKind.NO_FILE, "There is no in/customers-2026-11-21.csv.", True),))


def job(folder: Path, **sections: object) -> JobFile:
    """A job with these sections, in this folder."""
    document = {"name": "nightly", "source": "customers.csv", "provider": "hitpay", **sections}
    return JobFile.model_validate(document, context={"folder": folder, "stem": "nightly"})
