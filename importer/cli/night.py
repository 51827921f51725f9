"""importer run --job: an import that nobody watches. It never asks, and tells how it went in one line."""

import json
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from importer.cli.options import constant
from importer.errors import SettingsError

if TYPE_CHECKING:
    from importer.night.interruption import Interruption
    from importer.night.report import AlarmKind, NightReport

NOT_FOR_JOBS = ("yes", "as_json", "verbose", "again")
"""Options that say nothing about the import that a job file could say as well."""


def run_job(path: Path, source: Path | None, given: Mapping[str, Any]) -> int:
    """Carry out the job in a file, with the options that were given on top of it. The exit code."""
    from importer.cli import screen
    from importer.jobfile import read_job_file
    from importer.night.interruption import Interruption
    from importer.night.sequence import Orders, run_night

    file = read_job_file(path, given=_for_file(given))
    interruption = Interruption()
    with screen.ProgressView() as view, _signals(interruption):
        orders = Orders(
            path=path,
            source=source,
            despite=_alarms(given["despite"] or ()),
            again=bool(given.get("again")),
            on_progress=view,
        )
        report = run_night(file, orders, interruption)
    _tell(report, as_json=bool(given.get("as_json")))
    return report.exit_code


def _for_file(given: Mapping[str, Any]) -> dict[str, object]:
    """Options by the words of a job file. Paths start at the working folder, not at that of the file."""
    words: dict[str, object] = {}
    for name, value in given.items():
        if name in (*NOT_FOR_JOBS, "despite"):
            continue
        if name == "constants":
            words["set"] = dict(map(constant, value))
        elif name == "identity":
            words[name] = [each.strip() for text in value for each in text.split(",") if each.strip()]
        else:
            words[name] = str(value.absolute()) if isinstance(value, Path) else value
    return words


def _alarms(named: Sequence[str]) -> "list[AlarmKind]":
    from importer.night.report import AlarmKind

    try:
        return [AlarmKind(name.strip()) for name in named]
    except ValueError:
        raise SettingsError(
            f"--despite takes an alarm: {', '.join(AlarmKind)}. Not: {', '.join(named)}."
        ) from None


@contextmanager
def _signals(interruption: "Interruption") -> "Iterator[None]":
    """The first SIGINT or SIGTERM ends the night when what is under way is finished; the second at once."""
    from importer.stopping import StopReason

    reasons = {
        signal.SIGINT: StopReason("interrupted", 130),
        signal.SIGTERM: StopReason("the process was told to end (SIGTERM)", 143),
    }

    def on_signal(number: int, _: FrameType | None) -> None:
        interruption.request(reasons[signal.Signals(number)])

    before = {number: signal.signal(number, on_signal) for number in reasons}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(report: "NightReport", *, as_json: bool) -> None:
    for message in [alarm.message for alarm in report.alarms] + [file.error for file in report.files]:
        if message:
            sys.stderr.write(f"importer: {message}\n")
    sys.stdout.write((night_json(report) if as_json else summary_line(report)) + "\n")


def summary_line(report: "NightReport") -> str:
    """How a night went, in one line without a cell or a credential."""
    from importer.cli.screen import counts_text

    parts = [
        f"{file.source}: {counts_text(file.summary)}, results in {file.summary.output}"
        if file.summary is not None
        else f"{file.source or 'nothing sent'}: exit {file.exit_code}"
        for file in report.files
    ]
    told = [f"alarm {alarm.kind}" for alarm in report.alarms]
    happened = "; ".join([*parts, *told]) or "nothing to do"
    return f"{report.job}: {report.state}, exit {report.exit_code}; {happened}"


def night_json(report: "NightReport") -> str:
    """How a night went as one line of JSON: of a single file its summary, of several their sum."""
    from importer.rows import Status

    files = [_file(file) for file in report.files]
    summaries = [file.summary for file in report.files if file.summary is not None]
    only = files[0] if len(files) == 1 else {}
    document = {
        "run": "",
        "provider": "",
        "environment": "",
        "account": "",
        "source": "",
        "output": "",
        "stopped": "",
        **only,
        "counts": {status: sum(one.counts[status] for one in summaries) for status in Status},
        "job": report.job,
        "state": report.state,
        "alarms": [asdict(alarm) | {"exit_code": alarm.exit_code} for alarm in report.alarms],
        "exit_code": report.exit_code,
        "seconds": report.seconds,
        "files": files,
    }
    return json.dumps(document)


def _file(file: Any) -> dict[str, object]:
    summary = {} if file.summary is None else asdict(file.summary)
    return {"source": file.source, **summary, "error": file.error, "exit_code": file.exit_code}
