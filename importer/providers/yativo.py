"""Yativo: a ten-minute token, many error shapes, and an e-mail to every customer unless told not to."""

from collections.abc import Callable
from datetime import date
from typing import Annotated
from urllib.parse import quote

from importer.errors import OutcomeUnknownError
from importer.providers import headings, replies
from importer.providers.auth import LoginToken, Token
from importer.providers.base import (
    Held,
    Idempotency,
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
    Choice,
    Column,
    Country,
    CountryForm,
    Customer,
    Email,
    Name,
    Phone,
    YesNo,
)
from importer.rows import Environment, Limit, Status

PER_PAGE = 20
"""How many customers a page of the list holds; one with fewer is the last."""

STAFF_NEED = ("kyc_link", "tos_link", "kyc_status", "tos_status", "customer_status")


class YativoCustomer(Customer):
    """Body of ``POST /customer``."""

    customer_name: Annotated[
        str,
        Column(
            "Customer name",
            headings.FULL_NAME,
            Name(),
            example="José Álvarez",
            parts=(headings.FIRST_NAME, headings.LAST_NAME),
        ),
    ]
    customer_email: Annotated[
        str, Column("Customer e-mail", headings.EMAIL, Email(), example="jose@example.com")
    ]
    customer_phone: Annotated[
        str,
        Column(
            "Customer phone", headings.PHONE, Phone(country="customer_country"), example="+1 202 555 0123"
        ),
    ]
    customer_country: Annotated[
        str,
        Column("Customer country", headings.COUNTRY, Country(CountryForm.ALPHA3), example="United States"),
    ]
    customer_type: Annotated[
        str,
        Column(
            "Customer type",
            headings.CUSTOMER_TYPE,
            Choice({"individual": headings.INDIVIDUAL_WORDS, "business": headings.BUSINESS_WORDS}),
            example="individual",
        ),
    ] = "individual"
    # the provider's default mails every customer
    send_kyc_mail: Annotated[
        bool,
        Column(
            "Send KYC mail",
            ("kyc mail", "send kyc email"),
            YesNo(),
            example="no",
            rule="Yativo e-mails the customer when this is yes; no unless asked for.",
        ),
    ] = False


def judge(reply: Reply) -> Verdict:
    """`status` in the body says how it went; HTTP status and `status_code` may differ from it."""
    document = reply.document
    if document is None:
        # a stray `7` in front of the body has been seen: nothing in it can be trusted
        return replies.unclear(reply, code="unreadable_reply")
    data = replies.mapping(document.get("data"))
    if reply.ok and document.get("status") == "success":
        # data.id is the KYC link's in the older shape: never the customer's
        customer_id = replies.identifier(data.get("customer_id"))
        if not customer_id:
            return replies.unclear(reply, code="no_id")
        return Verdict(Status.CREATED, customer_id, extra=_extra(data))
    if reply.ok and document.get("status") not in ("failed", "error"):
        # with a word we do not know, the fields in `data` may well be the customer's own
        return replies.unclear(reply)
    faults = tuple(
        (name, words)
        for name, words in replies.field_faults(document.get("errors")) + replies.field_faults(data)
        if name in YativoCustomer.model_fields
    )
    if any(name == "customer_email" and replies.says_taken(words) for name, words in faults):
        return replies.exists("Yativo already has a customer with this e-mail")
    if faults:
        return replies.rejected("", faults)
    if not reply.ok and "Idempotency-Key" in replies.text(document.get("error")):
        return replies.rejected(replies.said(reply))
    # a 4xx that names no field has been seen after a create that did happen
    return replies.unclear(reply)


def _extra(customer: Json) -> dict[str, str]:
    return replies.given(customer, *STAFF_NEED)


def look_up(sought: Sought) -> LookUp:
    """By e-mail, page after page: the provider matches substrings, so the address is compared whole."""
    email = sought.body["customer_email"]
    customer = yield from _search(str(email), lambda each: replies.same_email(_email(each), email))
    if customer is None:
        return None
    return replies.found(customer, replies.identifier(customer.get("customer_id")), *STAFF_NEED)


def refresh(held: Held) -> Refresh:
    """In the same list, by id. That its records tell the KYC status is inferred from the create's [C]."""
    customer = yield from _search(
        str(held.body["customer_email"]),
        lambda each: replies.identifier(each.get("customer_id")) == held.customer_id,
    )
    return None if customer is None else _extra(customer)


def _email(customer: Json) -> object:
    return customer.get("customer_email") or customer.get("email")


def _search(email: str, wanted: Callable[[Json], bool]) -> Search:
    page, seen = 1, set[str]()
    while True:
        reply = yield f"/customer?email={quote(email, safe='')}&page={page}"
        document = reply.document
        listed = document.get("data") if document is not None else None
        if isinstance(listed, dict):
            listed = listed.get("data")
        if document is None or not isinstance(listed, list):
            raise OutcomeUnknownError("Yativo's list of customers cannot be read", code="unreadable_reply")
        for customer in replies.new_records(listed, seen):
            if wanted(customer):
                return customer
        if len(listed) < PER_PAGE or page == _last_page(document):
            return None
        page += 1


def _last_page(document: Json) -> int | None:
    """The number of the last page wherever it is said, None where it is not."""
    data = replies.mapping(document.get("data"))
    for place in (replies.mapping(document.get("pagination")), replies.mapping(data.get("pagination")), data):
        said = replies.text(place.get("last_page"))
        if said.isdecimal():
            return int(said)
    return None


def read_token(document: Json) -> Token | None:
    """`data.access_token` and how long it lives."""
    data = replies.mapping(document.get("data"))
    token, seconds = data.get("access_token"), data.get("expires_in")
    if not isinstance(token, str) or not token:
        return None
    return Token(token, float(seconds) if isinstance(seconds, int | float) else None)


PROVIDER = Provider(
    name="yativo",
    title="Yativo",
    docs="https://docs.yativo.com",
    checked=date(2026, 11, 20),
    schema=YativoCustomer,
    path="/customer",
    # three sandbox hosts are published that contradict each other
    base_urls={Environment.SANDBOX: None, Environment.LIVE: "https://api.yativo.com/api/v1"},
    auth=LoginToken(
        token_variable="YATIVO_TOKEN",  # noqa: S106  the name of a variable
        login={"account_id": "YATIVO_ACCOUNT_ID", "app_secret": "YATIVO_APP_SECRET"},
        path="/auth/login",
        read=read_token,
    ),
    limits={Environment.SANDBOX: (Limit(60, 60),), Environment.LIVE: (Limit(60, 60),)},
    identity=(("customer_email",),),
    judge=judge,
    look_up=look_up,
    refresh=refresh,
    # documented as required, yet the vendor's published code does not enforce it on this call
    idempotency=Idempotency("Idempotency-Key"),
    unique="customer_email",
    extra_columns=STAFF_NEED,
    promises=("No customer is e-mailed unless the sheet or --set send_kyc_mail=yes asks for it.",),
    notes=("The sandbox address is not clear from the documentation: give it with --base-url.",),
)
