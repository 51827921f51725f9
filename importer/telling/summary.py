"""How a night went, in one line. (pure)"""

from collections import Counter
from pathlib import Path

from importer.night.report import NightReport
from importer.notation import duration
from importer.rows import Status

MOST_NAMED = 3
"""So many files are named in a line."""


def summary_line(report: NightReport) -> str:
    """`nightly: ok, 120 created, 3 exists in 12 s, exit 0 (results: customers.results.csv)`."""
    told = [str(report.state), *alarm_words(report), *counts_words(report)]
    errors = sum(1 for each in report.files if each.error)
    if errors:
        told.append("1 file failed" if errors == 1 else f"{errors} files failed")
    took = f" in {duration(report.seconds)}" if report.seconds else ""
    return f"{report.job}: {', '.join(told)}{took}, exit {report.exit_code}{_results(report)}"


def alarm_words(report: NightReport) -> list[str]:
    """The kinds of alarm, each once: `alarm no_file`."""
    return [f"alarm {kind}" for kind in dict.fromkeys(alarm.kind for alarm in report.alarms)]


def counts_words(report: NightReport) -> list[str]:
    """How many rows of all files ended how, those that are not none: `120 created`."""
    return [f"{count:,} {status}" for status, count in counts_of(report).items() if count]


def counts_of(report: NightReport) -> dict[Status, int]:
    """How many rows of all files ended how, zero included."""
    total: Counter[str] = Counter()
    for each in report.files:
        if each.summary is not None:
            total.update({str(status): count for status, count in each.summary.counts.items()})
    return {status: total[str(status)] for status in Status}


def outputs_of(report: NightReport) -> list[str]:
    """The results files."""
    return [each.summary.output for each in report.files if each.summary is not None]


def _results(report: NightReport) -> str:
    names = [_on_a_line(Path(output).name) for output in outputs_of(report)]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f" (results: {', '.join(names[:MOST_NAMED])}{more})" if names else ""


def _on_a_line(name: str) -> str:
    return name if name.isprintable() else ascii(name)
