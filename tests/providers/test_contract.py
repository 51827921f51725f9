"""What holds for every provider there is: facts, headings, judge, look-up, and a create over HTTP."""

import copy
import itertools
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.accounts import Account, credential_names, open_account, read_credentials
from importer.client import Client
from importer.errors import NotAppliedError, OutcomeUnknownError, ProviderRefusedError
from importer.mapping import suggest
from importer.normalise import heading
from importer.pacing import system_clock
from importer.providers import PROVIDERS, Provider
from importer.providers.auth import ApiKey
from importer.providers.base import LookUp, Reply, Sought, Verdict
from importer.providers.fields import Choice
from importer.providers.rapyd import MARK
from importer.rows import Environment, Row, Status
from importer.simulator import NAMES, Fault, Faults, Simulator
from importer.simulator import Settings as SimulatorSettings
from importer.validation import Checked, validator
from tests.support import person

every_provider = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
with_look_up = pytest.mark.parametrize(
    "provider", [each for each in PROVIDERS.values() if each.look_up], ids=lambda each: each.name
)
thorough = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

VERDICTS = {Status.CREATED, Status.EXISTS, Status.REJECTED, Status.UNKNOWN}


# -- the facts


def test_registry_goes_by_the_name_of_each_provider() -> None:
    assert {name: provider.name for name, provider in PROVIDERS.items()} == {name: name for name in PROVIDERS}


def test_every_provider_has_a_simulator_that_knows_it() -> None:
    assert set(PROVIDERS) == set(NAMES)


@every_provider
def test_facts_name_their_source_and_the_day_they_were_checked(provider: Provider) -> None:
    assert provider.docs.startswith("https://")
    assert date(2026, 1, 1) <= provider.checked
    assert provider.title.strip()


@every_provider
def test_both_environments_have_limits(provider: Provider) -> None:
    assert set(provider.limits) == set(Environment)
    for limits in provider.limits.values():
        assert limits
        assert all(limit.requests > 0 and limit.per > 0 for limit in limits)


@every_provider
def test_addresses_are_https_or_known_to_be_missing(provider: Provider) -> None:
    assert set(provider.base_urls) == set(Environment)
    for url in filter(None, provider.base_urls.values()):
        assert url.startswith("https://")
        assert not url.endswith("/")
    assert provider.path.startswith("/")


@every_provider
def test_identity_is_made_of_fields_that_exist(provider: Provider) -> None:
    fields = {leaf.path for leaf in provider.leaves}
    assert provider.identity
    assert all(names and set(names) <= fields for names in provider.identity)
    assert provider.unique in fields | {""}


@every_provider
def test_some_identity_is_always_filled(provider: Provider) -> None:
    """Else what makes two rows one customer would depend on which optional cells are filled."""
    required = {leaf.path for leaf in provider.leaves if leaf.required}
    assert any(set(names) <= required for names in provider.identity)


@every_provider
def test_switches_are_settings_that_are_described(provider: Provider) -> None:
    described = {setting.variable for setting in provider.settings}
    used = {provider.idempotency.protects_if} if provider.idempotency else set()
    if isinstance(provider.auth, ApiKey):
        used.add(provider.auth.scheme_setting)
    assert used - {""} <= described
    assert all(setting.meaning for setting in provider.settings)


@every_provider
def test_variables_begin_with_the_name_of_the_provider(provider: Provider) -> None:
    names = [*credential_names(provider), *(setting.variable for setting in provider.settings)]
    assert all(name.startswith(f"{provider.name.upper()}_") for name in names)


@every_provider
def test_block_without_retry_after_has_a_length(provider: Provider) -> None:
    assert provider.blocked_for
    assert all(seconds > 0 for seconds in provider.blocked_for)


# -- the fields and their headings


@every_provider
def test_every_heading_leads_to_its_own_field(provider: Provider) -> None:
    named = [
        (leaf.path, text)
        for leaf in provider.leaves
        for text in (leaf.path, leaf.column.title, *leaf.column.also)
    ]
    found = [(next(iter(suggest([text], provider).columns), None), text) for _, text in named]
    assert found == named


@every_provider
def test_headings_of_our_template_lead_to_all_fields_at_once(provider: Provider) -> None:
    titles = [leaf.column.title for leaf in provider.leaves]
    wanted = {leaf.path: (leaf.column.title,) for leaf in provider.leaves}
    assert suggest(titles, provider).columns == wanted


@every_provider
def test_no_two_fields_share_a_heading(provider: Provider) -> None:
    owners: dict[str, set[str]] = {}
    for leaf in provider.leaves:
        for text in (leaf.path, leaf.column.title, *leaf.column.also):
            owners.setdefault(heading(text), set()).add(leaf.path)
    assert {text: paths for text, paths in owners.items() if len(paths) > 1} == {}


@every_provider
def test_no_word_means_two_choices(provider: Provider) -> None:
    for leaf in provider.leaves:
        if isinstance(leaf.column.kind, Choice):
            meant: dict[str, set[str]] = {}
            for sent, words in leaf.column.kind.words.items():
                for word in (sent, *words):
                    meant.setdefault(heading(word), set()).add(sent)
            assert {word: sent for word, sent in meant.items() if len(sent) > 1} == {}, leaf.path


@every_provider
def test_every_field_has_an_example(provider: Provider) -> None:
    assert [leaf.path for leaf in provider.leaves if not leaf.column.example] == []


@every_provider
@pytest.mark.parametrize("only_required", [True, False], ids=["required", "all"])
def test_examples_make_a_customer(provider: Provider, only_required: bool) -> None:
    leaves = [leaf for leaf in provider.leaves if leaf.required or not only_required]
    columns = [leaf.column.title for leaf in leaves]
    check = validator(an_account(provider), suggest(columns, provider), columns)
    checked = check(Row(2, tuple(leaf.column.example for leaf in leaves)))
    assert checked.faults == ()
    assert checked.body


@every_provider
def test_row_of_blanks_has_every_required_field_at_fault(provider: Provider) -> None:
    columns = [leaf.column.title for leaf in provider.leaves]
    check = validator(an_account(provider), suggest(columns, provider), columns)
    faults = check(Row(2, ("",) * len(columns))).faults
    assert [(fault.field, fault.column, fault.code) for fault in faults] == [
        (leaf.path, leaf.column.title, "missing_value") for leaf in provider.leaves if leaf.required
    ]


# -- the judge

OLDER_YATIVO = {
    "id": "9d8f1c1e-link",
    "full_name": "Ann Lee",
    "email": "ann@example.com",
    "type": "individual",
    "kyc_link": "https://kyc.example.com/1",
    "tos_link": "https://tos.example.com/1",
    "kyc_status": "approved",
    "rejection_reasons": [],
    "tos_status": "pending",
    "created_at": "2024-12-01T18:46:15.392Z",
    "customer_id": "cust_1",
    "persona_inquiry_type": "gov_id_db",
}
REAL: Mapping[str, list[tuple[int, Any]]] = {
    "krezypay": [
        (
            200,
            {
                "status": "success",
                "customer_id": "670edb909c4c8670edb909c4ca",
                "message": "Customer successfully registered",
            },
        ),
        (200, {"status": "failed", "message": "Document images do not fit"}),
        (400, {"error": "Invalid request"}),
        (402, {"error": "Invalid request"}),
        (409, {"error": "Invalid request"}),
    ],
    "yativo": [
        (200, {"status": "success", "status_code": 200, "message": "Done", "data": OLDER_YATIVO}),
        (
            201,
            {
                "status": "success",
                "status_code": 201,
                "data": {"customer_id": "cust_1", "customer_name": "Ann", "customer_status": "active"},
            },
        ),
        (
            422,
            {
                "status": "failed",
                "status_code": 422,
                "message": "Request failed.",
                "data": {"customer_email": ["Customer email already exists."]},
            },
        ),
        (422, {"status": "error", "message": "Invalid.", "errors": {"customer_phone": ["is invalid"]}}),
        (400, {"error": "Idempotency-Key is required for this request."}),
        (401, {"message": "Unauthenticated."}),
        (400, {"status": "failed", "data": {"error": "Something went wrong."}}),
    ],
    "juicyway": [
        (201, {"data": {"id": "9f", "status": "pending_kyc", "created_at": "2025-09-22T09:01:09Z"}}),
        (201, {"id": "9f", "status": "pending_kyc", "created_at": "2025-09-22T09:01:09Z"}),
        (
            400,
            {
                "error": {
                    "code": "validation_error",
                    "message": "The request was invalid",
                    "type": "invalid_request_error",
                    "errors": [{"field": "email", "message": "is required"}],
                },
                "request_id": "req_1",
            },
        ),
        (422, {"error": {"code": "x", "message": "m", "details": {"phone": ["is of another country"]}}}),
        (409, {"error": {"code": "customer_already_exists", "message": "exists"}}),
    ],
    "rapyd": [
        (
            200,
            {
                "status": {"error_code": "", "status": "SUCCESS", "message": "", "operation_id": "op"},
                "data": {"id": "cus_1", "discount": None, "payment_methods": None, "subscriptions": None},
            },
        ),
        (
            400,
            {
                "status": {
                    "error_code": "ERROR_CREATE_CUSTOMER",
                    "status": "ERROR",
                    "message": "The wallet is used. Use another.",
                    "response_code": "ERROR_CREATE_CUSTOMER",
                    "operation_id": "op",
                }
            },
        ),
        (401, {"status": {"error_code": "UNAUTHENTICATED_API_CALL", "status": "ERROR", "message": "m"}}),
    ],
    "hitpay": [
        (201, {"id": "9a", "name": "Ann", "email": "ann@example.com", "created_at": "2026-11-20T09:01:09Z"}),
        (422, {"message": "Taken.", "errors": {"email": ["The email has already been taken."]}}),
        (422, {"message": "Given.", "errors": {"address.city": ["The city field is required."]}}),
        (404, {"message": "No query results for model [App\\Customer]."}),
    ],
}
WORDS = [
    "",
    "success",
    "SUCCESS",
    "failed",
    "error",
    "ERROR",
    "already exists",
    "taken",
    "UNAUTHORIZED_API_CALL",
]
KEYS = [
    "status", "data", "error", "errors", "message", "details", "id", "customer_id", "customer_email", "email",
    "field", "request_id", "operation_id", "error_code", "created_at", "kyc_link", "pagination", "last_page",
    "after", "links", "next", "metadata", MARK,
]  # fmt: skip

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from(WORDS)
)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=6,
)
statuses = st.sampled_from([200, 201, 202, 204, 400, 401, 402, 403, 404, 409, 422, 429, 500]) | st.integers(
    100, 599
)


@st.composite
def mutated(draw: st.DrawFn, real: list[tuple[int, Any]]) -> Reply:
    """A real reply with a few of its parts, its status or its bytes replaced."""
    status, document = draw(st.sampled_from(real))
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(0, 3))):
        holder, key = draw(st.sampled_from(list(places(document)) or [({}, "")]))
        if key in holder and draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = draw(json_values)
    body = json.dumps(document).encode()
    if draw(st.integers(0, 3)) == 0:
        cut = draw(st.integers(0, len(body)))
        body = draw(st.sampled_from([b"", b"7", b"<br>", b"\xef\xbb\xbf", b"\x00"])) + body[:cut]
    return Reply(draw(st.just(status) | statuses), {}, body)


def places(document: object) -> Iterator[tuple[dict[str, Any], str]]:
    """Every key of every object in a document, with the object that holds it."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield document, key
            yield from places(value)
    elif isinstance(document, list):
        for item in document:
            yield from places(item)


def judged(provider: Provider, reply: Reply) -> Verdict | None:
    """The verdict, None where the account was refused."""
    try:
        return provider.judge(reply)
    except ProviderRefusedError:
        return None


def assert_lawful(provider: Provider, reply: Reply) -> None:
    """What every verdict keeps to, whatever the reply."""
    verdict = judged(provider, reply)
    if verdict is None:
        assert not reply.ok, "the account was refused by a success"
        return
    assert verdict.status in VERDICTS
    assert isinstance(verdict.message, str)
    assert isinstance(verdict.code, str)
    assert all(isinstance(part, str) for fault in verdict.faults for part in fault)
    assert set(verdict.extra) <= set(provider.extra_columns)
    assert all(isinstance(text, str) for text in verdict.extra.values())
    if verdict.status is Status.CREATED:
        assert verdict.customer_id
        assert reply.ok
    else:
        assert verdict.code
    if reply.document is None:
        assert verdict.status is Status.UNKNOWN or (provider.name, reply.status) == ("krezypay", 409)


@every_provider
def test_judge_has_a_verdict_on_any_bytes(provider: Provider) -> None:
    @thorough
    @given(statuses, st.binary(max_size=60))
    def law(status: int, body: bytes) -> None:
        assert_lawful(provider, Reply(status, {}, body))

    law()


@every_provider
def test_judge_has_a_verdict_on_any_json(provider: Provider) -> None:
    @thorough
    @given(statuses, json_values)
    def law(status: int, document: object) -> None:
        assert_lawful(provider, Reply(status, {}, json.dumps(document).encode()))

    law()


@every_provider
def test_judge_has_a_verdict_on_real_replies_gone_wrong(provider: Provider) -> None:
    @settings(thorough, max_examples=150)
    @given(mutated(REAL[provider.name]))
    def law(reply: Reply) -> None:
        assert_lawful(provider, reply)

    law()


@every_provider
def test_judge_has_a_verdict_on_a_reply_nested_very_deeply(provider: Provider) -> None:
    """Deeper than Python recurses with two frames a level, though its JSON reader still takes it."""
    deep = json.loads("[" * 600 + "]" * 600)
    for status, document in REAL[provider.name]:
        changed = copy.deepcopy(document)
        for holder, key in list(places(changed)):
            kept, holder[key] = holder[key], deep
            assert_lawful(provider, Reply(status, {}, json.dumps(changed).encode()))
            holder[key] = kept


@every_provider
def test_real_replies_are_understood(provider: Provider) -> None:
    """None of the documented answers is unknown, but for the one that says itself it may mean anything."""
    unclear = [
        document
        for status, document in REAL[provider.name]
        if (verdict := judged(provider, Reply(status, {}, json.dumps(document).encode())))
        and verdict.status is Status.UNKNOWN
        and status != 401
    ]
    named_no_field = {"status": "failed", "data": {"error": "Something went wrong."}}
    assert unclear == ([named_no_field] if provider.name == "yativo" else [])


@every_provider
@pytest.mark.parametrize("status", [200, 201, 400, 422])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b'7{"status":"success","data":{"customer_id":"c"}}',
        b'{"id":"9a"',
        b"[]",
        b'"x"',
    ],
)
def test_unreadable_body_leaves_the_outcome_unknown(provider: Provider, status: int, body: bytes) -> None:
    verdict = provider.judge(Reply(status, {}, body))
    assert (verdict.status, verdict.code, verdict.customer_id) == (Status.UNKNOWN, "unreadable_reply", "")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("krezypay", Status.EXISTS),  # no look-up could settle it later, and the status line says enough
        ("juicyway", Status.UNKNOWN),
        ("hitpay", Status.UNKNOWN),
        ("rapyd", Status.UNKNOWN),
        ("yativo", Status.UNKNOWN),
    ],
)
def test_unreadable_conflict_is_looked_up_where_that_is_possible(name: str, status: Status) -> None:
    """A 409 page may be a proxy's: where the customer can be looked up, that is asked instead of believed."""
    assert PROVIDERS[name].judge(Reply(409, {}, b"<html>Conflict</html>")).status is status


@every_provider
def test_success_is_never_a_rejection_unless_its_body_says_so(provider: Provider) -> None:
    """Krezypay and Yativo may refuse a row with HTTP 200; the others' 2xx is created or unknown."""

    @thorough
    @given(st.sampled_from([200, 201, 202, 204]), json_values)
    def law(status: int, document: object) -> None:
        verdict = provider.judge(Reply(status, {}, json.dumps(document).encode()))
        assert verdict.status in {Status.CREATED, Status.UNKNOWN}

    if provider.name not in ("krezypay", "yativo"):
        law()


@every_provider
@pytest.mark.parametrize(
    "nothing", ["", None, False, True, [], {}, 1.5, ["x"], {"id": "x"}], ids=lambda value: json.dumps(value)
)
def test_customer_without_an_id_is_not_called_created(provider: Provider, nothing: object) -> None:
    for status, document in REAL[provider.name]:
        changed = copy.deepcopy(document)
        for holder, key in list(places(changed)):
            if key in ("id", "customer_id"):
                holder[key] = nothing
        verdict = judged(provider, Reply(status, {}, json.dumps(changed).encode()))
        assert verdict is None or verdict.status is not Status.CREATED


@every_provider
def test_blank_id_is_no_id(provider: Provider) -> None:
    status, document = copy.deepcopy(REAL[provider.name][0])
    for holder, key in list(places(document)):
        if key in ("id", "customer_id"):
            holder[key] = " "
    assert provider.judge(Reply(status, {}, json.dumps(document).encode())).status is Status.UNKNOWN


@every_provider
def test_verdicts_on_real_replies_say_something_to_people(provider: Provider) -> None:
    for status, document in REAL[provider.name]:
        verdict = judged(provider, Reply(status, {}, json.dumps(document).encode()))
        if verdict is not None and verdict.status is not Status.CREATED:
            assert verdict.message.strip() or verdict.faults


# -- the look-up

EMAIL = "ann@example.com"
MARK_OF_ROW = "c0ffee" * 5 + "00"
SENT_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SOUGHT = Sought({"customer_email": EMAIL, "email": EMAIL, "name": "Ann"}, MARK_OF_ROW, SENT_AT)
STRANGERS = [
    "joann@example.com",
    "ann@example.com.sg",
    "ann@example.co",
    "ann@example.comm",
    "ann+1@example.com",
    "a.nn@example.com",
    "ann@sub.example.com",
    "ann@example.com ann@example.com",
    "ann@examp1e.com",
    "",
]


def record(provider: Provider, number: int, email: object, mark: object = "another") -> dict[str, object]:
    """A customer as the provider lists it."""
    return {
        "id": f"id-{number}",
        "customer_id": f"id-{number}",
        "customer_email" if provider.name == "yativo" else "email": email,
        "metadata": {MARK: mark},
        "created_at": int(SENT_AT.timestamp()),
    }


def page(*customers: object, more: bool = False, number: int = 1) -> Reply:
    """A page of a list, in every provider's shape at once; `more`: it says that another one follows."""
    document = {
        "data": customers,
        "pagination": {
            "current_page": number,
            "last_page": number + more,
            "after": f"cursor-{number}" if more else None,
        },
        "links": {"next": "https://provider.example/next" if more else None},
    }
    return Reply(200, {}, json.dumps(document).encode())


def looked_up(provider: Provider, replies: Iterable[Reply], sought: Sought = SOUGHT) -> Verdict | None:
    """What a look-up finds when the provider answers with these."""
    assert provider.look_up is not None
    steps: LookUp = provider.look_up(sought)
    target = next(steps)
    for reply in replies:
        assert target.startswith("/")
        try:
            target = steps.send(reply)
        except StopIteration as done:
            found: Verdict | None = done.value
            return found
    raise AssertionError("it asks for page after page")


@with_look_up
def test_look_up_finds_the_customer_meant(provider: Provider) -> None:
    strangers = [record(provider, number, email) for number, email in enumerate(STRANGERS)]
    found = looked_up(provider, iter([page(*strangers, record(provider, 77, EMAIL, MARK_OF_ROW))]))
    assert found is not None
    ours = provider.name == "rapyd"  # only we write our mark: elsewhere somebody else may have made it
    assert found.status is (Status.CREATED if ours else Status.EXISTS)
    assert (found.customer_id, found.code) == ("id-77", "found_by_look_up")
    assert set(found.extra) <= set(provider.extra_columns)


@with_look_up
def test_look_up_goes_on_to_later_pages(provider: Provider) -> None:
    full = [
        page(*(record(provider, 100 * n + i, "x") for i in range(100)), more=True, number=n) for n in (1, 2)
    ]
    last = page(record(provider, 777, EMAIL, MARK_OF_ROW), number=3)
    found = looked_up(provider, iter([*full, last]))
    assert found is not None
    assert found.customer_id == "id-777"


@with_look_up
def test_look_up_of_nobody_says_so(provider: Provider) -> None:
    assert looked_up(provider, iter([page()])) is None


@with_look_up
def test_look_up_never_takes_another_for_the_customer(provider: Provider) -> None:
    """Providers match parts of an address: ann is not joann, nor is example.com example.com.sg."""

    similar = st.text("an@exmple.co +", max_size=20).filter(lambda each: each != EMAIL)

    @thorough
    @given(st.lists(st.sampled_from(STRANGERS) | similar, max_size=6))
    def law(emails: list[str]) -> None:
        customers = [record(provider, number, email) for number, email in enumerate(emails)]
        assert looked_up(provider, iter([page(*customers)])) is None

    law()


@with_look_up
def test_look_up_copes_with_any_reply(provider: Provider) -> None:
    """It finds the customer, finds nobody, or says that the list cannot be read."""
    listed = st.fixed_dictionaries(
        {"data": json_values | st.lists(json_values, max_size=4)},
        optional={"pagination": json_values, "links": json_values},
    )

    @thorough
    @given(
        st.lists(
            st.binary(max_size=20) | (listed | json_values).map(lambda v: json.dumps(v).encode()), max_size=3
        )
    )
    def law(bodies: list[bytes]) -> None:
        answers = [Reply(200, {}, body) for body in bodies]
        with suppress(OutcomeUnknownError):
            found = looked_up(provider, iter([*answers, page()]))
            assert found is None or found.status is Status.EXISTS or found.customer_id

    law()


@with_look_up
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"data":"none"}', b'{"data":null}', b'{"error":"x"}']
)
def test_list_that_cannot_be_read_is_not_taken_for_an_empty_one(provider: Provider, body: bytes) -> None:
    with pytest.raises(OutcomeUnknownError) as caught:
        looked_up(provider, iter([Reply(200, {}, body)]))
    assert caught.value.code == "unreadable_reply"


@with_look_up
def test_look_up_ends_where_the_same_page_comes_for_ever(provider: Provider) -> None:
    """A provider that overlooks which page is asked for must not hold up a run; nothing was learnt then."""
    strangers = [record(provider, number, f"x{number}@example.com") for number in range(100)]
    same = [page(*strangers, more=True, number=number) for number in (10**6, 10**6 + 1)]
    with pytest.raises(OutcomeUnknownError):
        looked_up(provider, itertools.islice(itertools.cycle(same), 500))


@with_look_up
def test_customer_listed_without_an_id_is_not_taken_for_absent(provider: Provider) -> None:
    """It is there: to say "not found" would have it sent a second time."""
    customer = {**record(provider, 1, EMAIL, MARK_OF_ROW), "id": None, "customer_id": None}
    found = looked_up(provider, iter([page(customer)]))
    assert found is not None
    assert (found.status, found.customer_id) == (Status.EXISTS, "")


# -- over HTTP, with the simulator checking every header and byte


def an_account(provider: Provider, simulator: Simulator | None = None) -> Account:
    """An account with the provider's default settings."""
    return open_account(
        provider,
        base_url=simulator.base_url(provider.name) if simulator else "https://provider.example",
        variables={},
    )


@asynccontextmanager
async def simulated(**changes: Any) -> AsyncIterator[Simulator]:
    """A simulator without rate windows."""
    async with Simulator(SimulatorSettings(limits=False, **changes)) as simulator:
        yield simulator


@asynccontextmanager
async def client_of(
    provider: Provider, simulator: Simulator, variables: Mapping[str, str] | None = None
) -> AsyncIterator[Client]:
    """A client with the simulator's credentials, or with `variables`."""
    account = an_account(provider, simulator)
    given_variables = simulator.environment() if variables is None else variables
    async with Client(account, read_credentials(account, given_variables), clock=system_clock()) as client:
        yield client


def checked_person(provider: Provider, simulator: Simulator, number: int = 1, **changes: str) -> Checked:
    """A made-up customer, ready to be sent."""
    cells = person(provider.name, number) | changes
    columns = tuple(cells)
    check = validator(an_account(provider, simulator), suggest(columns, provider), columns)
    checked = check(Row(2, tuple(cells.values())))
    assert checked.faults == ()
    return checked


@every_provider
async def test_customer_is_created(provider: Provider) -> None:
    async with simulated() as simulator, client_of(provider, simulator) as client:
        one = checked_person(provider, simulator)
        reply = await client.create(one.body, one.key)
        verdict = provider.judge(reply)
        (customer,) = simulator.customers(provider.name)
    assert verdict.status is Status.CREATED
    assert verdict.customer_id == customer.id
    assert customer.raw == one.body


@every_provider
async def test_customer_is_created_once_more_only_where_the_provider_lets_it_happen(
    provider: Provider,
) -> None:
    """Rapyd makes a second customer, as documented; all others say that there is one."""
    async with simulated() as simulator, client_of(provider, simulator) as client:
        one = checked_person(provider, simulator)
        first = provider.judge(await client.create(one.body, "key-1"))
        second = provider.judge(await client.create(one.body, "key-2"))
        made = len(simulator.customers(provider.name))
    assert first.status is Status.CREATED
    if provider.name == "rapyd":
        assert (second.status, made) == (Status.CREATED, 2)
        assert second.customer_id != first.customer_id
    else:
        assert (second.status, second.code, made) == (Status.EXISTS, "already_exists", 1)


@every_provider
async def test_wrong_credentials_stop_everything_and_are_not_quoted(provider: Provider) -> None:
    async with simulated() as simulator:
        wrong = dict.fromkeys(simulator.environment(static_tokens=True), "wrong-4711")
        async with client_of(provider, simulator, wrong) as client:
            one = checked_person(provider, simulator)
            with pytest.raises(ProviderRefusedError) as caught:
                await client.create(one.body, one.key)
        assert simulator.customers(provider.name) == []
    assert caught.value.http_status == 401
    assert provider.title in str(caught.value)
    assert "4711" not in str(caught.value)


@every_provider
@pytest.mark.parametrize(
    ("fault", "code"), [(Fault.GARBLED, "unreadable_reply"), (Fault.NO_ID, "no_id")], ids=str
)
async def test_success_that_cannot_be_read_is_unknown_although_there_is_a_customer(
    provider: Provider, fault: Fault, code: str
) -> None:
    async with simulated(faults={provider.name: Faults(script=(fault,))}) as simulator:
        async with client_of(provider, simulator) as client:
            one = checked_person(provider, simulator)
            verdict = provider.judge(await client.create(one.body, one.key))
        assert len(simulator.customers(provider.name)) == 1
    assert (verdict.status, verdict.code, verdict.customer_id) == (Status.UNKNOWN, code, "")


@every_provider
@pytest.mark.parametrize(
    "fault", [Fault.SERVER_ERROR, Fault.REDIRECT, Fault.ERROR_AFTER, Fault.CUT_BODY], ids=str
)
async def test_answers_that_say_nothing_of_the_row_do_not_reach_the_judge(
    provider: Provider, fault: Fault
) -> None:
    async with (
        simulated(faults={provider.name: Faults(script=(fault,))}) as simulator,
        client_of(provider, simulator) as client,
    ):
        one = checked_person(provider, simulator)
        with pytest.raises(OutcomeUnknownError):
            await client.create(one.body, one.key)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("hitpay", 7.0),  # in a header
        ("yativo", 7.0),  # in a header and in the body
        ("juicyway", 7.0),  # in the body alone
        ("krezypay", None),
        ("rapyd", None),  # a firewall's page
    ],
)
async def test_throttled_request_had_no_effect_and_says_how_long_to_wait(
    name: str, asked: float | None
) -> None:
    provider = PROVIDERS[name]
    faults = {name: Faults(script=(Fault.RATE_LIMITED,), retry_after=7.0)}
    async with simulated(faults=faults) as simulator, client_of(provider, simulator) as client:
        one = checked_person(provider, simulator)
        with pytest.raises(NotAppliedError) as caught:
            await client.create(one.body, one.key)
        assert simulator.customers(name) == []
    assert (caught.value.throttled, caught.value.retry_after) == (True, asked)


@with_look_up
@pytest.mark.parametrize(
    "email", ["ann@example.com", "Ann.Lee+vip&co@Example.COM", "o'neil=%41#@example.com"]
)
async def test_look_up_finds_exactly_what_was_created(provider: Provider, email: str) -> None:
    async with simulated() as simulator, client_of(provider, simulator) as client:

        async def find(checked: Checked) -> Verdict | None:
            sought = Sought(json.loads(checked.body), checked.identity, datetime.now(UTC))
            return await asked(provider, sought, client)

        meant = checked_person(provider, simulator, 1, Email=email)
        for number, stranger in enumerate((f"jo{email}", f"{email}.sg"), 2):
            other = checked_person(provider, simulator, number, Email=stranger)
            assert provider.judge(await client.create(other.body, f"key-{number}")).status is Status.CREATED
        assert await find(meant) is None
        created = provider.judge(await client.create(meant.body, meant.key))
        found = await find(meant)
    assert found is not None
    assert found.customer_id == created.customer_id


async def asked(provider: Provider, sought: Sought, client: Client) -> Verdict | None:
    """What a look-up finds by asking the simulator."""
    assert provider.look_up is not None
    steps = provider.look_up(sought)
    target = next(steps)
    while True:
        try:
            target = steps.send(await client.get(target))
        except StopIteration as done:
            found: Verdict | None = done.value
            return found
