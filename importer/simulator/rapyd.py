"""Rapyd: every request is signed, nobody is a duplicate, and a firewall counts everything.

https://docs.rapyd.net
"""

import hmac
import itertools
import re
from typing import Any

from importer.simulator.credentials import RAPYD_ACCESS_KEY, RAPYD_SECRET_KEY
from importer.simulator.customers import Customer
from importer.simulator.exchange import Answer, Arrival, Call, html_answer, json_answer
from importer.simulator.fields import Complaint, Fields, ListOf, complaints
from importer.simulator.provider import WHOLE_NUMBERS_ONLY, Provider, page_size, read_object, read_query
from importer.simulator.replays import Replays
from importer.simulator.rules import alpha_2, e164, email, string_map, text
from importer.simulator.settings import Settings
from importer.simulator.signature import sign
from importer.simulator.windows import Block, Standing, Window

PATH = "/v1/customers"
SECONDS_BEHIND = 60  # [A]
SECONDS_AHEAD = 3600  # [B] measured
_SALT = re.compile(r"[A-Za-z0-9]{8,16}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNED_WITH = ("access_key", "salt", "timestamp", "signature")
_ADDRESS = Fields(
    {
        **dict.fromkeys(("name", "line_1", "line_2", "line_3"), text()),
        **dict.fromkeys(("city", "district", "canton", "state", "zip"), text()),
        "country": alpha_2,
        "phone_number": e164,
    }
)
BODY = Fields(
    {
        "name": text(),
        "email": email(512),
        "phone_number": e164,
        **dict.fromkeys(("business_vat_id", "coupon", "description", "invoice_prefix"), text()),
        **dict.fromkeys(("ewallet", "default_payment_method"), text()),
        "addresses": ListOf(_ADDRESS, most=1),
        "metadata": string_map,
    },
    frozenset({"name"}),
)


class Rapyd(Provider):
    """``POST /v1/customers`` with a signature per attempt."""

    name = "rapyd"
    create_path = look_up_path = PATH
    windows = (Window(200, 60, Block.TO_ITS_END), Window(1000, 300, Block.FOR_ITS_LENGTH))  # [A]
    counted = (frozenset(Call),)
    email_field = "email"
    id_path = ("data", "id")

    def __init__(self, settings: Settings) -> None:
        """Start with no customers, and no salt used."""
        super().__init__(settings)
        self._salts: dict[str, float] = {}
        self._replays = Replays()
        self._wallets: set[str] = set()

    def authorise(self, arrival: Arrival) -> Answer | None:
        """The four headers, a fresh salt and timestamp, and the signature over the bytes received [A]."""
        given = {name: arrival.headers.get(name, "") for name in _SIGNED_WITH}
        if not all(given.values()):
            return _problem(self, 400, "MISSING_AUTHENTICATION_HEADERS", "Add the missing headers.")
        if not (
            self._is_fresh(given["salt"], given["timestamp"], arrival.time) and _is_signed(arrival, given)
        ):
            return _problem(self, 401, "UNAUTHENTICATED_API_CALL", "Correct the signature.")
        self._use_up(given["salt"], arrival.time)
        return None

    def create(self, arrival: Arrival) -> Answer:
        """200 and the customer. A second create makes a second one [B], unless idempotency is enabled."""
        key = arrival.headers.get("idempotency", "") if self.settings.variants.rapyd_idempotency else ""
        earlier = self._replays.find(key, arrival.time) if key else None
        if earlier is not None:
            return earlier.answer
        answer = self._create(arrival)
        if key and answer.created is not None:
            self._replays.keep(key, arrival.body, Answer(answer.status, answer.body), arrival.time)
        return answer

    def _create(self, arrival: Arrival) -> Answer:
        body = read_object(arrival, WHOLE_NUMBERS_ONLY)
        if body is None:
            return self._invalid("The body must be JSON without decimal points.")
        found = complaints(body, BODY)
        if found:
            return self._invalid(_advice(found[0]))
        wallet = body.get("ewallet", "")
        if wallet and wallet in self._wallets:
            return self._invalid("The wallet is used by another customer. Use another wallet.")
        self._wallets.add(wallet)
        identity = body.get("email") or body.get("phone_number") or body["name"]
        customer = self.keep(f"cus_{self.new_hex()}", arrival, identity=identity)
        return json_answer(200, self._success(_rendered(customer, body)), created=customer)

    def look_up(self, arrival: Arrival) -> Answer:
        """Newest first, 100 at most, after the id ``starting_after`` [A]; there is no filter."""
        query = read_query(arrival)
        limit = page_size(query.get("limit"), default=10, most=100)
        older = self.customers.newest_first(after=query.get("starting_after"))
        shown = [_rendered(one, one.body) for one in itertools.islice(older, limit)]
        return json_answer(200, self._success(shown))

    def other(self, arrival: Arrival) -> Answer:
        """A wrong path is refused like a wrong account [A]."""
        return super().other(arrival) if arrival.path == "/login" else self.error(401)

    def error(self, status: int) -> Answer:
        """The status object with an error code."""
        if status in (401, 402, 403, 404):
            return _problem(self, status, "UNAUTHORIZED_API_CALL", "Check the account, path and environment.")
        return _problem(self, status, "ERROR_CREATE_CUSTOMER", "The request failed. Contact support.")

    def too_many(self, standing: Standing) -> Answer:
        """The firewall's page: no JSON, and nothing about when [A]."""
        return html_answer(429, "Error 429: this website is using a security service")

    def _invalid(self, message: str) -> Answer:
        return _problem(self, 400, "ERROR_CREATE_CUSTOMER", message)

    def _success(self, data: object) -> dict[str, Any]:
        return {"status": _status(self, "SUCCESS"), "data": data}

    def _is_fresh(self, salt: str, timestamp: str, now: float) -> bool:
        if not (_SALT.fullmatch(salt) and _TIMESTAMP.fullmatch(timestamp)) or salt in self._salts:
            return False
        return -SECONDS_BEHIND <= int(timestamp) - now <= SECONDS_AHEAD

    def _use_up(self, salt: str, now: float) -> None:
        """Remember `salt` for as long as any timestamp that goes with it could be fresh."""
        self._salts[salt] = now
        oldest = next(iter(self._salts))
        if self._salts[oldest] < now - SECONDS_BEHIND - SECONDS_AHEAD:
            del self._salts[oldest]


def _is_signed(arrival: Arrival, given: dict[str, str]) -> bool:
    """Whether the signature is right, over path, query and body as sent; ``{}`` counts as no body."""
    expected = sign(
        method=arrival.method,
        target=f"{arrival.path}?{arrival.query}" if arrival.query else arrival.path,
        salt=given["salt"],
        timestamp=given["timestamp"],
        access_key=RAPYD_ACCESS_KEY,
        secret_key=RAPYD_SECRET_KEY,
        body=b"" if arrival.body == b"{}" else arrival.body,
    )
    keys_agree = given["access_key"] == RAPYD_ACCESS_KEY
    return keys_agree and hmac.compare_digest(expected.encode(), given["signature"].encode())


def _advice(complaint: Complaint) -> str:
    return f"{complaint.sentence} Correct it and try again."


def _status(rapyd: Rapyd, word: str, code: str = "", message: str = "") -> dict[str, str]:
    return {
        "error_code": code,
        "status": word,
        "message": message,
        "response_code": code,
        "operation_id": rapyd.new_uuid(),
    }


def _problem(rapyd: Rapyd, status: int, code: str, message: str) -> Answer:
    return json_answer(status, {"status": _status(rapyd, "ERROR", code, message)})


def _rendered(customer: Customer, body: dict[str, Any]) -> dict[str, Any]:
    """The customer as seen in real answers, with nulls where lists are promised."""
    written = ("default_payment_method", "description", "email", "phone_number", "invoice_prefix")
    return {
        "id": customer.id,
        "delinquent": False,
        "discount": None,
        "name": body["name"],
        **{name: body.get(name, "") for name in written},
        "addresses": body.get("addresses", []),
        "payment_methods": None,
        "subscriptions": None,
        "created_at": int(customer.created_at),
        "metadata": body.get("metadata", {}),
        "business_vat_id": body.get("business_vat_id", ""),
        "ewallet": body.get("ewallet", ""),
    }
