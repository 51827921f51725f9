"""The endpoints under /_simulator/."""

from typing import Any

import aiohttp
import pytest

from importer.simulator import NAMES, Settings, Simulator

from .callers import Caller, body_for
from .conftest import Start


async def ask(caller: Caller, method: str, path: str, **more: Any) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, f"{caller.simulator.url}/_simulator/{path}", **more) as response,
    ):
        is_json = response.content_type == "application/json"
        return response.status, await response.json() if is_json else await response.text()


async def test_the_state_counts_what_happened(start: Start) -> None:
    caller = await start()
    await caller.create("yativo")
    await caller.create("yativo", {})
    await caller.look_up("yativo")
    await caller.log_in("yativo", "/auth/login", account_id="no")
    await caller.send("yativo", "GET", "/nothing", headers={})
    status, state = await ask(caller, "GET", "")
    assert status == 200
    assert list(state) == list(NAMES)
    assert state == caller.simulator.state()
    assert state["yativo"] == {
        "requests": 5,
        "creates": 2,
        "look_ups": 1,
        "logins": 1,
        "customers": 1,
        "duplicates": 0,
        "mailed": 0,
        "rate_limited": 0,
        "answered": {"200": 1, "201": 1, "400": 1, "401": 1, "404": 1},
        "cut": 0,
        "faults": {},
    }


async def test_customers_are_shown_with_the_body_received(start: Start) -> None:
    caller = await start()
    await caller.create("rapyd")
    (customer,) = caller.simulator.customers("rapyd")
    expected = [{"id": customer.id, "body": body_for("rapyd"), "created_at": 1_800_000_000.0}]
    assert await ask(caller, "GET", "customers?provider=rapyd") == (200, expected)


async def test_requests_are_shown_without_credentials(start: Start) -> None:
    caller = await start()
    await caller.create("juicyway", Idempotency_Key="k")
    _, (record,) = await ask(caller, "GET", "requests?provider=juicyway")
    assert record == {
        "call": "create",
        "method": "POST",
        "path": "/customers",
        "headers": {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Idempotency-Key": "k",
        },
        "arrived": 1_800_000_000.0,
        "status": 201,
        "fault": None,
        "rate_limited": False,
        "customer_id": caller.simulator.customers("juicyway")[0].id,
    }


async def test_faults_are_set_for_one_provider_or_for_all(start: Start) -> None:
    caller = await start()
    await ask(caller, "PUT", "faults", json={"script": ["rate_limited"], "retry_after": 9})
    await ask(caller, "PUT", "faults?provider=hitpay", json={"probabilities": {"server_error": 1}})
    assert (await caller.create("hitpay")).status == 500
    assert (await caller.create("juicyway")).json["error"]["retry_after"] == 9
    own = {"by_email": {"ada@example.com": {"fault": "redirect", "times": 1}}, "calls": ["create", "look_up"]}
    status, answer = await ask(caller, "PUT", "faults?provider=hitpay", json=own)
    assert (status, answer["by_email"]) == (200, own["by_email"])
    assert [(await caller.create("hitpay")).status for _ in range(2)] == [302, 201]


@pytest.mark.parametrize(
    "faults",
    [
        {"probabilities": {"slow": 2}},
        {"probabilities": {"unheard": 1}},
        {"scripts": ["slow"]},
        {"script": "slow"},
        [],
    ],
)
async def test_faults_that_are_none_are_refused(start: Start, faults: object) -> None:
    caller = await start()
    assert (await ask(caller, "PUT", "faults", json=faults))[0] == 400


async def test_an_unknown_provider_is_refused(start: Start) -> None:
    caller = await start()
    for method, path in (("GET", "customers"), ("GET", "requests?provider=x"), ("PUT", "faults?provider=x")):
        assert (await ask(caller, method, path, json={}))[0] == 400


async def test_a_reset_forgets_everything_and_deals_the_first_faults_again(start: Start) -> None:
    caller = await start()
    await caller.create("hitpay")
    await ask(caller, "PUT", "faults", json={"probabilities": {"server_error": 1}})
    status, state = await ask(caller, "POST", "reset")
    assert (status, state) == (200, Simulator(Settings()).state())
    assert (await caller.create("hitpay")).status == 201
