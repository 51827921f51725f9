"""Krezypay: identity documents, no look-up and no idempotency: a lost answer waits for a person."""

from datetime import date
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from importer.errors import ProviderRefusedError
from importer.providers import headings, replies
from importer.providers.auth import LoginToken, Token
from importer.providers.base import Json, Provider, Reply, Verdict
from importer.providers.fields import (
    Choice,
    Column,
    Country,
    CountryForm,
    Customer,
    Email,
    Name,
    Phone,
    Url,
    Verbatim,
)
from importer.rows import Environment, Limit, Status

ID_CARD_WORDS = (
    "id card", "id", "identity card", "identification card", "national id", "national id card",
    "national identity card", "nid", "personalausweis", "carte d'identité", "dni", "cédula",
    "carta d'identità",
)  # fmt: skip
PASSPORT_WORDS = (
    "passport", "international passport", "travel passport", "pp", "reisepass", "passeport",
    "pasaporte", "passaporto", "passaporte",
)  # fmt: skip


class KrezypayCustomer(Customer):
    """Body of ``POST /customer/create_customer``. What is required is not marked: we ask for all of it."""

    firstname: Annotated[str, Column("First name", headings.FIRST_NAME, Name(), example="Amara")]
    lastname: Annotated[str, Column("Last name", headings.LAST_NAME, Name(), example="Diallo")]
    gender: Annotated[
        str,
        Column(
            "Gender",
            headings.GENDER,
            Choice({"M": headings.MALE_WORDS, "F": headings.FEMALE_WORDS}),
            example="F",
        ),
    ]
    email: Annotated[str, Column("E-mail", headings.EMAIL, Email(), example="amara@example.com")]
    phone: Annotated[
        str, Column("Phone", headings.PHONE, Phone(country="country"), example="+234 803 123 4567")
    ]
    country: Annotated[str, Column("Country", headings.COUNTRY, Country(CountryForm.NAME), example="Nigeria")]
    id_type: Annotated[
        str,
        Column(
            "ID type",
            ("id type", "document type", "identity type", "type of id", "id document", "identification type"),
            Choice({"ID_CARD": ID_CARD_WORDS, "PASSPORT": PASSPORT_WORDS}),
            example="Passport",
        ),
    ]
    id_number: Annotated[
        str,
        Column(
            "ID number",
            (
                "id no", "document number", "document no", "passport number", "passport no", "id card number",
                "identity number", "national id number", "identification number",
            ),
            Verbatim(),
            example="A0012345",
            rule="Kept as it stands, zeros in front included: format the column as text.",
        ),
    ]  # fmt: skip
    face_id_image: Annotated[
        str,
        Column(
            "Face image",
            ("face id image", "face image url", "selfie", "selfie url", "photo", "photo url", "face photo"),
            Url(),
            example="https://files.example.com/face.jpg",
        ),
    ]
    front_id_image: Annotated[
        str,
        Column(
            "ID front image",
            ("front id image", "id front", "front image", "front of id", "document front", "id front url"),
            Url(),
            example="https://files.example.com/front.jpg",
        ),
    ]
    back_id_image: Annotated[
        str | None,
        Field(validate_default=True),
        Column(
            "ID back image",
            ("back id image", "id back", "back image", "back of id", "document back", "id back url"),
            Url(),
            example="https://files.example.com/back.jpg",
            rule="Required for an ID card; not sent for a passport.",
            not_with=("id_type", "PASSPORT"),
        ),
    ] = None

    @field_validator("back_id_image")
    @classmethod
    def _by_document(cls, value: str | None, info: ValidationInfo) -> str | None:
        """An ID card has two sides."""
        if value is None and info.data.get("id_type") == "ID_CARD":
            raise PydanticCustomError("missing_for_id_card", "is missing; an ID card needs it")
        return value


def judge(reply: Reply) -> Verdict:
    """`status` in the body decides; errors are a single text."""
    document = reply.document
    if reply.status == 402:
        raise ProviderRefusedError(
            f"Krezypay asks for payment (HTTP 402): {replies.said(reply)}",
            code="payment_required",
            http_status=402,
        )
    if reply.status == 409:
        return replies.exists("Krezypay already has this customer")
    if document is None:
        return replies.unclear(reply, code="unreadable_reply")
    status = str(document.get("status", "")).casefold()
    if reply.ok and status == "success":
        customer_id = replies.identifier(document.get("customer_id"))
        return Verdict(Status.CREATED, customer_id) if customer_id else replies.unclear(reply, code="no_id")
    if (reply.ok and status in ("error", "failed")) or (not reply.ok and replies.said(reply)):
        said = replies.said(reply)
        # "Invalid request" is the only error text its documentation shows
        hint = "(it does not say which field: compare every cell of this row with its document)"
        return replies.rejected(f"{said} {hint}".strip() if said in ("", "Invalid request") else said)
    return replies.unclear(reply)


def read_token(document: Json) -> Token | None:
    """The token and its 24 hours."""
    token, seconds = document.get("token"), document.get("expires_in")
    if not isinstance(token, str) or not token:
        return None
    return Token(token, float(seconds) if isinstance(seconds, int | float) else None)


PROVIDER = Provider(
    name="krezypay",
    title="Krezypay",
    docs="https://docs.krezypay.com",
    checked=date(2026, 11, 20),
    schema=KrezypayCustomer,
    path="/customer/create_customer",
    # the live address is not public
    base_urls={Environment.SANDBOX: "https://api.krezypay.com/v1/sandbox", Environment.LIVE: None},
    auth=LoginToken(
        token_variable="KREZYPAY_TOKEN",  # noqa: S106  the name of a variable
        login={"public_key": "KREZYPAY_PUBLIC_KEY", "secret_key": "KREZYPAY_SECRET_KEY"},
        path="/token",
        read=read_token,
    ),
    # none is published: our own caution
    limits={Environment.SANDBOX: (Limit(1, 1),), Environment.LIVE: (Limit(1, 1),)},
    identity=(("id_type", "id_number"), ("email",)),
    judge=judge,
    blocked_for=(5.0, 30.0, 60.0),  # how long a 429 blocks is not published
    promises=("A lost answer is never sent again: it stays unknown until a person has looked.",),
    notes=(
        "The live address is not public: give it with --base-url.",
        "No rate limit is published; 1/s is our own caution: change it with --rate.",
        "The images are never fetched: only their addresses are passed on.",
    ),
)
