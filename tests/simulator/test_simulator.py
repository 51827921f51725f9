"""The simulator as a whole: starting, stopping, waiting, remembering."""

import ast
import asyncio
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

import importer.simulator
from importer.simulator import NAMES, Settings, Simulator, announcement, running_simulator

from .callers import CREATED, body_for, id_in
from .conftest import Start


@pytest.mark.parametrize("provider", NAMES)
async def test_each_provider_takes_a_good_body_and_finds_it_a_customer(start: Start, provider: str) -> None:
    caller = await start()
    reply = await caller.create(provider)
    assert reply.status == CREATED[provider]
    (customer,) = caller.simulator.customers(provider)
    assert id_in(provider, reply.json) == customer.id
    assert customer.body == body_for(provider)
    assert caller.simulator.duplicates(provider) == 0


@pytest.mark.parametrize("provider", NAMES)
async def test_ids_repeat_with_the_seed_and_only_with_it(start: Start, provider: str) -> None:
    async def first_id(seed: int) -> str:
        caller = await start(seed=seed)
        await caller.create(provider)
        return caller.simulator.customers(provider)[0].id

    assert await first_id(3) == await first_id(3) != await first_id(4)


async def test_answers_wait_for_the_latency_and_a_part_of_the_jitter(start: Start) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    caller = await start(latency=0.5, jitter=0.2, sleep=sleep)
    for _ in range(20):
        await caller.look_up("hitpay")
    assert len(set(slept)) == 20
    assert all(0.5 <= seconds <= 0.7 for seconds in slept)


async def test_the_log_is_bounded_and_the_counts_are_not(start: Start) -> None:
    caller = await start(log_size=3)
    for number in range(5):
        await caller.create("hitpay", body_for("hitpay", f"{number}@example.com"))
    bodies = [json.loads(record.body)["email"] for record in caller.simulator.requests("hitpay")]
    assert bodies == ["2@example.com", "3@example.com", "4@example.com"]
    assert caller.simulator.counts("hitpay").creates == 5


async def test_what_was_seen_can_be_read_after_the_stop() -> None:
    async with (
        aiohttp.ClientSession() as session,
        Simulator() as simulator,
        session.get(simulator.base_url("hitpay") + "/v1/customers") as response,
    ):
        assert response.status == 401
    assert simulator.counts("hitpay").requests == 1


async def test_a_stop_lets_the_requests_in_flight_finish() -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        arrived.set()
        await go_on.wait()

    simulator = Simulator(Settings(latency=1, sleep=sleep))
    await simulator.start()
    async with aiohttp.ClientSession() as session:
        request = asyncio.ensure_future(session.get(simulator.base_url("hitpay") + "/v1/customers"))
        await arrived.wait()
        stop = asyncio.ensure_future(simulator.stop())
        for _ in range(100):  # turns of the loop, so that the stop gets as far as it can
            await asyncio.sleep(0)
        assert not stop.done()
        go_on.set()
        await stop
        async with await request as response:
            assert response.status == 401


async def test_it_listens_on_this_machine_only(start: Start) -> None:
    caller = await start()
    assert caller.simulator.url.startswith("http://127.0.0.1:")
    assert caller.simulator.base_urls == {name: f"{caller.simulator.url}/{name}" for name in NAMES}


async def test_a_port_that_is_taken_is_an_error(start: Start) -> None:
    caller = await start()
    port = int(caller.simulator.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        await start(port=port)


def test_it_runs_in_the_background_for_callers_without_a_loop() -> None:
    with running_simulator() as simulator:
        with urllib.request.urlopen(f"{simulator.url}/_simulator/") as response:
            assert json.load(response) == simulator.state()
        url = simulator.url
        with (
            pytest.raises(OSError, match="in use"),
            running_simulator(Settings(port=int(url.rpartition(":")[2]))),
        ):
            pytest.fail("two simulators on one port")
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url)


def test_the_announcement_is_one_line_with_all_that_a_client_needs() -> None:
    simulator = Simulator(Settings(port=8123))
    line = announcement(simulator)
    assert "\n" not in line
    told = json.loads(line)
    assert told["url"] == "http://127.0.0.1:8123"
    assert set(told["base_urls"]) == set(NAMES)
    assert {name.partition("_")[0].lower() for name in told["environment"]} == set(NAMES)


def test_static_tokens_come_instead_of_what_a_log_in_takes() -> None:
    simulator = Simulator()
    with_tokens, without = simulator.environment(static_tokens=True), simulator.environment()
    assert set(with_tokens) - set(without) == {"YATIVO_TOKEN", "KREZYPAY_TOKEN"}
    assert "YATIVO_ACCOUNT_ID" not in with_tokens


@pytest.mark.parametrize("setting", ["faults", "rates"])
def test_settings_for_an_unknown_provider_are_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="no such provider: stripe"):
        Settings(**{setting: {"stripe": ()}})  # type: ignore[arg-type]


def test_an_unknown_provider_cannot_be_asked_about() -> None:
    with pytest.raises(ValueError, match="no such provider: stripe"):
        Simulator().customers("stripe")


def imported() -> Iterator[str]:
    for path in Path(importer.simulator.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.module or ""


def test_the_witness_shares_no_code_with_the_importer() -> None:
    ours = {name for name in imported() if name.startswith("importer")}
    assert ours
    assert all(name.startswith("importer.simulator") for name in ours)
