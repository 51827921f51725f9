"""JuicyWay: what its answers mean, the body it is sent, and the key that protects a create."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from importer.accounts import open_account, read_credentials
from importer.client import Client
from importer.errors import OutcomeUnknownError, ProviderRefusedError
from importer.mapping import suggest
from importer.pacing import system_clock
from importer.providers.base import Reply
from importer.providers.juicyway import PROVIDER
from importer.rows import Row, Status
from importer.simulator import Fault, Faults, Settings, Simulator, Variants
from importer.validation import Checked, validator

NGOZI = {
    "First name": "Ngozi",
    "Last name": "Okafor",
    "Email": "ngozi@example.com",
    "Phone": "+234 803 123 4567",
    "Type": "individual",
    "Street": "12 Marina Road",
    "City": "Lagos",
    "State": "Lagos",
    "Zip": "101241",
    "Country": "Nigeria",
}
STATE = {
    "id": "8d0f0e1c-3f4b-4b64-9d52-2a3f8f6f0a11",
    "status": "pending_kyc",
    "created_at": "2025-09-22T09:01:09Z",
}


def reply(status: int, document: object) -> Reply:
    return Reply(status, {}, json.dumps(document).encode())


def check(cells: Mapping[str, str], **settings: str) -> Checked:
    """A row with these cells, after mapping and validation; `settings` are environment variables."""
    columns = tuple(cells)
    account = open_account(PROVIDER, variables=settings)
    return validator(account, suggest(columns, PROVIDER), columns)(Row(2, tuple(cells.values())))


def body(cells: Mapping[str, str], **settings: str) -> dict[str, Any]:
    checked = check(cells, **settings)
    assert checked.faults == ()
    document: dict[str, Any] = json.loads(checked.body)
    return document


def faults(cells: Mapping[str, str]) -> list[tuple[str, str | None, str]]:
    return [(fault.field, fault.column, fault.code) for fault in check(cells).faults]


# -- what an answer means


@pytest.mark.parametrize("document", [{"data": STATE}, STATE], ids=["envelope", "bare"])
def test_customer_is_created_with_or_without_the_envelope(document: object) -> None:
    verdict = PROVIDER.judge(reply(201, document))
    assert (verdict.status, verdict.customer_id) == (Status.CREATED, STATE["id"])
    assert verdict.extra == {"customer_status": "pending_kyc", "created_at": "2025-09-22T09:01:09Z"}


@pytest.mark.parametrize("document", [{"data": {"status": "active"}}, {"data": None}, {"data": [STATE]}, {}])
def test_success_without_an_id_is_unknown(document: object) -> None:
    verdict = PROVIDER.judge(reply(201, document))
    assert (verdict.status, verdict.code) == (Status.UNKNOWN, "no_id")


def test_id_beside_the_envelope_is_not_the_customers() -> None:
    assert PROVIDER.judge(reply(201, {"data": {}, "id": "req_1"})).status is Status.UNKNOWN


def test_success_with_an_error_in_it_is_unknown() -> None:
    verdict = PROVIDER.judge(reply(201, {"data": STATE, "error": {"message": "half done"}}))
    assert verdict.status is Status.UNKNOWN


def test_error_of_null_is_no_error() -> None:
    assert PROVIDER.judge(reply(201, {"data": STATE, "error": None})).status is Status.CREATED


def test_what_was_not_returned_is_no_extra() -> None:
    assert PROVIDER.judge(reply(201, {"data": {"id": "8d"}})).extra == {}


def test_list_of_errors_names_the_fields() -> None:
    error = {
        "code": "validation_error",
        "message": "The request was invalid",
        "type": "invalid_request_error",
        "errors": [
            {"field": "billing_address.zip_code", "message": "is required"},
            {"field": "phone", "message": "is not a number of NG"},
        ],
    }
    verdict = PROVIDER.judge(reply(400, {"error": error, "request_id": "req_1"}))
    assert (verdict.status, verdict.code) == (Status.REJECTED, "rejected_field")
    assert verdict.faults == (
        ("billing_address.zip_code", "is required"),
        ("phone", "is not a number of NG"),
    )
    assert verdict.extra == {"request_id": "req_1"}


def test_table_of_details_names_the_fields() -> None:
    error = {"code": "validation_error", "message": "m", "details": {"email": ["is invalid", "is too long"]}}
    verdict = PROVIDER.judge(reply(422, {"error": error}))
    assert (verdict.status, verdict.faults) == (Status.REJECTED, (("email", "is invalid; is too long"),))
    assert verdict.extra == {}


@pytest.mark.parametrize("status", [400, 404, 422])
def test_error_that_names_no_field_keeps_the_words(status: int) -> None:
    error = {"code": "bad", "message": "The request was invalid", "request_id": "req_2"}
    verdict = PROVIDER.judge(reply(status, {"error": error}))
    assert (verdict.status, verdict.code, verdict.message) == (
        Status.REJECTED,
        "rejected",
        "The request was invalid",
    )
    assert verdict.extra == {"request_id": "req_2"}


@pytest.mark.parametrize(
    "document",
    [{"error": {"code": "customer_already_exists", "message": "exists"}}, {"message": "conflict"}, {}],
)
def test_conflict_means_the_customer_exists(document: object) -> None:
    verdict = PROVIDER.judge(reply(409, document))
    assert (verdict.status, verdict.code) == (Status.EXISTS, "already_exists")


@pytest.mark.parametrize("document", [{}, {"message": "no"}, {"error": "no"}, {"error": []}])
def test_refusal_in_another_shape_is_unknown(document: object) -> None:
    assert PROVIDER.judge(reply(400, document)).status is Status.UNKNOWN


# -- what is sent


def test_whole_customer_is_sent_in_the_form_asked_for() -> None:
    cells = {**NGOZI, "Address line 2": "Floor 2", "Phone": "0803 123 4567", "Type": "Person"}
    assert body(cells) == {
        "first_name": "Ngozi",
        "last_name": "Okafor",
        "email": "ngozi@example.com",
        "phone": "+2348031234567",
        "type": "individual",
        "billing_address": {
            "line1": "12 Marina Road",
            "line2": "Floor 2",
            "city": "Lagos",
            "state": "Lagos",
            "zip_code": "101241",
            "country": "NG",
        },
    }


def test_second_line_of_the_address_is_left_out_where_it_is_empty() -> None:
    assert "line2" not in body({**NGOZI, "Address line 2": " "})["billing_address"]


@pytest.mark.parametrize("country", ["Nigeria", "NG", "nga", "566", "NIGERIA", "Federal Republic of Nigeria"])
def test_country_is_sent_as_alpha_2(country: str) -> None:
    assert body({**NGOZI, "Country": country})["billing_address"]["country"] == "NG"


@pytest.mark.parametrize(
    ("word", "sent"), [("Business", "business"), ("Company", "business"), ("privat", "individual")]
)
def test_type_is_sent_as_one_of_two_words(word: str, sent: str) -> None:
    assert body({**NGOZI, "Type": word})["type"] == sent


@pytest.mark.parametrize(
    "name",
    ["Adaézé", "O'Neil", "O\u2019Neil", "Jean-Luc", "王小明", "Ольга", "de la Cruz", "नेहा", "José María"],
)
def test_names_of_every_script_are_taken(name: str) -> None:
    sent = body({**NGOZI, "First name": name, "Last name": name})
    assert (sent["first_name"], sent["last_name"]) == (name, name)


@pytest.mark.parametrize("name", ["R2D2", "Ann (Lagos)", "Ann, Lee", "Ann_Lee", "Ann\U0001f600", "A. Lee"])
def test_name_with_anything_but_letters_is_a_fault_that_says_what_is_allowed(name: str) -> None:
    (fault,) = check({**NGOZI, "Last name": name}).faults
    assert (fault.field, fault.column, fault.code) == ("last_name", "Last name", "invalid_value")
    assert "Letters, spaces, hyphens and apostrophes" in fault.message


def test_name_of_a_hundred_letters_is_the_longest() -> None:
    assert check({**NGOZI, "First name": "é" * 100}).faults == ()
    assert faults({**NGOZI, "First name": "é" * 101}) == [("first_name", "First name", "too_long")]


@pytest.mark.parametrize("phone", ["+44 20 7946 0018", "+1 202 555 0143", "0044 20 7946 0018"])
def test_phone_of_another_country_is_a_fault(phone: str) -> None:
    assert faults({**NGOZI, "Phone": phone}) == [("phone", "Phone", "phone_of_other_country")]


def test_whole_address_is_asked_for_at_once() -> None:
    bare = {
        name: text for name, text in NGOZI.items() if name in ("First name", "Last name", "Email", "Type")
    }
    found = faults({**bare, "Phone": "+2348031234567"})
    assert found == [
        (f"billing_address.{name}", None, "missing_value")
        for name in ("line1", "city", "state", "zip_code", "country")
    ]


def test_phone_goes_by_the_name_the_account_takes() -> None:
    sent = body(NGOZI, JUICYWAY_PHONE_FIELD="phone_number")
    assert sent["phone_number"] == "+2348031234567"
    assert "phone" not in sent
    assert list(sent) == ["first_name", "last_name", "email", "phone_number", "type", "billing_address"]


def test_name_of_the_phone_field_that_is_set_to_nothing_is_the_default() -> None:
    assert body(NGOZI, JUICYWAY_PHONE_FIELD="")["phone"] == "+2348031234567"


# -- over HTTP


@asynccontextmanager
async def client_of(simulator: Simulator, **settings: str) -> AsyncIterator[Client]:
    """A client with the simulator's key; `settings` are environment variables."""
    account = open_account(PROVIDER, base_url=simulator.base_url("juicyway"), variables=settings)
    credentials = read_credentials(account, simulator.environment())
    async with Client(account, credentials, clock=system_clock()) as client:
        yield client


async def test_key_goes_bare_or_behind_the_word_the_account_takes() -> None:
    """Pages of the documentation differ; the wrong one of the two is refused."""
    variants = Variants(juicyway_bearer=True, juicyway_phone="phone_number")
    async with Simulator(Settings(limits=False, variants=variants)) as simulator:
        one = check(NGOZI, JUICYWAY_PHONE_FIELD="phone_number")
        async with client_of(simulator) as bare:
            with pytest.raises(ProviderRefusedError):
                await bare.create(one.body, one.key)
        async with client_of(simulator, JUICYWAY_AUTH_SCHEME="Bearer") as bearer:
            verdict = PROVIDER.judge(await bearer.create(one.body, one.key))
    assert verdict.status is Status.CREATED


def test_key_is_documented_to_protect_for_a_day() -> None:
    assert PROVIDER.idempotency is not None
    assert PROVIDER.idempotency.header == "Idempotency-Key"
    assert PROVIDER.idempotency.protects_for == timedelta(hours=24)
    assert PROVIDER.idempotency.protects_if == ""


@pytest.mark.parametrize("fault", [Fault.CUT_AFTER, Fault.CUT_BODY, Fault.ERROR_AFTER], ids=str)
async def test_lost_answer_comes_again_under_the_same_key(fault: Fault) -> None:
    faults_of = {"juicyway": Faults(script=(fault,))}
    async with Simulator(Settings(limits=False, faults=faults_of)) as simulator:
        async with client_of(simulator) as client:
            one = check(NGOZI)
            with pytest.raises(OutcomeUnknownError):
                await client.create(one.body, one.key)
            again = PROVIDER.judge(await client.create(one.body, one.key))
        (customer,) = simulator.customers("juicyway")
    assert (again.status, again.customer_id) == (Status.CREATED, customer.id)


async def test_key_that_named_another_body_is_a_refusal_and_creates_nobody() -> None:
    async with Simulator(Settings(limits=False)) as simulator, client_of(simulator) as client:
        await client.create(check(NGOZI).body, "key")
        other = check({**NGOZI, "Email": "another@example.com"})
        verdict = PROVIDER.judge(await client.create(other.body, "key"))
        assert len(simulator.customers("juicyway")) == 1
    assert verdict.status is Status.REJECTED
    assert verdict.extra["request_id"].startswith("req_")


@pytest.mark.parametrize(
    ("cells", "field"),
    [({"phone": "+14155552671"}, "phone"), ({"type": "robot"}, "type"), ({"email": "nobody"}, "email")],
)
async def test_refusals_of_the_simulator_name_the_field(cells: dict[str, str], field: str) -> None:
    async with Simulator(Settings(limits=False)) as simulator, client_of(simulator) as client:
        document = body(NGOZI) | cells
        verdict = PROVIDER.judge(await client.create(json.dumps(document).encode(), "key"))
    assert verdict.status is Status.REJECTED
    assert [name for name, _ in verdict.faults] == [field]
