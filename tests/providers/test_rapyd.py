"""Rapyd: what its status object means, the body it is sent, the signature, and the search for our mark."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from importer.accounts import open_account, read_credentials
from importer.client import Client
from importer.errors import OutcomeUnknownError, ProviderRefusedError
from importer.mapping import suggest
from importer.pacing import Clock, system_clock
from importer.providers.auth import Unsigned
from importer.providers.base import Reply, Sought, Verdict
from importer.providers.rapyd import CLOCKS_APART, MARK, PROVIDER, sign
from importer.rows import Row, Status
from importer.simulator import Settings, Simulator, Variants
from importer.validation import Checked, validator

ZOE = {"Name": "Zoë Çelik", "Email": "zoe@example.com", "Phone": "+44 20 7946 0018"}
KNOWN: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "data" / "rapyd-signature-vectors.json").read_text(encoding="utf-8")
)
SUCCESS: dict[str, Any] = {
    "status": {
        "error_code": "",
        "status": "SUCCESS",
        "message": "",
        "response_code": "",
        "operation_id": "a1b2c3d4-0000-4000-8000-000000000001",
    },
    "data": {
        "id": "cus_5ad0a1b2c3d4",
        "delinquent": False,
        "discount": None,
        "name": "Zoë Çelik",
        "payment_methods": None,
        "subscriptions": None,
        "metadata": {},
    },
}


def reply(status: int, document: object) -> Reply:
    return Reply(status, {}, json.dumps(document).encode())


def refusal(status: int, code: str, message: str = "Do this.") -> Reply:
    problem = {
        "error_code": code,
        "status": "ERROR",
        "message": message,
        "response_code": code,
        "operation_id": "op-7",
    }
    return reply(status, {"status": problem})


def check(cells: Mapping[str, str]) -> Checked:
    """A row with these cells, after mapping and validation."""
    columns = tuple(cells)
    account = open_account(PROVIDER, variables={})
    return validator(account, suggest(columns, PROVIDER), columns)(Row(2, tuple(cells.values())))


def body(cells: Mapping[str, str]) -> dict[str, Any]:
    """What is sent, without our mark."""
    checked = check(cells)
    assert checked.faults == ()
    document: dict[str, Any] = json.loads(checked.body)
    assert document.pop("metadata") == {MARK: checked.identity}
    return document


# -- what an answer means


def test_customer_is_created_under_the_id_in_data() -> None:
    verdict = PROVIDER.judge(reply(200, SUCCESS))
    assert (verdict.status, verdict.customer_id) == (Status.CREATED, "cus_5ad0a1b2c3d4")
    assert verdict.extra == {"operation_id": "a1b2c3d4-0000-4000-8000-000000000001"}


@pytest.mark.parametrize("data", [None, {}, [], {"id": None}, {"id": ""}])
def test_success_without_an_id_is_unknown(data: object) -> None:
    verdict = PROVIDER.judge(reply(200, {**SUCCESS, "data": data}))
    assert (verdict.status, verdict.code) == (Status.UNKNOWN, "no_id")


@pytest.mark.parametrize("status", ["ERROR", "PENDING", "success", None])
def test_http_200_without_the_word_success_is_unknown(status: object) -> None:
    verdict = PROVIDER.judge(reply(200, {"status": {"status": status}, "data": {"id": "cus_1"}}))
    assert (verdict.status, verdict.code) == (Status.UNKNOWN, "unclear_reply")


def test_used_wallet_is_a_fault_of_the_row_with_the_code_and_the_number_for_support() -> None:
    verdict = PROVIDER.judge(refusal(400, "ERROR_CREATE_CUSTOMER", "The wallet is used. Use another wallet."))
    assert (verdict.status, verdict.code) == (Status.REJECTED, "error_create_customer")
    assert verdict.message == "The wallet is used. Use another wallet. (ERROR_CREATE_CUSTOMER)"
    assert verdict.extra == {"operation_id": "op-7"}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "UNAUTHENTICATED_API_CALL"),
        (401, "UNAUTHORIZED_API_CALL"),
        (400, "MISSING_AUTHENTICATION_HEADERS"),
    ],
)
def test_codes_that_concern_the_account_stop_the_run(status: int, code: str) -> None:
    with pytest.raises(ProviderRefusedError) as caught:
        PROVIDER.judge(refusal(status, code, "Correct the signature."))
    assert (caught.value.code, caught.value.http_status) == ("refused", status)
    assert all(part in str(caught.value) for part in (code, "Correct the signature.", "op-7"))


@pytest.mark.parametrize(
    "document", [{}, {"status": "ERROR"}, {"message": "no"}, {"status": {"status": "SUCCESS"}}]
)
def test_refusal_in_another_shape_is_unknown(document: object) -> None:
    assert PROVIDER.judge(reply(400, document)).status is Status.UNKNOWN


def test_refusal_without_words_still_says_something() -> None:
    assert PROVIDER.judge(reply(400, {"status": {"status": "ERROR"}})).message


# -- what is sent


def test_whole_customer_is_sent_in_the_form_asked_for() -> None:
    cells = {
        **ZOE,
        "VAT id": "GB123456789",
        "Notes": "met in  May",
        "Invoice prefix": "ZC-",
        "eWallet": "ewallet_1",
        "Address name": "Zoë Çelik",
        "Address": "1 High Street",
        "Address 2": "Flat 3",
        "Address line 3": "Rear",
        "City": "London",
        "District": "Westminster",
        "Canton": "none",
        "State": "England",
        "Postcode": "EC1A 1BB",
        "Country": "UK",
        "Address phone": "020 7946 0019",
    }
    assert body(cells) == {
        "name": "Zoë Çelik",
        "email": "zoe@example.com",
        "phone_number": "+442079460018",
        "business_vat_id": "GB123456789",
        "description": "met in May",
        "invoice_prefix": "ZC-",
        "ewallet": "ewallet_1",
        "addresses": [
            {
                "name": "Zoë Çelik",
                "line_1": "1 High Street",
                "line_2": "Flat 3",
                "line_3": "Rear",
                "city": "London",
                "district": "Westminster",
                "canton": "none",
                "state": "England",
                "zip": "EC1A 1BB",
                "country": "GB",
                "phone_number": "+442079460019",
            }
        ],
    }


def test_name_alone_is_enough_and_nothing_empty_is_sent() -> None:
    empty = dict.fromkeys(["Email", "Phone", "Notes", "Address", "City", "Country"], " ")
    assert body({"Name": "Zoë", **empty}) == {"name": "Zoë"}


@pytest.mark.parametrize("number", ["10.50", "007", "1e5", "100.0"])
def test_what_looks_like_a_number_is_sent_as_text(number: str) -> None:
    """Rapyd's check of the signature fails on numbers with trailing zeros."""
    assert body({**ZOE, "Notes": number})["description"] == number
    assert f'"description":"{number}"'.encode() in check({**ZOE, "Notes": number}).body


def test_identity_of_the_row_goes_along_as_a_mark() -> None:
    checked = check(ZOE)
    assert json.loads(checked.body)["metadata"] == {MARK: checked.identity}
    assert re.fullmatch(r"[0-9a-f]{32}", checked.identity)


def test_identity_is_the_address_else_the_phone_else_the_name() -> None:
    def same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
        return check(one).identity == check(other).identity

    assert same(ZOE, {"Name": "Z", "Email": "ZOE@example.com", "Phone": ""})
    assert not same(ZOE, {**ZOE, "Email": "zoe@example.org"})
    assert same({**ZOE, "Email": ""}, {"Name": "Z", "Phone": "0044 20 7946 0018"})
    assert not same({**ZOE, "Email": ""}, {**ZOE, "Email": "", "Phone": "+44 20 7946 0019"})
    assert same({"Name": "Zoë  Çelik"}, {"Name": "zoë çelik"})
    assert not same({"Name": "Zoë Çelik"}, {"Name": "Zoe Celik"})


def test_body_is_compact_json_in_raw_utf_8() -> None:
    sent = check(
        {"Name": "Zoë Çelik 王小明 \U0001f600", "Email": "zoe@example.com", "City": 'A "b" / \\ c'}
    ).body
    text = sent.decode("utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    assert "Zoë Çelik 王小明 \U0001f600" in text
    assert b"\\u" not in sent


# -- the signature

vectors = pytest.mark.parametrize("vector", KNOWN["vectors"], ids=lambda vector: vector["name"])


@vectors
def test_signature_is_the_known_one(vector: dict[str, str]) -> None:
    """Known answers, with dummy keys, on which three implementations agreed: Rapyd's own Node snippet
    (Rapyd-Samples/rapyd-api-signature-snippets sign-node.js @236e578), Rapyd's own Python SDK hook
    (Rapyd-Samples/Rapyd-Python-SDK hook.py @fac89c6, with salt and time pinned), and openssl dgst -sha256
    -hmac, then base64 of the hex text. None was checked against Rapyd's servers.
    """
    sent = bytes.fromhex(vector["body_utf8_hex"])
    unsigned = Unsigned(vector["method"], vector["path"], sent, vector["salt"], int(vector["timestamp"]))
    keys = {"RAPYD_ACCESS_KEY": vector["access_key"], "RAPYD_SECRET_KEY": vector["secret_key"]}
    assert sign(unsigned, keys) == {
        "access_key": vector["access_key"],
        "salt": vector["salt"],
        "timestamp": vector["timestamp"],
        "signature": vector["signature"],
    }
    assert len(vector["signature"]) == 88


def test_known_answers_say_where_they_come_from() -> None:
    assert "sign-node.js" in KNOWN["about"]
    assert len(KNOWN["vectors"]) == 6


def test_empty_object_is_signed_as_no_body() -> None:
    (vector,) = [each for each in KNOWN["vectors"] if each["name"] == "post_empty_object"]
    unsigned = Unsigned("POST", vector["path"], b"{}", vector["salt"], int(vector["timestamp"]))
    keys = {"RAPYD_ACCESS_KEY": vector["access_key"], "RAPYD_SECRET_KEY": vector["secret_key"]}
    assert sign(unsigned, keys)["signature"] == vector["signature"]


@pytest.mark.parametrize("method", ["POST", "post", "Post"])
def test_method_is_signed_in_lower_case(method: str) -> None:
    vector = KNOWN["vectors"][1]
    unsigned = Unsigned(method, vector["path"], vector["body_string"].encode(), vector["salt"], 1_700_000_000)
    keys = {"RAPYD_ACCESS_KEY": vector["access_key"], "RAPYD_SECRET_KEY": vector["secret_key"]}
    assert sign(unsigned, keys)["signature"] == vector["signature"]


@pytest.mark.parametrize("name", ["post_minimal_ascii", "post_non_ascii"])
def test_our_bodies_are_written_like_the_signed_ones(name: str) -> None:
    """Byte for byte, up to the mark that we add at the end."""
    (vector,) = [each for each in KNOWN["vectors"] if each["name"] == name]
    texts = vector["body"]
    cells = {"Name": texts["name"], "Email": texts["email"], "Phone": texts.get("phone_number", "")}
    assert check(cells).body.startswith(vector["body_string"].encode()[:-1] + b',"metadata":')


async def test_every_attempt_is_signed_afresh_and_taken() -> None:
    """The simulator refuses a salt used before, a stale time, and a signature of other bytes."""
    async with Simulator(Settings(limits=False)) as simulator:
        account = open_account(PROVIDER, base_url=simulator.base_url("rapyd"), variables={})
        credentials = read_credentials(account, simulator.environment())
        async with Client(account, credentials, clock=system_clock()) as client:
            one = check({**ZOE, "Notes": "+ & ? % # ü 王"})
            for _ in range(3):
                assert PROVIDER.judge(await client.create(one.body, one.key)).status is Status.CREATED
            assert (await client.get("/v1/customers?limit=1&starting_after=%41%27+%2B")).ok
        requests = simulator.requests("rapyd")
    assert len({request.headers["salt"] for request in requests}) == 4
    assert all(re.fullmatch("[a-zA-Z0-9]{8,16}", request.headers["salt"]) for request in requests)
    assert {request.headers.get("idempotency") for request in requests} == {one.key, None}


async def test_clock_that_is_wrong_stops_the_run_with_the_advice_of_the_provider() -> None:
    late = Clock(lambda: system_clock().now() - 120, system_clock().sleep)
    async with Simulator(Settings(limits=False)) as simulator:
        account = open_account(PROVIDER, base_url=simulator.base_url("rapyd"), variables={})
        async with Client(account, read_credentials(account, simulator.environment()), clock=late) as client:
            one = check(ZOE)
            with pytest.raises(ProviderRefusedError, match="Correct the signature"):
                await client.create(one.body, one.key)


async def test_key_is_replayed_where_the_account_was_enabled_for_it() -> None:
    variants = Variants(rapyd_idempotency=True)
    async with Simulator(Settings(limits=False, variants=variants)) as simulator:
        account = open_account(PROVIDER, base_url=simulator.base_url("rapyd"), variables={})
        credentials = read_credentials(account, simulator.environment())
        async with Client(account, credentials, clock=system_clock()) as client:
            one = check(ZOE)
            ids = {PROVIDER.judge(await client.create(one.body, one.key)).customer_id for _ in range(3)}
        assert simulator.duplicates("rapyd") == 0
    assert len(ids) == 1


@pytest.mark.parametrize(("variables", "value"), [({}, "no"), ({"RAPYD_IDEMPOTENCY": "yes"}, "yes")])
def test_key_is_relied_on_only_where_a_setting_says_so(variables: dict[str, str], value: str) -> None:
    assert PROVIDER.idempotency is not None
    assert PROVIDER.idempotency.protects_if == "RAPYD_IDEMPOTENCY"
    assert open_account(PROVIDER, variables=variables).settings["RAPYD_IDEMPOTENCY"] == value


# -- the search for our mark

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
IDENTITY = "0123456789abcdef" * 2


def listed(number: int, mark: object = None, *, age: float = 0) -> dict[str, object]:
    """A customer in the list, made `age` seconds before NOW."""
    metadata = None if mark is None else {MARK: mark}
    return {"id": f"cus_{number}", "metadata": metadata, "created_at": int(NOW.timestamp() - age)}


def search(pages: Iterable[list[dict[str, object]]]) -> tuple[Verdict | None, list[str]]:
    """What is found in these pages, and the targets asked for."""
    assert PROVIDER.look_up is not None
    steps = PROVIDER.look_up(Sought({"name": "Zoë"}, IDENTITY, NOW))
    targets = [next(steps)]
    for page in pages:
        try:
            targets.append(steps.send(reply(200, {"status": {"status": "SUCCESS"}, "data": page})))
        except StopIteration as done:
            return done.value, targets
    raise AssertionError(f"it asks for another page: {targets[-1]}")


def test_customer_is_found_by_the_mark_alone() -> None:
    """And was created by us: nobody else writes our mark."""
    others = [IDENTITY[:-1], f"{IDENTITY}0", IDENTITY.upper(), [IDENTITY], None]
    found, targets = search([[*(listed(n, mark) for n, mark in enumerate(others)), listed(7, IDENTITY)]])
    assert found is not None
    assert (found.status, found.customer_id) == (Status.CREATED, "cus_7")
    assert targets == ["/v1/customers?limit=100"]


def test_next_page_begins_after_the_last_customer_seen() -> None:
    pages = [[listed(n) for n in range(100)], [listed(n) for n in range(100, 200)], [listed(777, IDENTITY)]]
    found, targets = search(pages)
    assert found is not None
    assert targets[1:] == [
        "/v1/customers?limit=100&starting_after=cus_99",
        "/v1/customers?limit=100&starting_after=cus_199",
    ]


def test_search_goes_back_no_further_than_the_attempt_and_what_clocks_may_differ() -> None:
    recent = [listed(n, age=CLOCKS_APART - 1) for n in range(99)]
    found, targets = search([[*recent, listed(99, age=CLOCKS_APART + 1)]])
    assert (found, len(targets)) == (None, 1)
    found, _ = search([[*recent, listed(99, age=CLOCKS_APART - 1)], [listed(100, IDENTITY, age=60)]])
    assert found is not None


def test_short_page_is_the_last() -> None:
    assert search([[listed(n) for n in range(99)]])[0] is None
    assert search([[]])[0] is None


async def test_mark_is_found_among_hundreds() -> None:
    async with Simulator(Settings(limits=False)) as simulator:
        account = open_account(PROVIDER, base_url=simulator.base_url("rapyd"), variables={})
        credentials = read_credentials(account, simulator.environment())
        async with Client(account, credentials, clock=system_clock()) as client:
            assert PROVIDER.look_up is not None
            begun = datetime.now(UTC)
            meant = check(ZOE)
            created = PROVIDER.judge(await client.create(meant.body, meant.key))
            for number in range(120):
                other = check({**ZOE, "Email": f"zoe{number}@example.com"})
                await client.create(other.body, other.key)

            async def find(identity: str, sent_at: datetime) -> Verdict | None:
                assert PROVIDER.look_up is not None
                steps = PROVIDER.look_up(Sought({}, identity, sent_at))
                target = next(steps)
                while True:
                    try:
                        target = steps.send(await client.get(target))
                    except StopIteration as done:
                        found: Verdict | None = done.value
                        return found

            found = await find(meant.identity, begun)
            assert await find("f" * 32, begun) is None
            assert await find(meant.identity, begun + timedelta(hours=1)) is None
        assert simulator.counts("rapyd").look_ups == 5
    assert found is not None
    assert found.customer_id == created.customer_id


def test_page_of_the_firewall_is_not_taken_for_an_empty_list() -> None:
    assert PROVIDER.look_up is not None
    steps = PROVIDER.look_up(Sought({}, IDENTITY, NOW))
    next(steps)
    with pytest.raises(OutcomeUnknownError):
        steps.send(Reply(200, {}, b"<html>checking your browser</html>"))
