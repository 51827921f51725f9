"""How long ago, as people write it."""

import re
from datetime import UTC, datetime, timedelta

from importer.errors import SettingsError

_DAYS = {"d": 1, "w": 7, "y": 365}


def parse_age(text: str, option: str) -> timedelta:
    """A time as people write it: `90d`, `12w`, `2y` (of 365 days). `m` is none: minutes, or months?

    Raises:
        SettingsError: It is none.
    """
    found = re.fullmatch(r"(\d{1,5})\s*([dwy])", text.strip())
    if found is None:
        raise SettingsError(
            f"{option} takes days, weeks or years, like 90d, 12w or 1y, not {text!r}. Write months as days."
        )
    return timedelta(days=int(found[1]) * _DAYS[found[2]])


def parse_since(text: str, now: datetime) -> datetime:
    """A date (`2026-11-01`, its beginning in UTC) or how long before `now`.

    Raises:
        SettingsError: It is neither.
    """
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        pass
    try:
        return now - parse_age(text, "--since")
    except (SettingsError, OverflowError):
        raise SettingsError(
            f"--since takes a date or how long ago, like 2026-11-01, 7d or 12w, not {text!r}."
        ) from None
