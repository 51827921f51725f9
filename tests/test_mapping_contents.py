"""What the cells of a column hold speaks for it and against it, and what it cannot settle is asked."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.mapping import (
    THRESHOLD,
    Proposal,
    Question,
    Sample,
    from_settings,
    not_understood,
    propose,
    require_looks,
    to_toml,
)
from importer.mapping.looks import Cells, Holds, Look, look, surely_other
from importer.providers import PROVIDERS
from importer.providers.fields import Date, Email, Phone, Text
from tests import make_customers

EMAILS = [f"ann{n}@example.com" for n in range(12)]
PHONES = [f"+65 8123 45{n:02d}" for n in range(12)]
LOCAL_PHONES = [f"030 23125 0{n:02d}" for n in range(12)]
DATES = [f"{date(1980, 1, 1) + timedelta(days=37 * n)}" for n in range(12)]
COUNTRIES = ["Singapore", "Germany", "DE", "Nigeria"] * 3
WORDS = ["Ann Lee", "Bo Lim", "Cy Tan", "Di Ong"] * 3
WEB = [f"https://files.example.com/{n}.jpg" for n in range(12)]


def cells(values: Sequence[str]) -> Cells:
    """A column of these cells."""
    return Sample([[value] for value in values], complete=True).column(0)


def sample(sheet: Mapping[str, Sequence[str]], *, complete: bool = True) -> Sample:
    """The rows of a sheet that is given by columns."""
    return Sample(list(zip(*sheet.values(), strict=True)), complete=complete)


def proposed(
    sheet: Mapping[str, Sequence[str]], provider: str = "hitpay", *, complete: bool = True
) -> Proposal:
    """What a sheet of these columns suggests."""
    return propose(list(sheet), PROVIDERS[provider], sample=sample(sheet, complete=complete))


def about(proposal: Proposal, field: str) -> Question:
    """The question about a field."""
    (found,) = (question for question in proposal.questions if question.field == field)
    return found


def answers(question: Question) -> list[str]:
    """The headings that a question offers."""
    return [name for option in question.options for names in option.columns.values() for name in names]


# -- what a column looks like


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        (EMAILS, Holds.EMAILS),
        ([*EMAILS, "n/a", "none"], Holds.EMAILS),
        (["mailto:a@x.com", "<b@x.com>", "c@x.com"], Holds.EMAILS),
        (PHONES, Holds.PHONES),
        (LOCAL_PHONES, Holds.PHONES),
        (["(202) 555-0101", "tel:+65-8123-4536", "+44 (0)20 7946 0137"], Holds.PHONES),
        (["10000231", "10000232", "10000233"], Holds.NUMBERS),  # accounts, not phones
        (DATES, Holds.DATES),
        (["17 May 1990", "25/12/1971", "3.4.1985", "5/6/85"], Holds.DATES),
        (["19900517", "19910517"], Holds.NUMBERS),
        (["1,200.50", "7", "-3", "12%"], Holds.NUMBERS),
        (["048616", "10115"], Holds.NUMBERS),
        (["EC1A 1BB", "10115", "M5H 2N2"], Holds.WORDS),
        (WEB, Holds.WEB_ADDRESSES),
        (WORDS, Holds.WORDS),
        (["", "  "], Holds.EMPTY),
        ([], Holds.EMPTY),
    ],
)
def test_what_a_column_holds_is_told_by_most_of_its_cells(values: list[str], holds: Holds) -> None:
    assert cells(values).plainly is holds


def test_look_goes_by_the_field_where_digits_may_be_anything() -> None:
    digits = cells(["6581234567", "6581234568"])
    assert look(digits, Phone()) == Look(Holds.PHONES)
    assert look(digits, Text()) == Look(Holds.NUMBERS)


def test_look_tells_whether_blank_cells_are_usual() -> None:
    assert look(cells([*EMAILS, ""]), Email()) == Look(Holds.EMAILS)
    assert look(cells([*DATES, *[""] * 6]), Date()) == Look(Holds.DATES, gaps=True)


@pytest.mark.parametrize("holds", Holds)
@pytest.mark.parametrize("gaps", [False, True])
def test_look_reads_back_as_it_is_written(holds: Holds, gaps: bool) -> None:
    assert Look.parse(str(Look(holds, gaps))) == Look(holds, gaps)


@pytest.mark.parametrize(
    ("values", "wanted", "found"),
    [
        (PHONES[:2], Holds.EMAILS, Holds.PHONES),
        (EMAILS[:2], Holds.PHONES, Holds.EMAILS),
        (EMAILS[:2], Holds.WORDS, Holds.EMAILS),
        (DATES, Holds.EMAILS, Holds.DATES),
        (DATES, Holds.PHONES, Holds.DATES),
        (["no", "yes", "no", "no", "yes"], Holds.EMAILS, Holds.WORDS),
        (PHONES, Holds.WORDS, Holds.PHONES),
        (EMAILS[:1], Holds.PHONES, None),  # a cell is no column
        (["nobody", "n/a", "ask"], Holds.EMAILS, None),  # too few, and nothing in particular
        (["nobody", "n/a", "ask", "a@", "-"], Holds.EMAILS, None),  # damaged ones among them
        (["12", "x", "8123 / 8124", "6.5E+09", "ask"], Holds.PHONES, None),
        ([*PHONES[:9], *EMAILS[:3]], Holds.EMAILS, None),  # a quarter is right
        (["65", "49", "65", "49"], Holds.PHONES, None),
        (["31245", "31246", "31247", "31248", "31249"], Holds.DATES, None),  # serial numbers
        (["Atlantis"] * 6, Holds.COUNTRIES, None),  # words that a value map may explain
        (["01310-100", "01310-200", "04538-132", "04538-133", "01000-000"], Holds.WORDS, None),
        (["20001", "20002"] * 3, Holds.WORDS, None),
        (["", "", ""], Holds.EMAILS, None),
    ],
)
def test_wrong_cells_make_no_wrong_column(values: list[str], wanted: Holds, found: Holds | None) -> None:
    assert surely_other(cells(values), wanted) is found


# -- for a heading, and against it


def test_cells_that_fit_confirm_a_usual_heading() -> None:
    found = proposed({"Name": WORDS, "Mail": EMAILS, "Handy": PHONES})
    assert found.questions == ()
    assert {path: each.reason for path, each in found.suggestions.items()} == {
        "name": "",
        "email": "holds e-mails",
        "phone_number": "holds phones",
    }
    assert [each.confidence for each in found.suggestions.values()] == [1, 0.95, 0.95]


def test_cells_that_fit_raise_the_confidence_in_a_misspelt_heading() -> None:
    unsure = proposed({"Name": WORDS, "Email": EMAILS, "Telefone number": [""] * 12})
    surer = proposed({"Name": WORDS, "Email": EMAILS, "Telefone number": PHONES})
    assert unsure.suggestions["phone_number"].confidence == 0.8
    assert surer.suggestions["phone_number"].confidence == 0.9
    assert surer.suggestions["phone_number"].reason == 'spelled like "telephone number", holds phones'


def test_cells_that_hold_something_else_make_a_heading_a_question() -> None:
    found = proposed({"Name": WORDS, "Email": PHONES, "Phone": EMAILS})
    assert "email" not in found.mapping.columns
    question = about(found, "email")
    assert question.stops
    assert question.words == '"Email" is headed like the field email, but holds phones'
    assert [option.words for option in question.options] == [
        '"Phone" (holds e-mails)',
        '"Email" (holds phones)',
    ]
    assert about(found, "phone_number").words.endswith("but holds e-mails")


def test_heading_that_the_cells_speak_against_leaves_the_field_to_another() -> None:
    found = proposed({"Name": WORDS, "Email": ["yes", "no"] * 6, "Mail address": EMAILS, "Phone": PHONES})
    assert found.questions == ()
    assert found.mapping.columns["email"] == ("Mail address",)


def test_misspelt_heading_that_the_cells_speak_against_is_nothing() -> None:
    found = proposed({"Name": WORDS, "Email": EMAILS, "Phone": PHONES, "Geburtsdtum": WEB})
    assert "birth_date" not in found.mapping.columns
    assert found.questions == ()


def test_cells_that_hold_nothing_in_particular_are_asked_about_only_where_another_column_is_better() -> None:
    sheet = {"Name": WORDS, "Email": ["yes", "no"] * 6, "Phone": PHONES}
    found = proposed(sheet)
    assert found.pressing == ()  # every row will say that this is no e-mail address
    assert found.suggestions["email"].confidence == THRESHOLD
    assert found.suggestions["email"].reason == "though it holds words"
    assert answers(about(proposed({**sheet, "Kontakt": EMAILS}), "email")) == ["Kontakt", "Email"]


def test_single_wrong_cells_are_no_doubt_about_a_column() -> None:
    found = proposed({"Name": ["Ann"] * 3, "Email": ["nobody", "none", "ask"], "Phone": PHONES[:3]})
    assert found.questions == ()


def test_country_code_that_holds_calling_codes_is_one() -> None:
    sheet = {"Name": WORDS[:3], "Email": EMAILS[:3], "Phone": PHONES[:3], "Country code": ["65", "+49", "65"]}
    found = proposed(sheet)
    assert found.mapping.columns["phone_number_country_code"] == ("Country code",)
    assert found.suggestions["phone_number_country_code"].reason == "holds calling codes"
    codes = proposed({**sheet, "Country code": ["SG", "DE", "SG"]})
    assert codes.mapping.columns["address.country"] == ("Country code",)


# -- two columns that want one field


def test_title_wins_over_a_usual_heading_unless_both_hold_the_very_thing() -> None:
    both = proposed({"Name": WORDS, "Email": EMAILS, "Phone": PHONES, "Mobile": LOCAL_PHONES})
    question = about(both, "phone_number")
    assert question.words == "2 columns could be the field phone_number"
    assert answers(question) == ["Phone", "Mobile"]
    words = proposed({"Name": WORDS, "Client": WORDS, "Email": EMAILS, "Phone": PHONES})
    assert words.mapping.columns["name"] == ("Name",)
    assert words.suggestions["name"].reason == 'rather than "Client"'


def test_column_that_is_empty_to_the_end_of_the_sheet_is_no_rival() -> None:
    sheet = {"Name": WORDS, "Email": EMAILS, "Tel": [""] * 12, "Mobile": PHONES}
    assert proposed(sheet).mapping.columns["phone_number"] == ("Mobile",)
    assert answers(about(proposed(sheet, complete=False), "phone_number")) == ["Tel", "Mobile"]


def test_columns_of_one_heading_are_to_be_renamed() -> None:
    rows = list(zip(WORDS, EMAILS, EMAILS, PHONES, strict=True))
    found = propose(
        ["Name", "Email", "Email", "Phone"], PROVIDERS["hitpay"], sample=Sample(rows, complete=True)
    )
    question = about(found, "email")
    assert question.options == ()
    assert question.hint == "Give each a heading of its own."


# -- where no heading says anything


def test_required_fields_are_found_by_what_columns_hold() -> None:
    found = proposed(
        {"Wer": WORDS, "A": EMAILS, "B": PHONES, "C": COUNTRIES, "D": ["Firma", "privat"] * 6}, "yativo"
    )
    assert {path: names[0] for path, names in found.mapping.columns.items()} == {
        "customer_email": "A",
        "customer_phone": "B",
        "customer_country": "C",
    }
    assert found.suggestions["customer_email"].confidence == 0.6 > THRESHOLD
    assert found.suggestions["customer_email"].reason == "no heading says so, but it holds e-mails"
    assert answers(about(found, "customer_name")) == ["Wer", "D"]  # names are words like any other
    assert not about(found, "customer_type").stops  # optional


def test_contents_alone_never_decide_between_two_columns() -> None:
    question = about(proposed({"Name": WORDS, "A": EMAILS, "B": EMAILS, "Phone": PHONES}), "email")
    assert question.stops
    assert question.words == "2 columns hold e-mails and could be the field email"
    assert answers(question) == ["A", "B"]


def test_two_columns_for_what_tells_customers_apart_are_asked_about_though_it_is_optional() -> None:
    found = proposed({"Name": WORDS, "A": EMAILS, "B": EMAILS}, "rapyd")
    assert about(found, "email").stops
    assert proposed({"Name": WORDS, "A": EMAILS}, "rapyd").mapping.columns["email"] == ("A",)


@pytest.mark.parametrize("heading", ["Sales rep", "Emergency contact", "Parent's", "Referred by"])
def test_column_about_somebody_else_is_offered_but_not_taken(heading: str) -> None:
    found = proposed({"Name": WORDS, "Email": EMAILS, heading: PHONES})
    assert "phone_number" not in found.mapping.columns
    assert answers(about(found, "phone_number")) == [heading]


def test_digits_alone_are_no_phones_without_a_heading() -> None:
    sheet = {"Name": WORDS, "Email": EMAILS, "Member": [f"1000{n:04d}" for n in range(12)]}
    found = proposed(sheet)
    assert "phone_number" not in found.mapping.columns
    assert answers(about(found, "phone_number")) == ["Member"]


def test_few_addresses_over_and_over_are_nobody_in_particular() -> None:
    found = proposed({"Name": WORDS, "Kontakt": ["kim@example.com", "ana@example.com"] * 6, "Phone": PHONES})
    assert "email" not in found.mapping.columns
    assert about(found, "email").stops


def test_optional_field_is_never_fed_by_contents_alone() -> None:
    """The day somebody joined is no birthday."""
    found = proposed({"Name": WORDS, "Email": EMAILS, "Phone": PHONES, "Joined": DATES})
    assert "birth_date" not in found.mapping.columns
    question = about(found, "birth_date")
    assert not question.stops
    assert question.words == '"Joined" holds dates and could be the field birth_date'


def test_constant_is_asked_about_no_more() -> None:
    sheet = {"Name": WORDS, "Email": EMAILS, "Tel": PHONES, "Mobile": PHONES}
    found = propose(
        list(sheet), PROVIDERS["hitpay"], constants={"phone_number": "+6581234567"}, sample=sample(sheet)
    )
    assert found.questions == ()


# -- what is missing


def test_every_missing_field_is_asked_for_at_once_with_the_columns_there_are() -> None:
    found = proposed({"Wer": WORDS, "Kind": ["a", "b"] * 6, "E-mail": EMAILS, "Web": WEB}, "juicyway")
    asked = {question.field: question for question in found.pressing}
    assert set(asked) == {leaf.path for leaf in PROVIDERS["juicyway"].leaves if leaf.required} - {"email"}
    assert asked["type"].words == 'which column is "Type" (type), required by JuicyWay'
    assert answers(asked["first_name"]) == ["Wer", "Kind"]  # e-mails and web addresses are no names
    assert asked["type"].hint == "--set type=individual (or business) gives every row the same."
    assert asked["billing_address.country"].hint.startswith("--set billing_address.country=Nigeria")
    assert asked["first_name"].hint == asked["phone"].hint == ""  # no two customers have the same


def test_phones_without_a_country_are_told_of() -> None:
    sheet = {"Name": WORDS, "Email": EMAILS, "Phone": LOCAL_PHONES}
    question = about(proposed(sheet), "phone_number")
    assert not question.stops
    assert question.words == "12 of 12 phones have no +, and no column says their country"
    assert proposed({**sheet, "Land": COUNTRIES}).questions == ()
    assert proposed({**sheet, "Phone": PHONES}).questions == ()


def test_spanish_m_beside_h_is_asked_about() -> None:
    sheet = {"Name": WORDS, "Email": EMAILS, "Phone": PHONES, "Sexo": ["H", "M"] * 6}
    assert about(proposed(sheet), "gender").stops
    assert proposed({**sheet, "Sexo": ["F", "M"] * 6}).questions == ()
    assert proposed({**sheet, "Sexo": ["W", "M"] * 6}).questions == ()


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("count", [1, 2, 5, 60])
def test_good_sheets_of_any_size_leave_nothing_to_ask(provider: str, count: int) -> None:
    columns = make_customers.headings(provider, columns=20)
    rows = list(make_customers.rows(provider, count, bad=0.3, columns=20))
    assert propose(columns, PROVIDERS[provider], sample=Sample(rows, complete=True)).pressing == ()


def test_any_sheet_can_be_looked_at_and_its_mapping_read_again() -> None:
    heading = st.text(max_size=10) | st.sampled_from(
        ["Name", "Email", "Phone", "Tel", "Geb.", "Sexo", "Land"]
    )
    cell = st.text(max_size=12) | st.sampled_from(
        [*EMAILS[:3], *PHONES[:3], "03/04/1990", "H", "M", "DE", ""]
    )

    @settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from(sorted(PROVIDERS)), st.lists(heading, max_size=7), st.data())
    def law(name: str, columns: list[str], data: st.DataObject) -> None:
        provider = PROVIDERS[name]
        row = st.tuples(*[cell] * len(columns))
        rows = Sample(data.draw(st.lists(row, max_size=7)), complete=data.draw(st.booleans()))
        found = propose(columns, provider, sample=rows)
        mapping = found.mapping
        for question in found.questions:
            for option in question.options[:1]:
                mapping = option.chosen(mapping)
        used = {name for names in mapping.columns.values() for name in names}
        assert used <= set(columns)
        strange = not_understood(mapping, columns, provider, rows)
        text = to_toml(mapping, columns, provider, proposal=found, strange=strange)
        assert from_settings(tomllib.loads(text), provider) == mapping
        require_looks(mapping, columns, provider, rows, mend="")  # a sheet is like itself

    law()
