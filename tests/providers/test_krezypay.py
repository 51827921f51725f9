"""Krezypay: what its few answers mean, the body with the documents, and its token of a day."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Literal

import pytest

from importer.accounts import open_account, read_credentials, require_address
from importer.client import Client
from importer.errors import NotAppliedError, ProviderRefusedError, SettingsError
from importer.mapping import suggest
from importer.providers.auth import Token
from importer.providers.base import Reply
from importer.providers.krezypay import PROVIDER, read_token
from importer.rows import Environment, Row, Status
from importer.simulator import Settings, Simulator, Variants
from importer.validation import Checked, validator
from tests.support import FakeClock

AMARA = {
    "First name": "Amara",
    "Last name": "Diallo",
    "Gender": "female",
    "Email": "amara@example.com",
    "Phone": "+234 803 123 4567",
    "Country": "Nigeria",
    "ID type": "Passport",
    "ID number": "A0012345",
    "Face image": "https://files.example.com/face.jpg",
    "ID front": "https://files.example.com/front.jpg",
    "ID back": "",
}
BACK = "https://files.example.com/back.jpg"
SUCCESS = {
    "status": "success",
    "customer_id": "670edb909c4c8670edb909c4ca",
    "message": "Customer successfully registered",
}


def reply(status: int, document: object) -> Reply:
    return Reply(status, {}, json.dumps(document).encode())


def check(cells: Mapping[str, str]) -> Checked:
    """A row with these cells, after mapping and validation."""
    columns = tuple(cells)
    account = open_account(PROVIDER, variables={})
    return validator(account, suggest(columns, PROVIDER), columns)(Row(2, tuple(cells.values())))


def body(cells: Mapping[str, str]) -> dict[str, Any]:
    checked = check(cells)
    assert checked.faults == ()
    document: dict[str, Any] = json.loads(checked.body)
    return document


def faults(cells: Mapping[str, str]) -> list[tuple[str, str | None, str]]:
    return [(fault.field, fault.column, fault.code) for fault in check(cells).faults]


# -- what an answer means


@pytest.mark.parametrize("status", [200, 201])
def test_success_has_the_id_at_the_top(status: int) -> None:
    """Which of the two statuses it has is not documented."""
    verdict = PROVIDER.judge(reply(status, SUCCESS))
    assert (verdict.status, verdict.customer_id) == (Status.CREATED, "670edb909c4c8670edb909c4ca")
    assert verdict.extra == {}


def test_success_without_an_id_is_unknown() -> None:
    verdict = PROVIDER.judge(reply(200, {"status": "success", "message": "Customer successfully registered"}))
    assert (verdict.status, verdict.code) == (Status.UNKNOWN, "no_id")


@pytest.mark.parametrize("word", ["error", "failed", "Failed"])
def test_refusal_with_http_200_is_a_rejection_where_it_says_so(word: str) -> None:
    verdict = PROVIDER.judge(reply(200, {"status": word, "message": "Images do not fit"}))
    assert (verdict.status, verdict.code, verdict.message) == (
        Status.REJECTED,
        "rejected",
        "Images do not fit",
    )


@pytest.mark.parametrize("document", [{"status": "pending", "customer_id": "1"}, {"customer_id": "1"}, {}])
def test_http_200_that_says_neither_is_unknown(document: object) -> None:
    verdict = PROVIDER.judge(reply(200, document))
    assert (verdict.status, verdict.code) == (Status.UNKNOWN, "unclear_reply")


def test_the_only_error_text_there_is_comes_with_advice() -> None:
    verdict = PROVIDER.judge(reply(400, {"error": "Invalid request"}))
    assert (verdict.status, verdict.code) == (Status.REJECTED, "rejected")
    assert verdict.message.startswith("Invalid request (it does not say which field")


def test_advice_stands_alone_where_there_is_no_error_text() -> None:
    message = PROVIDER.judge(reply(200, {"status": "failed"})).message
    assert message == message.strip()


@pytest.mark.parametrize("document", [{"error": "Invalid request"}, {"error": "Customer already exists"}, {}])
def test_conflict_means_the_customer_exists(document: object) -> None:
    verdict = PROVIDER.judge(reply(409, document))
    assert (verdict.status, verdict.code) == (Status.EXISTS, "already_exists")


@pytest.mark.parametrize("answer", [reply(402, {"error": "Invalid request"}), Reply(402, {}, b"<html>")])
def test_payment_required_concerns_the_account(answer: Reply) -> None:
    with pytest.raises(ProviderRefusedError) as caught:
        PROVIDER.judge(answer)
    assert (caught.value.code, caught.value.http_status) == ("payment_required", 402)


@pytest.mark.parametrize("document", [{}, {"error": ""}, {"error": {}}, {"detail": "?"}])
def test_refusal_in_another_shape_is_unknown(document: object) -> None:
    assert PROVIDER.judge(reply(400, document)).status is Status.UNKNOWN


def test_lost_answer_can_be_settled_by_nobody_but_a_person() -> None:
    assert PROVIDER.look_up is None
    assert PROVIDER.idempotency is None


# -- what is sent


def test_whole_customer_is_sent_in_the_form_asked_for() -> None:
    cells = {
        **AMARA,
        "Phone": "0803 123 4567",
        "ID type": "National ID",
        "ID number": " 00123456789 ",
        "ID back": BACK,
    }
    assert body(cells) == {
        "firstname": "Amara",
        "lastname": "Diallo",
        "gender": "F",
        "email": "amara@example.com",
        "phone": "+2348031234567",
        "country": "NIGERIA",
        "id_type": "ID_CARD",
        "id_number": "00123456789",
        "face_id_image": "https://files.example.com/face.jpg",
        "front_id_image": "https://files.example.com/front.jpg",
        "back_id_image": BACK,
    }


def test_passport_goes_without_a_back_image() -> None:
    assert "back_id_image" not in body({**AMARA, "ID back": BACK})
    assert "back_id_image" not in body({**AMARA, "ID back": ""})
    assert "back_id_image" not in body({name: text for name, text in AMARA.items() if name != "ID back"})


@pytest.mark.parametrize("cell", ["n/a", "-", "none"])
def test_back_image_of_a_passport_is_treated_as_absent(cell: str) -> None:
    assert "back_id_image" not in body({**AMARA, "ID back": cell})


def test_id_card_needs_its_back_image() -> None:
    (fault,) = check({**AMARA, "ID type": "ID card"}).faults
    assert (fault.field, fault.column, fault.code) == ("back_id_image", "ID back", "missing_value")
    assert "ID card" in fault.message


def test_id_card_needs_its_back_image_though_the_sheet_has_no_column_for_it() -> None:
    cells = {name: text for name, text in AMARA.items() if name != "ID back"} | {"ID type": "ID_CARD"}
    assert faults(cells) == [("back_id_image", None, "missing_value")]


def test_back_image_is_asked_for_together_with_all_other_faults() -> None:
    cells = {**AMARA, "ID type": "ID card", "Email": "nobody", "First name": ""}
    assert {fault[0] for fault in faults(cells)} == {"email", "firstname", "back_id_image"}


@pytest.mark.parametrize(
    ("country", "sent"),
    [
        ("US", "UNITED STATES"),
        ("usa", "UNITED STATES"),
        ("840", "UNITED STATES"),
        ("United States of America", "UNITED STATES"),
        ("Estados Unidos", "UNITED STATES"),
        ("Nigeria", "NIGERIA"),
        ("NGA", "NIGERIA"),
        ("UK", "UNITED KINGDOM"),
        ("Nigeria (NG)", "NIGERIA"),
    ],
)
def test_country_is_sent_as_its_english_name_in_capitals(country: str, sent: str) -> None:
    assert body({**AMARA, "Country": country})["country"] == sent


@pytest.mark.parametrize(
    ("word", "sent"),
    [("M", "M"), ("male", "M"), ("Mann", "M"), ("f", "F"), ("Woman", "F"), ("mujer", "F"), ("weiblich", "F")],
)
def test_gender_is_sent_as_a_letter(word: str, sent: str) -> None:
    assert body({**AMARA, "Gender": word})["gender"] == sent


@pytest.mark.parametrize(
    ("word", "sent"),
    [
        ("PASSPORT", "PASSPORT"),
        ("International Passport", "PASSPORT"),
        ("Reisepass", "PASSPORT"),
        ("ID_CARD", "ID_CARD"),
        ("id card", "ID_CARD"),
        ("National ID", "ID_CARD"),
        ("Personalausweis", "ID_CARD"),
    ],
)
def test_kind_of_document_is_read_from_the_usual_words(word: str, sent: str) -> None:
    assert body({**AMARA, "ID type": word, "ID back": BACK})["id_type"] == sent


@pytest.mark.parametrize("number", ["00123456789", "12345678901234567890", "A-00/12 x", "0"])
def test_number_of_a_document_survives_as_it_stands(number: str) -> None:
    assert body({**AMARA, "ID number": number})["id_number"] == number


@pytest.mark.parametrize(
    "url", ["http://files.example.com/face.jpg", "face.jpg", "https://face", "www.example.com/f"]
)
def test_images_are_https_addresses_and_are_not_quoted(url: str) -> None:
    (fault,) = check({**AMARA, "Face image": url}).faults
    assert (fault.field, fault.column, fault.code) == ("face_id_image", "Face image", "invalid_url")
    assert url not in fault.message


def test_documents_and_images_are_in_no_repr() -> None:
    checked = check(AMARA)
    assert "A0012345" not in repr(checked)
    assert "face.jpg" not in repr(checked)


def test_one_document_is_one_customer_else_one_address_is() -> None:
    one = check(AMARA).identity
    assert check({**AMARA, "Email": "another@example.com", "ID number": "a0012345"}).identity == one
    assert check({**AMARA, "ID number": "A0012346"}).identity != one
    assert check({**AMARA, "ID type": "ID card", "ID back": BACK}).identity != one


# -- the address and the token


def test_live_address_is_asked_for() -> None:
    with pytest.raises(SettingsError, match="--base-url"):
        require_address(open_account(PROVIDER, Environment.LIVE, variables={}))


@pytest.mark.parametrize(
    ("document", "token"),
    [
        ({"token_type": "Bearer", "token": "t", "expires_in": 86400}, Token("t", 86400.0)),
        ({"token": "t"}, Token("t", None)),
        ({"token": None}, None),
        ({"data": {"token": "t"}}, None),
        ({}, None),
    ],
)
def test_token_is_read_from_the_top(document: dict[str, object], token: Token | None) -> None:
    assert read_token(document) == token


async def create(client: Client, number: int) -> Status | str:
    one = check({**AMARA, "ID number": f"A{number:07}"})
    try:
        return PROVIDER.judge(await client.create(one.body, one.key)).status
    except NotAppliedError as error:
        return error.code


@pytest.mark.parametrize("created", [200, 201])
async def test_login_is_made_once_a_day_for_all(fake_clock: FakeClock, created: Literal[200, 201]) -> None:
    variants = Variants(krezypay_created=created)
    settings = Settings(limits=False, clock=fake_clock.now, variants=variants)
    async with Simulator(settings) as simulator:
        account = open_account(PROVIDER, base_url=simulator.base_url("krezypay"), variables={})
        credentials = read_credentials(account, simulator.environment())
        async with Client(account, credentials, clock=fake_clock.clock) as client:
            logins = []
            for day in range(3):
                numbers = range(10 * day, 10 * day + 10)
                done = await asyncio.gather(*(create(client, number) for number in numbers))
                assert set(done) == {Status.CREATED}
                logins.append(simulator.counts("krezypay").logins)
                fake_clock.time += 86_400
            assert 401 not in simulator.counts("krezypay").answered
    assert logins == [1, 2, 3]


async def test_token_that_ends_midway_is_renewed_once_for_all(fake_clock: FakeClock) -> None:
    async with Simulator(Settings(limits=False)) as simulator:
        account = open_account(PROVIDER, base_url=simulator.base_url("krezypay"), variables={})
        variables = {**simulator.environment(), "KREZYPAY_TOKEN": "of-yesterday"}
        async with Client(account, read_credentials(account, variables), clock=fake_clock.clock) as client:
            first = await asyncio.gather(*(create(client, number) for number in range(10)))
            again = await asyncio.gather(*(create(client, number) for number in range(10)))
        assert simulator.counts("krezypay").logins == 1
    assert (set(first), set(again)) == ({"token_renewed"}, {Status.CREATED})


async def test_images_that_do_not_fit_are_refused_with_http_200() -> None:
    async with Simulator(Settings(limits=False)) as simulator:
        account = open_account(PROVIDER, base_url=simulator.base_url("krezypay"), variables={})
        credentials = read_credentials(account, simulator.environment(static_tokens=True))
        async with Client(account, credentials, clock=FakeClock().clock) as client:
            document = body(AMARA) | {"back_id_image": BACK}
            answer = await client.create(json.dumps(document).encode(), "key")
    assert (answer.status, PROVIDER.judge(answer).status) == (200, Status.REJECTED)
