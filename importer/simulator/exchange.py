"""What passes between the server and a simulated provider: one arrival in, one answer out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from importer.simulator.customers import Customer


class Call(StrEnum):
    """What a request is about, as far as limits, faults and counts are concerned."""

    CREATE = "create"
    LOOK_UP = "look_up"
    LOG_IN = "log_in"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request as the provider itself would see it.

    `path` has no prefix of ours, and `query` is as it was sent, undecoded. `time` is the
    simulator's clock, in Unix seconds.
    """

    call: Call
    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    time: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body, and the customer that this very request created."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    created: Customer | None = None


def json_answer(
    status: int,
    document: Mapping[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
    created: Customer | None = None,
) -> Answer:
    """`document` as compact UTF-8 JSON."""
    return Answer(status, dumps(document), headers=headers or {}, created=created)


def html_answer(status: int, text: str, *, headers: Mapping[str, str] | None = None) -> Answer:
    """A small HTML page with `text` for its title."""
    page = f"<!DOCTYPE html><html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>"
    return Answer(status, page.encode(), "text/html", headers or {})


def redirect(location: str) -> Answer:
    """302 to `location`, with the HTML page that web frameworks put behind it."""
    return html_answer(302, f"Redirecting to {location}", headers={"Location": location})


def dumps(document: object) -> bytes:
    """Compact JSON, raw UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
