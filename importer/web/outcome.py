"""What a run came to, as it is kept with its import, and its results in the other format."""

import dataclasses
import time
from datetime import UTC, datetime
from pathlib import Path

from importer.paging import Wanted
from importer.planning import Plan
from importer.reporting import write_results
from importer.results.tally import CauseCount
from importer.rows import Status, Summary
from importer.web.overview import causes_of

MOST_UNKNOWN = 200
"""So many rows of unknown outcome are listed for a person to find out about."""


def outcome_of(plan: Plan, summary: Summary) -> dict[str, object]:
    """Everything that the page of results shows, as JSON-able data."""
    unknown = plan.staging.pages.page(Wanted(frozenset({Status.UNKNOWN})), size=MOST_UNKNOWN)
    return {
        "run": summary.run,
        "at": time.time(),
        "counts": {str(status): count for status, count in summary.counts.items()},
        "exit_code": summary.exit_code,
        "seconds": summary.seconds,
        "stopped": summary.stopped,
        "causes": [_cause(each) for each in causes_of(plan)],
        "unknown": [
            {
                "row": row.number,
                "who": _who(plan, row.cells),
                "message": result.message,
                "attempt": result.attempt,
            }
            for row, result in unknown.rows
        ],
    }


def write_copy(plan: Plan, path: Path) -> None:
    """Write the results once more, to `path`.

    Raises:
        ResultsError: They could not be written.
    """
    opened = dataclasses.replace(plan.opened, output=path)
    write_results(dataclasses.replace(plan, opened=opened), datetime.now(UTC))


def _who(plan: Plan, cells: tuple[str, ...]) -> str:
    """The row's cells that tell which customer it is."""
    mapping, columns = plan.opened.mapping, plan.opened.source.columns
    fields = dict.fromkeys(path for names in plan.opened.account.provider.identity for path in names)
    headings = (heading for path in fields for heading in mapping.columns.get(path, ()))
    return ", ".join(filter(None, (cells[columns.index(heading)] for heading in dict.fromkeys(headings))))


def _cause(seen: CauseCount) -> dict[str, object]:
    cause = seen.cause
    return {
        "code": cause.code,
        "status": str(seen.status),
        "count": seen.count,
        "rows": seen.rows,
        "meaning": cause.meaning,
        "who": str(cause.who),
        "how": cause.how,
    }
