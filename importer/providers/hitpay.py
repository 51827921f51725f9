"""HitPay: a key in a header; the phone goes in two fields; without `Accept` errors come as redirects."""

from collections.abc import Callable
from datetime import date
from typing import Annotated
from urllib.parse import quote

from pydantic import Field

from importer.errors import OutcomeUnknownError
from importer.providers import headings, replies
from importer.providers.auth import ApiKey
from importer.providers.base import (
    Held,
    Json,
    LookUp,
    Provider,
    Refresh,
    Reply,
    Search,
    Sought,
    Verdict,
)
from importer.providers.fields import (
    CallingCode,
    Choice,
    City,
    Column,
    Country,
    CountryForm,
    Customer,
    Date,
    Email,
    Name,
    Part,
    Phone,
    Postcode,
)
from importer.rows import Environment, Limit, Status


class HitPayAddress(Part):
    """The four required parts come together or not at all."""

    street: Annotated[str, Column("Street", headings.STREET, example="1 Raffles Place")]
    city: Annotated[str, Column("City", headings.CITY, City(), example="Singapore")]
    state: Annotated[str, Column("State", headings.STATE, example="Singapore")]
    postal_code: Annotated[
        str,
        Field(max_length=16),
        Column(
            "Postal code",
            headings.POSTAL_CODE,
            Postcode(country="address.country"),
            example="048616",
        ),
    ]
    # alpha-2: an older version cut the text to two letters
    country: Annotated[
        str | None,
        Column(
            "Country",
            headings.COUNTRY,
            Country(CountryForm.ALPHA2),
            example="Singapore",
            rule="Also says whose national phone notation a row uses; alone it makes no address.",
            opens_group=False,
        ),
    ] = None


class HitPayCustomer(Customer):
    """Body of ``POST /v1/customers``."""

    name: Annotated[
        str,
        Field(max_length=255),
        Column(
            "Name",
            headings.FULL_NAME,
            Name(),
            example="Tan Mei Ling",
            parts=(headings.FIRST_NAME, headings.LAST_NAME),
        ),
    ]
    email: Annotated[
        str, Field(max_length=255), Column("E-mail", headings.EMAIL, Email(), example="mei@example.com")
    ]
    phone_number: Annotated[
        str,
        Field(max_length=15, pattern=r"^\d+$"),
        Column(
            "Phone",
            headings.PHONE,
            Phone(country="address.country", calling_code="phone_number_country_code"),
            example="+65 8123 4567",
            rule="With +country code, or in national notation with a country or calling code column.",
        ),
    ]
    phone_number_country_code: Annotated[
        str | None,
        Field(pattern=r"^\d{1,3}$"),
        Column(
            "Calling code",
            ("phone country code", "dial code", "dialling code", "isd code"),
            CallingCode(),
            example="65",
        ),
    ] = None
    remark: Annotated[
        str | None, Field(max_length=255), Column("Remark", headings.REMARK, example="Prefers e-mail")
    ] = None
    birth_date: Annotated[
        str | None, Column("Birth date", headings.BIRTH_DATE, Date(), example="1990-05-17")
    ] = None
    gender: Annotated[
        str | None,
        Column(
            "Gender",
            headings.GENDER,
            Choice({"male": headings.MALE_WORDS, "female": headings.FEMALE_WORDS}),
            example="female",
        ),
    ] = None
    address: HitPayAddress | None = None


def judge(reply: Reply) -> Verdict:
    """A flat customer on success; Laravel's `message` and `errors` otherwise."""
    document = reply.document
    if document is None:
        return replies.unclear(reply, code="unreadable_reply")
    if reply.ok:
        customer_id = replies.identifier(document.get("id"))
        if not customer_id:
            return replies.unclear(reply, code="no_id")
        return Verdict(
            Status.CREATED,
            customer_id,
            extra=replies.given(document, "created_at"),
        )
    faults = replies.field_faults(document.get("errors"))
    # the duplicate answer is inferred from Laravel's own unique rule, not documented
    if any(name == "email" and replies.says_taken(words) for name, words in faults):
        return replies.exists("HitPay already has a customer with this e-mail")
    if faults or isinstance(document.get("message"), str):
        return replies.rejected("" if faults else replies.said(reply), faults)
    return replies.unclear(reply)


def look_up(sought: Sought) -> LookUp:
    """By e-mail through `keywords`, which the vendor's own tool uses; the address is compared whole."""
    email = sought.body["email"]
    customer = yield from _search(str(email), lambda each: replies.same_email(each.get("email"), email))
    if customer is None:
        return None
    return replies.found(customer, replies.identifier(customer.get("id")), "created_at")


def refresh(held: Held) -> Refresh:
    """In the same list, by id. HitPay tells no status: only when the customer was created."""
    email = str(held.body["email"])
    customer = yield from _search(email, lambda each: replies.identifier(each.get("id")) == held.customer_id)
    return None if customer is None else replies.given(customer, "created_at")


def _search(email: str, wanted: Callable[[Json], bool]) -> Search:
    page, seen = 1, set[str]()
    while True:
        reply = yield f"/v1/customers?keywords={quote(email, safe='')}&per_page=100&page={page}"
        document = reply.document
        if document is None or not isinstance(document.get("data"), list):
            raise OutcomeUnknownError("HitPay's list of customers cannot be read", code="unreadable_reply")
        customers = replies.new_records(document["data"], seen)
        for customer in customers:
            if wanted(customer):
                return customer
        if not customers or not replies.mapping(document.get("links")).get("next"):
            return None
        page += 1


PROVIDER = Provider(
    name="hitpay",
    title="HitPay",
    docs="https://docs.hitpayapp.com/apis/guide/customers",
    checked=date(2026, 11, 20),
    schema=HitPayCustomer,
    path="/v1/customers",
    base_urls={
        Environment.SANDBOX: "https://api.sandbox.hit-pay.com",
        Environment.LIVE: "https://api.hit-pay.com",
    },
    auth=ApiKey("HITPAY_API_KEY", "X-BUSINESS-API-KEY"),
    # none is published: our own caution
    limits={Environment.SANDBOX: (Limit(60, 60),), Environment.LIVE: (Limit(60, 60),)},
    identity=(("email",),),
    judge=judge,
    look_up=look_up,
    refresh=refresh,
    unique="email",
    extra_columns=("created_at",),
    notes=(
        "No rate limit is published; 60/min is our own caution: change it with --rate.",
        "An address needs street, city, state and postal code, or none of them.",
    ),
)
