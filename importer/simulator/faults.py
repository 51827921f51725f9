"""Faults on demand: which request is to go wrong, and how."""

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from importer.simulator.exchange import Call


class Fault(StrEnum):
    """One way in which a call goes wrong. Whether a customer was created by it is what matters."""

    RATE_LIMITED = "rate_limited"
    """429 although under the limit; nothing created."""
    SERVER_ERROR = "server_error"
    """500, 502, 503, in turn; nothing created."""
    SLOW = "slow"
    """Created at once, answered after `Faults.slow_seconds`."""
    CUT_BEFORE = "cut_before"
    """The connection is closed; nothing created."""
    CUT_AFTER = "cut_after"
    """Created; the connection is closed without an answer."""
    CUT_BODY = "cut_body"
    """Created; closed after the header and half of the body."""
    GARBLED = "garbled"
    """Created; the body is not JSON."""
    NO_ID = "no_id"
    """Created; the answer is a success without the id."""
    REDIRECT = "redirect"
    """302 to an HTML page that answers 200; nothing created."""
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - the name of a fault
    """401 this once, and every token handed out so far is revoked; nothing created."""
    ERROR_AFTER = "error_after"
    """Created; answers 500."""
    REJECTED_AFTER = "rejected_after"
    """Created; answers 400 and names no field, as seen at Yativo [B].

    At the others nobody can tell it from a rejection."""
    REFUSED = "refused"
    """The account is refused (`Faults.refused_status`), whatever the call; nothing created."""


NOTHING_CREATED = frozenset(
    {
        Fault.RATE_LIMITED,
        Fault.SERVER_ERROR,
        Fault.CUT_BEFORE,
        Fault.REDIRECT,
        Fault.EXPIRED_TOKEN,
        Fault.REFUSED,
    }
)
"""The faults that strike before the provider looks at the request."""


@dataclass(frozen=True, slots=True)
class ForCustomer:
    """A fault for one customer's creates: the first `times` of them, or with None all."""

    fault: Fault
    times: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What goes wrong at one provider. A customer's own fault wins over the script, the script over chance.

    `probabilities` are per call and add up to 1 at most. `script` is for the creates in order of arrival,
    without those that a rate window refused: a fault, or None to leave that one to chance, as are all after
    its end. `by_email` goes by the e-mail address in the body, whatever its case.

    Chance strikes the kinds in `calls` only, creates unless said otherwise; `refused` strikes every kind.
    """

    probabilities: Mapping[Fault, float] = field(default_factory=dict)
    script: tuple[Fault | None, ...] = ()
    by_email: Mapping[str, ForCustomer] = field(default_factory=dict)
    calls: frozenset[Call] = frozenset({Call.CREATE})
    slow_seconds: float = 5.0
    retry_after: float = 1.0
    refused_status: int = 401

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}  # for the admin endpoint

    def __post_init__(self) -> None:
        """Refuse probabilities that are none.

        Raises:
            ValueError: One is negative, or their sum is above 1.
        """
        values = self.probabilities.values()
        if any(value < 0 for value in values) or sum(values) > 1 + 1e-9:
            raise ValueError("probabilities are between 0 and 1 and add up to 1 at most")


class FaultSource:
    """Deals out one provider's faults, the same ones for the same seed and order of requests."""

    def __init__(self, faults: Faults, seed: str) -> None:
        """Start at the beginning of the script."""
        self.faults = faults
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._script = iter(faults.script)
        self._for_customer = {email.casefold(): one for email, one in faults.by_email.items()}
        self._struck: dict[str, int] = {}
        self._server_errors = itertools.cycle((500, 502, 503))

    @property
    def goes_by_email(self) -> bool:
        """Whether `draw` needs to be told the e-mail address."""
        return bool(self._for_customer)

    def draw(self, call: Call, email: str = "") -> Fault | None:
        """The fault for this call, if it is to have one."""
        if call is Call.CREATE:
            scripted = next(self._script, None)
            fault = self._customers_own(email.casefold()) or scripted
            if fault is not None:
                return fault
        return self._by_chance(call)

    def next_server_error(self) -> int:
        """500, 502, 503 and again from the beginning."""
        return next(self._server_errors)

    def _customers_own(self, email: str) -> Fault | None:
        own = self._for_customer.get(email)
        if own is None:
            return None
        struck = self._struck.get(email, 0)
        if own.times is not None and struck >= own.times:
            return None
        self._struck[email] = struck + 1
        return own.fault

    def _by_chance(self, call: Call) -> Fault | None:
        if not self.faults.probabilities:
            return None
        point = self._random.random()
        for fault, upper in self._thresholds():
            if point < upper:
                return fault if call in self.faults.calls or fault is Fault.REFUSED else None
        return None

    def _thresholds(self) -> Iterator[tuple[Fault, float]]:
        items = self.faults.probabilities.items()
        return zip((fault for fault, _ in items), itertools.accumulate(p for _, p in items), strict=True)
