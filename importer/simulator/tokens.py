"""Bearer tokens that are handed out by a log-in and really expire."""

import random
from collections.abc import Mapping


class Tokens:
    """The tokens one provider would accept now."""

    def __init__(self, *, static: str, seconds: float, source: random.Random) -> None:
        """Accept `static` for ever, and what is issued for `seconds`."""
        self._static = static
        self._seconds = seconds
        self._source = source
        self._expiry: dict[str, float] = {}

    def issue(self, now: float) -> str:
        """A new token."""
        token = f"{self._source.getrandbits(160):040x}"
        self._expiry[token] = now + self._seconds
        return token

    def accepts(self, token: str, now: float) -> bool:
        """Whether `token` was handed out, and has neither expired nor been revoked."""
        return token == self._static or now < self._expiry.get(token, now)

    def revoke(self) -> None:
        """Forget every token that was issued; the static one stays."""
        self._expiry.clear()


def bearer(headers: Mapping[str, str]) -> str:
    """The token of ``Authorization: Bearer <token>``, or "" where there is none."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""
