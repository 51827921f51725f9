"""What calamine does not tell of a sheet: errors, numbers that are shown otherwise, what is hidden (pure)."""

from collections.abc import Iterator, MutableSequence, Sequence
from dataclasses import dataclass, field

from importer.sheetformat import NOT_CALCULATED
from importer.source.numberformat import Display
from importer.source.place import Span, letters

Mark = str | Display
"""Text to show instead of the cell, or how to show its number."""

_NAMED = 8
"""Rows or columns that a note names."""


@dataclass(slots=True)
class _Run:
    """Cells below one another with the same mark."""

    first: int
    last: int
    mark: Mark


@dataclass(slots=True)
class Looks:
    """Marks by column and rows, and what else is worth a note. Rows count from 1, columns from 0."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[Span] = field(default_factory=list)
    uncomputed: int = 0
    _runs: dict[int, list[_Run]] = field(default_factory=dict)

    def mark(self, row: int, column: int, mark: Mark) -> None:
        """Note a cell. With the same mark, cells of a column come from top to bottom."""
        runs = self._runs.get(column)
        if runs is None:
            self._runs[column] = [_Run(row, row, mark)]
        elif (last := runs[-1]).last == row - 1 and last.mark is mark:
            last.last = row
        else:
            runs.append(_Run(row, row, mark))

    def not_calculated(self, row: int, column: int) -> None:
        """Note a cell whose formula has no result."""
        self.uncomputed += 1
        self.mark(row, column, NOT_CALCULATED)

    def columns(self) -> dict[int, "ColumnLooks"]:
        """The marks of each column that has any."""
        return {column: ColumnLooks(runs) for column, runs in self._runs.items()}

    def notes(self, header: int, width: int) -> Iterator[str]:
        """What a person should know of the rows below `header` and the first `width` columns."""
        rows = [str(row) for row in self.hidden_rows if row > header]
        columns = [letters(column) for column in self.hidden_columns if column < width]
        yield from (hidden(what, names) for what, names in (("row", rows), ("column", columns)) if names)
        if self.uncomputed:
            yield not_calculated(self.uncomputed)


class ColumnLooks:
    """The marks of one column, for chunks of rows that are asked for from top to bottom."""

    def __init__(self, runs: Sequence[_Run]) -> None:
        # texts come last: they stand even where a number is marked as well
        self._displays = sorted((r for r in runs if not isinstance(r.mark, str)), key=lambda run: -run.first)
        self._texts = sorted((r for r in runs if isinstance(r.mark, str)), key=lambda run: -run.first)

    def show(self, first: int, values: Sequence[object], texts: MutableSequence[str]) -> None:
        """Put what is seen into `texts` for the `values` of rows from `first` on."""
        for runs in (self._displays, self._texts):
            while runs and runs[-1].first < first + len(values):
                run = runs[-1]
                _show(run.mark, values, texts, max(run.first - first, 0), run.last - first + 1)
                if run.last >= first + len(values):
                    break
                runs.pop()


def _show(mark: Mark, values: Sequence[object], texts: MutableSequence[str], begin: int, end: int) -> None:
    for i in range(begin, min(end, len(values))):
        if isinstance(mark, str):
            texts[i] = mark
        elif type(value := values[i]) is float or type(value) is int:
            texts[i] = mark(value) or texts[i]


def not_calculated(count: int) -> str:
    """The note on formulas without a result."""
    verbs = ("formula was", "reads") if count == 1 else ("formulas were", "read")
    return (
        f'{count:,} {verbs[0]} never calculated and {verbs[1]} as "{NOT_CALCULATED}"; '
        "open the workbook in your spreadsheet program and save it"
    )


def hidden(what: str, names: Sequence[str]) -> str:
    """The note on rows or columns that are hidden."""
    listed = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    if len(names) == 1:
        return f"{what} {listed} is hidden in the sheet; it is read like the others"
    return f"{len(names):,} {what}s are hidden in the sheet ({listed}); they are read like the others"
