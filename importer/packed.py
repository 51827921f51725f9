"""A row and its result as the database of staged rows keeps them. (pure)"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pydantic_core

from importer.rows import FieldError, RowResult, Status
from importer.validation import Checked

Line = tuple[int, str, str, str, str, bytes, str, str, str]
"""Number, cells, identity, key, exclusive, body, pending, status, result: all of them of plain types, since a
database takes its time with any other."""

TO_SEND = "send"
"""What is to do for a row that is ready."""

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

READY = (TO_SEND, str(Status.NOT_SENT), NOTHING_KNOWN)
"""How such a row stands."""


def line_of(checked: Checked) -> Line:
    """A row as it stands after its check: with faults it is `invalid`, without it waits to be sent."""
    row = checked.row
    pending, status, result = READY
    if checked.faults:
        pending, status, result = "", str(Status.INVALID), packed(_invalid(row.number, checked.faults))
    return (
        row.number,
        packed_cells(row.cells),
        checked.identity,
        checked.key,
        checked.exclusive,
        checked.body,
        pending,
        status,
        result,
    )


def packed_cells(cells: Sequence[str]) -> str:
    """The cells as JSON. A sheet may hold halves of characters, which are written in ASCII only."""
    try:
        return pydantic_core.to_json(cells).decode()  # three times as fast
    except pydantic_core.PydanticSerializationError:
        return to_json(cells)


def _invalid(number: int, faults: tuple[FieldError, ...]) -> RowResult:
    codes = ";".join(dict.fromkeys(fault.code for fault in faults))
    return RowResult(number, Status.INVALID, message=_joined(faults), code=codes, faults=faults)


def _joined(faults: Sequence[FieldError]) -> str:
    *before, last = map(str, faults)
    return "; ".join([*(text.rstrip(".") for text in before), last])
