"""HitPay: what its answers mean, and the body it is sent."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from importer.accounts import open_account, read_credentials
from importer.client import Client
from importer.mapping import suggest
from importer.pacing import system_clock
from importer.providers.base import Reply, Sought
from importer.providers.hitpay import PROVIDER
from importer.rows import Row, Status
from importer.simulator import Settings, Simulator
from importer.validation import Checked, validator

MEI = {"Name": "Tan Mei Ling", "Email": "mei@example.com", "Phone": "+65 8123 4567"}
ADDRESS = {"Street": "1 Raffles Place", "City": "Singapore", "State": "Singapore", "Postal code": "048616"}
CREATED: dict[str, Any] = {
    "id": "9a6f2c1e-7b0d-4a8e-9a55-0c1f6a2b3c4d",
    "name": "Tan Mei Ling",
    "birth_date": "1990-05-17",
    "email": "mei@example.com",
    "phone_number": "81234567",
    "address": {
        "city": "Singapore",
        "state": "Singapore",
        "street": "1 Raffles Place",
        "postal_code": "048616",
    },
    "gender": "female",
    "remark": None,
    "phone_number_country_code": "65",
    "created_at": "2026-11-20T17:01:09+08:00",
    "updated_at": "2026-11-20T17:01:09+08:00",
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


def test_flat_customer_is_created() -> None:
    verdict = PROVIDER.judge(reply(201, CREATED))
    assert verdict.status is Status.CREATED
    assert verdict.customer_id == "9a6f2c1e-7b0d-4a8e-9a55-0c1f6a2b3c4d"
    assert verdict.extra == {"created_at": "2026-11-20T17:01:09+08:00"}


def test_success_without_an_id_is_unknown() -> None:
    verdict = PROVIDER.judge(reply(201, {**CREATED, "id": None}))
    assert (verdict.status, verdict.code) == (Status.UNKNOWN, "no_id")


def test_what_was_not_returned_is_no_extra() -> None:
    assert PROVIDER.judge(reply(201, {"id": "9a"})).extra == {}


@pytest.mark.parametrize(
    "words",
    [
        "The email has already been taken.",
        "The email address is already in use.",
        "A customer with this email already exists.",
        "This email is already registered.",
    ],
)
def test_email_that_is_taken_means_the_customer_exists(words: str) -> None:
    verdict = PROVIDER.judge(reply(422, {"message": words, "errors": {"email": [words]}}))
    assert (verdict.status, verdict.code, verdict.customer_id) == (Status.EXISTS, "already_exists", "")


def test_email_that_is_taken_wins_over_other_faults() -> None:
    errors = {"phone_number": ["is required"], "email": ["The email has already been taken."]}
    assert PROVIDER.judge(reply(422, {"message": "x", "errors": errors})).status is Status.EXISTS


@pytest.mark.parametrize(
    "words",
    [
        "The email field must be a valid email address.",
        "The email field is required.",
        "The email domain is not registered.",
        "The email domain does not exists.",
        "The address seems mistaken.",
    ],
)
def test_other_faults_of_an_email_do_not_mean_that_the_customer_exists(words: str) -> None:
    verdict = PROVIDER.judge(reply(422, {"message": words, "errors": {"email": [words]}}))
    assert (verdict.status, verdict.faults) == (Status.REJECTED, (("email", words),))


def test_phone_that_is_taken_is_a_fault_of_the_row() -> None:
    errors = {"phone_number": ["The phone number has already been taken."]}
    assert PROVIDER.judge(reply(422, {"message": "x", "errors": errors})).status is Status.REJECTED


def test_every_field_at_fault_is_named_dotted_ones_included() -> None:
    errors = {
        "address.city": ["The address city field is required."],
        "birth_date": ["The birth date is not a valid date.", "The birth date must be before today."],
    }
    verdict = PROVIDER.judge(reply(422, {"message": "The address city field is required.", "errors": errors}))
    assert (verdict.status, verdict.code) == (Status.REJECTED, "rejected_field")
    assert verdict.faults == (
        ("address.city", "The address city field is required."),
        ("birth_date", "The birth date is not a valid date.; The birth date must be before today."),
    )


def test_refusal_that_names_no_field_keeps_the_words() -> None:
    words = "No query results for model [App\\Models\\Customer]."
    verdict = PROVIDER.judge(reply(404, {"message": words}))
    assert (verdict.status, verdict.code, verdict.message) == (Status.REJECTED, "rejected", words)


def test_refusal_in_another_shape_is_unknown() -> None:
    verdict = PROVIDER.judge(reply(400, {"oops": 1}))
    assert (verdict.status, verdict.code) == (Status.UNKNOWN, "unclear_reply")


# -- what is sent


def test_whole_customer_is_sent_in_the_form_asked_for() -> None:
    cells = {
        **MEI,
        "Remark": " VIP\u00a0guest ",
        "Birth date": "17 May 1990",
        "Gender": "F",
        **ADDRESS,
        "Country": "Singapore",
    }
    assert body(cells) == {
        "name": "Tan Mei Ling",
        "email": "mei@example.com",
        "phone_number": "81234567",
        "phone_number_country_code": "65",
        "remark": "VIP guest",
        "birth_date": "1990-05-17",
        "gender": "female",
        "address": {
            "street": "1 Raffles Place",
            "city": "Singapore",
            "state": "Singapore",
            "postal_code": "048616",
            "country": "SG",
        },
    }


def test_nothing_empty_is_sent() -> None:
    empty = dict.fromkeys(["Remark", "Birth date", "Gender", *ADDRESS, "Country", "Calling code"], "  ")
    assert body({**MEI, **empty}) == {
        "name": "Tan Mei Ling",
        "email": "mei@example.com",
        "phone_number": "81234567",
        "phone_number_country_code": "65",
    }


@pytest.mark.parametrize(
    ("phone", "more", "code", "national"),
    [
        ("+65 8123 4567", {}, "65", "81234567"),
        ("0065 8123-4567", {}, "65", "81234567"),
        ("81234567", {"Country": "Singapore"}, "65", "81234567"),
        ("8123 4567", {"Calling code": "+65"}, "65", "81234567"),
        ("8123 4567", {"Calling code": "65", "Country": "Malaysia"}, "65", "81234567"),
        ("07911 123456", {"Country": "GB"}, "44", "7911123456"),  # no trunk zero
        ("+44 (0)7911 123456", {}, "44", "7911123456"),
        ("06 6982 1234", {"Country": "Italy"}, "39", "0669821234"),  # a zero of the number itself
        ("(202) 555-0143", {"Country": "USA"}, "1", "2025550143"),
    ],
)
def test_phone_goes_in_two_fields(phone: str, more: dict[str, str], code: str, national: str) -> None:
    sent = body({**MEI, "Phone": phone, **more})
    assert (sent["phone_number_country_code"], sent["phone_number"]) == (code, national)
    assert "address" not in sent


@pytest.mark.parametrize("phone", ["12345", "call me", "8123 4567 ext. 9"])
def test_phone_that_is_none_is_a_fault_of_its_column(phone: str) -> None:
    assert faults({**MEI, "Phone": phone, "Country": "SG"}) == [("phone_number", "Phone", "invalid_phone")]


def test_national_phone_needs_a_country() -> None:
    assert faults({**MEI, "Phone": "81234567"}) == [("phone_number", "Phone", "phone_needs_country")]


def test_phone_of_another_country_than_its_calling_code_is_a_fault() -> None:
    cells = {**MEI, "Phone": "+44 7911 123456", "Calling code": "65"}
    assert faults(cells) == [("phone_number", "Phone", "phone_of_other_country")]


@pytest.mark.parametrize("country", ["Singapore", "SG", "SGP", "702", "singapore", "Singapur", "Сингапур"])
def test_country_is_sent_as_alpha_2(country: str) -> None:
    assert body({**MEI, **ADDRESS, "Country": country})["address"]["country"] == "SG"


def test_country_alone_is_no_address() -> None:
    assert "address" not in body({**MEI, **dict.fromkeys(ADDRESS, ""), "Country": "Singapore"})


def test_address_without_country_is_an_address() -> None:
    assert set(body({**MEI, **ADDRESS})["address"]) == {"street", "city", "state", "postal_code"}


@pytest.mark.parametrize("missing", ADDRESS)
def test_address_is_whole_or_not_there(missing: str) -> None:
    field = {"Street": "street", "City": "city", "State": "state", "Postal code": "postal_code"}[missing]
    cells = {**MEI, **ADDRESS, missing: ""}
    assert faults(cells) == [(f"address.{field}", missing, "incomplete_group")]
    assert "address is given" in check(cells).faults[0].message


def test_missing_part_of_an_address_is_told_at_the_part_that_is_there() -> None:
    cells = {**MEI, "City": "Singapore"}
    assert {fault[:2] for fault in faults(cells)} == {
        ("address.street", "City"),
        ("address.state", "City"),
        ("address.postal_code", "City"),
    }


def test_address_whose_only_cell_is_unfit_still_lacks_the_rest() -> None:
    """Else the rest is only asked for once that cell has been mended."""
    cells = {**MEI, **dict.fromkeys(ADDRESS, ""), "City": "Singa\x07pore"}
    assert {fault[0] for fault in faults(cells)} == {
        "address.street",
        "address.city",
        "address.state",
        "address.postal_code",
    }


@pytest.mark.parametrize(
    "written",
    ["1990-05-17", "17 May 1990", "May 17, 1990", "17.05.1990", "17/05/1990", "19900517", "17. Mai 1990"],
)
def test_birth_date_is_sent_as_iso(written: str) -> None:
    assert body({**MEI, "Birth date": written})["birth_date"] == "1990-05-17"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("05/06/1990", "ambiguous_date"),
        ("17/05/90", "two_digit_year"),
        ("33010", "date_serial"),
        ("1990-02-30", "invalid_date"),
        ("soon", "invalid_date"),
    ],
)
def test_birth_date_that_is_not_sure_is_a_fault(written: str, code: str) -> None:
    assert faults({**MEI, "Birth date": written}) == [("birth_date", "Birth date", code)]


@pytest.mark.parametrize(
    ("word", "sent"),
    [("male", "male"), ("M", "male"), ("Frau", "female"), ("FEMALE", "female"), ("femme", "female")],
)
def test_gender_is_sent_in_words(word: str, sent: str) -> None:
    assert body({**MEI, "Gender": word})["gender"] == sent


def test_gender_that_is_not_understood_is_a_fault() -> None:
    assert faults({**MEI, "Gender": "x"}) == [("gender", "Gender", "unknown_choice")]


@pytest.mark.parametrize(
    ("column", "field", "most"),
    [("Name", "name", 255), ("Remark", "remark", 255), ("Postal code", "address.postal_code", 16)],
)
def test_longest_text_is_sent_and_a_longer_one_is_a_fault(column: str, field: str, most: int) -> None:
    assert check({**MEI, **ADDRESS, column: "x" * most}).faults == ()
    (fault,) = check({**MEI, **ADDRESS, column: "x" * (most + 1)}).faults
    assert (fault.field, fault.column, fault.code) == (field, column, "too_long")
    assert str(most) in fault.message


def test_first_and_last_name_are_joined() -> None:
    cells = {"First name": "Mei Ling", "Last name": "Tan", "Email": "mei@example.com", "Phone": "+6581234567"}
    assert body(cells)["name"] == "Mei Ling Tan"


# -- over HTTP


async def test_answers_are_asked_for_as_json() -> None:
    """Without `Accept` a refusal would come as a redirect to an HTML page."""
    async with Simulator(Settings(limits=False)) as simulator:
        account = open_account(PROVIDER, base_url=simulator.base_url("hitpay"), variables={})
        credentials = read_credentials(account, simulator.environment())
        async with Client(account, credentials, clock=system_clock()) as client:
            refused = await client.create(b'{"email":"nobody"}', "key")
            (request,) = simulator.requests("hitpay")
    assert request.headers["Accept"] == "application/json"
    assert (refused.status, PROVIDER.judge(refused).status) == (422, Status.REJECTED)


async def test_customer_on_the_second_page_is_found() -> None:
    """`keywords` also finds whoever has the first part of the address anywhere in the record."""
    async with Simulator(Settings(limits=False)) as simulator:
        account = open_account(PROVIDER, base_url=simulator.base_url("hitpay"), variables={})
        credentials = read_credentials(account, simulator.environment())
        async with Client(account, credentials, clock=system_clock()) as client:
            meant = check(MEI)
            created = PROVIDER.judge(await client.create(meant.body, "key"))
            for number in range(100):
                other = check({**MEI, "Name": "Mei", "Email": f"m{number}@example.com"})
                await client.create(other.body, f"key-{number}")
            assert PROVIDER.look_up is not None
            steps = PROVIDER.look_up(Sought(json.loads(meant.body), meant.identity, datetime.now(UTC)))
            second = steps.send(await client.get(next(steps)))
            with pytest.raises(StopIteration) as found:
                steps.send(await client.get(second))
    assert found.value.value.customer_id == created.customer_id
