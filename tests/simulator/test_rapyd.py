"""Rapyd: signatures over the bytes sent, second customers, and a list to scan."""

import json
from pathlib import Path
from typing import Any

import pytest

from importer.simulator import Variants
from importer.simulator.credentials import RAPYD_ACCESS_KEY, RAPYD_SECRET_KEY
from importer.simulator.signature import sign

from .callers import Caller, Clock, Reply, body_for
from .conftest import Start

# Known answers from three implementations that are not ours: Rapyd's own Node.js snippet, Rapyd's own
# Python SDK, and openssl; the "about" in the file says which versions. None was tried live.
VECTORS = json.loads((Path(__file__).parent.parent / "data/rapyd-signature-vectors.json").read_text("utf-8"))
PATH = "/v1/customers"


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_the_signature_is_the_one_that_rapyds_own_code_makes(vector: dict[str, Any]) -> None:
    body = bytes.fromhex(vector["body_utf8_hex"])
    assert body == vector["body_string"].encode()
    signature = sign(
        method=vector["method"],
        target=vector["path"],
        salt=vector["salt"],
        timestamp=vector["timestamp"],
        access_key=vector["access_key"],
        secret_key=vector["secret_key"],
        body=body,
    )
    assert signature == vector["signature"] != vector["wrong_if_base64_of_raw_digest"]
    assert len(signature) == 88


async def test_a_customer_comes_back_under_data_with_nulls(start: Start) -> None:
    caller = await start()
    reply = await caller.create("rapyd")
    assert reply.status == 200
    status, data = reply.json["status"], reply.json["data"]
    assert (status["status"], status["error_code"]) == ("SUCCESS", "")
    assert data["id"] == caller.simulator.customers("rapyd")[0].id
    assert data["id"].startswith("cus_")
    assert data["metadata"] == body_for("rapyd")["metadata"]
    assert [data[name] for name in ("discount", "payment_methods", "subscriptions")] == [None] * 3


def code_of(reply: Reply) -> tuple[int, str]:
    assert reply.json["status"]["status"] == "ERROR"
    assert reply.json["status"]["operation_id"]
    assert "data" not in reply.json
    return reply.status, reply.json["status"]["error_code"]


@pytest.mark.parametrize("header", ["access_key", "salt", "timestamp", "signature"])
async def test_a_missing_header_is_400(start: Start, header: str) -> None:
    caller = await start()
    assert code_of(await caller.create("rapyd", without=header)) == (400, "MISSING_AUTHENTICATION_HEADERS")


UNAUTHENTICATED = (401, "UNAUTHENTICATED_API_CALL")


async def test_a_wrong_key_or_signature_is_401(start: Start) -> None:
    caller = await start()
    headers = caller.headers("rapyd", "GET", PATH)
    for wrong in ({"access_key": "rak_other"}, {"signature": "A" * 86 + "=="}, {"signature": "é"}):
        assert code_of(await caller.send("rapyd", "GET", PATH, headers=headers | wrong)) == UNAUTHENTICATED
    assert (await caller.send("rapyd", "GET", PATH, headers=headers)).status == 200


async def test_a_signature_holds_for_its_method_query_and_body_only(start: Start) -> None:
    caller = await start()
    signed = caller.headers("rapyd", "GET", f"{PATH}?limit=1")
    assert code_of(await caller.send("rapyd", "GET", f"{PATH}?limit=2", headers=signed)) == UNAUTHENTICATED
    assert (await caller.send("rapyd", "GET", f"{PATH}?limit=1", headers=signed)).status == 200
    signed = caller.headers("rapyd", "POST", PATH, b'{"name":"Ada"}')
    changed = await caller.send("rapyd", "POST", PATH, data=b'{"name": "Ada"}', headers=signed)
    assert code_of(changed) == UNAUTHENTICATED


async def test_the_query_is_signed_as_it_was_sent(start: Start) -> None:
    caller = await start()
    target = f"{PATH}?limit=10&starting_after=cus%5F1"
    reply = await caller.send("rapyd", "GET", target, headers=caller.headers("rapyd", "GET", target))
    assert reply.status == 200


async def test_the_bytes_are_signed_whatever_their_form(start: Start) -> None:
    caller = await start()
    data = '{ "name": "Zoë \\u738b 😀" }'.encode()
    assert (await caller.create_raw("rapyd", data)).status == 200
    assert caller.simulator.customers("rapyd")[0].body == {"name": "Zoë 王 😀"}


async def test_an_empty_object_is_signed_as_no_body(start: Start) -> None:
    caller = await start()
    headers = caller.headers("rapyd", "POST", PATH, b"")
    reply = await caller.send("rapyd", "POST", PATH, data=b"{}", headers=headers)
    assert code_of(reply) == (400, "ERROR_CREATE_CUSTOMER")


async def test_a_salt_is_good_once(start: Start) -> None:
    caller = await start()
    headers = caller.headers("rapyd", "GET", PATH)
    assert (await caller.send("rapyd", "GET", PATH, headers=headers)).status == 200
    assert code_of(await caller.send("rapyd", "GET", PATH, headers=headers)) == UNAUTHENTICATED


def signed_by_hand(salt: str, timestamp: str) -> dict[str, str]:
    signature = sign(
        method="get",
        target=PATH,
        salt=salt,
        timestamp=timestamp,
        access_key=RAPYD_ACCESS_KEY,
        secret_key=RAPYD_SECRET_KEY,
        body=b"",
    )
    return {"access_key": RAPYD_ACCESS_KEY, "salt": salt, "timestamp": timestamp, "signature": signature}


@pytest.mark.parametrize("salt", ["short12", "seventeenletters1", "with-hyphen", "ünïcödes"])
async def test_a_salt_is_8_to_16_letters_and_digits(start: Start, clock: Clock, salt: str) -> None:
    caller = await start()
    headers = signed_by_hand(salt, str(int(clock.now)))
    assert code_of(await caller.send("rapyd", "GET", PATH, headers=headers)) == UNAUTHENTICATED


@pytest.mark.parametrize(("seconds", "status"), [(-61, 401), (-60, 200), (0, 200), (3600, 200), (3601, 401)])
async def test_a_timestamp_is_a_minute_old_at_most(
    start: Start, clock: Clock, seconds: int, status: int
) -> None:
    caller = await start()
    headers = signed_by_hand("abcdefgh", str(int(clock.now) + seconds))
    assert (await caller.send("rapyd", "GET", PATH, headers=headers)).status == status


async def test_a_timestamp_in_milliseconds_is_refused(start: Start, clock: Clock) -> None:
    caller = await start()
    headers = signed_by_hand("abcdefgh", str(int(clock.now * 1000)))
    assert code_of(await caller.send("rapyd", "GET", PATH, headers=headers)) == UNAUTHENTICATED


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"name": ""}, "name"),
        ({"email": "ada"}, "email"),
        ({"email": f"{'a' * 507}@x.com"}, "email"),
        ({"phone_number": "4155552671"}, "phone number"),
        ({"description": ""}, "description"),
        ({"description": None}, "description"),
        ({"addresses": []}, "addresses"),
        ({"addresses": [{"country": "FR"}, {"country": "DE"}]}, "addresses"),
        ({"addresses": [{"country": "FRA"}]}, "addresses 0 country"),
        ({"addresses": [{"street": "1 Main St"}]}, "addresses 0 street"),
        ({"metadata": "x"}, "metadata"),
        ({"metadata": {"row": None}}, "metadata"),
        ({"metadata": {"score": 1.5}}, "decimal"),
        ({"metadata": {"score": float("nan")}}, "decimal"),
        ({"card": {}}, "card"),
    ],
)
async def test_a_mistake_is_told_in_words(start: Start, change: dict[str, Any], word: str) -> None:
    caller = await start()
    reply = await caller.create("rapyd", body_for("rapyd") | change)
    assert code_of(reply) == (400, "ERROR_CREATE_CUSTOMER")
    assert word in reply.json["status"]["message"]
    assert not caller.simulator.customers("rapyd")


async def test_only_the_name_is_required(start: Start) -> None:
    caller = await start()
    assert (await caller.create("rapyd", {"name": "Ada"})).status == 200
    assert (await caller.create("rapyd", {"email": "ada@example.com"})).status == 400


async def test_a_second_create_makes_a_second_customer(start: Start) -> None:
    caller = await start()
    await caller.create("rapyd")
    await caller.create("rapyd", body_for("rapyd", "ADA@example.com"))
    assert len(caller.simulator.customers("rapyd")) == 2
    assert caller.simulator.duplicates("rapyd") == 1


async def test_idempotency_protects_only_an_account_that_has_it(start: Start) -> None:
    for enabled, customers in ((False, 2), (True, 1)):
        caller = await start(variants=Variants(rapyd_idempotency=enabled))
        replies = [await caller.create("rapyd", idempotency="k") for _ in range(2)]
        assert [reply.status for reply in replies] == [200, 200]
        assert len(caller.simulator.customers("rapyd")) == customers


async def test_a_wallet_belongs_to_one_customer(start: Start) -> None:
    caller = await start()
    body = body_for("rapyd") | {"ewallet": "ewallet_1"}
    assert (await caller.create("rapyd", body)).status == 200
    assert code_of(await caller.create("rapyd", body)) == (400, "ERROR_CREATE_CUSTOMER")


async def ids(caller: Caller, **query: str) -> list[str]:
    reply = await caller.look_up("rapyd", **query)
    return [one["id"] for one in reply.json["data"]]


async def test_the_list_is_newest_first_and_goes_on_after_an_id(start: Start) -> None:
    caller = await start()
    for number in range(105):
        await caller.create("rapyd", {"name": f"Ada {number}"})
    newest_first = [customer.id for customer in reversed(caller.simulator.customers("rapyd"))]
    assert await ids(caller) == newest_first[:10]
    assert await ids(caller, limit="500") == newest_first[:100]
    assert await ids(caller, limit="100", starting_after=newest_first[99]) == newest_first[100:]
    assert await ids(caller, starting_after=newest_first[-1]) == []
    assert await ids(caller, starting_after="cus_unknown") == []


async def test_a_wrong_path_is_refused_like_a_wrong_account(start: Start) -> None:
    caller = await start()
    reply = await caller.send("rapyd", "POST", "/v2/customers", headers={})
    assert code_of(reply) == (401, "UNAUTHORIZED_API_CALL")
