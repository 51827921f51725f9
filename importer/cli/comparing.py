"""All providers beside each other, as a table on a screen."""

import shutil
import textwrap
from collections.abc import Sequence
from itertools import zip_longest

from importer.comparison import Answer, Comparison

_HEADINGS = ("provider", "ready", "almost", "faulty", "required, but no column", "most frequent faults")
_NUMBERS = 7
"""Characters for a count."""


def table(comparison: Comparison) -> str:
    """A line or more for each provider, as wide as the terminal within reason, and what the numbers mean."""
    width = min(max(shutil.get_terminal_size((100, 24)).columns, 80), 140)
    first = max(len(each.provider.name) for each in comparison.candidates)
    rest = width - first - 3 * (_NUMBERS + 1) - 6
    widths = (first, _NUMBERS, _NUMBERS, _NUMBERS, rest * 3 // 5, rest - rest * 3 // 5)
    lines = _line(_HEADINGS, widths)
    for each in comparison.candidates:
        counts = (each.counts[name] for name in (Answer.READY, Answer.COLUMNS_MISSING, Answer.FAULTY))
        cells = [each.provider.name, *(f"{count:,}" for count in counts), each.missing_text, each.causes_text]
        lines += _line(cells, widths)
    told = [f"{comparison.verdict}"]
    if any(each.counts[Answer.COLUMNS_MISSING] for each in comparison.candidates):
        told.insert(0, "Almost: the row lacks nothing but the columns.")
    return "\n".join([*lines, "", *(line for text in told for line in textwrap.wrap(text, width - 2))])


def _line(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """One row of the table: as many lines as its longest cell needs; the counts stand on the right."""
    columns = [textwrap.wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
    return [
        " ".join(
            f"{text:>{width}}" if 1 <= place <= 3 else f" {text:<{width}}"
            for place, (text, width) in enumerate(zip(texts, widths, strict=True))
        ).rstrip()
        for texts in zip_longest(*columns, fillvalue="")
    ]
