"""The customers a simulated provider has created."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer of one provider.

    `identity` is what makes two of them the same person for that provider; `search_text` is what its look-up
    looks through. Both are folded to lower case.
    """

    provider: str
    id: str
    identity: str = field(repr=False)
    search_text: str = field(repr=False)
    raw: bytes = field(repr=False)
    created_at: float

    @property
    def body(self) -> dict[str, Any]:
        """The request's JSON body, parsed anew on every call."""
        document: dict[str, Any] = json.loads(self.raw)
        return document


class Customers:
    """A provider's customers in order of creation."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._all: list[Customer] = []
        self._position: dict[str, int] = {}
        self._identities: set[str] = set()

    def __len__(self) -> int:
        """How many there are, duplicates included."""
        return len(self._all)

    def __iter__(self) -> Iterator[Customer]:
        """Oldest first."""
        return iter(self._all)

    def add(self, customer: Customer) -> None:
        """Keep `customer`, whoever else has its identity."""
        self._position[customer.id] = len(self._all)
        self._identities.add(customer.identity)
        self._all.append(customer)

    def has(self, identity: str) -> bool:
        """Whether somebody has this identity."""
        return identity in self._identities

    @property
    def duplicates(self) -> int:
        """How many customers there are beyond the first of each identity."""
        return len(self._all) - len(self._identities)

    def newest_first(self, *, after: str | None = None) -> Iterator[Customer]:
        """Newest first; `after` an id, those that are older than it, and nobody if it is not known."""
        end = len(self._all) if after is None else self._position.get(after, 0)
        return (self._all[position] for position in range(end - 1, -1, -1))

    def matching(self, *needles: str) -> list[Customer]:
        """Those whose search text contains one of `needles` (in lower case), newest first."""
        return [one for one in self.newest_first() if any(needle in one.search_text for needle in needles)]

    def copy(self) -> list[Customer]:
        """A list of them, oldest first, that does not change any more."""
        return self._all.copy()
