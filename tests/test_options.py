"""What people write behind options, and what it means."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from importer.errors import SettingsError
from importer.notation import next_time, parse_rate
from importer.rows import Limit


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("25/s", Limit(25, 1)),
        ("200/min", Limit(200, 60)),
        ("100/10s", Limit(100, 10)),
        ("1000/5min", Limit(1000, 300)),
        ("60 / h", Limit(60, 3600)),
        ("3/0.5s", Limit(3, 0.5)),
    ],
)
def test_rate_is_read_as_people_write_it(text: str, limit: Limit) -> None:
    assert parse_rate(text) == limit


@pytest.mark.parametrize(
    "limit", [Limit(25, 1), Limit(200, 60), Limit(100, 10), Limit(1000, 300), Limit(5, 7200)]
)
def test_limit_is_written_as_it_is_read(limit: Limit) -> None:
    assert parse_rate(str(limit)) == limit


@pytest.mark.parametrize(
    "text", ["", "25", "25/", "/s", "0/s", "-1/s", "25/day", "25/0s", "x/s", "25/s/s", "²/s"]
)
def test_what_is_no_rate_says_how_to_write_one(text: str) -> None:
    with pytest.raises(SettingsError, match="25/s"):
        parse_rate(text)


@pytest.mark.parametrize("minutes", [1, 60, 60 * 23])
def test_time_of_day_is_its_next_occurrence(minutes: int) -> None:
    now = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
    wanted = (now + timedelta(minutes=minutes)).astimezone()
    assert next_time(f"{wanted:%H:%M}", now) == wanted.replace(second=0).timestamp()


@pytest.fixture
def _in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where the clock skips from 02:00 to 03:00 on 2026-03-29, and back from 03:00 on 2026-10-25."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_in_berlin")
@pytest.mark.parametrize(
    ("now", "text", "then"),
    [
        ("2026-03-28T22:00Z", "06:00", "2026-03-29T04:00Z"),  # 7 hours later, not 8
        ("2026-10-24T21:00Z", "06:00", "2026-10-25T05:00Z"),  # 8 hours later, not 7
        ("2026-10-24T23:00Z", "02:30", "2026-10-25T00:30Z"),  # the first of two
        ("2026-10-25T00:45Z", "02:30", "2026-10-25T01:30Z"),  # the second
        ("2026-10-25T01:45Z", "02:30", "2026-10-26T01:30Z"),
        ("2026-03-28T23:00Z", "02:30", "2026-03-29T00:30Z"),  # there is none that night: rather early
        ("2026-03-29T00:45Z", "02:30", "2026-03-29T01:30Z"),  # than a day late
    ],
)
def test_time_of_day_is_that_of_the_clock_on_the_wall_when_summer_comes_and_goes(
    now: str, text: str, then: str
) -> None:
    assert next_time(text, datetime.fromisoformat(now)) == datetime.fromisoformat(then).timestamp()


@pytest.mark.parametrize("text", ["25:00", "6", "6pm", "", "06:00:00"])
def test_what_is_no_time_of_day_says_how_to_write_one(text: str) -> None:
    with pytest.raises(SettingsError, match="06:00"):
        next_time(text, datetime.now(UTC))
