"""JuicyWay (Juice): a raw key, and an idempotency key that really protects a create for 24 hours."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import quote

from pydantic import Field

from importer.errors import OutcomeUnknownError
from importer.providers import headings, replies
from importer.providers.auth import ApiKey
from importer.providers.base import (
    Held,
    Idempotency,
    Json,
    LookUp,
    Provider,
    Refresh,
    Reply,
    Search,
    Setting,
    Sought,
    Verdict,
)
from importer.providers.fields import (
    Choice,
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

# letters of any script with their marks, spaces, hyphens, apostrophes
NAME_PATTERN = r"^[\p{L}\p{M} '\u{2019}\-]+$"  # U+2019 is the typographic apostrophe
PHONE_FIELD = "JUICYWAY_PHONE_FIELD"


class JuicyWayAddress(Part):
    """The billing address: all of it but the second line is required."""

    line1: Annotated[str, Column("Address line 1", headings.STREET, example="12 Marina Road")]
    line2: Annotated[str | None, Column("Address line 2", headings.STREET_2, example="Flat 3")] = None
    city: Annotated[str, Column("City", headings.CITY, City(), example="Lagos")]
    state: Annotated[str, Column("State", headings.STATE, example="Lagos")]
    zip_code: Annotated[
        str,
        Column(
            "Zip code",
            headings.POSTAL_CODE,
            Postcode(country="billing_address.country"),
            example="101241",
        ),
    ]
    country: Annotated[
        str, Column("Country", headings.COUNTRY, Country(CountryForm.ALPHA2), example="Nigeria")
    ]


class JuicyWayCustomer(Customer):
    """Body of ``POST /customers``."""

    first_name: Annotated[
        str,
        Field(max_length=100, pattern=NAME_PATTERN),
        Column(
            "First name",
            headings.FIRST_NAME,
            Name(),
            example="Ngozi",
            rule="Letters, spaces, hyphens and apostrophes only.",
        ),
    ]
    last_name: Annotated[
        str,
        Field(max_length=100, pattern=NAME_PATTERN),
        Column(
            "Last name",
            headings.LAST_NAME,
            Name(),
            example="Okafor",
            rule="Letters, spaces, hyphens and apostrophes only.",
        ),
    ]
    email: Annotated[str, Column("E-mail", headings.EMAIL, Email(), example="ngozi@example.com")]
    phone: Annotated[
        str,
        Column(
            "Phone",
            headings.PHONE,
            Phone(country="billing_address.country", same_country=True),
            example="+234 803 123 4567",
            rule="Must be a number of the billing country.",
        ),
    ]
    type: Annotated[
        str,
        Column(
            "Type",
            headings.CUSTOMER_TYPE,
            Choice({"individual": headings.INDIVIDUAL_WORDS, "business": headings.BUSINESS_WORDS}),
            example="individual",
        ),
    ]
    billing_address: JuicyWayAddress


def prepare(body: dict[str, object], settings: Json, mark: str) -> dict[str, object]:
    """The phone under the name this account takes: two pages of the documentation differ."""
    name = str(settings[PHONE_FIELD])
    return {name if field == "phone" else field: value for field, value in body.items()}


def judge(reply: Reply) -> Verdict:
    """`data` or the same fields without the envelope; `error` with `errors` or `details`."""
    document = reply.document
    if document is None:
        return replies.unclear(reply, code="unreadable_reply")
    if reply.ok and document.get("error") is None:
        return _created(reply, replies.mapping(document["data"]) if "data" in document else document)
    error = replies.mapping(document.get("error"))
    request_id = replies.text(document.get("request_id") or error.get("request_id"))
    if reply.ok or not (error or reply.status == 409):
        return replies.unclear(reply)
    if reply.status == 409:
        return replies.exists("JuicyWay already has a customer with this e-mail")
    faults = replies.field_faults(error.get("errors")) or replies.field_faults(error.get("details"))
    verdict = replies.rejected("" if faults else replies.said(reply), faults)
    return Verdict(
        verdict.status,
        code=verdict.code,
        message=verdict.message,
        faults=verdict.faults,
        extra={"request_id": request_id} if request_id else {},
    )


def _created(reply: Reply, customer: Json) -> Verdict:
    customer_id = replies.identifier(customer.get("id"))
    if not customer_id:
        return replies.unclear(reply, code="no_id")
    return Verdict(Status.CREATED, customer_id, extra=_extra(customer))


def _extra(customer: Json) -> dict[str, str]:
    renamed = {"customer_status": customer.get("status"), "created_at": customer.get("created_at")}
    return replies.given(renamed, *renamed)


def look_up(sought: Sought) -> LookUp:
    """By e-mail, page after page; the address is compared whole."""
    email = sought.body["email"]
    customer = yield from _search(str(email), lambda each: replies.same_email(each.get("email"), email))
    if customer is None:
        return None
    return Verdict(
        Status.EXISTS,
        replies.identifier(customer.get("id")),
        "found_by_look_up",
        "Found at JuicyWay by its e-mail",
        extra=_extra(customer),
    )


def refresh(held: Held) -> Refresh:
    """In the same list, by id: `status` goes from `pending_kyc` to `active` [A]."""
    email = str(held.body["email"])
    customer = yield from _search(email, lambda each: replies.identifier(each.get("id")) == held.customer_id)
    return None if customer is None else _extra(customer)


def _search(email: str, wanted: Callable[[Json], bool]) -> Search:
    after, seen = "", set[str]()
    while True:
        cursor = f"&after={quote(after, safe='')}" if after else ""
        reply = yield f"/customers?email={quote(email, safe='')}&limit=100{cursor}"
        document = reply.document
        if document is None or not isinstance(document.get("data"), list):
            raise OutcomeUnknownError("JuicyWay's list of customers cannot be read", code="unreadable_reply")
        for customer in replies.new_records(document["data"], seen):
            if wanted(customer):
                return customer
        following = replies.text(replies.mapping(document.get("pagination")).get("after"))
        if not following or following == after:
            return None
        after = following


PROVIDER = Provider(
    name="juicyway",
    title="JuicyWay",
    docs="https://docs.spendjuice.com",
    checked=date(2026, 11, 20),
    schema=JuicyWayCustomer,
    path="/customers",
    base_urls={
        Environment.SANDBOX: "https://api-sandbox.spendjuice.com",
        Environment.LIVE: "https://api.spendjuice.com",
    },
    list_limits=(Limit(100, 60),),
    auth=ApiKey("JUICYWAY_API_KEY", "Authorization", scheme_setting="JUICYWAY_AUTH_SCHEME"),
    limits={Environment.SANDBOX: (Limit(100, 60),), Environment.LIVE: (Limit(1000, 60),)},
    identity=(("email",),),
    judge=judge,
    look_up=look_up,
    refresh=refresh,
    idempotency=Idempotency("Idempotency-Key", protects_for=timedelta(hours=24)),
    prepare=prepare,
    unique="email",
    settings=(
        Setting(
            "JUICYWAY_AUTH_SCHEME",
            "",
            "word in front of the key; some pages show Bearer, most none",
            r"[A-Za-z]*",
        ),
        Setting(
            PHONE_FIELD,
            "phone",
            "name of the phone field; another page of the API says phone_number",
            "phone|phone_number",
        ),
    ),
    extra_columns=("customer_status", "created_at", "request_id"),
    promises=("A lost answer is settled by sending again under the same idempotency key for 24 hours.",),
)
