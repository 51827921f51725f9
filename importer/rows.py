"""The values that travel between the stages: rows, faults, results, counts."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """Where a row stands. The words are the same in results, summary, ledger and page."""

    CREATED = "created"
    EXISTS = "exists"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    REJECTED = "rejected"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"


MADE_IT = frozenset({Status.CREATED, Status.EXISTS, Status.DUPLICATE})
"""Statuses with which nothing is left to do for a row; a run of only these exits 0."""


TO_CORRECT = frozenset({Status.INVALID, Status.REJECTED})
"""Statuses of rows that somebody has to correct in the sheet."""


class Environment(StrEnum):
    """Which of a provider's two worlds is meant."""

    SANDBOX = "sandbox"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `requests` in any window of `per` seconds."""

    requests: int
    per: float

    def __str__(self) -> str:
        for unit, seconds in (("h", 3600), ("min", 60)):
            if self.per % seconds == 0:
                times = int(self.per // seconds)
                return f"{self.requests}/{times if times > 1 else ''}{unit}"
        return f"{self.requests}/{f'{self.per:g}' if self.per != 1 else ''}s"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the source. `number` is the spreadsheet program's (the first line is 1).

    `cells` has one text per column of the source, in its order; a missing cell is "". `told` is what one of
    our results files says of the row, its status and customer id; None in any other file.
    """

    number: int
    cells: tuple[str, ...] = field(repr=False)
    told: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of a row.

    `column` is the heading as the sheet has it, None where no column feeds the field; `field` is the
    provider's dotted path, "" where a fault concerns the row as a whole; `code` is stable and
    machine-readable; `message` says what is wrong and what is wanted, and may quote the cell; `repair` is
    the text that was probably meant, None where that cannot be told.
    """

    field: str
    column: str | None
    code: str
    message: str = dataclasses.field(repr=False)
    repair: str | None = dataclasses.field(default=None, repr=False)

    def __str__(self) -> str:
        place = self.column if self.column is not None else self.field
        return f"{place}: {self.message}" if place else self.message


@dataclass(frozen=True, slots=True)
class Finding(FieldError):  # noqa: N818  neither is an exception
    """Something about a cell that is no fault: a person should look at it, or asked to have it `repaired`."""

    repaired: bool = False


@dataclass(frozen=True, slots=True)
class RowResult:
    """Where one row of the source stands, with what the provider said.

    `sent_at` is UTC, the time of the last attempt; `run` the id of the run that made it; `extra` what
    else the provider returned that people need, by result column without the prefix (`kyc_link`);
    `faults` the cells at fault, and `findings` those to look at, for marking them.
    """

    row: int
    status: Status
    customer_id: str = ""
    message: str = field(default="", repr=False)
    code: str = ""
    http_status: int | None = None
    attempts: int = 0
    sent_at: datetime | None = None
    run: str = ""
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)
    faults: tuple[FieldError, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def attempt(self) -> str:
        """What tells this attempt from all others: its run and time."""
        return f"{self.run} {self.sent_at.timestamp() if self.sent_at else 0.0}"


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run ended: what `--json` prints. `counts` has every status, zero included.

    `stopped` says why it ended early, `stop_code` the same for machines; "" where it did not.
    """

    run: str
    provider: str
    environment: str
    account: str
    source: str
    output: str
    counts: Mapping[Status, int]
    exit_code: int
    seconds: float
    stopped: str = ""
    stop_code: str = ""


def no_counts() -> dict[Status, int]:
    """Every status with zero, in the order people read them."""
    return dict.fromkeys(Status, 0)
