"""What calamine does not tell of a sheet: error values, and numbers that are shown otherwise (pure)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from importer.source.numberformat import Display

Mark = str | Display
"""Text to show instead of the cell, or how to show its number."""

HIDDEN_ROWS = "some rows are hidden in the sheet; they are read like the others"


@dataclass(slots=True)
class _Run:
    """Cells below one another with the same mark."""

    first: int
    last: int
    mark: Mark


@dataclass(slots=True)
class Looks:
    """Marks by column and rows, and what else is worth a note. Rows count from 1, columns from 0."""

    hidden_rows: bool = False
    uncomputed: int = 0
    _runs: dict[int, list[_Run]] = field(default_factory=dict)

    def mark(self, row: int, column: int, mark: Mark) -> None:
        """Note a cell. Cells of a column come from top to bottom."""
        runs = self._runs.setdefault(column, [])
        if runs and runs[-1].last == row - 1 and runs[-1].mark == mark:
            runs[-1].last = row
        else:
            runs.append(_Run(row, row, mark))

    def reader(self) -> Callable[[int], list[tuple[int, Mark]]]:
        """The marks of one row after the other; to be asked with rising row numbers."""
        left = {column: sorted(runs, key=lambda run: -run.first) for column, runs in self._runs.items()}

        def in_row(row: int) -> list[tuple[int, Mark]]:
            found = []
            for column, runs in left.items():
                while runs and runs[-1].last < row:
                    runs.pop()
                if runs and runs[-1].first <= row:
                    found.append((column, runs[-1].mark))
            return found

        return in_row

    def __bool__(self) -> bool:
        return bool(self._runs)
