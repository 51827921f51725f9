"""importer run --job: an import that nobody watches. It never asks, and tells how it went in one line."""

import io
import json
import logging
import re
import shlex
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
    from importer.jobfile import JobFile
    from importer.night.interruption import Interruption
    from importer.night.report import AlarmKind, FileReport, NightReport, State

NOT_IN_FILES = ("yes", "as_json", "verbose", "again", "log", "log_format", "despite", "source")
"""Options that are no key of a job file; it has the log as a table."""


def run_job(path: Path, source: Path | None, given: Mapping[str, Any], *, as_json: bool) -> int:
    """Carry out the job in a file, with the options that were typed on top of it. The exit code."""
    from importer.jobfile import job_variables, read_job_file
    from importer.night.interruption import Interruption
    from importer.night.sequence import Orders, run_night
    from importer.telling.night import check_telling, open_log, tell

    if given.get("verbose"):
        logging.basicConfig()
        logging.getLogger("importer").setLevel(logging.DEBUG)
    file = _with_log(read_job_file(path, given=_keys(given) | {"source": source and _place(source)}), given)
    variables = job_variables(file)
    check_telling(file, variables)
    interruption = Interruption()
    with open_log(file, asked="log" in given) as log, _signals(interruption):

        def told(report: "NightReport", previous: "State | None") -> None:
            out = io.StringIO() if as_json else sys.stdout
            again, through = shlex.join(_words(path, source)), shlex.join(_words(path, None))
            tell(report, previous, file, variables, out, log=log, command=again, correcting=through)

        orders = Orders(
            path=path,
            despite=_alarms(given.get("despite") or ()),
            again=bool(given.get("again")),
            variables=variables,
            log=log,
            telling=[told],
        )
        report = run_night(file, orders, interruption)
    _explain(report)
    if as_json:
        sys.stdout.write(night_json(report) + "\n")
    return report.exit_code


def _place(source: Path) -> str:
    """A path, or an address as it was typed: a path has no two slashes."""
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]+):/(?!/)", r"\1://", str(source))


def _words(path: Path, source: Path | None) -> list[str]:
    return ["importer", "run", "--job", str(path), *([_place(source)] if source is not None else [])]


def _keys(given: Mapping[str, Any]) -> dict[str, object]:
    """Options by the keys of a job file."""
    keys: dict[str, object] = {}
    for name, value in given.items():
        if name == "constants":
            keys["set"] = dict(map(constant, value))
        elif name == "identity":
            keys[name] = [each.strip() for text in value for each in text.split(",") if each.strip()]
        elif name not in NOT_IN_FILES:
            keys[name] = str(value) if isinstance(value, Path) else value
    return keys


def _with_log(file: "JobFile", given: Mapping[str, Any]) -> "JobFile":
    from importer.telling.logfile import STANDARD_ERROR

    told = {key: given[name] for name, key in (("log", "file"), ("log_format", "format")) if name in given}
    if "file" in told:
        told["file"] = None if told["file"] == STANDARD_ERROR else Path.cwd() / told["file"]
    return file.model_copy(update={"log": file.log.model_copy(update=told)})


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
        signal.SIGINT: StopReason("interrupted", 130, code="interrupted"),
        signal.SIGTERM: StopReason("the process was told to end (SIGTERM)", 143, code="told_to_end"),
    }

    def on_signal(number: int, _: FrameType | None) -> None:
        interruption.request(reasons[signal.Signals(number)])

    before = {number: signal.signal(number, on_signal) for number in reasons}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _explain(report: "NightReport") -> None:
    """What a person has to know, on standard error: each alarm, each file that failed or stopped early."""
    for message in [alarm.message for alarm in report.alarms] + list(map(_trouble, report.files)):
        if message:
            sys.stderr.write(f"importer: {message}\n")
    sys.stderr.flush()


def _trouble(file: "FileReport") -> str:
    """Why a file failed or stopped early; an alarm that stopped it says so itself."""
    summary = file.summary
    if file.error or summary is None or not summary.stopped or 10 <= file.exit_code <= 16:
        return file.error
    return f"{file.source}: Stopped early: {summary.stopped.rstrip('.')}."


def night_json(report: "NightReport") -> str:
    """How a night went as one line of JSON: of a single file its summary, of several their sum."""
    from importer.telling.summary import counts_of

    files = [_facts(file) for file in report.files]
    nothing = dict.fromkeys(("run", "provider", "environment", "account", "source", "output"), "")
    document = {
        **nothing,
        "stopped": "",
        "stop_code": "",
        **(files[0] if len(files) == 1 else {}),
        "counts": counts_of(report),
        "job": report.job,
        "state": report.state,
        "alarms": [asdict(alarm) | {"exit_code": alarm.exit_code} for alarm in report.alarms],
        "exit_code": report.exit_code,
        "seconds": report.seconds,
        "files": files,
    }
    return json.dumps(document)


def _facts(file: "FileReport") -> dict[str, object]:
    summary = {} if file.summary is None else asdict(file.summary)
    return {"source": file.source, **summary, "error": file.error, "exit_code": file.exit_code}
