"""How the dates of a column are written, where that is not the same for all the world (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass

from importer import normalise
from importer.mapping.looks import Cells
from importer.mapping.model import Option, Question
from importer.normalise import Order, Unfit

ENOUGH = 2
"""Cells that can be read one way only, and all the same way, before they settle it for the others."""

WORDS: Mapping[Order, str] = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}


@dataclass(frozen=True, slots=True)
class DateOrder:
    """What the cells of a column tell of their order: how many are clear, and one that is not, if any."""

    day_first: int
    month_first: int
    unclear: int
    example: str = ""

    @property
    def settled(self) -> Order | None:
        """The order where the clear cells agree and are enough; None where they do not or none is needed."""
        clear = max(self.day_first, self.month_first)
        if not self.unclear or min(self.day_first, self.month_first) or clear < ENOUGH:
            return None
        return "dmy" if self.day_first else "mdy"


def date_order(cells: Cells) -> DateOrder:
    """What the cells tell of the order that they are written in."""
    counts = {"dmy": 0, "mdy": 0, "": 0}
    example = ""
    for text, times in cells.counts.items():
        found = normalise.date(text)
        if not isinstance(found, Unfit):
            fitting = _only_order(text)
            if fitting:
                counts[fitting] += times
        elif found.code == "ambiguous_date":
            counts[""] += times
            example = example or text
    return DateOrder(counts["dmy"], counts["mdy"], counts[""], example)


def _only_order(text: str) -> Order | None:
    """The one order in which the text is a date; None where it is so in both."""
    fit: list[Order] = [o for o in ("dmy", "mdy") if not isinstance(normalise.date(text, order=o), Unfit)]
    return fit[0] if len(fit) == 1 else None


def reason(order: DateOrder) -> str:
    """Why the order is settled."""
    clear = order.day_first or order.month_first
    settled = order.settled
    return f"{WORDS[settled]}, as {clear} cells can only be read so" if settled else ""


def question(path: str, order: DateOrder) -> Question | None:
    """What to ask where cells may be read either way and no others settle it."""
    if not order.unclear or order.settled:
        return None
    cells = "cell" if order.unclear == 1 else "cells"
    both = ", and the column has both orders" if order.day_first and order.month_first else ""
    return Question(
        path,
        f"{order.unclear} {cells} may be day or month first{both}",
        tuple(
            Option(f"{WORDS[each]}: {shown}", dates={path: each}, note=f"{WORDS[each]}: {shown}")
            for each, shown in _both_ways(order.example)
        ),
        stops=False,
    )


def _both_ways(example: str) -> list[tuple[Order, str]]:
    """An example, and how each order reads it."""
    orders: tuple[Order, ...] = ("dmy", "mdy")
    return [(order, f"{example} is {normalise.date(example, order=order)}") for order in orders]
