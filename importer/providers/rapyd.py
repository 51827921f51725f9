"""Rapyd: every attempt is signed; one status object around every answer; duplicates are not refused."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from importer.errors import OutcomeUnknownError, ProviderRefusedError
from importer.providers import headings, replies
from importer.providers.auth import SignedRequest, Unsigned
from importer.providers.base import Idempotency, LookUp, Provider, Reply, Setting, Sought, Verdict
from importer.providers.fields import (
    City,
    Column,
    Country,
    CountryForm,
    Customer,
    Email,
    Name,
    Part,
    Phone,
    Postcode,
)
from importer.rows import Environment, Limit, Status

MARK = "importer_identity"
"""The key in `metadata` that holds our identity of the row."""

CLOCKS_APART = 300
"""Seconds that the provider's clock and ours may differ when a look-up decides how far back to go."""

ACCOUNT_CODES = {"UNAUTHENTICATED_API_CALL", "UNAUTHORIZED_API_CALL", "MISSING_AUTHENTICATION_HEADERS"}


class RapydAddress(Part):
    """One address; none of its parts is required."""

    name: Annotated[
        str | None, Column("Address name", ("addressee", "recipient"), Name(), example="Zoë Çelik")
    ] = None
    line_1: Annotated[str | None, Column("Address line 1", headings.STREET, example="1 High Street")] = None
    line_2: Annotated[str | None, Column("Address line 2", headings.STREET_2, example="Flat 3")] = None
    line_3: Annotated[str | None, Column("Address line 3", headings.STREET_3, example="Rear entrance")] = None
    city: Annotated[str | None, Column("City", headings.CITY, City(), example="London")] = None
    district: Annotated[str | None, Column("District", example="Islington")] = None
    canton: Annotated[str | None, Column("Canton", example="Zürich")] = None
    state: Annotated[str | None, Column("State", headings.STATE, example="Greater London")] = None
    zip: Annotated[
        str | None,
        Column(
            "Zip",
            headings.POSTAL_CODE,
            Postcode(country="addresses.0.country"),
            example="EC1A 1BB",
        ),
    ] = None
    country: Annotated[
        str | None,
        Column("Country", headings.COUNTRY, Country(CountryForm.ALPHA2), example="United Kingdom"),
    ] = None
    phone_number: Annotated[
        str | None,
        Column("Address phone", kind=Phone(country="addresses.0.country"), example="+44 7700 900456"),
    ] = None


class RapydCustomer(Customer):
    """Body of ``POST /v1/customers``. Card data is out of scope."""

    name: Annotated[
        str,
        Column(
            "Name",
            headings.FULL_NAME,
            Name(),
            example="Zoë Çelik",
            parts=(headings.FIRST_NAME, headings.LAST_NAME),
        ),
    ]
    email: Annotated[
        str | None,
        Field(max_length=512),
        Column("E-mail", headings.EMAIL, Email(), example="zoe@example.com"),
    ] = None
    phone_number: Annotated[
        str | None,
        Column("Phone", headings.PHONE, Phone(country="addresses.0.country"), example="+44 7700 900123"),
    ] = None
    business_vat_id: Annotated[
        str | None,
        Column("VAT id", ("vat", "vat number", "business vat id", "tax id", "ust-id"), example="GB123456789"),
    ] = None
    coupon: Annotated[str | None, Column("Coupon", example="coupon_0f1e2d3c")] = None
    description: Annotated[
        str | None, Column("Description", headings.REMARK, example="Wholesale customer")
    ] = None
    invoice_prefix: Annotated[str | None, Column("Invoice prefix", example="ZC-")] = None
    ewallet: Annotated[
        str | None,
        Column(
            "eWallet",
            ("wallet", "ewallet id", "wallet id"),
            example="ewallet_0f1e2d3c",
            rule="A wallet belongs to one customer.",
        ),
    ] = None
    default_payment_method: Annotated[
        str | None, Column("Default payment method", example="other_0f1e2d3c")
    ] = None
    addresses: Annotated[list[RapydAddress] | None, Field(max_length=1)] = None
    metadata: dict[str, str] | None = None


def prepare(body: dict[str, object], settings: Mapping[str, str], mark: str) -> dict[str, object]:
    """The body with our mark, by which a customer is found again: Rapyd has no other look-up."""
    return {**body, "metadata": {MARK: mark}}


def sign(request: Unsigned, credentials: Mapping[str, str]) -> dict[str, str]:
    """The headers of one attempt.

    The signature is the base64 of the *hex text* of the HMAC, over the very bytes sent; an empty JSON
    object counts as no body (Rapyd's own samples do so).
    """
    access_key, secret_key = credentials["RAPYD_ACCESS_KEY"], credentials["RAPYD_SECRET_KEY"]
    timestamp = str(request.timestamp)
    head = request.method.lower() + request.target + request.salt + timestamp + access_key + secret_key
    body = b"" if request.body == b"{}" else request.body
    digest = hmac.new(secret_key.encode(), head.encode() + body, hashlib.sha256).hexdigest()
    return {
        "access_key": access_key,
        "salt": request.salt,
        "timestamp": timestamp,
        "signature": base64.b64encode(digest.encode()).decode(),
    }


def judge(reply: Reply) -> Verdict:
    """`status` says how it went, `data` holds the id; of the rest nothing is trusted."""
    document = reply.document
    if document is None:
        return replies.unclear(reply, code="unreadable_reply")
    status = replies.mapping(document.get("status"))
    operation = replies.text(status.get("operation_id"))
    extra = {"operation_id": operation} if operation else {}
    if reply.ok:
        customer_id = replies.identifier(replies.mapping(document.get("data")).get("id"))
        if status.get("status") != "SUCCESS":
            return replies.unclear(reply)
        if not customer_id:
            return replies.unclear(reply, code="no_id")
        return Verdict(Status.CREATED, customer_id, extra=extra)
    code = replies.text(status.get("error_code"))
    if status.get("status") != "ERROR":
        return replies.unclear(reply)
    if code in ACCOUNT_CODES:
        raise ProviderRefusedError(
            f"Rapyd refused the account ({code}): {replies.said(reply)} [operation {operation}]",
            code="refused",
            http_status=reply.status,
        )
    refused = replies.rejected(f"{replies.said(reply)} ({code})".strip() if code else replies.said(reply))
    return replace(refused, code=code.casefold() or refused.code, extra=extra)


def look_up(sought: Sought) -> LookUp:
    """Walk the newest customers for our mark, back to a little before the attempt."""
    oldest = sought.sent_at.timestamp() - CLOCKS_APART
    target, seen = "/v1/customers?limit=100", set[str]()
    while True:
        reply = yield target
        listed = (reply.document or {}).get("data")
        if not isinstance(listed, list):
            raise OutcomeUnknownError("Rapyd's list of customers cannot be read", code="unreadable_reply")
        customers = replies.new_records(listed, seen)
        for customer in customers:
            created = customer.get("created_at")
            if replies.mapping(customer.get("metadata")).get(MARK) == sought.mark:
                return _ours(replies.identifier(customer.get("id")))
            if isinstance(created, int | float) and 0 < created < oldest:
                return None
        if len(customers) < 100:
            return None
        target = f"/v1/customers?limit=100&starting_after={replies.identifier(customers[-1].get('id'))}"


def _ours(customer_id: str) -> Verdict:
    """A customer with our mark: nobody else can have made it."""
    status = Status.CREATED if customer_id else Status.EXISTS
    return Verdict(status, customer_id, "found_by_look_up", "Found at Rapyd by our mark in its metadata")


PROVIDER = Provider(
    name="rapyd",
    title="Rapyd",
    docs="https://docs.rapyd.net/en/create-customer.html",
    checked=date(2026, 11, 20),
    schema=RapydCustomer,
    path="/v1/customers",
    base_urls={
        Environment.SANDBOX: "https://sandboxapi.rapyd.net",
        Environment.LIVE: "https://api.rapyd.net",
    },
    auth=SignedRequest(("RAPYD_ACCESS_KEY", "RAPYD_SECRET_KEY"), sign),
    limits=dict.fromkeys(Environment, (Limit(200, 60), Limit(1000, 300))),
    identity=(("email",), ("phone_number",), ("name",)),
    judge=judge,
    look_up=look_up,
    # how long a key lives is not published: ten minutes covers the retries of one row
    idempotency=Idempotency("idempotency", timedelta(minutes=10), protects_if="RAPYD_IDEMPOTENCY"),
    prepare=prepare,
    # its firewall answers 429 without Retry-After: to the end of the minute, then five minutes
    blocked_for=(60.0, 300.0),
    settings=(
        Setting(
            "RAPYD_IDEMPOTENCY",
            "no",
            "yes where Rapyd enabled idempotency for customers on the account",
            "yes|no",
        ),
    ),
    extra_columns=("operation_id",),
    notes=("Rapyd does not refuse a second customer with the same e-mail: only the ledger prevents it.",),
)
