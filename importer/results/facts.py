"""What the Summary sheet says about the run as a whole."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SummaryFacts:
    """A run or check in the words of its summary.

    `source` is the file's name, `started` and `ended` are UTC, `rate` the pace as people write it
    ("200/min"), `stopped` why the run ended early, "" where it did not. `order` says how the rows stand, ""
    for the order of the sheet. `rewritten` says when the results were written again, and from what. `command`
    is what carries out this file, which is to be put behind it.
    """

    run: str
    provider: str
    environment: str
    account: str
    source: str
    started: datetime | None = None
    ended: datetime | None = None
    rate: str = ""
    base_url: str = ""
    stopped: str = ""
    order: str = ""
    rewritten: str = ""
    command: str = "importer run"
