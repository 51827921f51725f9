"""What a normaliser returns for text that cannot be put into the form asked for."""

from dataclasses import dataclass, field

_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a cell will not do.

    `code` is stable, for machines and for grouping; `message` is for the person who mends the sheet:
    what is wrong and what is wanted. It may quote the cell, so it stays out of the repr.
    """

    code: str
    message: str = field(repr=False)


def shown(value: str) -> str:
    """`value` in quotes, on one line, printable and cut to 40 characters, to begin a message with."""
    printable = "".join(c if c.isprintable() else " " for c in value[: 10 * _WIDTH])
    line = " ".join(printable.split())
    if not line:
        return "An empty cell"
    return f'"{line}"' if len(line) <= _WIDTH else f'"{line[: _WIDTH - 1]}…"'
