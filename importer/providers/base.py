"""What there is to know of a provider: one frozen value per company, and the values it speaks in."""

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from importer.providers.auth import Auth
from importer.providers.fields import Customer, Leaf, leaves
from importer.rows import Environment, Limit, Status

Json = Mapping[str, object]


@dataclass(frozen=True)
class Reply:
    """One HTTP answer. Its headers are asked for in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @cached_property
    def document(self) -> Json | None:
        """The body as a JSON object, None where it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @property
    def ok(self) -> bool:
        """Whether the HTTP status is 2xx."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reply means for the row: `created`, `exists`, `rejected` or `unknown`.

    `faults` are (field path as the provider names it, the provider's words); `extra` what else people
    need, by result column without the prefix.
    """

    status: Status
    customer_id: str = ""
    code: str = ""
    message: str = field(default="", repr=False)
    faults: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Sought:
    """The customer a look-up is for: its body as sent, our mark in it, and when it was first sent (UTC)."""

    body: Json = field(repr=False)
    mark: str
    sent_at: datetime


LookUp = Generator[str, Reply, Verdict | None]
"""Yields targets (path and query) to GET, is sent the 2xx replies, returns what it found or None."""


@dataclass(frozen=True, slots=True)
class Held:
    """A customer the provider has: the body it was created with, and its id."""

    body: Json = field(repr=False)
    customer_id: str


Search = Generator[str, Reply, Json | None]
"""Yields targets to GET as a look-up does, and returns the provider's record of a customer, or None."""

Refresh = Generator[str, Reply, Mapping[str, str] | None]
"""The same, and returns what the result columns of the customer say now; None where it is not found."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A header that names a request. `protects_for` is how long a repeat is answered and not executed.

    None: sent because it is asked for, and not relied on. `protects_if` names a setting (`yes`/`no`)
    that says whether the provider enabled the protection for this account.
    """

    header: str
    protects_for: timedelta | None = None
    protects_if: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """A fact of the provider that an account may have to change, by environment variable.

    `pattern` is a regular expression that the whole of a value must match.
    """

    variable: str
    default: str
    meaning: str
    pattern: str


def as_is(body: dict[str, object], settings: Mapping[str, str], mark: str) -> dict[str, object]:
    """The body as validated: what most providers take."""
    return body


@dataclass(frozen=True)
class Provider:
    """All that is known of a provider. Facts carry their source in the provider's own file.

    `base_urls` holds None where no address is public; `limits` the windows per environment; `identity`
    the alternatives that make two rows one customer: the first whose fields are all filled counts;
    `refresh` asks anew for a customer's result columns, None where no answer tells them; `list_limits` the
    windows of lists where they are narrower, empty where all calls share one limit; `unique` the field the
    provider itself keeps unique, "" for none; `blocked_for` how long a 429 without `Retry-After` blocks, in
    seconds, first, then each further time; `unclear_4xx` is true where a 4xx may follow a create that did
    happen.
    """

    name: str
    title: str
    docs: str
    checked: date
    schema: type[Customer]
    path: str
    base_urls: Mapping[Environment, str | None]
    auth: Auth
    limits: Mapping[Environment, tuple[Limit, ...]]
    identity: tuple[tuple[str, ...], ...]
    judge: Callable[[Reply], Verdict]
    look_up: Callable[[Sought], LookUp] | None = None
    refresh: Callable[[Held], Refresh] | None = None
    list_limits: tuple[Limit, ...] = ()
    idempotency: Idempotency | None = None
    prepare: Callable[[dict[str, object], Mapping[str, str], str], dict[str, object]] = as_is
    unique: str = ""
    blocked_for: tuple[float, ...] = (60.0,)
    settings: tuple[Setting, ...] = ()
    extra_columns: tuple[str, ...] = ()
    promises: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """The fields that a column can feed, in the order of the schema."""
        return tuple(leaves(self.schema))
