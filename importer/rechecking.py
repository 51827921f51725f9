"""Single rows of a plan checked anew, as a person corrects them."""

from collections.abc import Iterable

from importer.marking import mark_standing
from importer.planning import Plan
from importer.rows import Row, RowResult, Status

CORRECTABLE = frozenset({Status.INVALID, Status.REJECTED, Status.DUPLICATE, Status.FAILED, Status.NOT_SENT})


def is_correctable(result: RowResult) -> bool:
    """Whether other cells do no harm: a customer that is there, or may be, would be made twice with them."""
    return result.status in CORRECTABLE


def recheck(plan: Plan, rows: Iterable[Row]) -> None:
    """Put rows in place of those of their numbers, and say where these and all others stand now.

    For some rows; many are faster checked with the whole sheet. What was found out about columns as a whole
    (rounded numbers, columns that are swapped) stays as it was until the next check.

    Raises:
        LedgerError: The ledger cannot be read.
    """
    touched = plan.staging.replace(map(plan.terms.checker(), rows))
    mark_standing(plan.staging, plan.opened, plan.ledger.known, among=touched)
