"""Where an import stands, in words and as the page to go on at."""

from dataclasses import dataclass

from importer.rows import MADE_IT, Status
from importer.web.desk import Desk
from importer.web.folders import Import, Stage
from importer.web.work import Kind

LOST = frozenset(Status) - MADE_IT
"""Statuses of rows that somebody is still to do something about."""


@dataclass(frozen=True, slots=True)
class Step:
    """`page` is the last part of the path; `words` tell the state."""

    page: str
    words: str
    interrupted: bool = False


def step_of(one: Import, desk: Desk) -> Step:
    """Where an import stands just now."""
    task = desk.task(one)
    if task is not None and task.running:
        match task.kind:
            case Kind.CHECKING:
                return Step("check", "being checked")
            case Kind.SENDING:
                doing = "being checked, then sent" if task.checking else "being sent"
                return Step("send", "stopping" if task.stopping else doing)
            case Kind.RECORDING:
                return Step("results", "being recorded")
    match one.stage:
        case Stage.COLUMNS:
            return Step("columns", "columns to match")
        case Stage.CHECK:
            return Step("check", "to be checked and sent")
        case Stage.SENDING:
            return Step("send", "interrupted: goes on with one click", interrupted=True)
        case Stage.DONE:
            return Step("results", _ended(one))


def _ended(one: Import) -> str:
    state = "stopped early" if one.ended.get("stopped") else "finished"
    if one.left:
        return f"{state}: {one.left:,} {'row' if one.left == 1 else 'rows'} left to send"
    counts = one.ended.get("counts")
    missing = sum(counts.get(status, 0) for status in LOST) if isinstance(counts, dict) else 0
    return f"{state}: {missing:,} {'row' if missing == 1 else 'rows'} to look at" if missing else state
