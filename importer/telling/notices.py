"""What a notification says of a night, and whether there is one. (pure)"""

import shlex
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from importer.jobfile import Event
from importer.night.report import FileReport, NightReport, State
from importer.rows import TO_CORRECT, Status
from importer.telling.summary import summary_line

MEANINGS = {
    0: "every row is done",
    1: "finished, some rows did not make it",
    2: "nothing was sent",
    3: "stopped early",
    130: "interrupted",
    143: "told to end",
}
"""Of exit codes. Those from 10 to 16 are alarms, which say themselves what they mean."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What people are told of a night: of what kind it is, a line, and the rest."""

    event: Event
    title: str
    body: str


def event_of(report: NightReport, previous: State | None) -> Event | None:
    """What there is to tell: each night that failed or was degraded, and the first that is well again.

    `previous` is the state of the night before, None where there is none.
    """
    match report.state:
        case State.FAILED:
            return Event.FAILURE
        case State.DEGRADED:
            return Event.DEGRADED
        case State.OK:
            return Event.RECOVERY if previous in (State.FAILED, State.DEGRADED) else None


def notice(
    report: NightReport,
    previous: State | None,
    *,
    on: Collection[Event],
    command: str,
    correcting: str,
    host: str,
) -> Notice | None:
    """What people are to be told of a night, None for nothing.

    `command` is what to type to run the job again, on `host`; `correcting` with a results file behind it what
    sends corrected rows. There is no cell of the sheet in it.
    """
    event = event_of(report, previous)
    if event is None or event not in on:
        return None
    title = {
        Event.FAILURE: f"{report.job} failed",
        Event.DEGRADED: f"{report.job} needs a look",
        Event.RECOVERY: f"{report.job} is well again",
    }[event]
    blocks = [
        [summary_line(report)],
        *_blocks(report),
        _where(report, host),
        _next(report, command, correcting),
    ]
    return Notice(
        event, f"{title} (exit {report.exit_code})", "\n\n".join(map("\n".join, filter(None, blocks)))
    )


def _blocks(report: NightReport) -> Iterator[list[str]]:
    yield [f"{alarm.source}: {alarm.message}" if alarm.source else alarm.message for alarm in report.alarms]
    for each in report.files:
        yield list(_file(each))


def _file(each: FileReport) -> Iterator[str]:
    yield f"{each.source}: exit {each.exit_code}" + (
        f", {MEANINGS[each.exit_code]}" if each.exit_code in MEANINGS else ""
    )
    if each.error:
        yield each.error
    if each.summary is not None:
        counts = [f"{count:,} {status}" for status, count in each.summary.counts.items() if count]
        yield ", ".join(counts) or "no rows"
        if each.summary.stopped:
            yield f"Stopped early: {each.summary.stopped.rstrip('.')}."
        yield f"Results: {each.summary.output}"


def _where(report: NightReport, host: str) -> list[str]:
    began = f", begun {report.began:%Y-%m-%d %H:%M} UTC" if report.began else ""
    return [f"Job {report.job} on {host}{began}."]


def _next(report: NightReport, command: str, correcting: str) -> list[str]:
    """What to type. Where only the sheet is wrong, another night of the same file would not help.

    Corrected rows go through the job: with another ledger the next night would not know of them.
    """
    if report.state is State.OK:
        return []
    lines = [
        f"Correct the marked cells in the results, then: {correcting} {shlex.quote(each.summary.output)}"
        for each in report.files
        if each.summary is not None and any(each.summary.counts[status] for status in TO_CORRECT)
    ]
    again = report.exit_code not in (0, 1) or any(
        each.summary.counts[status]
        for each in report.files
        if each.summary is not None
        for status in (Status.FAILED, Status.UNKNOWN, Status.NOT_SENT)
    )
    if again:
        lines.append(f"To go on, which is always safe: {command}")
    return lines
