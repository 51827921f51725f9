"""Our columns: which there are, and what a row's result puts into them. (pure)"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from importer.rows import Row, RowResult
from importer.sheetformat import PREFIX


@dataclass(frozen=True, slots=True)
class OurColumn:
    """One column of ours. `heading` has the prefix; `widest` caps its width on the sheet, in characters.

    A `number` column holds an int, or "" where there is none; every other one text.
    """

    heading: str
    value: Callable[[RowResult], str | int]
    widest: int = 24
    number: bool = False
    links: bool = False


@dataclass(frozen=True, slots=True)
class ResultsHeader:
    """What stands above the rows, and what the file carries along.

    `columns` are the headings as the sheet has them, `extra_columns` the provider's additions without
    prefix (`kyc_link`), `settings` whatever a run over this file needs; it must be JSON-able.
    """

    columns: tuple[str, ...]
    extra_columns: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)

    def settings_json(self) -> str:
        """The settings as compact JSON in ASCII."""
        return json.dumps(dict(self.settings), separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one file: the source's headings, then ours."""

    theirs: tuple[str, ...]
    ours: tuple[OurColumn, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """All headings in order."""
        return (*self.theirs, *(column.heading for column in self.ours))

    @property
    def message(self) -> int:
        """Where the message stands, from 0."""
        return self.headings.index(_MESSAGE, len(self.theirs))

    def values(self, row: Row, result: RowResult) -> list[str | int]:
        """The cells of one row in the order of `headings`."""
        if len(row.cells) != len(self.theirs):
            raise ValueError(f"row {row.number} has {len(row.cells)} cells for {len(self.theirs)} columns")
        return [*row.cells, *[column.value(result) for column in self.ours]]


def results_layout(header: ResultsHeader) -> Layout:
    """The columns after a run."""
    extras = tuple(_extra(name) for name in header.extra_columns)
    return Layout(header.columns, (*_RESULT, *extras))


def report_layout(header: ResultsHeader) -> Layout:
    """The columns after a check, which has no ids and no requests to tell of."""
    return Layout(header.columns, _REPORT)


def timestamp(moment: datetime | None) -> str:
    """UTC to the second, like 2026-11-21T01:48:54Z; "" for None. A moment without a zone is UTC."""
    if moment is None:
        return ""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat()[:19]}Z"


def _status(result: RowResult) -> str:
    return result.status.value


def _http_status(result: RowResult) -> str | int:
    return "" if result.http_status is None else result.http_status


def _ready(result: RowResult) -> str:
    return result.message or ("ready" if result.status == "not_sent" else "")


def _extra(name: str) -> OurColumn:
    return OurColumn(PREFIX + name, lambda result: result.extra.get(name, ""), 40, links=True)


_MESSAGE = PREFIX + "message"
_STATUS = OurColumn(PREFIX + "status", _status)
_CODE = OurColumn(PREFIX + "code", lambda result: result.code)
_ROW = OurColumn(PREFIX + "row", lambda result: result.row, number=True)

_RESULT = (
    _STATUS,
    OurColumn(PREFIX + "customer_id", lambda result: result.customer_id, 40),
    OurColumn(_MESSAGE, lambda result: result.message, 90),
    _CODE,
    OurColumn(PREFIX + "http_status", _http_status, number=True),
    OurColumn(PREFIX + "attempts", lambda result: result.attempts, number=True),
    OurColumn(PREFIX + "sent_at", lambda result: timestamp(result.sent_at)),
    _ROW,
    OurColumn(PREFIX + "run", lambda result: result.run, 40),
)

_REPORT = (_STATUS, OurColumn(_MESSAGE, _ready, 90), _CODE, _ROW)
