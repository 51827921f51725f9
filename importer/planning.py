"""Check every row of a source and say what a run would do: the plan. Nothing is sent."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self, TypeVar

from importer import results
from importer.damage import ColumnTrouble, survey
from importer.errors import MappingError, SettingsError, TemporaryFolderError
from importer.findings import FindingCount
from importer.handwork import Handwork
from importer.jobs import Job
from importer.ledger import Ledger
from importer.opening import OpenedJob, ledger_url, open_job
from importer.pacing import spacing
from importer.rows import MADE_IT, Row, RowResult, Status
from importer.staging import Among, Pending, Staging
from importer.standing import marked
from importer.validation import Checked, validator

T = TypeVar("T")
LOOK_UP_BATCH = 500
PROGRESS_EVERY = 500
CORRECTED = (
    "{name} was changed since it was written. If these are corrections, run that file instead; it is kept "
    "under another name"
)
JUST_WRITTEN = 2.0
"""Seconds after the end of a run in which a change of its results file is its own."""

TOLD_STATUSES = (Status.CREATED, Status.EXISTS, Status.UNKNOWN)


@dataclass(slots=True)
class Plan:
    """What a run would do with each row. Hold it as a context manager: it keeps the ledger open.

    `run` is the id of the run it would be. `again` sets its customers apart from those made before, ""
    where it does not send what is done again. `notes` say what a person did to the rows of a results file,
    `troubles` are columns that hold few of what they feed, `rounded` fields whose column was rounded.
    """

    opened: OpenedJob
    run: str
    ledger: Ledger = field(repr=False)
    staging: Staging = field(repr=False)
    again: str = ""
    notes: tuple[str, ...] = ()
    troubles: tuple[ColumnTrouble, ...] = ()
    rounded: frozenset[str] = frozenset()

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
) -> Plan:
    """Read, map and validate every row, find repeated ones, and ask the ledger what is already done.

    `on_progress` is told the number of rows checked so far. `variables` replace the environment.

    Raises:
        SetupError: The source, the settings or the columns do not do; nothing was sent.
        LedgerError: The ledger cannot be read.
    """
    opened = open_job(job, variables=variables)
    run = new_run_id()
    ledger = Ledger.open(ledger_url(job))
    again = ""
    staging, handwork = Staging(), Handwork()
    try:
        ledger.use_account(opened.account.key)
        if job.again:
            again = ledger.unfinished_again(told_path(job.source)) or run
        elif opened.continues:
            again = opened.again
        surveyed = survey(
            opened.source.rows(), opened.source.columns, opened.mapping, opened.account.provider
        )
        staging.load(_checked(opened, again, surveyed.rounded, on_progress, staging, handwork))
        results.check_fits(opened.output, columns=len(opened.source.columns), rows=staging.count())
        mark_standing(staging, opened, ledger)
    except BaseException as error:
        staging.close()
        ledger.close()
        if isinstance(error, TemporaryFolderError):
            raise SettingsError(str(error)) from error  # nothing was sent
        raise
    notes = handwork.notes((opened.source.settings or {}).get("counts"))
    if was_corrected(opened, ledger):
        notes += (CORRECTED.format(name=opened.output.name),)
    return Plan(opened, run, ledger, staging, again, notes, surveyed.troubles, frozenset(surveyed.rounded))


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


def _checked(
    opened: OpenedJob,
    again: str,
    rounded: Collection[str],
    on_progress: Callable[[int], None] | None,
    staging: Staging,
    handwork: Handwork,
) -> Iterator[Checked]:
    check_row = validator(
        opened.account,
        opened.mapping,
        opened.source.columns,
        identity=opened.identity,
        again=again,
        repair=opened.repair,
        rounded=rounded,
    )
    number = 0
    trusted = opened.continues and not opened.job.again
    for number, row in enumerate(opened.source.rows(), 1):
        handwork.see(row)
        if trusted and row.told is not None and row.told[0] in TOLD_STATUSES:
            staging.note_told(row.number, *row.told)
        yield check_row(row)
        if on_progress is not None and number % PROGRESS_EVERY == 0:
            on_progress(number)
    if on_progress is not None:
        on_progress(number)


def mark_standing(staging: Staging, opened: OpenedJob, ledger: Ledger, among: Among = None) -> None:
    """Say of rows that would be sent what is known: done, unknown, or the same customer as another row.

    With `among` only these rows count, outside of which no row may share a customer with them.
    """
    _mark_told(staging, among, but_known_to=ledger)
    _mark_duplicates(staging, opened, among)
    _mark_known(staging, ledger, among)
    _mark_told(staging, among)


def _mark_duplicates(staging: Staging, opened: OpenedJob, among: Among) -> None:
    provider = opened.account.provider
    _mark_repeated(staging, among, "identity", "The same customer as row ", "; only that one is sent")
    if provider.unique:
        column = opened.mapping.column_of(provider.unique) or provider.unique
        told = f'{provider.title} keeps one customer for each "{column}", and this one is the same as in row '
        _mark_repeated(staging, among, "exclusive", told)


def _mark_repeated(
    staging: Staging, among: Among, by: Literal["identity", "exclusive"], before: str, after: str = ""
) -> None:
    staging.update(
        (
            RowResult(row, Status.DUPLICATE, message=f"{before}{first}{after}", code="duplicate_row"),
            Pending.NOTHING,
        )
        for row, first in staging.duplicates(by=by, among=among)
    )


def _mark_told(staging: Staging, among: Among, *, but_known_to: Ledger | None = None) -> None:
    """Rows that a results file of this account has as done, or as unknown, though the ledger does not.

    Somebody changed the cells that name the customer, or the ledger is another one. Such a row must not
    make a duplicate of another that is what it now says, so those the ledger does not know come first.
    """
    for batch in _batches(staging.told(among), LOOK_UP_BATCH):
        known = but_known_to.known([identity for *_, identity in batch if identity]) if but_known_to else {}
        staging.update(
            (_told(row, status, customer_id), Pending.NOTHING)
            for row, status, customer_id, identity in batch
            if identity not in known
        )


def _told(row: int, status: str, customer_id: str) -> RowResult:
    if status == Status.UNKNOWN:
        return RowResult(
            row,
            Status.UNKNOWN,
            message="The results file has this row as unknown, and the ledger does not know it as it stands: "
            "undo the change of its cells, or name the ledger of that run with --ledger",
            code="unknown_elsewhere",
        )
    return RowResult(
        row,
        Status.EXISTS,
        customer_id=customer_id,
        message="The results file has this row as done: it is never sent again, whatever its cells say now. "
        "If it is another customer, empty the import_ cells of its row",
        code="already_created",
    )


def _mark_known(staging: Staging, ledger: Ledger, among: Among) -> None:
    for batch in _batches(staging.pending(Pending.SEND, among), LOOK_UP_BATCH):
        known = ledger.known([staged.identity for staged in batch])
        staging.update(
            each
            for staged in batch
            if staged.identity in known
            for each in marked(staged, known[staged.identity])
        )


def _batches(items: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
