"""When to try again, and after how long."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.retry import LONGEST_WAIT, Retry, asked_to_wait, nothing_left

NOW = 1_800_000_000.0


def http_date(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOW + seconds, UTC), usegmt=True)


# -- backing off


def highest(_: float, upper: float) -> float:
    return upper


@pytest.mark.parametrize(("made", "most"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (7, 30.0), (50, 30.0)])
def test_wait_doubles_up_to_the_cap(made: int, most: float) -> None:
    assert Retry(attempts=99).wait(made, uniform=highest) == most


def test_wait_is_anything_from_nothing_to_that() -> None:
    bounds: list[tuple[float, float]] = []
    Retry(base=3.0).wait(2, uniform=lambda low, high: bounds.append((low, high)) or low)  # type: ignore[func-returns-value]
    assert bounds == [(0.0, 6.0)]


@given(st.integers(1, 4))
def test_real_jitter_keeps_to_its_bounds(made: int) -> None:
    wait = Retry().wait(made)
    assert wait is not None
    assert 0 <= wait <= 0.5 * 2 ** (made - 1)


def test_waits_of_many_clients_do_not_coincide() -> None:
    assert len({Retry(base=8).wait(1) for _ in range(50)}) > 40


def test_last_attempt_is_the_last() -> None:
    assert Retry(attempts=5).wait(4) is not None
    assert Retry(attempts=5).wait(5) is None
    assert Retry(attempts=1).wait(1) is None


# -- what the provider asks for


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("12", 12.0),
        (" 12 ", 12.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("86400", LONGEST_WAIT),
        ("1e999", LONGEST_WAIT),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Sun, 99 Nov 2026", None),
    ],
)
def test_retry_after_in_seconds(asked: str, seconds: float | None) -> None:
    assert asked_to_wait({"retry-after": asked}, None, NOW) == seconds


@pytest.mark.parametrize(("ahead", "seconds"), [(90, 90.0), (0, 0.0), (-90, 0.0), (86_400, LONGEST_WAIT)])
def test_retry_after_as_a_date(ahead: float, seconds: float) -> None:
    """RFC 9110 §10.2.3 allows a date; one that has passed asks for no wait."""
    assert asked_to_wait({"retry-after": http_date(ahead)}, None, NOW) == seconds


@pytest.fixture
def _in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose local time is not UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_in_tokyo")
def test_retry_after_as_a_date_without_a_zone_is_utc() -> None:
    assert asked_to_wait({"retry-after": "Fri, 15 Jan 2027 08:01:30 -0000"}, None, NOW) == 90.0


@pytest.mark.parametrize(
    ("document", "seconds"),
    [
        ({"retry_after": 12}, 12.0),
        ({"retry_after": "12"}, 12.0),
        ({"error": {"code": "x", "retry_after": 7.5}}, 7.5),
        ({"retry_after": None, "error": {"retry_after": 3}}, 3.0),
        ({"error": "rate_limit_exceeded", "retry_after": 12}, 12.0),
        ({"retry_after": True}, None),
        ({"retry_after": [1]}, None),
        ({"error": None}, None),
        ({}, None),
    ],
)
def test_wait_asked_for_in_the_body(document: dict[str, object], seconds: float | None) -> None:
    assert asked_to_wait({}, document, NOW) == seconds


def test_header_wins_over_the_body() -> None:
    assert asked_to_wait({"retry-after": "5"}, {"retry_after": 60}, NOW) == 5.0


def test_body_stands_in_for_a_header_that_cannot_be_read() -> None:
    assert asked_to_wait({"retry-after": "soon"}, {"retry_after": 60}, NOW) == 60.0


def test_nothing_asked_is_nothing_said() -> None:
    assert asked_to_wait({}, None, NOW) is None


@given(st.text(max_size=30), st.floats() | st.integers(-(10**300), 10**300) | st.text(max_size=30))
def test_any_request_to_wait_is_bounded_or_passed_over(header: str, value: object) -> None:
    for found in (
        asked_to_wait({"retry-after": header}, None, NOW),
        asked_to_wait({}, {"retry_after": value}, NOW),
    ):
        assert found is None or 0 <= found <= LONGEST_WAIT


def test_number_beyond_all_bounds_is_the_longest_wait_or_none() -> None:
    assert asked_to_wait({}, {"retry_after": 10**400}, NOW) in (LONGEST_WAIT, None)


# -- a window that is used up


@pytest.mark.parametrize(
    ("remaining", "reset", "seconds"),
    [
        ("0", "30", 30.0),  # seconds to go
        (" 0 ", "30", 30.0),
        ("0", str(int(NOW) + 30), 30.0),  # Unix time
        ("0", str(int(NOW) - 30), 0.0),
        ("0", "999999999", LONGEST_WAIT),  # nine digits are seconds to go still
        ("0", "soon", None),
        ("0", "", None),
        ("1", "30", None),
        ("", "30", None),
    ],
)
def test_window_that_is_used_up_is_waited_for(remaining: str, reset: str, seconds: float | None) -> None:
    headers = {"x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset}
    assert nothing_left(headers, NOW) == seconds


def test_window_without_a_reset_says_nothing() -> None:
    assert nothing_left({"x-ratelimit-remaining": "0"}, NOW) is None
    assert nothing_left({}, NOW) is None
