"""What the simulated providers have in common: where a call goes, and how a body is read."""

import json
import random
import uuid
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Any, ClassVar, Never
from urllib.parse import parse_qs

from importer.simulator.customers import Customer, Customers
from importer.simulator.exchange import Answer, Arrival, Call, dumps, html_answer
from importer.simulator.settings import Settings
from importer.simulator.windows import Standing, Window


class Provider(ABC):
    """One simulated provider. A subclass states its facts as class attributes and answers its calls."""

    name: ClassVar[str]
    create_path: ClassVar[str]
    look_up_path: ClassVar[str] = ""
    log_in_path: ClassVar[str] = ""
    """Where each kind of call goes; "" where the provider has none."""
    windows: ClassVar[tuple[Window, ...]]
    counted: ClassVar[tuple[frozenset[Call], ...]]
    """Which calls share windows: one set of windows per group."""
    announces_limits = False
    """Whether every answer carries ``X-RateLimit-*``."""
    email_field: ClassVar[str]
    id_path: tuple[str, ...]
    """Where in a success the id is."""
    garbage = b"<br />\n<b>Notice</b>: Undefined index\n"
    """What a garbled body begins with."""

    def __init__(self, settings: Settings) -> None:
        """Start with no customers."""
        self.settings = settings
        self.customers = Customers()
        self.news: dict[str, dict[str, Any]] = {}
        """What lists tell of a customer by now, by its id, besides what they told at first."""
        self.mailed = 0
        """How many customers were e-mailed by the provider itself."""
        self._random = random.Random(f"{settings.seed}:{self.name}:ids")  # noqa: S311 - repeatable

    def call_of(self, method: str, path: str) -> Call:
        """What a request is about, without looking into it."""
        if method == "POST" and path == self.create_path:
            return Call.CREATE
        if method == "GET" and path == self.look_up_path:
            return Call.LOOK_UP
        if method == "POST" and path == self.log_in_path:
            return Call.LOG_IN
        return Call.OTHER

    def answer(self, arrival: Arrival) -> Answer:
        """Do what `arrival` asks for, if its credentials are good."""
        if arrival.call is Call.LOG_IN:
            return self.log_in(arrival)
        if arrival.call is Call.OTHER:
            return self.other(arrival)
        refusal = self.authorise(arrival)
        if refusal is not None:
            return refusal
        return self.create(arrival) if arrival.call is Call.CREATE else self.look_up(arrival)

    @abstractmethod
    def authorise(self, arrival: Arrival) -> Answer | None:
        """None, or the refusal that wrong credentials get."""

    @abstractmethod
    def create(self, arrival: Arrival) -> Answer:
        """Create a customer, or say what is wrong with the request."""

    def look_up(self, arrival: Arrival) -> Answer:
        """A page of customers."""
        return self.error(404)

    def log_in(self, arrival: Arrival) -> Answer:
        """A token."""
        return self.error(404)

    def other(self, arrival: Arrival) -> Answer:
        """What a path that is no call gets: the page redirects lead to, or 404."""
        if (arrival.method, arrival.path) == ("GET", "/login"):
            return html_answer(200, "Log in")
        return self.error(404)

    @abstractmethod
    def error(self, status: int) -> Answer:
        """An error that names no field: 400, 401, 402, 403, 404 or 5xx, in the provider's shape."""

    @abstractmethod
    def too_many(self, standing: Standing) -> Answer:
        """The refusal of a request above the limit."""

    def answered(self, answer: Answer) -> None:  # noqa: B027 - most have nothing to do
        """Hear that `answer` has left, or that its connection has been cut."""

    def revoke_tokens(self) -> None:  # noqa: B027 - most have no tokens
        """Forget the tokens handed out so far."""

    def now(self) -> float:
        """The clock, in Unix seconds."""
        return self.settings.clock()

    def new_hex(self, bits: int = 128) -> str:
        """A random number in hexadecimal digits."""
        return f"{self._random.getrandbits(bits):0{bits // 4}x}"

    def new_uuid(self) -> str:
        """A random UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def keep(self, customer_id: str, arrival: Arrival, *, identity: str, search_text: str = "") -> Customer:
        """Create the customer that `arrival` describes."""
        customer = Customer(
            self.name, customer_id, identity.casefold(), search_text.casefold(), arrival.body, arrival.time
        )
        self.customers.add(customer)
        return customer

    def without_id(self, answer: Answer) -> bytes:
        """The body of a success, its id taken out."""
        document = json.loads(answer.body)
        holder = document
        for key in self.id_path[:-1]:
            holder = holder.get(key, {})
        holder.pop(self.id_path[-1], None)
        return dumps(document)


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _refuse_number(digits: str) -> Never:
    raise ValueError(f"{digits} has a decimal point")


_DECODER = json.JSONDecoder()
WHOLE_NUMBERS_ONLY = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_refuse_number)


def read_object(arrival: Arrival, decoder: json.JSONDecoder = _DECODER) -> dict[str, Any] | None:
    """The body as a JSON object, or None if it is none or its content type is another."""
    content_type = arrival.headers.get("Content-Type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        return None
    try:
        document = decoder.decode(arrival.body.decode())
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def read_query(arrival: Arrival) -> dict[str, str]:
    """The query, decoded, the last value of each name."""
    return {name: values[-1] for name, values in parse_qs(arrival.query).items()}


def page_size(text: str | None, *, default: int, most: int) -> int:
    """A page size as asked for, between 1 and `most`; `default` where it is no number."""
    return min(max(int(text), 1), most) if text and text.isascii() and text.isdigit() else default


def moment(time: float) -> datetime:
    """`time`, Unix seconds, in UTC."""
    return datetime.fromtimestamp(time, UTC)
