"""A provider's words are kept without the cells and credentials that they quote."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapping import FieldMapping
from importer.providers import PROVIDERS
from importer.quoting import Quotes

COLUMNS = FieldMapping(
    "juicyway",
    {
        "first_name": ("Given name",),
        "email": ("E-Mail",),
        "phone": ("Mobile",),
        "type": ("Kind",),
        "billing_address.city": ("Town",),
    },
    constants={"billing_address.country": "NG"},
)
BODY = {
    "first_name": "Zoë",
    "email": "zoe.quill@example.com",
    "phone": "+2348031234567",
    "type": "individual",
    "billing_address": {"city": "Port Harcourt", "country": "NG"},
    "made_up_by_us": "8d0f2c7a",
}
QUOTES = Quotes.of(PROVIDERS["juicyway"], COLUMNS)


def told(words: str, *secrets: str) -> str:
    return QUOTES.without(words, json.dumps(BODY, ensure_ascii=False).encode(), secrets)


@pytest.mark.parametrize(
    ("words", "without"),
    [
        ("zoe.quill@example.com is taken", "[E-Mail] is taken"),
        ("ZOE.Quill@Example.COM is taken", "[E-Mail] is taken"),
        ("no phone 2348031234567, '+2348031234567'", "no phone [Mobile], '[Mobile]'"),
        ("first_name: Zoë; city: Port Harcourt", "first_name: [Given name]; city: [Town]"),
        (r'{"first_name":"Zo\u00eb"}', '{"first_name":"[Given name]"}'),
        (f"GET /c?email={quote('zoe.quill@example.com', safe='')}", "GET /c?email=[E-Mail]"),
        ("key 8d0f2c7a was used", "key […] was used"),
        ("type must be individual or business", "type must be individual or business"),
        ("country NG is not served", "country NG is not served"),
        ("Zoës and Zoëlla are others", "Zoës and Zoëlla are others"),
        ("The email field is required.", "The email field is required."),
        ("", ""),
    ],
)
def test_quoted_cell_becomes_its_heading(words: str, without: str) -> None:
    assert told(words) == without


def test_heading_that_was_put_in_is_not_taken_for_another_cell() -> None:
    columns = FieldMapping("hitpay", {"name": ("Mail address",), "email": ("Mail",)})
    body = json.dumps({"name": "Robin", "email": "Mail address"}).encode()
    assert Quotes.of(PROVIDERS["hitpay"], columns).without("Robin, Mail address", body) == (
        "[Mail address], [Mail]"
    )


SECRET = "sk_live+51/h~x"


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_secret_is_hidden_in_every_usual_spelling(spelling: str) -> None:
    assert told(f"Invalid key {spelling}.", SECRET) in ("Invalid key ***.", "Invalid key ***=.")


@given(st.text(), st.text(st.characters(categories=["L", "N"]), min_size=5))
def test_no_cell_is_left_wherever_it_stands_as_a_word(around: str, cell: str) -> None:
    columns = FieldMapping("hitpay", {"name": ("#",)})
    body = json.dumps({"name": cell}).encode()
    words = Quotes.of(PROVIDERS["hitpay"], columns).without(f"{around} <{cell}> {around}", body)
    assert f"<{cell}>" not in words
