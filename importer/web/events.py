"""How far a piece of work is, as plain data for a page and its script."""

import time

from importer.web.work import CHART, Task

RECENT = 10
"""Seconds of which the rate is the mean."""


def _counts(task: Task) -> dict[str, int] | None:
    """How many rows stand where, None as long as that is not known."""
    if task.checking and not any(task.before.values()):
        return None
    return {str(status): max(0, task.before[status] + count) for status, count in task.counts.items()}


def snapshot(task: Task) -> dict[str, object]:
    """What is shown of a task now. Messages may quote cells: they are for the page, and not for a log."""
    now = time.time()
    rates = [task.per_second.get(int(now) - back, 0) for back in range(CHART, 0, -1)]
    recent = sum(rates[-RECENT:]) / min(RECENT, max(1.0, now - task.started))
    left = (task.total - task.done) / recent if recent else None
    return {
        "kind": str(task.kind),
        "phase": task.phase,
        "running": task.running,
        "stopping": task.stopping,
        "held": task.held,
        "done": task.done,
        "total": task.total,
        "counts": _counts(task),
        "waits": max(0, round(task.waits_until - now)),
        "seconds": round(now - task.started),
        "left": None if left is None else round(left),
        "rate": round(recent, 1),
        "allowed": round(task.allowed, 2),
        "rates": rates,
        "limits": task.limits,
        "latest": [
            {"row": each.row, "status": str(each.status), "message": each.message} for each in task.latest
        ],
        "error": task.error,
    }
