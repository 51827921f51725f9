"""Dates that became the number by which spreadsheet programs count days."""

import datetime
import re

from importer.damage.found import Damage
from importer.normalise.unfit import shown

_DAY_0 = datetime.date(1899, 12, 30)  # right from serial 61 on: before it Excel counts a 29 February 1900
_PLAUSIBLE = range(3_000, 73_051)
"""1908 to 2099. What is smaller may be a year, what is larger a date run together."""

_serial = re.compile(r"(\d{4,5})(?:[.,]0+)?", re.ASCII)


def damaged_date(text: str) -> Damage | None:
    """The day that a bare number stands for, counted from 1900 as all but very old Macs do."""
    found = _serial.fullmatch(text)
    if found is None or (serial := int(found[1])) not in _PLAUSIBLE:
        return None
    day = (_DAY_0 + datetime.timedelta(days=serial)).isoformat()
    return Damage(
        "date_serial",
        f"{shown(text)} is the number by which spreadsheet programs count days, for {day}. "
        "Format the cell as a date, or write it like that.",
        day,
        certain=True,
    )
