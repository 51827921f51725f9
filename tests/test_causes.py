"""Every code of a row has a meaning, somebody who mends it, and a way to do so."""

import pytest

from importer.causes import CAUSES, CHECKED, STANDINGS, Cause, Mender, cause_of, left_to_a_person, split_codes
from importer.rows import Status

OWN_CODES = [
    "missing_value",
    "invalid_email",
    "unknown_country",
    "invalid_phone",
    "phone_needs_country",
    "phone_of_other_country",
    "invalid_date",
    "ambiguous_date",
    "unknown_choice",
    "invalid_url",
    "invalid_yes_no",
    "invalid_calling_code",
    "control_characters",
    "too_long",
    "incomplete_group",
    "invalid_value",
    "duplicate_row",
    "already_created",
    "already_exists",
    "rejected_field",
    "rejected",
    "throttled",
    "not_connected",
    "connect_timeout",
    "login_unreachable",
    "connection_lost",
    "timed_out",
    "server_error",
    "unreadable_reply",
    "no_id",
    "redirected",
    "unclear_reply",
    "refused",
    "stopped",
    "limit_reached",
    "being_sent_elsewhere",
    "payment_required",
    "two_digit_year",
    "ambiguous_country",
    "lost_characters",
    "invisible_characters",
    "phone_as_quantity",
    "date_serial",
    "mojibake",
    "scientific_notation",
    "rounded_number",
    "number_as_decimal",
    "lost_zeros",
    "formula_error",
    "wrong_column",
    "found_by_look_up",
    "look_up_refused",
    "not_found",
    "interrupted",
]


@pytest.mark.parametrize("code", OWN_CODES)
def test_every_code_of_ours_is_explained(code: str) -> None:
    assert CAUSES[code].code == code


@pytest.mark.parametrize("cause", CAUSES.values(), ids=lambda cause: cause.code)
def test_an_explanation_is_whole_sentences(cause: Cause) -> None:
    for sentence in (cause.meaning, cause.how):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert len(sentence) <= 120


@pytest.mark.parametrize("status", Status)
def test_a_code_of_the_provider_is_explained_by_the_status(status: Status) -> None:
    cause = cause_of("customer_email_taken", status)
    assert cause.code == "customer_email_taken"
    assert cause.meaning
    assert cause.how


def test_what_may_have_been_made_is_left_to_the_next_run_not_to_the_owner() -> None:
    assert cause_of("whatever", Status.UNKNOWN).who is Mender.RERUN


def test_what_a_person_must_settle_is_left_to_nobody_else() -> None:
    lost = cause_of("connection_lost", Status.UNKNOWN)
    left = left_to_a_person(lost)
    assert (left.code, left.meaning, left.who) == (lost.code, lost.meaning, Mender.PERSON)
    assert "gain" not in left.how
    assert left_to_a_person(CAUSES["refused"]) is CAUSES["refused"]


def test_what_the_provider_refused_is_left_to_the_owner() -> None:
    assert cause_of("whatever", Status.REJECTED).who is Mender.OWNER


def test_a_code_of_ours_means_the_same_whatever_the_status() -> None:
    assert cause_of("timed_out", Status.UNKNOWN) is cause_of("timed_out", Status.FAILED)


@pytest.mark.parametrize(
    ("joined", "codes"),
    [
        ("", ()),
        ("too_long", ("too_long",)),
        ("too_long;invalid_email", ("too_long", "invalid_email")),
        (" too_long ; too_long;; ", ("too_long",)),
    ],
)
def test_joined_codes_come_apart_in_order_and_once(joined: str, codes: tuple[str, ...]) -> None:
    assert split_codes(joined) == codes


@pytest.mark.parametrize("standings", [STANDINGS, CHECKED], ids=["run", "check"])
def test_every_status_has_a_standing_in_the_order_of_the_statuses(standings: dict[Status, object]) -> None:
    assert list(standings) == list(Status)


def test_a_row_not_sent_by_a_check_is_ready() -> None:
    assert "Ready" in CHECKED[Status.NOT_SENT].meaning
    assert "Ready" not in STANDINGS[Status.NOT_SENT].meaning
