"""Check every row of a source and say what a run would do: the plan. Nothing is sent."""

import os
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from importer import results
from importer.checking import Second, Terms, checked_rows
from importer.damage import ColumnTrouble, survey
from importer.errors import MappingError, SettingsError, TemporaryFolderError
from importer.findings import FindingCount
from importer.handwork import Handwork
from importer.jobs import Job
from importer.ledger import Ledger
from importer.marking import Known, Mark, mark_standing
from importer.opening import OpenedJob, ledger_url, open_job
from importer.pacing import spacing
from importer.remembered import TOLD_STATUSES, Remembered, before_this
from importer.rows import MADE_IT, Row, RowResult, Status
from importer.source.document import digest_of
from importer.staging import Pending, Staging

CORRECTED = (
    "{name} was changed since it was written. If these are corrections, run that file instead; it is kept "
    "under another name"
)
JUST_WRITTEN = 2.0
"""Seconds after the end of a run in which a change of its results file is its own."""


@dataclass(slots=True)
class Plan:
    """What a run would do with each row. Hold it as a context manager: it keeps the ledger open.

    `run` is the id of the run it would be. `again` sets its customers apart from those made before, ""
    where it does not send what is done again. `notes` say what a person did to the rows of a results file,
    `troubles` are columns that hold few of what they feed, `digest` tells the content of the source, `terms`
    are what its rows were checked by.
    """

    opened: OpenedJob
    run: str
    ledger: Ledger = field(repr=False)
    staging: Staging = field(repr=False)
    terms: Terms = field(repr=False)
    again: str = ""
    notes: tuple[str, ...] = ()
    troubles: tuple[ColumnTrouble, ...] = ()
    digest: str = ""

    @property
    def counts(self) -> Mapping[Status, int]:
        """How many rows stand where now; those that are ready are `not_sent`."""
        return self.staging.counts()

    @property
    def ready(self) -> int:
        """How many rows would be sent."""
        return self.staging.count_pending(Pending.SEND)

    @property
    def to_settle(self) -> int:
        """How many rows have an unknown outcome from before, and would be settled first."""
        return self.staging.count_pending(Pending.SETTLE)

    @property
    def seconds(self) -> float:
        """How long sending takes at the provider's limit."""
        limit = self.opened.job.limit
        to_send = self.ready if limit is None else min(limit, self.ready)
        return to_send * spacing(self.opened.limits)

    @property
    def exit_code(self) -> int:
        """0 when every row is ready or done, else 1."""
        in_order = {*MADE_IT, Status.NOT_SENT}
        return int(any(count for status, count in self.counts.items() if status not in in_order))

    @property
    def idle(self) -> bool:
        """Whether there is nothing to send, to settle or to wait for: everything is done or at fault."""
        waiting = (Pending.SEND, Pending.SETTLE, Pending.WATCH)
        return not any(self.staging.count_pending(what) for what in waiting)

    def results(self) -> Iterator[tuple[Row, RowResult]]:
        """Every row with what is known of it, in sheet order."""
        return self.staging.results()

    def standing(self) -> Iterator[RowResult]:
        """What is known of every row, in sheet order: without its cells and what was found in them."""
        return self.staging.standing()

    def findings(self) -> list[FindingCount]:
        """What is damaged or suspicious in cells, by column and code."""
        return self.staging.findings.counts()

    def require_columns_make_sense(self) -> None:
        """Make sure that nothing is sent just because a few cells of a wrong column happen to fit.

        Raises:
            MappingError: A column holds hardly any of what it is mapped to, or another one holds it.
        """
        wrong = [trouble.message for trouble in self.troubles if trouble.wrong]
        if wrong and self.ready:
            raise MappingError(
                f"{' '.join(wrong)} Nothing was sent. Correct the headings, or the mapping (importer map "
                "writes one, -m uses it). If all is right as it is: run it in a terminal, without --yes."
            )

    def explain_unsent(self, code: str, why: str) -> None:
        """Say of the rows that are still to be sent why they were not."""
        waiting = self.staging.pending(Pending.SEND)
        self.staging.update(
            (RowResult(staged.number, Status.NOT_SENT, message=why, code=code), Pending.SEND)
            for staged in waiting
        )

    def close(self) -> None:
        """Let go of the ledger and the staged rows."""
        self.staging.close()
        self.ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def check(
    job: Job,
    *,
    variables: Mapping[str, str] | None = None,
    on_progress: Callable[[int], None] | None = None,
    second: Second | None = None,
) -> Plan:
    """Read, map and validate every row, find repeated ones, and ask the ledger what is already done.

    `on_progress` is told the number of rows checked so far. `variables` replace the environment. A `second`
    process that was begun before helps from the first row on; it is ended here.

    Raises:
        SetupError: The source, the settings or the columns do not do; nothing was sent.
        LedgerError: The ledger cannot be read.
    """
    with second or Second(job.source) as helping:
        return _check(job, variables, helping, on_progress)


def _check(
    job: Job,
    variables: Mapping[str, str] | None,
    second: Second,
    on_progress: Callable[[int], None] | None,
) -> Plan:
    opened = open_job(job, variables=variables)
    run = new_run_id()
    ledger = Ledger.open(ledger_url(job))
    again = ""
    try:
        ledger.use_account(opened.account.key)
        if job.again:
            again = ledger.unfinished_again(told_path(job.source)) or run
        elif opened.continues:
            again = opened.again
        plan = plan_rows(opened, ledger, run, second, again=again, on_progress=on_progress)
        _require_same_ledger(plan)
    except BaseException:
        ledger.close()
        raise
    if was_corrected(opened, ledger):
        plan.notes += (CORRECTED.format(name=opened.output.name),)
    return plan


def plan_rows(
    opened: OpenedJob,
    ledger: Ledger,
    run: str,
    second: Second,
    *,
    again: str,
    known: Known | None = None,
    mark: Mark | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Plan:
    """Every row of an opened job, and where it stands by what is `known`, the ledger's by default.

    A `second` process helps to check them.

    Raises:
        SetupError: The rows cannot be read, or do not fit into the results; nothing was sent.
    """
    known = known or ledger.known
    staging, handwork = Staging(), Handwork()
    try:
        surveyed = survey(
            opened.source.rows(), opened.source.columns, opened.mapping, opened.account.provider
        )
        terms = _terms(opened, again, surveyed.rounded)
        rows = 0
        for batch in checked_rows(_seen(opened, staging, handwork), terms, second):
            staging.take(batch.lines, batch.of_note)
            rows += len(batch.lines)
            if on_progress is not None:
                on_progress(rows)
        results.check_fits(opened.output, columns=len(opened.source.columns), rows=rows)
        _note_remembered(opened, staging, known)
        mark_standing(staging, opened, known, mark)
    except BaseException as error:
        staging.close()
        if isinstance(error, TemporaryFolderError):
            raise SettingsError(str(error)) from error  # nothing was sent
        raise
    notes = handwork.notes((opened.source.settings or {}).get("counts"))
    digest = digest_of(opened.job.source)
    return Plan(opened, run, ledger, staging, terms, again, notes, surveyed.troubles, digest)


def _require_same_ledger(plan: Plan) -> None:
    """Make sure that rows of a results file are sent under the ledger they belong to.

    Else that one would not know of them, and who goes on with it would create them again.
    """
    opened = plan.opened
    belongs = (opened.source.settings or {}).get("ledger")
    if belongs and opened.continues and plan.ready and belongs != plan.ledger.mark:
        plan.staging.close()
        name = opened.job.source.name
        raise SettingsError(
            f"{name} was made with another ledger than the one used here, which would not know whom this run "
            "creates, and create them again. Nothing was sent. Name that ledger with --ledger, or, if it is "
            f"a job's, type: importer run --job FILE {shlex.quote(name)}"
        )


def remembered(opened: OpenedJob) -> Remembered | None:
    """Where runs keep which rows they sent, if they are to."""
    path = opened.job.remembered
    return Remembered(path, opened.account.key, opened.source.sheet) if path is not None else None


def _note_remembered(opened: OpenedJob, staging: Staging, known: Known) -> None:
    kept = remembered(opened)
    for number, status, customer_id in kept.rows(known) if kept is not None else ():
        if status:
            staging.note_told(number, status, customer_id)
        else:
            staging.forget_told(number)


def was_corrected(opened: OpenedJob, ledger: Ledger) -> bool:
    """Whether somebody changed the results file that a run is about to replace, unless it is its source."""
    written = ledger.last_written(told_path(opened.output))
    if written is None or told_path(opened.output) == told_path(opened.job.source):
        return False
    try:
        return opened.output.stat().st_mtime > written + JUST_WRITTEN
    except OSError:
        return False


def told_path(path: Path) -> str:
    """A path as text that every database and sheet takes, whole."""
    return os.fsencode(path.absolute()).decode("utf-8", "replace")


def new_run_id() -> str:
    """The time (UTC) and a little chance: sorts by time, and is short enough to type."""
    import secrets

    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def _terms(opened: OpenedJob, again: str, rounded: Collection[str]) -> Terms:
    return Terms(
        opened.account,
        opened.mapping,
        tuple(opened.source.columns),
        tuple(opened.identity),
        again,
        opened.repair,
        frozenset(rounded),
    )


def _seen(opened: OpenedJob, staging: Staging, handwork: Handwork) -> Iterator[Row]:
    """The rows of the source; what a results file says of them is noted."""
    if not opened.source.ours:
        return opened.source.rows()
    trusted = opened.continues and not opened.job.again

    def seen() -> Iterator[Row]:
        for row in opened.source.rows():
            handwork.see(row)
            if trusted and row.told is not None and row.told[0] in TOLD_STATUSES:
                status, customer_id = row.told
                staging.note_told(row.number, before_this(status), customer_id)
            yield row

    return seen()
