"""What is known of rows before anything is sent: done, unknown, or the same customer as another row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from importer.ledger import Entry
from importer.opening import OpenedJob
from importer.rows import RowResult, Status
from importer.staging import Among, Pending, Staged, Staging
from importer.standing import marked_for, result_of

T = TypeVar("T")
LOOK_UP_BATCH = 500

Known = Callable[[Sequence[str]], Mapping[str, Entry]]
"""By identity what is known of customers."""

Mark = Callable[[Staged, Entry], Iterable[tuple[RowResult, Pending]]]
"""What knowledge of a row means; nothing if it is to be sent."""


@dataclass(frozen=True, slots=True)
class _Words:
    """What is said of rows that were sent before as other customers than they seem now."""

    done: str
    unknown: str


BY_FILE = _Words(
    "The results file has this row as done: it is never sent again, whatever its cells say now. "
    "If it is another customer, empty the import_ cells of its row",
    "The results file has this row as unknown, and the ledger does not know it as it stands: "
    "undo the change of its cells, or name the ledger of that run with --ledger",
)
EARLIER = _Words(
    "An earlier run has this row as done: it is never sent again, whatever its cells say now and however "
    "they are read. If it is another customer, put it into a sheet of its own",
    "An earlier run sent this row as another customer than it is now, and its outcome is unknown: undo the "
    "change of its cells, columns or repairs, and that is found out first",
)


def mark_standing(
    staging: Staging, opened: OpenedJob, known: Known, mark: Mark | None = None, among: Among = None
) -> None:
    """Say of rows that would be sent what is known: done, unknown, or the same customer as another row.

    With `among` only these rows count, outside of which no row may share a customer with them.
    """
    words = EARLIER if opened.job.remembered is not None else BY_FILE
    _mark_told(staging, among, words, but_known_to=known)
    _mark_duplicates(staging, opened, among)
    _mark_known(staging, known, mark or marked_for(opened.account.provider), among)
    _mark_told(staging, among, words)


def _mark_duplicates(staging: Staging, opened: OpenedJob, among: Among) -> None:
    provider = opened.account.provider
    _mark_repeated(staging, among, "identity", "The same customer as row ", "; only that one is sent")
    told_apart_by = (opened.identity,) if opened.identity else provider.identity
    if provider.unique and told_apart_by != ((provider.unique,),):  # else these are the same rows
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


def _mark_told(staging: Staging, among: Among, words: _Words, *, but_known_to: Known | None = None) -> None:
    """Rows that are told to be done, or unknown, for this account, though the ledger does not say so.


    Somebody changed the cells that name the customer, or the ledger is another one. Such a row must not
    make a duplicate of another that is what it now says, so those the ledger does not know come first.
    """
    for batch in _batches(staging.told(among), LOOK_UP_BATCH):
        known = but_known_to([identity for *_, identity in batch if identity]) if but_known_to else {}
        staging.update(
            (_told(row, status, customer_id, words), Pending.NOTHING)
            for row, status, customer_id, identity in batch
            if identity not in known
        )


def _told(row: int, status: str, customer_id: str, words: _Words) -> RowResult:
    if status == Status.UNKNOWN:
        return RowResult(
            row,
            Status.UNKNOWN,
            message=words.unknown,
            code="unknown_elsewhere",
        )
    return RowResult(
        row,
        Status.CREATED if status == Status.CREATED else Status.EXISTS,
        customer_id=customer_id,
        message=words.done,
        code="already_created",
    )


def _mark_known(staging: Staging, known: Known, mark: Mark, among: Among) -> None:
    for batch in _batches(staging.pending(Pending.SEND, among), LOOK_UP_BATCH):
        found = known([staged.identity for staged in batch])
        made = staging.made([staged.number for staged in batch])
        staging.update(
            each
            for staged in batch
            if staged.identity in found
            for each in _marked(staged, found[staged.identity], mark, made)
        )


def _marked(
    staged: Staged, entry: Entry, mark: Mark, made: Mapping[int, str]
) -> Iterable[tuple[RowResult, Pending]]:
    """What knowledge of a row means; one that this source made stays as it was then."""
    if entry.state == Status.CREATED and made.get(staged.number) == entry.customer_id:
        return [(result_of(staged.number, entry), Pending.NOTHING)]
    return mark(staged, entry)


def _batches(items: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
