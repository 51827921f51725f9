"""Yativo: short tokens, two successes, many failures, and a mail that nobody asked for."""

import asyncio
from typing import Any

import pytest

from importer.simulator import Variants
from importer.simulator.credentials import YATIVO_ACCOUNT_ID, YATIVO_APP_SECRET

from .callers import Caller, Clock, body_for
from .conftest import Start


async def token_from(caller: Caller) -> str:
    reply = await caller.log_in(
        "yativo", "/auth/login", account_id=YATIVO_ACCOUNT_ID, app_secret=YATIVO_APP_SECRET
    )
    assert (reply.json["data"]["token_type"], reply.json["data"]["expires_in"]) == ("bearer", 600)
    return f"Bearer {reply.json['data']['access_token']}"


async def test_the_older_answer_has_a_kyc_links_id_where_one_expects_the_customers(start: Start) -> None:
    caller = await start()
    reply = await caller.create("yativo")
    assert (reply.status, reply.json["status"], reply.json["status_code"]) == (201, "success", 200)
    data = reply.json["data"]
    (customer,) = caller.simulator.customers("yativo")
    assert data["customer_id"] == customer.id != data["id"]
    assert data["kyc_link"].startswith("https://")
    assert data["tos_link"].startswith("https://")
    assert (data["kyc_status"], data["tos_status"]) == ("not_started", "pending")
    assert data["created_at"] == "2027-01-15T08:00:00.000Z"


async def test_the_newer_answer_has_the_customer_alone(start: Start) -> None:
    caller = await start(variants=Variants(yativo_shape="newer"))
    data = (await caller.create("yativo")).json["data"]
    assert data["customer_id"] == caller.simulator.customers("yativo")[0].id
    assert (data["customer_name"], data["customer_status"]) == ("Ada Obi", "active")
    assert "id" not in data


async def test_a_token_expires_when_it_says(start: Start, clock: Clock) -> None:
    caller = await start()
    token = await token_from(caller)
    clock.advance(599)
    assert (await caller.create("yativo", Authorization=token)).status == 201
    clock.advance(1)
    reply = await caller.create("yativo", Authorization=token)
    assert (reply.status, reply.json["data"]) == (401, {"error": "Unauthenticated."})


async def test_no_token_and_a_wrong_token_are_refused_in_two_shapes(start: Start) -> None:
    caller = await start()
    none = await caller.create("yativo", without="Authorization")
    assert (none.status, none.json) == (401, {"message": "Unauthenticated."})
    wrong = await caller.create("yativo", Authorization="Bearer wrong")
    assert (wrong.status, wrong.json["status"]) == (401, "failed")


async def test_wrong_credentials_get_no_token(start: Start) -> None:
    caller = await start()
    reply = await caller.log_in("yativo", "/auth/login", account_id=YATIVO_ACCOUNT_ID, app_secret="no")
    assert reply.status == 401


async def test_an_idempotency_key_is_required(start: Start) -> None:
    caller = await start()
    reply = await caller.create("yativo", without="Idempotency-Key")
    assert (reply.status, reply.json) == (400, {"error": "Idempotency-Key is required for this request."})


async def test_a_rejection_is_replayed_under_its_key_even_to_a_corrected_body(
    start: Start, clock: Clock
) -> None:
    caller = await start()
    assert (await caller.create("yativo", {}, Idempotency_Key="k")).status == 400
    assert (await caller.create("yativo", Idempotency_Key="k")).status == 400
    assert (await caller.create("yativo", Idempotency_Key="k2")).status == 201
    clock.advance(24 * 3600)
    assert (await caller.create("yativo", body_for("yativo", "b@x.com"), Idempotency_Key="k")).status == 201


async def test_an_idempotency_key_does_not_protect_a_create(start: Start) -> None:
    caller = await start()
    await caller.create("yativo", Idempotency_Key="k")
    assert (await caller.create("yativo", Idempotency_Key="k")).status == 422


@pytest.mark.parametrize("missing", ["customer_name", "customer_email", "customer_phone", "customer_country"])
async def test_a_missing_field_is_400_in_the_envelope(start: Start, missing: str) -> None:
    caller = await start()
    body = body_for("yativo")
    del body[missing]
    reply = await caller.create("yativo", body)
    assert (reply.status, reply.json["status"], reply.json["status_code"]) == (400, "failed", 400)
    assert list(reply.json["data"]) == [missing]


@pytest.mark.parametrize(
    "change",
    [
        {"customer_name": ""},
        {"customer_email": "ada@example"},
        {"customer_phone": "2025550143"},
        {"customer_phone": "+1 202 555 0143"},
        {"customer_phone": "+9991234567"},
        {"customer_country": "US"},
        {"customer_country": "United States"},
        {"customer_type": "person"},
        {"send_kyc_mail": "false"},
        {"send_kyc_mail": None},
        {"address": {}},
    ],
)
async def test_a_wrong_value_is_422_in_another_shape(start: Start, change: dict[str, Any]) -> None:
    caller = await start()
    reply = await caller.create("yativo", body_for("yativo") | change)
    assert (reply.status, reply.json["status"]) == (422, "error")
    assert list(reply.json["errors"]) == list(change)


async def test_a_body_that_is_no_json_names_no_field(start: Start) -> None:
    caller = await start()
    reply = await caller.create_raw("yativo", b"{")
    assert (reply.status, list(reply.json["data"])) == (400, ["error"])


async def test_an_email_that_is_taken_is_422_under_data(start: Start) -> None:
    caller = await start()
    await caller.create("yativo")
    reply = await caller.create("yativo", body_for("yativo", "ADA@example.com"))
    assert reply.status == 422
    assert reply.json == {
        "status": "failed",
        "status_code": 422,
        "message": "Request failed.",
        "data": {"customer_email": ["Customer email already exists."]},
    }


async def test_two_creates_at_once_with_one_email_both_succeed(start: Start) -> None:
    both = asyncio.Event()
    waiting = 0

    async def sleep(_: float) -> None:
        nonlocal waiting
        waiting += 1
        if waiting == 2:
            both.set()
        await both.wait()

    caller = await start(latency=1, sleep=sleep)
    replies = await asyncio.gather(caller.create("yativo"), caller.create("yativo"))
    assert [reply.status for reply in replies] == [201, 201]
    assert caller.simulator.duplicates("yativo") == 1
    assert (await caller.create("yativo")).status == 422


async def test_the_provider_mails_whoever_it_is_not_told_to_spare(start: Start) -> None:
    caller = await start()
    body = body_for("yativo")
    await caller.create("yativo", body)
    assert caller.simulator.mailed("yativo") == 0
    for number, choice in enumerate(({}, {"send_kyc_mail": True})):
        other = body_for("yativo", f"{number}@example.com")
        del other["send_kyc_mail"]
        await caller.create("yativo", other | choice)
    assert caller.simulator.mailed("yativo") == 2


async def test_a_look_up_matches_parts_of_an_email(start: Start) -> None:
    caller = await start()
    for email in ("ann@example.com", "joann@example.com", "bob@example.com"):
        await caller.create("yativo", body_for("yativo", email))
    reply = await caller.look_up("yativo", email="ANN@example.com")
    assert [one["customer_email"] for one in reply.json["data"]] == ["joann@example.com", "ann@example.com"]
    assert reply.json["data"][1]["customer_id"] == caller.simulator.customers("yativo")[0].id


async def test_the_list_has_pages_of_twenty(start: Start) -> None:
    caller = await start()
    for number in range(23):
        await caller.create("yativo", body_for("yativo", f"a{number}@example.com"))
    first, second = [(await caller.look_up("yativo", page=page)).json for page in ("1", "2")]
    assert (len(first["data"]), len(second["data"])) == (20, 3)
    assert first["pagination"] == {
        "total": 23,
        "per_page": 20,
        "current_page": 1,
        "last_page": 2,
        "next_page_url": "/customer?page=2",
        "prev_page_url": None,
    }
    assert second["pagination"]["prev_page_url"] == "/customer?page=1"
    assert (await caller.look_up("yativo", email="nobody")).json["pagination"]["last_page"] == 1
