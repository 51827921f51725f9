"""Dates in paths are those of the calendar on the wall."""

import time
from datetime import datetime

import pytest

from importer.jobfile.placeholders import fill, strange_braces, unknown_codes


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("a-{date}.csv", "a-2026-03-29.csv"),
        ("a-{date:%Y%m%d}.csv", "a-20260329.csv"),
        ("{date:%Y/%m}/a-{date:%d}.csv", "2026/03/a-29.csv"),
        ("a-{date-1:%Y-%m-%d}.csv", "a-2026-03-28.csv"),
        ("a-{date-29:%d.%m.}.csv", "a-28.02..csv"),
        ("a-{date+3}.csv", "a-2026-04-01.csv"),
        ("a-{name-1}.csv", "a-{name-1}.csv"),
    ],
)
def test_date_of_the_night_is_filled_in(text: str, filled: str) -> None:
    assert fill(text, datetime.fromisoformat("2026-03-29T12:00").astimezone()) == filled


def test_date_is_that_of_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Yesterday is the day before, also of the day that has 23 hours."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        now = datetime.fromisoformat("2026-03-29T22:30+00:00")
        assert fill("{date} {date-1}", now) == "2026-03-30 2026-03-29"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d%m%y", "%-d.%-m.%Y", "%G-W%V", "%%%Y", "%A", "%H%M"])
def test_codes_that_mean_something_are_known(form: str) -> None:
    assert list(unknown_codes(f"in/{{date-1:{form}}}.csv {{date}} {{name}}")) == []


@pytest.mark.parametrize("text", ["{dat}", "{date", "{date-}", "{date-x}", "{name+1}"])
def test_other_braces_are_strange(text: str) -> None:
    assert strange_braces(text)
