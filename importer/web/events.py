"""How far a piece of work is, as plain data for a page and its script."""

import time

from importer.web.work import CHART, Task


def snapshot(task: Task) -> dict[str, object]:
    """What is shown of a task now. Messages may quote cells: they are for the page, and not for a log."""
    now = time.time()
    rates = [task.per_second.get(int(now) - back, 0) for back in range(CHART, 0, -1)]
    seconds = max(1.0, now - task.started)
    left = (task.total - task.done) * seconds / task.done if task.done else None
    recent = min(10, max(1, int(seconds)))
    return {
        "kind": str(task.kind),
        "phase": task.phase,
        "running": task.running,
        "stopping": task.stopping,
        "held": task.held,
        "done": task.done,
        "total": task.total,
        "counts": {str(status): max(0, task.before[status] + count) for status, count in task.counts.items()},
        "waits": max(0, round(task.waits_until - now)),
        "seconds": round(now - task.started),
        "left": None if left is None else round(left),
        "rate": round(sum(rates[-recent:]) / recent, 1),
        "rates": rates,
        "limits": " and ".join(map(str, task.limits)),
        "allowed": min((limit.requests / limit.per for limit in task.limits), default=None),
        "latest": [
            {"row": each.row, "status": str(each.status), "message": each.message} for each in task.latest
        ],
        "error": task.error,
    }
