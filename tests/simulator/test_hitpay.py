"""HitPay: a flat customer, Laravel's complaints, a key header and a fuzzy search."""

from typing import Any

import pytest

from .callers import Clock, body_for
from .conftest import Start


async def test_a_customer_comes_back_flat_with_a_uuid(start: Start) -> None:
    caller = await start()
    reply = await caller.create("hitpay")
    assert reply.status == 201
    body = body_for("hitpay")
    assert {name: reply.json[name] for name in body} == body
    assert len(reply.json["id"]) == 36
    assert reply.json["created_at"] == reply.json["updated_at"] == "2027-01-15T08:00:00+00:00"
    assert caller.simulator.customers("hitpay")[0].body == body


@pytest.mark.parametrize("optional", ["name", "remark", "birth_date", "gender", "address"])
async def test_an_optional_field_may_be_left_out(start: Start, optional: str) -> None:
    caller = await start()
    body = body_for("hitpay")
    del body[optional]
    assert (await caller.create("hitpay", body)).status == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": None}, "name"),
        ({"name": 7}, "name"),
        ({"email": "ada"}, "email"),
        ({"email": f"{'a' * 250}@example.com"}, "email"),
        ({"phone_number": "+6581234567"}, "phone_number"),
        ({"phone_number": "8123 4567"}, "phone_number"),
        ({"phone_number": "081234567"}, "phone_number"),
        ({"phone_number": "1" * 16}, "phone_number"),
        ({"phone_number": 81234567}, "phone_number"),
        ({"phone_number_country_code": "+65"}, "phone_number_country_code"),
        ({"phone_number_country_code": "SG"}, "phone_number_country_code"),
        ({"phone_number_country_code": "999"}, "phone_number_country_code"),
        ({"remark": "x" * 256}, "remark"),
        ({"birth_date": "28/02/1990"}, "birth_date"),
        ({"birth_date": "1990-02-30"}, "birth_date"),
        ({"birth_date": "19900228"}, "birth_date"),
        ({"gender": "F"}, "gender"),
        ({"address": "1 Raffles Place"}, "address"),
        ({"nickname": "Ada"}, "nickname"),
    ],
)
async def test_a_wrong_value_is_named_as_laravel_names_it(
    start: Start, change: dict[str, Any], field: str
) -> None:
    caller = await start()
    reply = await caller.create("hitpay", body_for("hitpay") | change)
    assert reply.status == 422
    assert list(reply.json["errors"]) == [field]
    assert reply.json["message"] == reply.json["errors"][field][0]
    assert not caller.simulator.customers("hitpay")


@pytest.mark.parametrize("missing", ["city", "state", "street", "postal_code"])
async def test_an_address_is_whole_or_not_there(start: Start, missing: str) -> None:
    caller = await start()
    body = body_for("hitpay")
    del body["address"][missing]
    reply = await caller.create("hitpay", body)
    assert list(reply.json["errors"]) == [f"address.{missing}"]


@pytest.mark.parametrize(
    ("field", "value"), [("postal_code", "x" * 17), ("country", "Singapore"), ("country", "sg")]
)
async def test_a_wrong_part_of_an_address_has_a_dotted_name(start: Start, field: str, value: str) -> None:
    caller = await start()
    body = body_for("hitpay")
    body["address"][field] = value
    assert list((await caller.create("hitpay", body)).json["errors"]) == [f"address.{field}"]


async def test_a_zero_that_belongs_to_the_number_is_no_trunk_zero(start: Start) -> None:
    caller = await start()
    body = body_for("hitpay") | {"phone_number": "0612345678", "phone_number_country_code": "39"}
    assert (await caller.create("hitpay", body)).status == 201


async def test_the_first_complaint_counts_the_others(start: Start) -> None:
    caller = await start()
    reply = await caller.create("hitpay", {"name": "Ada", "gender": "F"})
    assert reply.json["message"] == "The email field is required. (and 2 more errors)"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'"x"', b"\xff", b'{"email": NaN}'])
async def test_a_body_that_cannot_be_read_counts_as_empty(start: Start, data: bytes) -> None:
    caller = await start()
    reply = await caller.create_raw("hitpay", data)
    assert set(reply.json["errors"]) == {"email", "phone_number"}


async def test_a_form_is_no_json(start: Start) -> None:
    caller = await start()
    assert (await caller.create("hitpay", Content_Type="text/plain")).status == 422


async def test_whoever_does_not_ask_for_json_is_redirected_on_a_mistake(start: Start) -> None:
    caller = await start()
    reply = await caller.create("hitpay", {}, Accept="*/*")
    assert (reply.status, reply.headers["Location"]) == (302, "/hitpay/login")
    assert reply.headers["Content-Type"] == "text/html"
    assert (await caller.create("hitpay", Accept="*/*")).status == 201


async def test_an_email_that_is_taken_in_any_case_is_refused(start: Start) -> None:
    caller = await start()
    await caller.create("hitpay")
    reply = await caller.create("hitpay", body_for("hitpay", "ADA@Example.com"))
    assert reply.status == 422
    assert reply.json["errors"] == {"email": ["The email has already been taken."]}
    assert caller.simulator.duplicates("hitpay") == 0


@pytest.mark.parametrize("key", ["", "wrong", "Bearer sim_hitpay_key_not_a_secret"])
async def test_a_wrong_key_is_refused(start: Start, key: str) -> None:
    caller = await start()
    reply = await caller.create("hitpay", X_BUSINESS_API_KEY=key)
    assert (reply.status, reply.json) == (401, {"message": "Unauthenticated."})
    assert (await caller.create("hitpay", without="X-BUSINESS-API-KEY")).status == 401


async def test_a_search_finds_more_than_was_meant(start: Start) -> None:
    caller = await start()
    for email in ("ann@example.com", "joann@example.com", "ann@elsewhere.org", "bob@example.com"):
        await caller.create("hitpay", body_for("hitpay", email) | {"name": "Somebody"})
    reply = await caller.look_up("hitpay", keywords="Ann@example.com")
    found = [one["email"] for one in reply.json["data"]]
    assert found == ["ann@elsewhere.org", "joann@example.com", "ann@example.com"]


async def test_the_list_has_pages_of_ten_newest_first_with_cursors(start: Start, clock: Clock) -> None:
    caller = await start()
    for number in range(13):
        clock.advance(1)
        await caller.create("hitpay", body_for("hitpay", f"a{number}@example.com"))
    first = (await caller.look_up("hitpay")).json
    assert [one["email"] for one in first["data"]] == [
        f"a{number}@example.com" for number in range(12, 2, -1)
    ]
    assert first["meta"]["per_page"] == 10
    assert first["links"]["prev"] is None
    second = (await caller.look_up("hitpay", cursor=first["meta"]["next_cursor"])).json
    assert [one["email"] for one in second["data"]] == [f"a{number}@example.com" for number in (2, 1, 0)]
    assert second["meta"]["next_cursor"] is None
    assert (await caller.look_up("hitpay", page="2")).json["data"] == second["data"]
    assert len((await caller.look_up("hitpay", per_page="13")).json["data"]) == 13


async def test_an_unknown_path_is_404(start: Start) -> None:
    caller = await start()
    reply = await caller.send("hitpay", "GET", "/v1/customer", headers={})
    assert reply.status == 404
    assert reply.json["message"].startswith("No query results")
