"""What the ledger says of a customer, as the result of a row. (pure)"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from importer.causes import PERSON_MUST_SETTLE
from importer.ledger import SENDING, Entry
from importer.providers.base import Provider
from importer.rows import RowResult, Status
from importer.staging import Pending, Staged

ELSEWHERE = "being_sent_elsewhere"
"""Code of a row that another run is sending, or settling, just now."""

SETTLED_CODE = "settled_only"
"""Code of a ready row that a run did not send since it only settled others."""

ABSENT = frozenset({"not_found", "assumed_not_created"})
"""Codes of a row whose answer was lost, and that was found not to be there."""


def still_absent(staged: Staged, entry: Entry) -> Iterator[tuple[RowResult, Pending]]:
    """What a run that sends nothing new says of a row that was found absent: the same as was said then."""
    if entry.state == Status.FAILED and entry.code in ABSENT:
        yield result_of(staged.number, entry), Pending.NOTHING


def marked(staged: Staged, entry: Entry) -> Iterator[tuple[RowResult, Pending]]:
    """What the ledger's knowledge of a row means for this run; nothing if it is to be sent."""
    if entry.state == SENDING:
        yield result_of(staged.number, entry), Pending.WATCH
    elif entry.state == Status.UNKNOWN:
        yield result_of(staged.number, entry), Pending.SETTLE
    elif entry.state in (Status.CREATED, Status.EXISTS) or (
        entry.state == Status.REJECTED and entry.key == staged.key
    ):
        yield result_of(staged.number, entry, before=True), Pending.NOTHING


def marked_for(provider: Provider) -> Callable[[Staged, Entry], Iterator[tuple[RowResult, Pending]]]:
    """The same, for rows of one provider: where it has no look-up, a person must settle what is unknown."""
    if provider.look_up is not None:
        return marked

    def mark(staged: Staged, entry: Entry) -> Iterator[tuple[RowResult, Pending]]:
        if entry.state == Status.UNKNOWN:
            yield for_a_person(staged.number, entry, provider), Pending.SETTLE
        else:
            yield from marked(staged, entry)

    return mark


def for_a_person(row: int, entry: Entry, provider: Provider) -> RowResult:
    """What is said of an unknown row whose provider has no look-up."""
    message = f"{entry.message}; {provider.title} has no look-up, so a person must find out"
    return result_of(row, replace(entry, code=f"{entry.code};{PERSON_MUST_SETTLE}", message=message))


def in_the_way(staged: Staged, entry: Entry) -> RowResult:
    """What the ledger says of a row that could not be claimed, as its result.

    The entry may be another customer's, with a value of which the provider keeps only one.
    """
    if entry.identity != staged.identity and entry.state == Status.UNKNOWN:
        return RowResult(
            staged.number,
            Status.NOT_SENT,
            message=f"Row {entry.row} of run {entry.run} shares a value with it of which the provider keeps "
            "one customer, and its outcome is unknown: settle that one, then run again",
            code="waits_for_unknown",
        )
    return result_of(staged.number, entry, before=True)


def result_of(row: int, entry: Entry, *, before: bool = False) -> RowResult:
    """What the ledger says of a customer, as the result of a row.

    With `before` it is the answer of an earlier run: what that one created, `exists` now.
    """
    status, message, code = _standing(entry, before=before)
    return RowResult(
        row,
        status,
        customer_id=entry.customer_id,
        message=message,
        code=code,
        http_status=entry.http_status,
        attempts=entry.attempts,
        sent_at=datetime.fromtimestamp(entry.sent_at, UTC) if entry.attempts else None,
        run=entry.run,
        extra=entry.extra,
    )


def _standing(entry: Entry, *, before: bool) -> tuple[Status, str, str]:
    if entry.state == SENDING:
        return Status.NOT_SENT, "Another run is sending this customer just now", ELSEWHERE
    if before and entry.state in (Status.CREATED, Status.EXISTS):
        when = datetime.fromtimestamp(entry.sent_at, UTC)
        verb = "Created" if entry.state == Status.CREATED else "Found"
        return (
            Status.EXISTS,
            f"{verb} by run {entry.run} on {when:%Y-%m-%d}, row {entry.row}",
            "already_created",
        )
    if before and entry.state == Status.REJECTED:
        words = entry.message or "The provider refused it"  # its own may have been purged
        note = "(refused before, and the row is unchanged: correct it and run again)"
        return Status.REJECTED, f"{words} {note}", entry.code
    return Status(entry.state), entry.message, entry.code
