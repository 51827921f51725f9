"""A row becomes a request, or every fault in it is named at once; who it is, and which request it is."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.accounts import Account, open_account
from importer.mapping import FieldMapping, Take, suggest
from importer.normalise import Order
from importer.providers import PROVIDERS
from importer.rows import Environment, FieldError, Row
from importer.validation import Checked, identity_of, nested, validator

ANN = {"Name": "Ann Lee", "Email": "ann@example.com", "Phone": "+65 8123 4567"}
ADDRESS = "https://provider.example"
OPTIONAL = {"Street": "", "City": "", "State": "", "Zip": "", "Country": ""}


def account(provider: str = "hitpay", label: str = "default", base_url: str = ADDRESS) -> Account:
    return open_account(PROVIDERS[provider], label=label, base_url=base_url, variables={})


def check(
    cells: Mapping[str, str],
    provider: str = "hitpay",
    *,
    of: Account | None = None,
    mapping: FieldMapping | None = None,
    constants: Mapping[str, str] | None = None,
    number: int = 2,
    **options: Any,
) -> Checked:
    """A row with these cells, after validation; `options` are the validator's."""
    columns = tuple(cells)
    meant = mapping or suggest(columns, PROVIDERS[provider], constants=constants)
    checker = validator(of or account(provider), meant, columns, **options)
    return checker(Row(number, tuple(cells.values())))


def body(cells: Mapping[str, str], provider: str = "hitpay", **given_options: Any) -> dict[str, Any]:
    checked = check(cells, provider, **given_options)
    assert checked.faults == ()
    document: dict[str, Any] = json.loads(checked.body)
    return document


def places(faults: Sequence[FieldError]) -> list[tuple[str, str | None, str]]:
    return [(fault.field, fault.column, fault.code) for fault in faults]


# -- faults


def test_all_faults_of_a_row_come_at_once_with_the_columns_as_the_sheet_names_them() -> None:
    cells = {
        "FULL NAME *": "",
        "E-mail address": "nobody",
        "Mobile (with +)": "+65 12",
        "DOB": "05/06/1990",
        "Sex": "?",
        "Town": "Singapore",
        "Land": "Atlantis",
        "Notes": "n" * 256,
    }
    assert set(places(check(cells).faults)) == {
        ("name", "FULL NAME *", "missing_value"),
        ("email", "E-mail address", "invalid_email"),
        ("phone_number", "Mobile (with +)", "invalid_phone"),
        ("birth_date", "DOB", "ambiguous_date"),
        ("gender", "Sex", "unknown_choice"),
        ("address.country", "Land", "unknown_country"),
        ("remark", "Notes", "too_long"),
        ("address.street", "Town", "incomplete_group"),
        ("address.state", "Town", "incomplete_group"),
        ("address.postal_code", "Town", "incomplete_group"),
    }


def test_row_at_fault_has_no_request_and_no_identity() -> None:
    checked = check({**ANN, "Email": "nobody"})
    assert (checked.body, checked.key, checked.identity) == (b"", "", "")
    assert checked.row.number == 2


def test_field_has_one_fault_and_not_a_second_for_being_missing_then() -> None:
    assert places(check({**ANN, "Email": "nobody"}).faults) == [("email", "Email", "invalid_email")]


def test_phone_that_only_lacks_the_country_at_fault_is_no_fault_of_its_own() -> None:
    cells = {**ANN, "Phone": "8123 4567", "Country": "Atlantis"}
    assert places(check(cells, "yativo").faults) == [("customer_country", "Country", "unknown_country")]


def test_wrong_country_alone_asks_for_no_address() -> None:
    cells = {**ANN, "Country": "Atlantis"}
    assert places(check(cells).faults) == [("address.country", "Country", "unknown_country")]


def test_fault_of_joined_columns_names_them_all() -> None:
    cells = {"First name": " ", "Last name": "", "Email": "ann@example.com", "Phone": "+6581234567"}
    assert places(check(cells).faults) == [("name", "First name + Last name", "missing_value")]


def test_fault_of_a_constant_names_the_field() -> None:
    (fault,) = check(ANN, constants={"gender": "robot"}).faults
    assert (fault.field, fault.column) == ("gender", None)
    assert str(fault).startswith("gender: ")


def test_fault_of_a_cell_begins_with_its_column() -> None:
    (fault,) = check({**ANN, "Email": "nobody"}).faults
    assert str(fault).startswith('Email: "nobody"')


def test_fault_of_a_missing_value_says_who_needs_it() -> None:
    (fault,) = check({**ANN, "Name": ""}).faults
    assert str(fault) == "Name: is empty; HitPay needs it"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("Ann\x00Lee", "control_characters"),
        ("Ann\ufffdLee", "lost_characters"),
        ("Ann\ud800", "control_characters"),
    ],
)
def test_cell_that_was_damaged_is_a_fault_and_not_a_crash(cell: str, code: str) -> None:
    assert places(check({**ANN, "Name": cell}).faults) == [("name", "Name", code)]


def test_cells_are_in_no_repr() -> None:
    checked = check({**ANN, "Email": "secret-nobody"})
    assert "secret-nobody" not in repr(checked)
    assert "Ann Lee" not in repr(check(ANN))


def test_any_cells_give_faults_or_a_request() -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.text(max_size=12), min_size=8, max_size=8))
    def law(cells: list[str]) -> None:
        columns = ["Name", "Email", "Phone", "Remark", "Birth date", "Gender", "Street", "Country"]
        checked = check(dict(zip(columns, cells, strict=True)))
        assert bool(checked.faults) is not bool(checked.body)

    law()


# -- what is sent


def test_empty_cells_are_not_sent() -> None:
    assert set(body({**ANN, **OPTIONAL})) == {"name", "email", "phone_number", "phone_number_country_code"}


@pytest.mark.parametrize("cell", ["\u200b", "\ufeff", " \u00a0\t", "\u3000"])
def test_cell_in_which_nothing_can_be_seen_is_empty(cell: str) -> None:
    cells = {**ANN, **dict.fromkeys(["Remark", "Gender", "Birth date", "Country", "Street"], cell)}
    assert body(cells) == body(ANN)
    assert places(check({**ANN, "Name": cell}).faults) == [("name", "Name", "missing_value")]


def test_constant_wins_over_a_column() -> None:
    assert body({**ANN, "Remark": "from the sheet"}, constants={"remark": "for all"})["remark"] == "for all"


def test_constant_wins_over_the_column_of_a_mapping() -> None:
    columns = {"name": ("Name",), "email": ("Email",), "phone_number": ("Phone",), "remark": ("Remark",)}
    both = FieldMapping("hitpay", columns, {"remark": "for all"})
    assert body({**ANN, "Remark": "from the sheet"}, mapping=both)["remark"] == "for all"


def test_constant_stands_in_for_a_column_that_is_not_there() -> None:
    cells = {"Name": "Ann", "Email": "ann@example.com", "Phone": "0803 123 4567"}
    sent = body(cells, "yativo", constants={"customer_country": "Nigeria"})
    assert (sent["customer_country"], sent["customer_phone"]) == ("NGA", "+2348031234567")


def test_constant_is_normalised_like_a_cell() -> None:
    assert body(ANN, constants={"gender": "Frau"})["gender"] == "female"


def test_empty_constant_empties_the_column() -> None:
    assert "remark" not in body({**ANN, "Remark": "x"}, constants={"remark": ""})


def test_several_columns_are_joined_by_one_space_without_the_empty_ones() -> None:
    cells = {"Title": "Dr", "First": " Ann ", "Middle": "", "Last": "Lee", **ANN}
    columns = {
        "name": ("Title", "First", "Middle", "Last"),
        "email": ("Email",),
        "phone_number": ("Phone",),
    }
    assert body(cells, mapping=FieldMapping("hitpay", columns))["name"] == "Dr Ann Lee"


def mapped(cells: Mapping[str, str], provider: str = "hitpay", **how: Any) -> FieldMapping:
    """The mapping that the headings suggest, and how its cells are read."""
    return replace(suggest(tuple(cells), PROVIDERS[provider]), **how)


@pytest.mark.parametrize("cell", ["Männlich", "MÄNNLICH", " männlich ", "ma\u0308nnlich"])
def test_word_of_the_sheet_is_replaced_by_what_is_meant(cell: str) -> None:
    cells = {**ANN, "Gender": cell, "Notes": "Männlich"}
    told = mapped(cells, values={"gender": {"Männlich": "female"}})
    sent = body(cells, mapping=told)
    assert (sent["gender"], sent["remark"]) == ("female", "Männlich")


def test_word_that_is_not_replaced_is_read_as_it_stands() -> None:
    cells = {**ANN, "Gender": "m", "Country": "BRD"}
    told = mapped(cells, values={"gender": {"x": "female"}, "address.country": {"brd": "Germany"}})
    assert body(cells, mapping=told)["gender"] == "male"
    assert check({**cells, "Phone": "030 23125 001"}, mapping=told).faults == ()  # the phone sees the country


def test_word_that_is_replaced_by_nothing_counts_as_empty() -> None:
    cells = {**ANN, "Gender": "n/a", "Name": "unknown"}
    told = mapped(cells, values={"gender": {"N/A": ""}, "name": {"Unknown": ""}})
    checked = check(cells, mapping=told)
    assert places(checked.faults) == [("name", "Name", "missing_value")]


def test_replacement_is_normalised_like_a_cell() -> None:
    cells = {**ANN, "Gender": "x"}
    told = mapped(cells, values={"gender": {"x": "robot"}})
    assert places(check(cells, mapping=told).faults) == [("gender", "Gender", "unknown_choice")]


@pytest.mark.parametrize(("order", "sent"), [("dmy", "1990-04-03"), ("mdy", "1990-03-04")])
def test_date_that_can_be_read_both_ways_is_read_as_its_column_is_written(order: Order, sent: str) -> None:
    cells = {**ANN, "Birth date": "03/04/1990"}
    assert body(cells, mapping=mapped(cells, dates={"birth_date": order}))["birth_date"] == sent
    other = {**ANN, "Birth date": "1990-05-17"}
    assert body(other, mapping=mapped(other, dates={"birth_date": order}))["birth_date"] == "1990-05-17"


def test_date_in_another_order_than_its_column_is_a_fault() -> None:
    cells = {**ANN, "Birth date": "04/13/1990"}
    told = mapped(cells, dates={"birth_date": "dmy"})
    assert places(check(cells, mapping=told).faults) == [("birth_date", "Birth date", "invalid_date")]


NAMED = {"Full name": "Ngozi Ada Okafor", "Email": "ngozi@example.com", "Phone": "+234 803 123 4567"}
LIVING = {"Type": "person", "Street": "1 Rd", "City": "Lagos", "State": "LA", "Zip": "1", "Country": "NG"}


def split(first: Take, last: Take) -> FieldMapping:
    columns = dict.fromkeys(("first_name", "last_name"), ("Full name",))
    rest = suggest([*NAMED, *LIVING][1:], PROVIDERS["juicyway"]).columns
    return FieldMapping("juicyway", {**columns, **rest}, takes={"first_name": first, "last_name": last})


@pytest.mark.parametrize(
    ("name", "takes", "sent"),
    [
        ("Ngozi Ada Okafor", (Take.FIRST_WORD, Take.OTHER_WORDS), ("Ngozi", "Ada Okafor")),
        (" Ngozi  Ada Okafor ", (Take.ALL_BUT_THE_LAST_WORD, Take.LAST_WORD), ("Ngozi Ada", "Okafor")),
        ("Okafor, Ngozi Ada", (Take.AFTER_THE_COMMA, Take.BEFORE_THE_COMMA), ("Ngozi Ada", "Okafor")),
    ],
)
def test_whole_name_is_sent_in_parts(name: str, takes: tuple[Take, Take], sent: tuple[str, str]) -> None:
    cells = {**NAMED, **LIVING, "Full name": name}
    customer = body(cells, "juicyway", mapping=split(*takes))
    assert (customer["first_name"], customer["last_name"]) == sent


def test_name_that_lacks_a_part_is_a_fault_of_its_cell() -> None:
    cells = {**NAMED, **LIVING, "Full name": "Ngozi"}
    told = split(Take.FIRST_WORD, Take.OTHER_WORDS)
    faults = check(cells, "juicyway", mapping=told).faults
    assert places(faults) == [("last_name", "Full name", "missing_value")]


def test_part_is_taken_before_it_is_replaced() -> None:
    cells = {**NAMED, **LIVING, "Full name": "Mr Okafor"}
    told = replace(split(Take.FIRST_WORD, Take.LAST_WORD), values={"first_name": {"mr": "Ngozi"}})
    assert body(cells, "juicyway", mapping=told)["first_name"] == "Ngozi"


def test_phone_without_a_country_is_of_the_default_one() -> None:
    cells = {**ANN, "Phone": "0803 123 4567"}
    assert places(check(cells).faults) == [("phone_number", "Phone", "phone_needs_country")]
    sent = body(cells, mapping=mapped(cells, default_country="NG"))
    assert (sent["phone_number_country_code"], sent["phone_number"]) == ("234", "8031234567")


@pytest.mark.parametrize(
    ("phone", "country", "sent"),
    [
        ("07911 123456", "United Kingdom", "44"),  # the row's own country
        ("+49 30 23125001", "", "49"),  # its own calling code
        ("0803 123 4567", "", "234"),
    ],
)
def test_default_country_is_only_for_what_has_none(phone: str, country: str, sent: str) -> None:
    cells = {**ANN, "Phone": phone, "Country": country}
    told = mapped(cells, default_country="NG")
    assert body(cells, mapping=told)["phone_number_country_code"] == sent


def test_default_country_does_not_stand_in_for_one_that_is_wrong() -> None:
    cells = {**ANN, "Phone": "8123 4567", "Country": "Atlantis"}  # no number of Nigeria
    told = mapped(cells, default_country="NG")
    assert places(check(cells, mapping=told).faults) == [("address.country", "Country", "unknown_country")]


def test_phone_is_read_with_the_country_of_its_row_wherever_its_column_stands() -> None:
    last = {**ANN, "Phone": "07911 123456", "Country": "United Kingdom"}
    first = {"Country": "United Kingdom", **ANN, "Phone": "07911 123456"}
    assert body(first) == body(last)
    assert body(last)["phone_number"] == "7911123456"


def test_body_is_compact_json_in_raw_utf_8() -> None:
    sent = check({**ANN, "Name": "Zoë 王小明"}).body
    assert sent.startswith('{"name":"Zoë 王小明","email":'.encode())


def test_nested_paths_become_nested_objects_and_a_list_of_one() -> None:
    flat = {"a": 1, "b.c": 2, "b.d.e": 3, "f.0.g": 4, "f.0.h": 5}
    assert nested(flat) == {"a": 1, "b": {"c": 2, "d": {"e": 3}}, "f": [{"g": 4, "h": 5}]}


def test_flat_paths_do_not_depend_on_their_order() -> None:
    flat = {"f.0.h": 5, "b.d.e": 3, "a": 1, "f.0.g": 4}
    assert nested(flat) == nested(dict(reversed(flat.items())))


# -- who a row is


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@example.com", "ANN@EXAMPLE.COM"),
        ("ann@example.com", "  Ann@Example.com "),
        ("ann@example.com", "mailto:ann@example.com"),
    ],
)
def test_identity_is_the_same_in_any_letters_and_white_space(one: str, other: str) -> None:
    assert check({**ANN, "Email": one}).identity == check({**ANN, "Email": other, "Name": "X"}).identity


@pytest.mark.parametrize(
    "other", ["joann@example.com", "ann@example.co", "a.nn@example.com", "ánn@example.com"]
)
def test_identity_of_another_address_is_another(other: str) -> None:
    assert check(ANN).identity != check({**ANN, "Email": other}).identity


def test_first_alternative_that_is_filled_counts() -> None:
    alternatives = [("id_type", "id_number"), ("email",)]
    full = {"id_type": "PASSPORT", "id_number": "A1", "email": "ann@example.com"}
    assert identity_of(full, alternatives, "s") == identity_of({**full, "email": "x"}, alternatives, "s")
    half = {"id_type": "PASSPORT", "email": "ann@example.com"}
    assert identity_of(half, alternatives, "s") == identity_of(
        {"email": "Ann@example.com"}, alternatives, "s"
    )
    assert identity_of(half, alternatives, "s") != identity_of(full, alternatives, "s")


def test_all_filled_fields_count_where_no_alternative_is_filled() -> None:
    one = identity_of({"name": "Ann", "city": "Rome"}, [("email",)], "s")
    assert one == identity_of({"city": "ROME", "name": "ann"}, [("email",)], "s")
    assert one != identity_of({"name": "Ann", "city": "Paris"}, [("email",)], "s")


def test_same_text_in_another_field_is_another_identity() -> None:
    alternatives = [("email",), ("name",)]
    assert identity_of({"email": "ann"}, alternatives, "s") != identity_of({"name": "ann"}, alternatives, "s")


def test_texts_do_not_run_into_each_other() -> None:
    alternatives = [("first", "last")]
    one = identity_of({"first": "ann", "last": "lee"}, alternatives, "s")
    assert one != identity_of({"first": "ann last=lee", "last": ""}, alternatives, "s")
    assert one != identity_of({"first": "annl", "last": "ee"}, alternatives, "s")


def test_identity_can_be_chosen() -> None:
    by_phone: dict[str, Any] = {"identity": ("phone_number",)}
    one = check(ANN, **by_phone).identity
    assert check({**ANN, "Email": "other@example.com"}, **by_phone).identity == one
    assert check({**ANN, "Phone": "+65 8123 4568"}, **by_phone).identity != one
    assert check(ANN).identity != one


def test_identity_chosen_of_two_fields_needs_both_the_same() -> None:
    both: dict[str, Any] = {"identity": ("name", "phone_number")}
    one = check(ANN, **both).identity
    assert check({**ANN, "Name": "ann  LEE", "Email": "o@example.com"}, **both).identity == one
    assert check({**ANN, "Name": "Bo Lee"}, **both).identity != one


def test_identity_belongs_to_an_account() -> None:
    """Provider, environment, label and address: a rehearsal says nothing about the real thing."""
    accounts = [
        account(),
        account(label="acme"),
        account(base_url="http://localhost:8080"),
        account(base_url="https://api.sandbox.hit-pay.com"),
        open_account(PROVIDERS["hitpay"], Environment.LIVE, variables={}),
    ]
    assert len({check(ANN, of=each).identity for each in accounts}) == len(accounts)


def test_done_again_is_another_identity_and_another_key() -> None:
    one, again = check(ANN), check(ANN, again="run-2")
    assert one.identity != again.identity
    assert one.key != again.key
    assert again.identity == check(ANN, again="run-2").identity


# -- which request it is


def test_same_request_has_the_same_key_wherever_its_row_and_columns_stand() -> None:
    one = check(ANN)
    turned = check(dict(reversed(ANN.items())), number=1000)
    assert (turned.key, turned.identity, turned.body) == (one.key, one.identity, one.body)


def test_same_request_written_otherwise_has_the_same_key() -> None:
    other = {"Full name": " Ann   Lee", "E-mail": "ann@EXAMPLE.com", "Mobile": "0065 8123-4567", "Notes": " "}
    assert check(other).key == check(ANN).key


@pytest.mark.parametrize(
    "change", [{"Name": "Ann Li"}, {"Phone": "+65 8123 4568"}, {"Email": "b@example.com"}]
)
def test_corrected_row_has_another_key(change: dict[str, str]) -> None:
    assert check({**ANN, **change}).key != check(ANN).key


def test_key_belongs_to_an_account() -> None:
    assert check(ANN).key != check(ANN, of=account(label="acme")).key


def test_key_is_a_uuid() -> None:
    key = check(ANN).key
    assert str(uuid.UUID(key)) == key
    assert uuid.UUID(key).version == 4


def test_identity_fits_into_a_header_and_a_column() -> None:
    identity = check({**ANN, "Email": "straße@example.com"}).identity
    assert len(identity) == 32
    assert set(identity) <= set("0123456789abcdef")
