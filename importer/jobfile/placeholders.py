"""`{date:%Y-%m-%d}`, `{date-1:%Y-%m-%d}` and `{name}` in the paths of a job file. (pure)"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

_PLACEHOLDER = re.compile(r"\{(date|name)(?:(?<=date)([+-]\d{1,3}))?(?::([^{}]*))?\}")
DAY = "%Y-%m-%d"


def fill(text: str, now: datetime, *, name: str | None = None) -> str:
    """`text` with the local date of `now`, which has a time zone, and the name of the source, if any.

    `{date-1}` is the day before, in the calendar: it does not matter how long that was.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] == "date":
            day = now.astimezone().replace(tzinfo=None) + timedelta(days=int(found[2] or 0))
            return day.strftime(found[3] or DAY)
        return found[0] if name is None else name

    return _PLACEHOLDER.sub(value, text)


def placeholders(text: str) -> frozenset[str]:
    """The words that stand in braces as placeholders."""
    return frozenset(found[1] for found in _PLACEHOLDER.finditer(text))


def strange_braces(text: str) -> bool:
    """Whether braces are left that are no placeholder."""
    return bool(re.search(r"[{}]", _PLACEHOLDER.sub("", text)))


def unknown_codes(text: str) -> Iterator[str]:
    """What the dates in `text` say that strftime has no meaning for, or a form without any code."""
    for found in _PLACEHOLDER.finditer(text):
        form = found[3] or DAY
        if "%" not in form:
            yield form
        yield from (code for code in re.findall("%[-_0^#]?[EO]?.?", form) if not _has_meaning(code))


def _has_meaning(code: str) -> bool:
    try:
        return code == "%%" or datetime(2026, 11, 21).strftime(code) not in (code, "")  # noqa: DTZ001
    except ValueError:
        return False


def stem(file_name: str) -> str:
    """A file's name without its ending; that of a packed one has two."""
    return re.sub(r"\.[^.]+$", "", re.sub(r"(?i)\.(gz|zip)$", "", file_name)) or file_name
