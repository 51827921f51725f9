"""Krezypay: tokens for a day, documents, and one error text."""

from typing import Any

import pytest

from importer.simulator import Variants
from importer.simulator.credentials import KREZYPAY_PUBLIC_KEY, KREZYPAY_SECRET_KEY

from .callers import Caller, Clock, body_for
from .conftest import Start

INVALID = {"error": "Invalid request"}


async def token_from(caller: Caller) -> str:
    reply = await caller.log_in(
        "krezypay", "/token", public_key=KREZYPAY_PUBLIC_KEY, secret_key=KREZYPAY_SECRET_KEY
    )
    assert reply.json["token_type"] == "Bearer"
    return f"Bearer {reply.json['token']}"


@pytest.mark.parametrize("status", [200, 201])
async def test_a_success_has_the_id_on_top(start: Start, status: Any) -> None:
    caller = await start(variants=Variants(krezypay_created=status))
    reply = await caller.create("krezypay")
    assert reply.status == status
    assert reply.json == {
        "status": "success",
        "customer_id": caller.simulator.customers("krezypay")[0].id,
        "message": "Customer successfully registered",
    }


async def test_a_passport_has_no_back(start: Start) -> None:
    caller = await start()
    body = body_for("krezypay") | {"id_type": "PASSPORT"}
    reply = await caller.create("krezypay", body)
    assert (reply.status, reply.json["status"]) == (200, "failed")
    del body["back_id_image"]
    assert (await caller.create("krezypay", body)).json["status"] == "success"


async def test_an_id_card_has_a_back(start: Start) -> None:
    caller = await start()
    body = body_for("krezypay")
    del body["back_id_image"]
    reply = await caller.create("krezypay", body)
    assert (reply.status, reply.json["status"]) == (200, "failed")
    assert not caller.simulator.customers("krezypay")


@pytest.mark.parametrize("missing", [name for name in body_for("krezypay") if name != "back_id_image"])
async def test_everything_but_the_back_is_required(start: Start, missing: str) -> None:
    caller = await start()
    body = body_for("krezypay")
    del body[missing]
    reply = await caller.create("krezypay", body)
    assert (reply.status, reply.json) == (400, INVALID)


@pytest.mark.parametrize(
    "change",
    [
        {"gender": "female"},
        {"phone": "08031234567"},
        {"country": "Nigeria"},
        {"country": "NG"},
        {"country": "ATLANTIS"},
        {"id_type": "DRIVER"},
        {"id_number": 12345678},
        {"id_number": ""},
        {"face_id_image": "http://images.example.com/face.jpg"},
        {"face_id_image": "face.jpg"},
        {"front_id_image": "https://"},
        {"back_id_image": "https://[bad"},
        {"back_id_image": "https://images.example.com/a b.jpg"},
        {"middlename": "X"},
        {"email": None},
    ],
)
async def test_a_wrong_value_gets_the_one_error_there_is(start: Start, change: dict[str, Any]) -> None:
    caller = await start()
    reply = await caller.create("krezypay", body_for("krezypay") | change)
    assert (reply.status, reply.json) == (400, INVALID)


@pytest.mark.parametrize(
    "name", ["UNITED STATES", "SOUTH KOREA", "CÔTE D'IVOIRE", "COTE D'IVOIRE", "VIETNAM"]
)
async def test_countries_go_by_their_english_names(start: Start, name: str) -> None:
    caller = await start()
    assert (await caller.create("krezypay", body_for("krezypay") | {"country": name})).status == 200


async def test_the_same_document_is_the_same_customer(start: Start) -> None:
    caller = await start()
    await caller.create("krezypay")
    again = body_for("krezypay") | {"email": "other@example.com"}
    reply = await caller.create("krezypay", again)
    assert (reply.status, reply.json) == (409, {"error": "Customer already exists"})
    assert (await caller.create("krezypay", again | {"id_number": "000"})).status == 200


async def test_a_token_lasts_as_long_as_it_says(start: Start, clock: Clock) -> None:
    caller = await start(variants=Variants(krezypay_token_seconds=60))
    token = await token_from(caller)
    clock.advance(59.9)
    assert (await caller.create("krezypay", Authorization=token)).status == 200
    clock.advance(0.1)
    assert (await caller.create("krezypay", Authorization=token)).status == 401


async def test_wrong_keys_get_no_token(start: Start) -> None:
    caller = await start()
    reply = await caller.log_in("krezypay", "/token", public_key=KREZYPAY_PUBLIC_KEY, secret_key="no")
    assert (reply.status, reply.json) == (401, INVALID)
    assert (await caller.create("krezypay", Authorization="Bearer no")).status == 401
    assert (await caller.create("krezypay", without="Authorization")).status == 401


async def test_there_is_no_look_up(start: Start) -> None:
    caller = await start()
    assert (await caller.look_up("krezypay", email="ada@example.com")).status == 404
