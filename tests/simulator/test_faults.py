"""Every fault: what the client sees, and whether a customer was created."""

import json
from typing import Any

import aiohttp
import pytest

from importer.simulator import NAMES, Call, Fault, Faults, ForCustomer

from .callers import CREATED, Caller, body_for, id_in
from .conftest import Start

CREATES_NOBODY = {
    Fault.RATE_LIMITED,
    Fault.SERVER_ERROR,
    Fault.CUT_BEFORE,
    Fault.REDIRECT,
    Fault.EXPIRED_TOKEN,
    Fault.REFUSED,
}


async def with_fault(start: Start, provider: str, fault: Fault, **more: Any) -> Caller:
    return await start(faults={provider: Faults(script=(fault,), **more)})


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("provider", NAMES)
async def test_a_fault_strikes_once_creates_what_it_says_and_is_written_down(
    start: Start, provider: str, fault: Fault
) -> None:
    caller = await with_fault(start, provider, fault, slow_seconds=0.0)
    try:
        first = (await caller.create(provider)).status
    except aiohttp.ClientError:
        first = None
    created = 0 if fault in CREATES_NOBODY else 1
    assert len(caller.simulator.customers(provider)) == created
    record = caller.simulator.requests(provider)[0]
    assert record.fault is fault
    assert caller.simulator.counts(provider).faults == {fault: 1}
    assert (record.customer_id is not None) == bool(created)
    if fault is not Fault.CUT_BODY:
        assert record.status == first
    second = await caller.create(provider, body_for(provider, "other@example.com"))
    assert second.status == CREATED[provider]


@pytest.mark.parametrize("provider", NAMES)
@pytest.mark.parametrize("fault", [Fault.CUT_BEFORE, Fault.CUT_AFTER])
async def test_a_cut_connection_gives_no_answer(start: Start, provider: str, fault: Fault) -> None:
    caller = await with_fault(start, provider, fault)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await caller.create(provider)
    assert caller.simulator.counts(provider).cut == 1


@pytest.mark.parametrize("provider", NAMES)
async def test_a_cut_body_is_shorter_than_its_header_promises(start: Start, provider: str) -> None:
    caller = await with_fault(start, provider, Fault.CUT_BODY)
    with pytest.raises(aiohttp.ClientPayloadError):
        await caller.create(provider)
    assert caller.simulator.requests(provider)[0].status == CREATED[provider]


@pytest.mark.parametrize("provider", NAMES)
async def test_a_garbled_answer_is_a_success_that_is_not_json(start: Start, provider: str) -> None:
    caller = await with_fault(start, provider, Fault.GARBLED)
    reply = await caller.create(provider)
    assert reply.status == CREATED[provider]
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.text)


async def test_yativo_garbles_with_its_stray_seven_whatever_the_status(start: Start) -> None:
    caller = await with_fault(start, "yativo", Fault.GARBLED)
    reply = await caller.create("yativo", {"customer_name": "Ada"})
    assert reply.status == 400
    assert reply.text.startswith('7{"status":"failed"')


@pytest.mark.parametrize("provider", NAMES)
async def test_an_answer_without_the_id_is_otherwise_a_success(start: Start, provider: str) -> None:
    caller = await with_fault(start, provider, Fault.NO_ID)
    without = (await caller.create(provider)).json
    whole = (await caller.create(provider, body_for(provider, "b@example.com"))).json
    assert id_in(provider, whole)
    with pytest.raises(KeyError):
        id_in(provider, without)


async def test_yativos_answer_without_the_id_still_has_the_kyc_links_id(start: Start) -> None:
    caller = await with_fault(start, "yativo", Fault.NO_ID)
    assert (await caller.create("yativo")).json["data"]["id"]


@pytest.mark.parametrize("provider", NAMES)
async def test_a_redirect_leads_to_a_page_that_answers_200(start: Start, provider: str) -> None:
    caller = await with_fault(start, provider, Fault.REDIRECT)
    reply = await caller.create(provider)
    assert (reply.status, reply.headers["Location"]) == (302, f"/{provider}/login")
    page = await caller.send(provider, "GET", "/login", headers={})
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html")


async def test_server_errors_take_turns(start: Start) -> None:
    caller = await start(faults={"hitpay": Faults(probabilities={Fault.SERVER_ERROR: 1})})
    statuses = [(await caller.create("hitpay")).status for _ in range(4)]
    assert statuses == [500, 502, 503, 500]


async def test_a_slow_answer_is_for_a_customer_who_is_there_already(start: Start) -> None:
    slept: list[float] = []
    there: list[int] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        there.append(len(caller.simulator.customers("hitpay")))

    faults = {"hitpay": Faults(script=(Fault.SLOW,), slow_seconds=30)}
    caller = await start(faults=faults, latency=0.5, sleep=sleep)
    assert (await caller.create("hitpay")).status == 201
    assert (slept, there) == ([30.5], [1])


async def test_an_expired_token_takes_all_tokens_handed_out_with_it(start: Start) -> None:
    caller = await with_fault(start, "yativo", Fault.EXPIRED_TOKEN)
    environment = caller.simulator.environment()
    login = {"account_id": environment["YATIVO_ACCOUNT_ID"], "app_secret": environment["YATIVO_APP_SECRET"]}

    async def authorization() -> str:
        reply = await caller.log_in("yativo", "/auth/login", **login)
        return f"Bearer {reply.json['data']['access_token']}"

    old = await authorization()
    assert (await caller.create("yativo", Authorization=old)).status == 401
    assert (await caller.create("yativo", Authorization=old)).status == 401
    assert (await caller.create("yativo", Authorization=await authorization())).status == 201


@pytest.mark.parametrize("status", [401, 402, 403])
@pytest.mark.parametrize("provider", NAMES)
async def test_a_refused_account_is_refused_for_every_kind_of_call(
    start: Start, provider: str, status: int
) -> None:
    faults = Faults(probabilities={Fault.REFUSED: 1}, refused_status=status)
    caller = await start(faults={provider: faults})
    assert (await caller.create(provider)).status == status
    assert (await caller.look_up(provider)).status == status


async def test_a_refused_account_cannot_log_in(start: Start) -> None:
    caller = await start(faults={"all": Faults(probabilities={Fault.REFUSED: 1})})
    environment = caller.simulator.environment()
    keys = {
        "public_key": environment["KREZYPAY_PUBLIC_KEY"],
        "secret_key": environment["KREZYPAY_SECRET_KEY"],
    }
    assert (await caller.log_in("krezypay", "/token", **keys)).status == 401


async def test_a_rejection_after_the_fact_names_no_field(start: Start) -> None:
    caller = await with_fault(start, "yativo", Fault.REJECTED_AFTER)
    reply = await caller.create("yativo")
    assert reply.status == 400
    assert "customer_" not in reply.text


async def test_what_strikes_after_a_create_leaves_a_rejection_as_it_is(start: Start) -> None:
    for fault in (Fault.ERROR_AFTER, Fault.NO_ID, Fault.REJECTED_AFTER):
        caller = await with_fault(start, "hitpay", fault)
        assert (await caller.create("hitpay", {"email": "no"}, Accept="text/html")).status == 302


async def test_a_replay_can_go_wrong_as_the_first_answer_did(start: Start) -> None:
    script = (Fault.NO_ID, Fault.NO_ID, Fault.ERROR_AFTER, None)
    caller = await start(faults={"juicyway": Faults(script=script)})
    replies = [await caller.create("juicyway", Idempotency_Key="k") for _ in script]
    assert [reply.status for reply in replies] == [201, 201, 500, 201]
    assert ["id" in reply.json.get("data", {}) for reply in replies] == [False, False, False, True]
    assert len(caller.simulator.customers("juicyway")) == 1


async def test_a_script_is_for_the_creates_in_order(start: Start) -> None:
    script = (None, Fault.ERROR_AFTER, None, Fault.RATE_LIMITED)
    caller = await start(faults={"hitpay": Faults(script=script)})
    statuses = []
    for number in range(5):
        await caller.look_up("hitpay")
        statuses.append((await caller.create("hitpay", body_for("hitpay", f"{number}@example.com"))).status)
    assert statuses == [201, 500, 201, 429, 201]


async def test_a_customers_own_fault_strikes_as_often_as_it_says(start: Start) -> None:
    own = {
        "Twice@example.com": ForCustomer(Fault.SERVER_ERROR, times=2),
        "always@example.com": ForCustomer(Fault.REDIRECT),
    }
    caller = await start(faults={"all": Faults(by_email=own)})
    twice, always = (body_for("yativo", f"{name}@example.com") for name in ("twice", "always"))
    assert [(await caller.create("yativo", twice)).status for _ in range(3)] == [500, 502, 201]
    assert [(await caller.create("yativo", always)).status for _ in range(3)] == [302] * 3
    assert (await caller.create("yativo")).status == 201


async def test_chance_is_the_same_for_the_same_seed_and_another_for_another(start: Start) -> None:
    chances = Faults(probabilities={Fault.SERVER_ERROR: 0.3, Fault.RATE_LIMITED: 0.2})

    async def statuses(seed: int) -> list[int]:
        caller = await start(seed=seed, faults={"all": chances})
        return [(await caller.create("hitpay")).status for _ in range(60)]

    first = await statuses(1)
    assert first == await statuses(1)
    assert first != await statuses(2)
    assert {429, 500, 502, 503, 201, 422} == set(first)


async def test_chance_strikes_look_ups_only_when_asked_to(start: Start) -> None:
    chances = {Fault.SERVER_ERROR: 1.0}
    only = Faults(probabilities=chances, calls=frozenset({Call.LOOK_UP}))
    caller = await start(faults={"hitpay": only, "yativo": Faults(probabilities=chances)})
    assert (await caller.create("hitpay")).status == 201
    assert (await caller.look_up("hitpay")).status == 500
    assert (await caller.look_up("yativo")).status == 200


async def test_one_providers_faults_are_no_others(start: Start) -> None:
    caller = await start(faults={"hitpay": Faults(probabilities={Fault.SERVER_ERROR: 1})})
    assert (await caller.create("juicyway")).status == 201


async def test_the_wait_of_a_429_that_is_a_fault_can_be_chosen(start: Start) -> None:
    caller = await with_fault(start, "hitpay", Fault.RATE_LIMITED, retry_after=7)
    assert (await caller.create("hitpay")).headers["Retry-After"] == "7"
    assert caller.simulator.counts("hitpay").rate_limited == 0


@pytest.mark.parametrize("probabilities", [{Fault.SLOW: -0.1}, {Fault.SLOW: 0.6, Fault.REFUSED: 0.5}])
def test_probabilities_that_are_none_are_refused(probabilities: dict[Fault, float]) -> None:
    with pytest.raises(ValueError, match="add up"):
        Faults(probabilities=probabilities)
