"""What a simulated provider remembers of its requests: exact counts, and the latest ones in full."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from importer.simulator.exchange import Call
from importer.simulator.faults import Fault

_KEPT_HEADERS = ("Content-Type", "Accept", "Idempotency-Key", "idempotency", "salt", "timestamp")


@dataclass(slots=True)
class RequestRecord:
    """One request. No credential is kept.

    `status` is None until it is answered, and stays None where the fault was to give no answer. `path` is as
    sent, without our prefix, with the query. `arrived` is on the simulator's clock, in Unix seconds.
    """

    provider: str
    call: Call
    method: str
    path: str
    headers: Mapping[str, str]
    arrived: float
    body: bytes = field(default=b"", repr=False)
    rate_limited: bool = False
    fault: Fault | None = None
    status: int | None = None
    customer_id: str | None = None
    """The customer that this request created."""


@dataclass(slots=True)
class Counts:
    """Exact numbers since the start or the last reset, however short the log is.

    `rate_limited` counts what the windows refused, not the fault of that name. `answered` goes by HTTP
    status; `cut` got none.
    """

    requests: int = 0
    creates: int = 0
    look_ups: int = 0
    logins: int = 0
    rate_limited: int = 0
    cut: int = 0
    answered: Counter[int] = field(default_factory=Counter)
    faults: Counter[Fault] = field(default_factory=Counter)


class Journal:
    """One provider's requests."""

    def __init__(self, *, size: int) -> None:
        """Keep the latest `size` requests."""
        self.counts = Counts()
        self._log: deque[RequestRecord] = deque(maxlen=size)

    def arrived(self, record: RequestRecord) -> None:
        """Count a request at its arrival."""
        counts = self.counts
        counts.requests += 1
        if record.call is Call.CREATE:
            counts.creates += 1
        elif record.call is Call.LOOK_UP:
            counts.look_ups += 1
        elif record.call is Call.LOG_IN:
            counts.logins += 1
        self._log.append(record)

    def answered(self, record: RequestRecord, status: int | None) -> None:
        """Note how `record` ended; None is a cut connection."""
        record.status = status
        counts = self.counts
        if status is None:
            counts.cut += 1
        else:
            counts.answered[status] += 1
        if record.rate_limited:
            counts.rate_limited += 1
        if record.fault is not None:
            counts.faults[record.fault] += 1

    def copy(self) -> list[RequestRecord]:
        """The latest requests, oldest first, in a list that does not grow any more."""
        return list(self._log)


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that matter to a witness, under these names; no credential among them."""
    return {name: headers[name] for name in _KEPT_HEADERS if name in headers}
