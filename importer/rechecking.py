"""Single rows of a plan checked anew, as a person corrects them."""

from collections.abc import Iterable

from importer.planning import Plan, mark_standing
from importer.rows import Row, RowResult, Status
from importer.validation import validator

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
    opened = plan.opened
    check_row = validator(
        opened.account,
        opened.mapping,
        opened.source.columns,
        identity=opened.identity,
        again=plan.again,
        repair=opened.repair,
        rounded=plan.rounded,
    )
    touched = plan.staging.replace(map(check_row, rows))
    mark_standing(plan.staging, opened, plan.ledger, touched)
