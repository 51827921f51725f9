"""A result as text in the database of staged rows. (pure)"""

import json
from datetime import UTC, datetime

from importer.rows import FieldError, RowResult, Status

to_json = json.JSONEncoder(check_circular=False).encode
"""As `json.dumps`, which makes an encoder each time and looks for circles."""

CODE = "json_extract(result, '$[2]')"
"""The code of a packed result, in SQL."""


def packed(result: RowResult) -> str:
    """All but the row's number and status."""
    sent_at = result.sent_at.timestamp() if result.sent_at else None
    faults = [(each.field, each.column, each.code, each.message, each.repair) for each in result.faults]
    return to_json(
        (
            result.customer_id,
            result.message,
            result.code,
            result.http_status,
            result.attempts,
            sent_at,
            result.run,
            dict(result.extra),
            faults,
        )
    )


def unpacked(number: int, status: str, text: str) -> RowResult:
    """The result as it was."""
    customer_id, message, code, http_status, attempts, sent_at, run, extra, faults = json.loads(text)
    return RowResult(
        number,
        Status(status),
        customer_id,
        message,
        code,
        http_status,
        attempts,
        None if sent_at is None else datetime.fromtimestamp(sent_at, UTC),
        run,
        extra,
        tuple(FieldError(*fault) for fault in faults),
    )


NOTHING_KNOWN = packed(RowResult(0, Status.NOT_SENT))
"""The result of every row that is ready."""
