"""What people write behind options, and what it means."""

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


@pytest.mark.parametrize("text", ["25:00", "6", "6pm", "", "06:00:00"])
def test_what_is_no_time_of_day_says_how_to_write_one(text: str) -> None:
    with pytest.raises(SettingsError, match="06:00"):
        next_time(text, datetime.now(UTC))
