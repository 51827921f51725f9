"""What the ledger says of a customer, and what is asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from importer.rows import Status

SENDING = "sending"
OUTCOMES = (Status.CREATED, Status.EXISTS, Status.REJECTED, Status.FAILED, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger knows of a customer. `state` is `sending` or a status; times are Unix seconds (UTC).

    Its fields are columns of the ledger's, `extra` the last of them.
    """

    identity: str
    state: str
    key: str
    run: str
    row: int
    attempts: int
    first_sent_at: float
    sent_at: float
    customer_id: str = ""
    code: str = ""
    message: str = field(default="", repr=False)
    http_status: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """A wish to send a customer. `at` is Unix time.

    Of those with one `exclusive` ("" for none) no two are ever under way or unknown at once, whatever
    their identities are.
    """

    identity: str
    key: str
    row: int
    at: float
    exclusive: str = ""


def claimable(entry: Entry, claim: Claim) -> bool:
    """Whether a customer may be sent again: it failed, or was refused with other data."""
    return entry.state == Status.FAILED or (entry.state == Status.REJECTED and entry.key != claim.key)
