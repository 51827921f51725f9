"""A night as metrics, in a file that the node exporter's text file collector picks up.

The format is Prometheus' text format 0.0.4, https://prometheus.io/docs/instrumenting/exposition_formats/
(2026-11-21); it is a few lines of text, so no library writes it.
"""

import math
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from importer.night.report import AlarmKind, NightReport, State
from importer.results.atomic import replacing
from importer.telling.summary import counts_of

LAST_SUCCESS = "importer_last_success_timestamp_seconds"

METRICS: Mapping[str, str] = {
    "importer_last_run_timestamp_seconds": "End of the last night, Unix time.",
    LAST_SUCCESS: "End of the last night that finished (state ok or degraded), Unix time; 0 for none.",
    "importer_run_duration_seconds": "How long the last night took.",
    "importer_exit_code": "What the last night ended with.",
    "importer_state": "1 for the state of the last night (ok, degraded, failed), 0 for the others.",
    "importer_rows": "Rows of the last night by status.",
    "importer_alarm": "1 for each kind of alarm that the last night raised, else 0.",
    "importer_notifications_failed": "Notifications of the last night that could not be delivered.",
}
"""Every metric, a gauge, and its meaning. Each is labelled with job, provider and environment."""

Labels = Mapping[str, str]


def write_metrics(
    report: NightReport, path: Path, *, labels: Labels, now: float, notifications_failed: int = 0
) -> None:
    """Replace the file whole, readable by the exporter. `now` is Unix time, the end of the night.

    The time of the last success is carried over from the file when this night was none.

    Raises:
        ResultsError: It cannot be written; the old one stays.
    """
    labelled = {"job": report.job, **labels}
    success = now if report.state is not State.FAILED else last_success(path, labelled)
    values: Mapping[str, list[tuple[Labels, float]]] = {
        "importer_last_run_timestamp_seconds": [({}, now)],
        LAST_SUCCESS: [({}, success)],
        "importer_run_duration_seconds": [({}, report.seconds)],
        "importer_exit_code": [({}, report.exit_code)],
        "importer_state": [({"state": str(state)}, state is report.state) for state in State],
        "importer_rows": [({"status": str(s)}, count) for s, count in counts_of(report).items()],
        "importer_alarm": [
            ({"kind": str(kind)}, any(alarm.kind is kind for alarm in report.alarms)) for kind in AlarmKind
        ],
        "importer_notifications_failed": [({}, notifications_failed)],
    }
    lines = [
        line
        for name, samples in values.items()
        for line in _family(name, [({**labelled, **own}, float(value)) for own, value in samples])
    ]
    with replacing(path) as file:
        if hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), 0o644)  # the exporter is another user, whatever our umask is
        file.write("".join(f"{line}\n" for line in lines).encode())


def last_success(path: Path, labels: Labels) -> float:
    """The time of the last success that the file tells of a job, 0 where it tells none."""
    start = _sample(LAST_SUCCESS, labels, 0).rpartition(" ")[0]
    with suppress(OSError, ValueError):
        for line in path.read_bytes().decode().split("\n"):
            name, _, value = line.rpartition(" ")
            if name == start and math.isfinite(float(value)):
                return float(value)
    return 0.0


def _family(name: str, samples: list[tuple[Labels, float]]) -> Iterator[str]:
    yield f"# HELP {name} {METRICS[name]}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        yield _sample(name, labels, value)


def _sample(name: str, labels: Labels, value: float) -> str:
    told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{told}}} {value!r}"


_SPECIAL = re.compile(r'[\\"\n]')
_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n"}


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], text)
