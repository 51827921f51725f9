"""The providers' limits over HTTP, each in its provider's own shape."""

import pytest

from importer.simulator import NAMES, Window

from .callers import CREATED, Clock, body_for
from .conftest import Start

OWN_LIMITS = {
    "krezypay": (1, 1),
    "yativo": (60, 60),
    "juicyway": (100, 60),
    "rapyd": (200, 60),
    "hitpay": (60, 60),
}


@pytest.mark.parametrize("provider", NAMES)
async def test_each_provider_keeps_its_own_limit_to_the_request(
    start: Start, clock: Clock, provider: str
) -> None:
    caller = await start(limits=True)
    limit, per = OWN_LIMITS[provider]
    for number in range(limit):
        reply = await caller.create(provider, body_for(provider, f"a{number}@example.com"))
        assert reply.status == CREATED[provider]
    assert (await caller.create(provider, body_for(provider, "late@example.com"))).status == 429
    clock.advance(per)
    assert (await caller.create(provider, body_for(provider, "late@example.com"))).status == CREATED[provider]
    assert caller.simulator.counts(provider).rate_limited == 1
    assert caller.simulator.requests(provider)[-2].rate_limited


async def test_hitpay_refuses_as_laravel_does(start: Start, clock: Clock) -> None:
    caller = await start(limits=True, rates={"hitpay": (Window(1, 30),)})
    first = await caller.create("hitpay")
    clock.advance(10.5)
    reply = await caller.create("hitpay")
    assert reply.json == {"message": "Too Many Attempts."}
    assert reply.headers["Retry-After"] == "20"
    assert reply.headers["X-RateLimit-Limit"] == "1"
    assert reply.headers["X-RateLimit-Remaining"] == "0"
    assert reply.headers["X-RateLimit-Reset"] == str(1_800_000_030)
    assert not [name for name in first.headers if name.lower().startswith("x-ratelimit")]


async def test_yativo_says_where_one_stands_in_every_answer(start: Start, clock: Clock) -> None:
    caller = await start(limits=True, rates={"yativo": (Window(2, 30),)})
    remaining = [(await caller.look_up("yativo")).headers["X-RateLimit-Remaining"] for _ in range(2)]
    assert remaining == ["1", "0"]
    clock.advance(12)
    reply = await caller.create("yativo")
    assert reply.json["error"] == "rate_limit_exceeded"
    assert reply.json["retry_after"] == 18
    assert reply.headers["Retry-After"] == "18"
    assert reply.headers["X-RateLimit-Limit"] == "2"


async def test_juicyway_has_the_wait_in_the_body_only(start: Start) -> None:
    caller = await start(limits=True, rates={"juicyway": (Window(1, 30),)})
    await caller.create("juicyway")
    reply = await caller.create("juicyway")
    assert reply.json["error"]["retry_after"] == 30
    assert "Retry-After" not in reply.headers


async def test_juicyway_counts_creates_and_lists_apart(start: Start) -> None:
    caller = await start(limits=True, rates={"juicyway": (Window(1, 30),)})
    assert (await caller.create("juicyway")).status == 201
    assert (await caller.look_up("juicyway")).status == 200
    assert (await caller.look_up("juicyway")).status == 429


@pytest.mark.parametrize("provider", ["yativo", "rapyd", "hitpay"])
async def test_look_ups_draw_on_the_same_budget_as_creates(start: Start, provider: str) -> None:
    caller = await start(limits=True, rates={provider: (Window(1, 30),)})
    await caller.look_up(provider)
    assert (await caller.create(provider)).status == 429


async def test_krezypay_says_nothing_about_when(start: Start) -> None:
    caller = await start(limits=True)
    await caller.create("krezypay")
    reply = await caller.create("krezypay")
    assert reply.json == {"error": "Invalid request"}
    assert "Retry-After" not in reply.headers


async def test_rapyds_firewall_answers_html_and_blocks_to_the_end_of_the_minute(
    start: Start, clock: Clock
) -> None:
    clock.now = 1_800_000_010.0  # ten seconds into a minute
    caller = await start(limits=True)
    for _ in range(200):
        await caller.look_up("rapyd")
    reply = await caller.create("rapyd")
    assert reply.status == 429
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "Retry-After" not in reply.headers
    clock.advance(60)
    assert (await caller.create("rapyd")).status == 200


async def test_rapyd_blocks_five_minutes_after_a_thousand_in_five(start: Start, clock: Clock) -> None:
    caller = await start(limits=True)
    for _ in range(5):
        for _ in range(200):
            assert (await caller.look_up("rapyd")).status == 200
        clock.advance(60)
    clock.advance(-1)
    assert (await caller.create("rapyd")).status == 429
    clock.advance(299)
    assert (await caller.create("rapyd")).status == 429
    clock.advance(1)
    assert (await caller.create("rapyd")).status == 200


async def test_rapyd_counts_calls_that_are_none(start: Start) -> None:
    caller = await start(limits=True, rates={"rapyd": (Window(1, 60),)})
    await caller.send("rapyd", "GET", "/v1/nothing", headers={})
    assert (await caller.create("rapyd")).status == 429


async def test_limits_can_be_switched_off(start: Start) -> None:
    caller = await start(limits=False)
    replies = [await caller.create("krezypay", body_for("krezypay", f"{n}@example.com")) for n in range(5)]
    assert [reply.status for reply in replies] == [200] * 5


async def test_rates_may_be_set_for_all_providers_at_once(start: Start) -> None:
    caller = await start(limits=True, rates={"all": (Window(2, 60),), "hitpay": (Window(3, 60),)})
    assert [(await caller.look_up("yativo")).status for _ in range(3)] == [200, 200, 429]
    assert [(await caller.look_up("hitpay")).status for _ in range(4)] == [200, 200, 200, 429]
