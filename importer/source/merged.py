"""Cells that are merged: a person sees one, the file has its text in the first and nothing in the others.

A heading merged with the cell below it heads the column as well. Customers that share a cell do not:
it is not for us to say that all of them have its text. (pure)
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from importer.rows import Row
from importer.source.place import Span

_NAMED = 4
"""Places that a note names."""


def with_merged_headings(rows: Sequence[Row], spans: Iterable[Span]) -> list[Row]:
    """The `rows`, among which the headings are, with text that reaches down into them by a merge."""
    by_number = {row.number: list(row.cells) for row in rows}
    for span in spans:
        above = by_number.get(span.top, [])
        if span.top >= span.bottom or span.left >= len(above):
            continue
        for number, cells in by_number.items():
            if span.top < number <= span.bottom and span.left < len(cells) and not cells[span.left]:
                cells[span.left] = above[span.left]
    return [replace(row, cells=tuple(by_number[row.number])) for row in rows]


def merged_note(spans: Iterable[Span], header: int, width: int) -> str:
    """What the plan says of customers that share a cell; "" where none do."""
    shared = [span for span in spans if header < span.top < span.bottom and span.left < width]
    if not shared:
        return ""
    named = ", ".join(map(str, shared[:_NAMED])) + (", …" if len(shared) > _NAMED else "")
    return (
        f"cells are merged across rows ({named}); what they say counts for the "
        "first row only: unmerge them and fill in each row"
    )
