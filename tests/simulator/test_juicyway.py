"""JuicyWay: raw keys, idempotency that holds, two shapes of refusal."""

from typing import Any

import pytest

from importer.simulator import Variants
from importer.simulator.credentials import JUICYWAY_API_KEY

from .callers import Clock, body_for
from .conftest import Start

DAY = 24 * 3600


async def test_a_customer_comes_back_pending_in_an_envelope(start: Start) -> None:
    caller = await start()
    reply = await caller.create("juicyway")
    assert reply.status == 201
    (customer,) = caller.simulator.customers("juicyway")
    assert reply.json == {
        "data": {"id": customer.id, "status": "pending_kyc", "created_at": "2027-01-15T08:00:00Z"}
    }


async def test_the_envelope_can_be_left_off(start: Start) -> None:
    caller = await start(variants=Variants(juicyway_envelope=False))
    reply = await caller.create("juicyway")
    assert reply.json["id"] == caller.simulator.customers("juicyway")[0].id


async def test_the_phone_field_can_have_its_other_name(start: Start) -> None:
    caller = await start(variants=Variants(juicyway_phone="phone_number"))
    body = body_for("juicyway")
    assert (await caller.create("juicyway", body)).status == 400
    body["phone_number"] = body.pop("phone")
    assert (await caller.create("juicyway", body)).status == 201


@pytest.mark.parametrize("key", ["", "wrong", f"Bearer {JUICYWAY_API_KEY}"])
async def test_the_key_is_taken_raw(start: Start, key: str) -> None:
    caller = await start()
    reply = await caller.create("juicyway", Authorization=key)
    assert reply.status == 401
    assert reply.json["error"]["code"] == "unauthorized"


async def test_the_key_can_be_asked_for_as_a_bearer_token(start: Start) -> None:
    caller = await start(variants=Variants(juicyway_bearer=True))
    assert (await caller.create("juicyway")).status == 401
    assert (await caller.create("juicyway", Authorization=f"Bearer {JUICYWAY_API_KEY}")).status == 201


async def test_an_idempotency_key_is_required(start: Start) -> None:
    caller = await start()
    reply = await caller.create("juicyway", without="Idempotency-Key")
    assert (reply.status, reply.json["error"]["code"]) == (400, "missing_idempotency_key")


async def test_the_same_key_and_body_get_the_same_customer(start: Start, clock: Clock) -> None:
    caller = await start()
    first = await caller.create("juicyway", Idempotency_Key="k")
    clock.advance(DAY - 1)
    again = await caller.create("juicyway", Idempotency_Key="k")
    assert (again.status, again.text) == (first.status, first.text)
    assert len(caller.simulator.customers("juicyway")) == 1
    assert [record.customer_id is None for record in caller.simulator.requests("juicyway")] == [False, True]


async def test_the_same_key_with_another_body_is_an_error(start: Start) -> None:
    caller = await start()
    await caller.create("juicyway", Idempotency_Key="k")
    reply = await caller.create("juicyway", body_for("juicyway", "b@example.com"), Idempotency_Key="k")
    assert (reply.status, reply.json["error"]["code"]) == (400, "idempotency_key_reused")


async def test_a_key_is_forgotten_after_a_day(start: Start, clock: Clock) -> None:
    caller = await start()
    await caller.create("juicyway", Idempotency_Key="k")
    clock.advance(DAY)
    assert (await caller.create("juicyway", Idempotency_Key="k")).status == 409


async def test_a_refusal_is_replayed_under_its_key_too(start: Start) -> None:
    caller = await start()
    first = await caller.create("juicyway", {}, Idempotency_Key="k")
    assert (await caller.create("juicyway", {}, Idempotency_Key="k")).text == first.text


async def test_an_email_that_is_taken_is_a_conflict(start: Start) -> None:
    caller = await start()
    await caller.create("juicyway")
    reply = await caller.create("juicyway", body_for("juicyway", "ADA@example.com"))
    assert (reply.status, reply.json["error"]["code"]) == (409, "customer_already_exists")
    assert reply.json["request_id"].startswith("req_")


@pytest.mark.parametrize("missing", ["first_name", "last_name", "email", "phone", "type", "billing_address"])
async def test_a_missing_field_is_400_with_a_list(start: Start, missing: str) -> None:
    caller = await start()
    body = body_for("juicyway")
    del body[missing]
    reply = await caller.create("juicyway", body)
    assert reply.status == 400
    assert [error["field"] for error in reply.json["error"]["errors"]] == [missing]
    assert reply.json["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first_name": "Ada2"}, "first_name"),
        ({"first_name": "Ada & Bo"}, "first_name"),
        ({"first_name": " "}, "first_name"),
        ({"first_name": "Ada_"}, "first_name"),
        ({"last_name": "x" * 101}, "last_name"),
        ({"last_name": ""}, "last_name"),
        ({"email": "ada@"}, "email"),
        ({"phone": "08031234567"}, "phone"),
        ({"phone": "+2348031234567890"}, "phone"),
        ({"phone": "+9991234567"}, "phone"),
        ({"phone": "+6581234567"}, "phone"),
        ({"type": "person"}, "type"),
        ({"birth_date": "1990-01-01"}, "birth_date"),
    ],
)
async def test_a_wrong_value_is_422_with_a_table(start: Start, change: dict[str, Any], field: str) -> None:
    caller = await start()
    reply = await caller.create("juicyway", body_for("juicyway") | change)
    assert reply.status == 422
    assert list(reply.json["error"]["details"]) == [field]


@pytest.mark.parametrize(
    ("field", "value"), [("country", "NGA"), ("city", " "), ("line2", None), ("zip_code", 101241)]
)
async def test_a_wrong_part_of_the_address_has_a_dotted_name(start: Start, field: str, value: object) -> None:
    caller = await start()
    body = body_for("juicyway")
    body["billing_address"][field] = value
    reply = await caller.create("juicyway", body)
    assert list(reply.json["error"]["details"]) == [f"billing_address.{field}"]


@pytest.mark.parametrize(
    "name", ["O\u2019Neil", "Jean-Luc", "王小明", "Adaézé", "محمد", "अनीता", "Mary Jane", "'t Hooft"]
)
async def test_names_are_letters_of_any_script(start: Start, name: str) -> None:
    caller = await start()
    assert (await caller.create("juicyway", body_for("juicyway") | {"first_name": name})).status == 201


async def test_a_body_that_is_no_json_is_400(start: Start) -> None:
    caller = await start()
    reply = await caller.create_raw("juicyway", b"{")
    assert (reply.status, reply.json["error"]["code"]) == (400, "malformed_request")


async def test_a_look_up_is_exact_and_in_an_envelope(start: Start) -> None:
    caller = await start()
    for email in ("ann@example.com", "joann@example.com"):
        await caller.create("juicyway", body_for("juicyway", email))
    reply = await caller.look_up("juicyway", email="ANN@example.com", limit="5")
    assert [one["email"] for one in reply.json["data"]] == ["ann@example.com"]
    assert reply.json["data"][0]["id"] == caller.simulator.customers("juicyway")[0].id
    assert reply.json["pagination"] == {"before": None, "after": None, "limit": 5}


async def test_the_list_is_newest_first_and_goes_on_after_a_cursor(start: Start) -> None:
    caller = await start()
    for number in range(3):
        await caller.create("juicyway", body_for("juicyway", f"a{number}@example.com"))
    first = (await caller.look_up("juicyway", limit="2")).json
    assert [one["email"] for one in first["data"]] == ["a2@example.com", "a1@example.com"]
    second = (await caller.look_up("juicyway", limit="2", after=first["pagination"]["after"])).json
    assert [one["email"] for one in second["data"]] == ["a0@example.com"]
    assert second["pagination"]["after"] is None
