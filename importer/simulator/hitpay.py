"""HitPay: a Laravel application, down to its redirects for clients that do not ask for JSON.

https://docs.hitpayapp.com
"""

import base64
import itertools
import math
from typing import Any

from importer.simulator.credentials import HITPAY_API_KEY
from importer.simulator.customers import Customer
from importer.simulator.exchange import Answer, Arrival, Call, json_answer, redirect
from importer.simulator.fields import Complaint, Fields, Wrong, by_field, complaints
from importer.simulator.provider import Provider, moment, page_size, read_object, read_query
from importer.simulator.rules import (
    alpha_2,
    calling_code_digits,
    email,
    iso_date,
    national_digits,
    one_of,
    text,
)
from importer.simulator.windows import Standing, Window

PATH = "/v1/customers"
LOGIN_PAGE = "/hitpay/login"
BODY = Fields(
    {
        "name": text(255),
        "email": email(255),
        "phone_number": national_digits,
        "phone_number_country_code": calling_code_digits,
        "remark": text(255),
        "birth_date": iso_date,
        "gender": one_of("male", "female"),
        "address": Fields(
            {
                "city": text(255),
                "state": text(255),
                "street": text(255),
                "postal_code": text(16),
                "country": alpha_2,
            },
            frozenset({"city", "state", "street", "postal_code"}),
        ),
    },
    frozenset({"email", "phone_number"}),
)
"""``name`` is optional in the published specification [A]; the form of both phone fields is inferred [C]."""

LEADING_ZERO = frozenset({"39", "225", "229", "241", "242", "378"})
"""Calling codes whose national numbers do begin with a zero (ITU E.164); any other zero is a trunk prefix."""


class HitPay(Provider):
    """``POST /v1/customers`` with a key header."""

    name = "hitpay"
    create_path = look_up_path = PATH
    windows = (Window(60, 60),)  # [C] none is published
    counted = (frozenset({Call.CREATE, Call.LOOK_UP}),)
    email_field = "email"
    id_path = ("id",)

    def authorise(self, arrival: Arrival) -> Answer | None:
        """The key, in its own header [A]."""
        return None if arrival.headers.get("X-BUSINESS-API-KEY") == HITPAY_API_KEY else self.error(401)

    def create(self, arrival: Arrival) -> Answer:
        """201 and the customer, flat."""
        body = read_object(arrival) or {}  # Laravel takes a body it cannot read for an empty one
        found = complaints(body, BODY) + _trunk_zero(body)
        if found:
            return _unprocessable(arrival, found)
        address = body["email"].casefold()
        if self.customers.has(address):
            return _unprocessable(arrival, [], taken=True)
        words = f"{body.get('name', '')}\n{address}\n{body['phone_number']}"
        customer = self.keep(self.new_uuid(), arrival, identity=address, search_text=words)
        return json_answer(201, _rendered(customer, body), created=customer)

    def look_up(self, arrival: Arrival) -> Answer:
        """The list, newest first; ``keywords`` is fuzzy [B], so that others than the one meant turn up."""
        query = read_query(arrival)
        words = query.get("keywords", "").casefold()
        found = self.customers.matching(words, words.partition("@")[0])
        size = page_size(query.get("per_page"), default=10, most=100)
        page = page_size(_page_of(query), default=1, most=10**9)
        start = (page - 1) * size
        shown = [
            _rendered(one, one.body) | self.news.get(one.id, {})
            for one in itertools.islice(found, start, start + size)
        ]
        after = _cursor(page + 1) if start + size < len(found) else None
        before = _cursor(page - 1) if page > 1 else None
        links = {"first": None, "last": None, "prev": _link(before), "next": _link(after)}
        meta = {"path": PATH, "per_page": size, "next_cursor": after, "prev_cursor": before}
        return json_answer(200, {"data": shown, "links": links, "meta": meta})

    def error(self, status: int) -> Answer:
        """``{"message": …}``."""
        messages = {
            401: "Unauthenticated.",
            403: "This action is unauthorized.",
            404: "No query results for model [App\\Customer].",
        }
        return json_answer(status, {"message": messages.get(status, "Server Error")})

    def too_many(self, standing: Standing) -> Answer:
        """Laravel's own 429 [C]."""
        headers = {
            "Retry-After": str(math.ceil(standing.wait)),
            "X-RateLimit-Limit": str(standing.limit),
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(math.ceil(standing.reset_at)),
        }
        return json_answer(429, {"message": "Too Many Attempts."}, headers=headers)


def _trunk_zero(body: dict[str, Any]) -> list[Complaint]:
    phone, code = body.get("phone_number"), body.get("phone_number_country_code")
    if isinstance(phone, str) and phone.startswith("0") and code not in LEADING_ZERO:
        return [Complaint("phone_number", Wrong.INVALID, "must not begin with a trunk zero")]
    return []


def _unprocessable(arrival: Arrival, found: list[Complaint], *, taken: bool = False) -> Answer:
    if "json" not in arrival.headers.get("Accept", ""):
        return redirect(LOGIN_PAGE)
    errors = {"email": ["The email has already been taken."]} if taken else by_field(found)
    first, *others = itertools.chain.from_iterable(errors.values())
    more = f" (and {len(others)} more error{'s' * (len(others) > 1)})" if others else ""
    return json_answer(422, {"message": first + more, "errors": errors})


def _rendered(customer: Customer, body: dict[str, Any]) -> dict[str, Any]:
    time = moment(customer.created_at).isoformat(timespec="seconds")
    return {
        "id": customer.id,
        "name": body.get("name"),
        "birth_date": body.get("birth_date"),
        "email": body["email"],
        "phone_number": body["phone_number"],
        "address": body.get("address"),
        "gender": body.get("gender"),
        "remark": body.get("remark"),
        "phone_number_country_code": body.get("phone_number_country_code"),
        "created_at": time,
        "updated_at": time,
    }


def _cursor(page: int) -> str:
    return base64.urlsafe_b64encode(f"page={page}".encode()).decode()


def _page_of(query: dict[str, str]) -> str | None:
    for page in range(1, 10_000) if "cursor" in query else ():
        if _cursor(page) == query["cursor"]:
            return str(page)
    return query.get("page")


def _link(cursor: str | None) -> str | None:
    return cursor and f"https://api.sandbox.hit-pay.com{PATH}?cursor={cursor}"
