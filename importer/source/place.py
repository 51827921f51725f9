"""How columns, cells and sheets are named (pure). Rows count from 1, columns from 0."""

from dataclasses import dataclass

_LONGEST = 60
"""Characters. Excel takes 31 for a sheet."""


def letters(column: int) -> str:
    """The name of a column: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def printable(name: str) -> str:
    """The name of a file or sheet on one line, and not too long for a message."""
    line = "".join(letter if letter.isprintable() else "?" for letter in name[:_LONGEST])
    return line if len(name) <= _LONGEST else f"{line}…"


@dataclass(frozen=True, slots=True)
class Span:
    """Cells from one corner to the other, both included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{letters(self.left)}{self.top}:{letters(self.right)}{self.bottom}"
