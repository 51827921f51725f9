"""Numbers, times and words as the pages write them."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from importer.causes import AS_FOR_A_PERSON, Cause
from importer.providers import PROVIDERS
from importer.rows import Status
from importer.settling import Assumption
from importer.web.folders import Import

MEANINGS: Mapping[str, str] = {
    Status.CREATED: "made by this import",
    Status.EXISTS: "there already",
    Status.DUPLICATE: "same as an earlier row",
    Status.INVALID: "a cell to correct",
    Status.REJECTED: "refused by the provider",
    Status.FAILED: "not delivered, no effect",
    Status.UNKNOWN: "perhaps created",
    Status.NOT_SENT: "not sent so far",
}
"""A few words under the number of rows of each status."""


SETTLE_HERE = (
    "Look in the provider's dashboard, then say what you found under “What became of these?” on the page of "
    "results."
)

HERE: Mapping[str, str] = {
    "person_must_settle": SETTLE_HERE,
    "unclear_reply": SETTLE_HERE,
    "unknown_elsewhere": "Undo the change of its cells, columns or repairs; then it can be found out.",
    "ambiguous_date": "Write it as year-month-day, like 1990-12-31; or say under Columns how its dates are "
    "written.",
    "stopped": "Go on, or run again: the rest is sent then.",
    "settled_only": "Go on, or run again: it is sent then.",
    "limit_reached": "Run again: the rest is sent then.",
    "redirected": "Ask IT to correct the provider's address, then run again.",
}
"""What to do about a code on the page, where the words for a terminal would not help."""


MEANT_HERE: Mapping[str, str] = {
    "settled_only": "The row is ready, and was not sent.",
    "limit_reached": "The run was asked to send only so many rows.",
    "unknown_elsewhere": "It was sent as another customer than it is now, and that answer was lost.",
}
"""What a code means on the page, where the words are those of a terminal."""


READING: Mapping[str, str] = {
    "--sheet": "Sheet of a workbook",
    "--header-row": "Row with the headings",
    "--encoding": "Encoding of a text file",
    "--delimiter": "What separates its columns",
}
"""The options that say how a file is read, as their fields on the page are called."""


ASK = "Ask whoever runs this server, and say which file it was."
_OTHER_LEDGER = re.compile(r" Name that ledger with --ledger.*\Z", re.DOTALL)
"""What to do about the ledger of a results file, which nobody can choose on the page."""


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


def meaning(status: str) -> str:
    """What it means to have a status."""
    return MEANINGS[status]


def how_here(cause: Cause | Mapping[str, str]) -> str:
    """How to mend a cause from the page, where there is no command line."""
    code, how = (cause.code, cause.how) if isinstance(cause, Cause) else (cause["code"], cause["how"])
    if how == AS_FOR_A_PERSON:
        return SETTLE_HERE
    return HERE.get(code, how.replace(", with --repair", "").replace("--rate", "rate"))


def meant_here(cause: Cause | Mapping[str, str]) -> str:
    """What a cause means, on the page."""
    if isinstance(cause, Cause):
        return MEANT_HERE.get(cause.code, cause.meaning)
    return MEANT_HERE.get(cause["code"], cause["meaning"])


def plainly(text: str, one: Import) -> str:
    """A message about a file, which is called as its person calls it, and whose options are fields here."""
    for option, label in READING.items():
        text = text.replace(option, f"“{label}” (Columns)")
    return _OTHER_LEDGER.sub(f" {ASK}", text).replace(one.file, one.name)


def recorded(assumption: Assumption) -> str:
    """What was done with what a person found out about a row, and what is left to do."""
    rows = ", ".join(map(str, sorted(assumption.rows)))
    if assumption.customer_id:
        return f"Row {rows}: the id is recorded, so its customer is there. Nothing is left to do for it."
    return (
        f"Row {rows}: it is recorded that the customer is not there. Nothing was sent by that: the row is "
        "sent when you go on, or run again."
    )


def title_of(provider: str) -> str:
    """What people call a provider."""
    return PROVIDERS[provider].title


FILTERS: Mapping[str, Callable[..., str]] = {
    "number": number,
    "plainly": plainly,
    "moment": moment,
    "duration": duration,
    "megabytes": megabytes,
    "how_here": how_here,
    "meant_here": meant_here,
    "meaning": meaning,
    "title_of": title_of,
}
