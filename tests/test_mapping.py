"""Headings find their fields, and what does not fit is said in full."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.errors import MappingError
from importer.mapping import FieldMapping, require_columns, suggest
from importer.providers import PROVIDERS, Provider
from importer.providers.fields import Column, Customer, Part

HITPAY, YATIVO, RAPYD, JUICYWAY, KREZYPAY = (
    PROVIDERS[name] for name in ("hitpay", "yativo", "rapyd", "juicyway", "krezypay")
)


def fields(
    columns: Sequence[str], provider: Provider = HITPAY, **constants: str
) -> dict[str, tuple[str, ...]]:
    """Field to headings, as suggested."""
    return dict(suggest(columns, provider, constants=constants).columns)


def field_of(column: str, provider: Provider = HITPAY) -> str | None:
    """The field that one heading is taken for."""
    return next(iter(fields([column], provider)), None)


# -- one heading


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("phone_number", "phone_number"),  # the provider's own name
        ("address.city", "address.city"),
        ("Postal code", "address.postal_code"),  # the title
        ("POST CODE", "address.postal_code"),  # a synonym
        ("Geburtsdatum", "birth_date"),
        ("prénom", None),
        ("postal_code", "address.postal_code"),  # the last part of the path
        ("Postal cdoe", "address.postal_code"),  # a slip
        ("Handy / WhatsApp", "phone_number"),  # two names of one field
        ("Phone\nMobile", "phone_number"),
        ("Phone / E-mail", None),
        ("Phone / Colour", None),
        ("Nationality", None),
        ("", None),
        ("#", None),
    ],
)
def test_heading_is_known_by_name_title_synonym_last_part_or_a_slip(column: str, field: str | None) -> None:
    assert field_of(column) == field


@pytest.mark.parametrize(
    "column",
    ["E-mail", "EMAIL", "e_mail", "Email *", "  email  ", "E-Mail:", "É-mail", "e\u200bmail", "E\nmail"],
)
def test_case_accents_punctuation_and_white_space_make_no_difference(column: str) -> None:
    assert field_of(column) == "email"


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Phone (with country code)", "phone_number"),
        ("Name [as in passport]", "name"),
        ("E-mail {private}", "email"),
        ("(required) Name", "name"),
        ("Birth date (YYYY-MM-DD)", "birth_date"),
        ("(optional)", None),
        ("Street (address line 1)", "address.street"),
    ],
)
def test_what_stands_in_brackets_does_not_count(column: str, field: str | None) -> None:
    assert field_of(column) == field


@pytest.mark.parametrize(
    ("column", "provider", "field"),
    [
        ("Custommer name", YATIVO, "customer_name"),
        ("Adress line 1", JUICYWAY, "billing_address.line1"),
        ("Telefone number", HITPAY, "phone_number"),
        ("Surnmae", KREZYPAY, "lastname"),
        ("Last nmae", KREZYPAY, "lastname"),
        ("Lastname", KREZYPAY, "lastname"),
        ("Emial", HITPAY, "email"),
        ("Mael", HITPAY, None),  # short words differ too easily
        ("Nme", HITPAY, None),
        ("Passport numbr", KREZYPAY, "id_number"),
    ],
)
def test_small_spelling_mistake_is_seen_through(column: str, provider: Provider, field: str | None) -> None:
    assert field_of(column, provider) == field


def test_slip_is_not_taken_where_another_column_has_the_right_name() -> None:
    assert fields(["Customer name", "Custommer name"], YATIVO) == {"customer_name": ("Customer name",)}


@pytest.mark.parametrize(
    "column",
    [
        "Customer ID",
        "Customer no.",
        "CustomerID",
        "customerid",
        "CUSTOMERNO",
        "Address line 4",
        "Address 4",
    ],
)
def test_heading_with_another_word_or_digit_is_no_spelling_mistake(column: str) -> None:
    """ "Customer ID" is not the customer's name: taken for it, numbers would be sent for names."""
    assert field_of(column, RAPYD) is None


def test_number_of_a_customer_does_not_take_the_place_of_first_and_last_name() -> None:
    columns = ["Customer ID", "First name", "Last name", "Email", "Phone"]
    assert fields(columns)["name"] == ("First name", "Last name")


# -- several headings


def test_own_name_or_title_wins_over_a_synonym() -> None:
    found = fields(["Mobile", "Phone", "Mail", "E-mail", "Customer"])
    assert found == {"phone_number": ("Phone",), "email": ("E-mail",), "name": ("Customer",)}


class Place(Part):
    """Where somebody lives."""

    town: Annotated[str, Column("Where", ("location",))]


class Somebody(Customer):
    """A customer of a provider that there is not."""

    place: Place


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        (["Whre", "Twon", "Locationn"], "Locationn"),  # a slip
        (["Locationn", "Town"], "Town"),  # the last part of the path
        (["Town", "Location"], "Location"),  # a synonym
        (["Town", "Location", "Where"], "Where"),  # the title
        (["Town", "place.town", "Location"], "place.town"),  # the provider's own name
    ],
)
def test_heading_that_fits_best_is_chosen(columns: list[str], chosen: str) -> None:
    nowhere = replace(HITPAY, schema=Somebody)
    assert suggest(columns, nowhere).columns == {"place.town": (chosen,)}


def test_title_and_own_name_fit_equally_well() -> None:
    with pytest.raises(MappingError, match=r'field place\.town: "Where" or "place_town"'):
        suggest(["Where", "place_town"], replace(HITPAY, schema=Somebody))


@pytest.mark.parametrize(
    ("columns", "provider", "field"),
    [
        (["Phone", "Mobile"], YATIVO, "customer_phone"),
        (["Phone", "Phone number"], HITPAY, "phone_number"),
        (["Notes", "Comments"], HITPAY, "remark"),
    ],
)
def test_two_columns_that_fit_equally_well_are_not_guessed_between(
    columns: list[str], provider: Provider, field: str
) -> None:
    with pytest.raises(MappingError) as caught:
        suggest(columns, provider)
    message = str(caught.value)
    assert message.startswith(f'2 columns could be the field {field}: "{columns[0]}" or "{columns[1]}"?')
    assert "importer map" in message
    assert "-m" in message


def test_repeated_heading_of_a_field_is_not_guessed_between() -> None:
    with pytest.raises(MappingError, match='field email: "Email" or "Email"'):
        suggest(["Name", "Email", "Email"], HITPAY)


def test_repeated_headings_of_no_field_do_no_harm() -> None:
    assert set(fields(["Name", "x", "x", "", ""])) == {"name"}


def test_constant_ends_the_ambiguity() -> None:
    assert "customer_phone" not in fields(["Phone", "Mobile"], YATIVO, customer_phone="+12025550143")


def test_constant_leaves_its_column_unused() -> None:
    suggested = suggest(["Name", "Gender"], HITPAY, constants={"gender": "female"})
    assert suggested.columns == {"name": ("Name",)}
    assert suggested.unused(["Name", "Gender"]) == ("Gender",)


@pytest.mark.parametrize(
    ("columns", "constants", "field"),
    [
        (["Name", "Address line 1"], {"addresses.0.line_1": "1 High Street"}, "addresses.0.line_2"),
        (["Address line 1", "Street"], {}, "addresses.0.line_2"),
        (["Address line 1", "Address line"], {}, "addresses.0.line_2"),
    ],
)
def test_heading_of_one_field_is_not_taken_for_a_slip_of_another(
    columns: list[str], constants: dict[str, str], field: str
) -> None:
    assert field not in suggest(columns, RAPYD, constants=constants).columns


class Pet(Customer):
    """A customer with fields that are almost called the same."""

    kind: Annotated[str, Column("Kind", ("pet kind",))]
    kinds: Annotated[str, Column("Pet kinds")]
    nick: Annotated[str, Column("Nick", ("first name",))]
    name: Annotated[str, Column("Whole name", parts=(("first name",), ("last name",)))]


def test_heading_that_another_column_beat_to_its_field_goes_to_no_other() -> None:
    """Though it is but one letter from the name of a field that has no column."""
    pets = replace(HITPAY, schema=Pet)
    assert suggest(["Kind", "Pet kind"], pets).columns == {"kind": ("Kind",)}
    assert suggest(["Pet kindss"], pets).columns == {"kinds": ("Pet kindss",)}


def test_column_that_feeds_a_field_is_no_part_of_a_name() -> None:
    pets = replace(HITPAY, schema=Pet)
    assert suggest(["First name", "Last name"], pets).columns == {"nick": ("First name",)}


def test_name_is_joined_from_first_and_last() -> None:
    found = fields(["Surname", "Email", "Given name"])
    assert found["name"] == ("Given name", "Surname")


def test_name_of_its_own_wins_over_its_parts() -> None:
    suggested = suggest(["First name", "Last name", "Full name"], HITPAY)
    assert suggested.columns["name"] == ("Full name",)
    assert suggested.unused(["First name", "Last name", "Full name"]) == ("First name", "Last name")


def test_half_a_name_is_none() -> None:
    assert "name" not in fields(["First name", "Email"])


def test_joined_columns_are_shown_with_a_plus() -> None:
    suggested = suggest(["First name", "Last name"], HITPAY)
    assert suggested.column_of("name") == "First name + Last name"
    assert suggested.column_of("email") is None


def test_constant_has_no_column() -> None:
    kept = FieldMapping("hitpay", {"remark": ("Notes",)}, {"remark": "x"})
    assert kept.column_of("remark") is None


def test_any_headings_can_be_looked_at() -> None:
    @settings(max_examples=80, deadline=None)
    @given(
        st.lists(st.text(max_size=15) | st.sampled_from(["Name", "Email", "Phone (x)", "Adress"]), max_size=8)
    )
    def law(columns: list[str]) -> None:
        try:
            suggested = suggest(columns, RAPYD)
        except MappingError:
            return
        used = [name for names in suggested.columns.values() for name in names]
        assert len(used) == len(set(used))
        assert set(used) <= set(columns)
        assert set(used).isdisjoint(suggested.unused(columns))

    law()


# -- what does not fit


def test_unknown_field_of_a_constant_lists_those_there_are() -> None:
    with pytest.raises(MappingError) as caught:
        suggest([], HITPAY, constants={"colour": "red"})
    message = str(caught.value)
    assert message.startswith("HitPay has no field 'colour'.")
    assert "phone_number_country_code" in message
    assert "importer providers hitpay" in message


def test_missing_fields_are_all_named_with_what_to_type() -> None:
    columns = ["E-mail", "Colour", ""]
    with pytest.raises(MappingError) as caught:
        require_columns(suggest(columns, HITPAY), columns, HITPAY)
    message = str(caught.value)
    assert '"Name" (name), "Phone" (phone_number)' in message
    assert "(email)" not in message
    assert 'columns are: "E-mail", "Colour".' in message
    assert "--set name=VALUE" in message
    assert "importer map" in message


def test_optional_fields_may_lack_a_column() -> None:
    columns = ["Name", "Email", "Phone"]
    require_columns(suggest(columns, HITPAY), columns, HITPAY)


def test_constants_cover_what_has_no_column() -> None:
    constants = {"name": "x", "phone_number": "+6581234567"}
    require_columns(suggest(["Email"], HITPAY, constants=constants), ["Email"], HITPAY)


@pytest.mark.parametrize(
    ("columns", "trouble"),
    [
        (["Name", "Phone"], "is not in the sheet"),
        (["Name", "Mail", "Phone", "Mail"], "stands 2 times in the sheet"),
    ],
)
def test_mapped_column_that_is_not_there_once_is_named(columns: list[str], trouble: str) -> None:
    kept = FieldMapping("hitpay", {"name": ("Name",), "email": ("Mail",), "phone_number": ("Phone",)})
    with pytest.raises(MappingError) as caught:
        require_columns(kept, columns, HITPAY)
    assert f'The column "Mail" for the field email {trouble}.' in str(caught.value)


def test_column_of_a_constant_may_be_missing() -> None:
    columns = {"name": ("Name",), "email": ("Mail",), "phone_number": ("Phone",), "remark": ("Gone",)}
    kept = FieldMapping("hitpay", columns, {"remark": "x"})
    require_columns(kept, ["Name", "Mail", "Phone"], HITPAY)
