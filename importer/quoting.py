"""What a provider says, without the cells and credentials that it quotes. (pure)

Its words are kept in the ledger, shown on screens and sent as notifications. None of these is a place for a
cell, let alone for a key. A quoted cell becomes its heading, `[Email]`: the results file has the cell itself.
"""

import base64
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, quote_plus

from importer.mapping import FieldMapping
from importer.providers.base import Provider
from importer.providers.fields import Choice, YesNo

SHORTEST_CELL = 3
"""Shorter texts are words like any other."""

ANY_CASE_FROM = 5
"""Texts from this length on are found in every letter case: addresses come back in small letters."""

SHORTEST_SECRET = 4
HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Quotes:
    """Knows what of a request may be quoted, and what its place is told by.

    `headings` are those of the sheet by field path; `plain` the fields that hold no cell, or words of the
    provider's own.
    """

    headings: Mapping[str, str]
    plain: Collection[str]

    @classmethod
    def of(cls, provider: Provider, columns: FieldMapping) -> "Quotes":
        """For the requests to a provider that are made from these columns."""
        own = {leaf.path for leaf in provider.leaves if isinstance(leaf.column.kind, Choice | YesNo)}
        headings = {path: columns.column_of(path) or "…" for path in columns.columns}
        return cls(headings, own | set(columns.constants))

    def without(self, words: str, body: bytes, secrets: Collection[str] = ()) -> str:
        """`words` without the texts of the request `body` and without `secrets`, in any usual spelling."""
        if not words:
            return words
        words = without_secrets(words, secrets)
        quoted = self._quoted(words.casefold(), body)
        if not quoted:
            return words
        # all at once and the longest first: a heading that was put in is not searched again
        longest_first = sorted(quoted, key=len, reverse=True)
        pattern = "|".join(f"({_as_pattern(text)})" for text in longest_first)
        return re.sub(pattern, lambda hit: quoted[longest_first[(hit.lastindex or 1) - 1]], words)

    def _quoted(self, folded: str, body: bytes) -> dict[str, str]:
        """What of the body may be in the words, with what takes its place."""
        return {
            spelling: f"[{self.headings.get(path, '…')}]"
            for path, text in _texts(json.loads(body))
            if path not in self.plain
            for spelling in _spellings(text)
            if len(spelling) >= SHORTEST_CELL and spelling.casefold() in folded
        }


def without_secrets(words: str, secrets: Collection[str]) -> str:
    """`words` without credentials, in any usual spelling."""
    for secret in secrets:
        for spelling in _spellings_of_secret(secret):
            words = words.replace(spelling, HIDDEN)
    return words


def _as_pattern(text: str) -> str:
    """A whole word, as the text stands or in any letter case."""
    case = "?i:" if len(text) >= ANY_CASE_FROM else "?:"
    return rf"(?<!\w)({case}{re.escape(text)})(?!\w)"


def _texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) for each text and number in a body."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _texts(inner, f"{path}.{position}")
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield path, str(value)


def _spellings(text: str) -> Iterator[str]:
    """As it is, as in JSON, as in an address, and a phone number without its plus."""
    yield text
    yield json.dumps(text)[1:-1]
    yield quote(text, safe="")
    yield quote_plus(text)
    yield text.removeprefix("+")


@lru_cache(maxsize=64)
def _spellings_of_secret(secret: str) -> tuple[str, ...]:
    if len(secret) < SHORTEST_SECRET:
        return ()
    plain = secret.encode()
    encoded = {base64.b64encode(plain), base64.urlsafe_b64encode(plain)}
    found = {secret, *_spellings(secret), *(each.decode().rstrip("=") for each in encoded)}
    return tuple(sorted(found, key=len, reverse=True))
