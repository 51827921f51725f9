"""Numbers and times as the pages write them."""

from collections.abc import Callable, Mapping
from datetime import datetime


def number(value: float) -> str:
    """With thousands apart."""
    return f"{value:,}"


def moment(seconds: float) -> str:
    """A Unix time in the server's local time."""
    return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def megabytes(size: float) -> str:
    """Bytes as megabytes."""
    return f"{size / (1 << 20):,.0f} MB"


FILTERS: Mapping[str, Callable[[float], str]] = {
    "number": number,
    "moment": moment,
    "duration": duration,
    "megabytes": megabytes,
}
