"""Rates, times of day, shares of the rows and durations as people write and read them. (pure)"""

import re
from datetime import datetime, timedelta

from importer.errors import SettingsError
from importer.rows import Limit

NUMBER_OR_SHARE = r"\d+|\d+(\.\d+)?%"
"""A number of rows, like 20, or a share of them, like 5%."""


def parse_rate(text: str, *, named: str = "--rate") -> Limit:
    """A window as people write it: `25/s`, `200/min`, `100/10s`, `1000/5min`, `60/h`.

    Raises:
        SettingsError: It is none; the message calls it as it is `named` where it was given.
    """
    found = re.fullmatch(r"(\d+)\s*/\s*(\d*\.?\d*)\s*(s|sec|min|m|h)", text.strip())
    if found is None or int(found[1]) == 0 or (found[2] and float(found[2]) == 0):
        raise SettingsError(
            f"{named} takes a number of requests per time, like 25/s, 200/min or 100/10s, not {text!r}."
        )
    unit = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}[found[3]]
    return Limit(int(found[1]), float(found[2] or 1) * unit)


def next_time(text: str, now: datetime, *, named: str = "--stop-by") -> float:
    """The Unix time of the next occurrence of HH:MM in the local time of `now` (which has a time zone).

    One that the clock shows twice when summer time ends occurs twice. One that it skips when that begins is
    taken an hour early, and where that is over, an hour late.

    Raises:
        SettingsError: It is no time of day; the message calls it as it is `named` where it was given.
    """
    try:
        clock = datetime.strptime(text.strip(), "%H:%M")  # noqa: DTZ007  a time of day has no zone
    except ValueError:
        raise SettingsError(f"{named} takes a time of day like 06:00, not {text!r}.") from None
    local = now.astimezone()
    for day in range(3):
        naive = (local + timedelta(days=day)).replace(
            hour=clock.hour, minute=clock.minute, second=0, microsecond=0, tzinfo=None
        )
        for fold in (0, 1):
            # the zone is found anew for that day: daylight saving may end tonight
            when = naive.replace(fold=fold).astimezone()
            if when > now:
                return when.timestamp()
    raise AssertionError("unreachable: tomorrow has every time of day")


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
