"""What is said of a damaged cell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Regions = Mapping[str, str]
"""Path of a country field -> alpha-2 code of the country that its row has there, where it is known."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What probably happened to a cell before it reached us.

    `code` is stable, for machines and for grouping; `message` is for the person who mends the sheet and may
    quote the cell; `repair` is the text that was probably meant, None where that cannot be told. `certain`
    damage must not be sent; anything else is to be looked at.
    """

    code: str
    message: str = field(repr=False)
    repair: str | None = field(default=None, repr=False)
    certain: bool = False


Find = Callable[[str, Regions], Damage | None]
"""Looks at the text of one cell, trimmed and not empty, in a row with these countries."""
