"""A run in the log: a line when it begins, one a row, one when it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from importer.errors import ImporterError
from importer.planning import Plan
from importer.progress import OnProgress, Phase, Progress, ignore
from importer.rows import MADE_IT, RowResult, Status, Summary
from importer.telling.lines import Level
from importer.telling.logfile import Log

LEAST_WAIT = 1.0
"""Seconds; shorter waits are no news."""

_NUMBER_OF = {status: number for number, status in enumerate(Status, 1)}


@dataclass(slots=True)
class RunLog:
    """Watches a run (an `OnProgress`), hands on what it sees to `then`, writes rows into `log`, if any."""

    log: Log | None
    plan: Plan
    then: OnProgress
    about: str
    _told: bytearray = field(default_factory=bytearray)

    def __call__(self, progress: Progress) -> None:
        """Write the row that has just got its outcome, or that nothing is sent for a while."""
        if self.log is not None and self.log.detailed:
            if progress.result is not None:
                self._row(self.log, progress.result)
            elif progress.phase is Phase.WAITING and progress.wait >= LEAST_WAIT:
                self.log.write("waiting", Level.INFO, {"seconds": round(progress.wait, 1)}, about=self.about)
        self.then(progress)

    def ended(self, summary: Summary) -> None:
        """Write the rows that needed no request, or got another outcome unseen, and how the run ended."""
        if self.log is None:
            return
        for result in self.plan.standing() if self.log.detailed else ():
            if self._last_told(result.row) != _NUMBER_OF[result.status]:
                self._row(self.log, result)
        level = {0: Level.INFO, 1: Level.WARNING}.get(summary.exit_code, Level.ERROR)
        facts = {
            "code": summary.stop_code or None,
            "output": summary.output,
            "counts": {str(status): count for status, count in summary.counts.items()},
            "seconds": summary.seconds,
            "exit_code": summary.exit_code,
            "error": None,
        }
        self.log.write("run_ended", level, facts, about=self.about)

    def _row(self, log: Log, result: RowResult) -> None:
        # no message: a provider may quote the cell in it
        facts = {
            "row": result.row,
            "status": result.status,
            "code": result.code,
            "http_status": result.http_status,
            "attempts": result.attempts,
            "customer_id": result.customer_id,
        }
        level = Level.INFO if result.status in MADE_IT else Level.WARNING
        log.write("row", level, facts, about=self.about)
        if result.row >= len(self._told):
            self._told.extend(bytes(result.row + 1024 - len(self._told)))
        self._told[result.row] = _NUMBER_OF[result.status]

    def _last_told(self, row: int) -> int:
        return self._told[row] if row < len(self._told) else 0


@contextmanager
def run_log(log: Log | None, plan: Plan, *, job: str = "", then: OnProgress = ignore) -> Iterator[RunLog]:
    """What watches the run of a plan and writes it into `log`; tell it the summary with `ended`.

    An error that ends the run is entered by its kind, and goes on. Without a log all goes to `then` alone.
    """
    if log is None:
        yield RunLog(None, plan, then, "")
        return
    account = plan.opened.account
    about = log.about(
        {
            "job": job,
            "run": plan.run,
            "provider": account.provider.name,
            "environment": account.environment,
            "account": account.label,
        }
    )
    start = {"source": str(plan.opened.job.source), "rows": sum(plan.counts.values())}
    log.write("run_started", Level.INFO, start, about=about)
    try:
        yield RunLog(log, plan, then, about)
    except BaseException as error:
        code = error.exit_code if isinstance(error, ImporterError) else None
        broke = {"code": None, "output": None, "counts": None, "seconds": None, "exit_code": code}
        log.write("run_ended", Level.ERROR, {**broke, "error": type(error).__name__}, about=about)
        raise
