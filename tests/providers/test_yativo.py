"""Yativo: what its many answers mean, the body it is sent, and its short-lived token."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from importer.accounts import open_account, read_credentials
from importer.client import Client
from importer.errors import NotAppliedError, ProviderRefusedError
from importer.mapping import suggest
from importer.providers.auth import Token
from importer.providers.base import Reply, Sought
from importer.providers.yativo import PROVIDER, read_token
from importer.rows import Row, Status
from importer.simulator import Fault, Faults, Settings, Simulator, Variants
from importer.validation import Checked, validator
from tests.support import FakeClock

JOSE = {
    "Name": "José Álvarez",
    "Email": "jose@example.com",
    "Phone": "+1 202 555 0143",
    "Country": "United States",
}
ADDRESS = "https://sandbox.yativo.example/api/v1"
OLDER: dict[str, Any] = {
    "status": "success",
    "status_code": 200,
    "message": "Customer created successfully",
    "data": {
        "id": "0193e2a1-kyc-link",
        "full_name": "José Álvarez",
        "email": "jose@example.com",
        "type": "individual",
        "kyc_link": "https://kyc.example.com/verify/1",
        "tos_link": "https://kyc.example.com/terms/1",
        "kyc_status": "approved",
        "rejection_reasons": [],
        "tos_status": "pending",
        "created_at": "2024-12-01T18:46:15.392Z",
        "customer_id": "b1f9c7de-customer",
        "persona_inquiry_type": "gov_id_db",
    },
}
NEWER: dict[str, Any] = {
    "status": "success",
    "status_code": 201,
    "message": "Customer created successfully",
    "data": {
        "customer_id": "b1f9c7de-customer",
        "customer_name": "José Álvarez",
        "customer_email": "jose@example.com",
        "customer_phone": "+12025550143",
        "customer_country": "USA",
        "customer_status": "active",
    },
}


def reply(status: int, document: object) -> Reply:
    return Reply(status, {}, json.dumps(document).encode())


def failed(status: int, data: object) -> Reply:
    """The envelope that most refusals come in."""
    document = {"status": "failed", "status_code": status, "message": "Request failed.", "data": data}
    return reply(status, document)


def check(cells: Mapping[str, str], **constants: str) -> Checked:
    """A row with these cells, after mapping and validation."""
    columns = tuple(cells)
    account = open_account(PROVIDER, base_url=ADDRESS, variables={})
    mapping = suggest(columns, PROVIDER, constants=constants)
    return validator(account, mapping, columns)(Row(2, tuple(cells.values())))


def body(cells: Mapping[str, str], **constants: str) -> dict[str, Any]:
    checked = check(cells, **constants)
    assert checked.faults == ()
    document: dict[str, Any] = json.loads(checked.body)
    return document


# -- what an answer means


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("document", [OLDER, NEWER], ids=["older", "newer"])
def test_customer_is_created_under_customer_id_in_both_shapes(status: int, document: object) -> None:
    """`data.id` of the older shape names a KYC link; and the HTTP status may differ from `status_code`."""
    verdict = PROVIDER.judge(reply(status, document))
    assert (verdict.status, verdict.customer_id) == (Status.CREATED, "b1f9c7de-customer")


def test_links_and_standings_that_staff_need_are_kept() -> None:
    assert PROVIDER.judge(reply(200, OLDER)).extra == {
        "kyc_link": "https://kyc.example.com/verify/1",
        "tos_link": "https://kyc.example.com/terms/1",
        "kyc_status": "approved",
        "tos_status": "pending",
    }
    assert PROVIDER.judge(reply(201, NEWER)).extra == {"customer_status": "active"}


@pytest.mark.parametrize("data", [{"id": "0193e2a1-kyc-link"}, {"customer_id": ""}, {}, None, []])
def test_success_without_customer_id_is_unknown(data: object) -> None:
    verdict = PROVIDER.judge(reply(200, {**OLDER, "data": data}))
    assert (verdict.status, verdict.code, verdict.customer_id) == (Status.UNKNOWN, "no_id", "")


def test_email_that_exists_means_the_customer_exists() -> None:
    verdict = PROVIDER.judge(failed(422, {"customer_email": ["Customer email already exists."]}))
    assert (verdict.status, verdict.code, verdict.customer_id) == (Status.EXISTS, "already_exists", "")


def test_phone_that_exists_is_a_fault_of_the_row() -> None:
    words = "Customer phone already exists."
    verdict = PROVIDER.judge(failed(422, {"customer_phone": [words]}))
    assert (verdict.status, verdict.faults) == (Status.REJECTED, (("customer_phone", words),))


def test_refusal_with_http_200_is_a_refusal() -> None:
    data = {"customer_phone": ["The customer phone field is invalid."]}
    document = {"status": "failed", "status_code": 422, "message": "Request failed.", "data": data}
    assert PROVIDER.judge(reply(200, document)).status is Status.REJECTED


@pytest.mark.parametrize(
    "answer",
    [
        failed(400, {"customer_phone": ["The customer phone field is required."]}),
        failed(422, {"customer_phone": ["The customer phone field is required."]}),
        reply(
            422,
            {
                "status": "error",
                "message": "The given data was invalid.",
                "errors": {"customer_phone": ["The customer phone field is required."]},
            },
        ),
    ],
    ids=["missing", "failed", "errors"],
)
def test_field_at_fault_is_named_in_every_shape(answer: Reply) -> None:
    verdict = PROVIDER.judge(answer)
    assert (verdict.status, verdict.code) == (Status.REJECTED, "rejected_field")
    assert verdict.faults == (("customer_phone", "The customer phone field is required."),)


def test_missing_idempotency_key_is_refused_before_anything_happens() -> None:
    verdict = PROVIDER.judge(reply(400, {"error": "Idempotency-Key is required for this request."}))
    assert verdict.status is Status.REJECTED
    assert "Idempotency-Key" in verdict.message


@pytest.mark.parametrize("status", [200, 201, 400, 422])
def test_stray_seven_before_the_body_makes_it_unknown(status: int) -> None:
    verdict = PROVIDER.judge(Reply(status, {}, b"7" + json.dumps(OLDER).encode()))
    assert (verdict.status, verdict.code) == (Status.UNKNOWN, "unreadable_reply")


@pytest.mark.parametrize(
    "answer",
    [
        failed(400, {"error": "Something went wrong."}),
        failed(422, []),
        reply(400, {"message": "Bad request"}),
        reply(404, {"status": "failed", "message": "Not found."}),
        reply(409, {"status": "failed", "message": "Conflict"}),
        reply(422, {"status": "error", "errors": {"some_other_field": ["is wrong"]}}),
    ],
)
def test_refusal_that_names_no_field_may_follow_a_create_and_is_unknown(answer: Reply) -> None:
    verdict = PROVIDER.judge(answer)
    assert (verdict.status, verdict.code) == (Status.UNKNOWN, "unclear_reply")


@pytest.mark.parametrize("word", ["ok", "Success", "created", True, None])
def test_customer_in_an_answer_of_another_word_is_not_a_refusal(word: object) -> None:
    """It holds an id: to call it rejected would have the corrected row sent again."""
    assert PROVIDER.judge(reply(201, {**NEWER, "status": word})).status is Status.UNKNOWN


def test_address_in_an_answer_is_not_read_as_words() -> None:
    data = {**NEWER["data"], "customer_email": "registered@example.com"}
    assert PROVIDER.judge(reply(201, {"status": "ok", "data": data})).status is Status.UNKNOWN


# -- what is sent


def test_whole_customer_is_sent_in_the_form_asked_for() -> None:
    assert body({**JOSE, "Type": "Company", "Send KYC mail": "yes"}) == {
        "customer_name": "José Álvarez",
        "customer_email": "jose@example.com",
        "customer_phone": "+12025550143",
        "customer_country": "USA",
        "customer_type": "business",
        "send_kyc_mail": True,
    }


@pytest.mark.parametrize("more", [{}, {"Send KYC mail": ""}, {"Send KYC mail": "no", "Type": ""}])
def test_mail_is_always_declined_in_so_many_words(more: dict[str, str]) -> None:
    """Left out, the provider would mail every customer."""
    sent = body({**JOSE, **more})
    assert sent["send_kyc_mail"] is False
    assert sent["customer_type"] == "individual"


def test_mail_is_asked_for_by_a_constant() -> None:
    assert body({**JOSE, "Send KYC mail": "no"}, send_kyc_mail="yes")["send_kyc_mail"] is True


@pytest.mark.parametrize("answer", ["perhaps", "x", "2"])
def test_mail_is_not_sent_on_a_doubtful_word(answer: str) -> None:
    (fault,) = check({**JOSE, "Send KYC mail": answer}).faults
    assert (fault.field, fault.column, fault.code) == ("send_kyc_mail", "Send KYC mail", "invalid_yes_no")


@pytest.mark.parametrize(
    "country", ["United States", "US", "USA", "840", "united states of america", "U.S.A."]
)
def test_country_is_sent_as_alpha_3(country: str) -> None:
    assert body({**JOSE, "Country": country})["customer_country"] == "USA"


@pytest.mark.parametrize(
    "phone", ["+1 202 555 0143", "(202) 555-0143", "202.555.0143", "1-202-555-0143", "0012025550143"]
)
def test_phone_is_sent_as_e164(phone: str) -> None:
    assert body({**JOSE, "Phone": phone})["customer_phone"] == "+12025550143"


def test_name_is_joined_from_its_parts() -> None:
    cells = {"First name": "José", "Last name": "Álvarez", **{k: v for k, v in JOSE.items() if k != "Name"}}
    assert body(cells)["customer_name"] == "José Álvarez"


def test_all_faults_come_at_once_in_the_order_of_the_sheet() -> None:
    cells = {"Name": "", "Email": "nobody", "Phone": "+1 12", "Country": "Atlantis", "Type": "robot"}
    assert [(fault.column, fault.code) for fault in check(cells).faults] == [
        ("Name", "missing_value"),
        ("Email", "invalid_email"),
        ("Phone", "invalid_phone"),
        ("Country", "unknown_country"),
        ("Type", "unknown_choice"),
    ]


# -- the token


@pytest.mark.parametrize(
    ("document", "token"),
    [
        ({"data": {"access_token": "t", "token_type": "bearer", "expires_in": 600}}, Token("t", 600.0)),
        ({"data": {"access_token": "t", "expires_in": 3600}}, Token("t", 3600.0)),
        ({"data": {"access_token": "t"}}, Token("t", None)),
        ({"data": {"access_token": ""}}, None),
        ({"access_token": "t"}, None),
        ({"data": None}, None),
        ({}, None),
    ],
)
def test_token_is_read_from_the_envelope(document: dict[str, object], token: Token | None) -> None:
    assert read_token(document) == token


@asynccontextmanager
async def client_of(
    simulator: Simulator, time: FakeClock, variables: Mapping[str, str] | None = None
) -> AsyncIterator[Client]:
    """A client whose time is the simulator's."""
    account = open_account(PROVIDER, base_url=simulator.base_url("yativo"), variables={})
    given = simulator.environment() if variables is None else variables
    async with Client(account, read_credentials(account, given), clock=time.clock) as client:
        yield client


def simulated(time: FakeClock, **changes: Any) -> Simulator:
    return Simulator(Settings(limits=False, clock=time.now, **changes))


async def create_many(client: Client, batch: str, count: int = 12) -> list[Status | str]:
    """What became of so many customers sent at once: a verdict, or the code of what went wrong."""

    async def create(number: int) -> Status | str:
        one = check({**JOSE, "Email": f"{batch}{number}@example.com"})
        try:
            return PROVIDER.judge(await client.create(one.body, one.key)).status
        except (NotAppliedError, ProviderRefusedError) as error:
            return error.code

    return list(await asyncio.gather(*map(create, range(count))))


async def test_one_login_serves_all_and_is_renewed_ahead_of_time(fake_clock: FakeClock) -> None:
    async with simulated(fake_clock) as simulator, client_of(simulator, fake_clock) as client:
        logins = []
        for seconds in (0, 539, 2):  # a token of 600 s is renewed after 540
            fake_clock.time += seconds
            assert set(await create_many(client, f"after{seconds}-")) == {Status.CREATED}
            logins.append(simulator.counts("yativo").logins)
        assert 401 not in simulator.counts("yativo").answered
    assert logins == [1, 1, 2]


async def test_token_that_ends_midway_is_renewed_once_for_all_and_nothing_is_lost(
    fake_clock: FakeClock,
) -> None:
    async with simulated(fake_clock) as simulator, client_of(simulator, fake_clock) as client:
        assert set(await create_many(client, "before-")) == {Status.CREATED}
        simulator.server("yativo").provider.revoke_tokens()
        assert set(await create_many(client, "midway-")) == {"token_renewed"}
        assert simulator.counts("yativo").logins == 2
        assert set(await create_many(client, "midway-")) == {Status.CREATED}
        assert simulator.counts("yativo").logins == 2
        assert len(simulator.customers("yativo")) == 24


async def test_token_given_needs_no_login(fake_clock: FakeClock) -> None:
    async with simulated(fake_clock) as simulator:
        variables = simulator.environment(static_tokens=True)
        async with client_of(simulator, fake_clock, variables) as client:
            assert set(await create_many(client, "given-")) == {Status.CREATED}
        assert simulator.counts("yativo").logins == 0


async def test_token_given_that_has_ended_is_replaced_by_a_login(fake_clock: FakeClock) -> None:
    async with simulated(fake_clock) as simulator:
        variables = {**simulator.environment(), "YATIVO_TOKEN": "of-yesterday"}
        async with client_of(simulator, fake_clock, variables) as client:
            assert set(await create_many(client, "a")) == {"token_renewed"}
            assert set(await create_many(client, "a")) == {Status.CREATED}
        assert simulator.counts("yativo").logins == 1


async def test_token_given_that_is_refused_stops_the_run_where_no_login_is_possible(
    fake_clock: FakeClock,
) -> None:
    async with simulated(fake_clock) as simulator:
        async with client_of(simulator, fake_clock, {"YATIVO_TOKEN": "of-yesterday"}) as client:
            assert set(await create_many(client, "a")) == {"refused"}
        assert simulator.counts("yativo").logins == 0


async def test_fresh_token_that_is_refused_is_not_renewed_for_ever(fake_clock: FakeClock) -> None:
    faults = Faults(probabilities={Fault.EXPIRED_TOKEN: 1.0})
    async with simulated(fake_clock, faults={"yativo": faults}) as simulator:
        async with client_of(simulator, fake_clock) as client:
            # renewed once and sent again: only a second refusal is about the account
            assert await create_many(client, "a", 1) == ["token_renewed"]
            assert await create_many(client, "b", 1) == ["refused"]
        assert simulator.counts("yativo").logins == 2


async def test_refused_login_is_not_repeated_by_everyone_who_waits_for_it(fake_clock: FakeClock) -> None:
    """A dozen wrong logins in a row may have the account locked."""
    async with simulated(fake_clock) as simulator:
        wrong = {"YATIVO_ACCOUNT_ID": "nobody", "YATIVO_APP_SECRET": "nothing"}
        async with client_of(simulator, fake_clock, wrong) as client:
            assert set(await create_many(client, "a")) == {"refused"}
        assert simulator.counts("yativo").logins == 1


# -- the look-up

STRANGERS = [
    {"customer_id": f"c{number}", "customer_email": f"x{number}@example.com"} for number in range(20)
]


@pytest.mark.parametrize(
    "first",
    [
        {"data": STRANGERS, "pagination": {"current_page": 1, "last_page": 2}},
        {"data": {"data": STRANGERS, "pagination": {"current_page": 1, "last_page": 2}}},
        {"data": STRANGERS, "pagination": {"last_page": "2"}},
        {"data": {"data": STRANGERS, "current_page": 1, "last_page": 2}},
        {"data": STRANGERS},
    ],
    ids=["documented", "nested", "text", "laravel", "unsaid"],
)
def test_full_page_is_not_taken_for_the_last_one_unless_it_says_so(first: dict[str, object]) -> None:
    """Else a customer on the next page counts as not found, and is sent a second time."""
    assert PROVIDER.look_up is not None
    sought = Sought({"customer_email": "jose@example.com"}, "mark", datetime(2026, 11, 20, tzinfo=UTC))
    steps = PROVIDER.look_up(sought)
    assert next(steps) == "/customer?email=jose%40example.com&page=1"
    assert steps.send(reply(200, first)) == "/customer?email=jose%40example.com&page=2"


# -- over HTTP


@pytest.mark.parametrize("shape", ["older", "newer"])
async def test_nobody_is_mailed_unasked(fake_clock: FakeClock, shape: Literal["older", "newer"]) -> None:
    async with simulated(fake_clock, variants=Variants(yativo_shape=shape)) as simulator:
        async with client_of(simulator, fake_clock) as client:
            one = check(JOSE)
            verdict = PROVIDER.judge(await client.create(one.body, one.key))
            assert simulator.mailed("yativo") == 0
            other = check({**JOSE, "Email": "other@example.com", "Send KYC mail": "yes"})
            await client.create(other.body, other.key)
        assert simulator.mailed("yativo") == 1
        assert verdict.customer_id == simulator.customers("yativo")[0].id


async def test_corrected_row_is_not_answered_with_its_old_refusal(fake_clock: FakeClock) -> None:
    """Refusals are replayed under their key, whatever the body: so a corrected row has another key."""
    async with simulated(fake_clock) as simulator, client_of(simulator, fake_clock) as client:
        one, corrected = check(JOSE), check({**JOSE, "Phone": "+1 202 555 0144"})
        assert one.identity == corrected.identity
        broken = one.body.replace(b"+1202", b"none")
        assert PROVIDER.judge(await client.create(broken, one.key)).status is Status.REJECTED
        assert PROVIDER.judge(await client.create(one.body, one.key)).status is Status.REJECTED
        assert PROVIDER.judge(await client.create(corrected.body, corrected.key)).status is Status.CREATED


async def test_refusal_after_a_create_is_unknown(fake_clock: FakeClock) -> None:
    faults = {"yativo": Faults(script=(Fault.REJECTED_AFTER,))}
    async with simulated(fake_clock, faults=faults) as simulator, client_of(simulator, fake_clock) as client:
        one = check(JOSE)
        assert PROVIDER.judge(await client.create(one.body, one.key)).status is Status.UNKNOWN
        assert len(simulator.customers("yativo")) == 1
