"""The results file as CSV: what Excel opens right, and what comes back byte for byte."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from importer.results.columns import Layout
from importer.rows import Row, RowResult
from importer.sheetformat import SETTINGS_HEADING, guard


def write_csv(
    file: BinaryIO, layout: Layout, settings_json: str, rows: Iterable[tuple[Row, RowResult]]
) -> None:
    """Write UTF-8 with a BOM, commas and CRLF; text that could run is guarded, reversibly.

    The last heading carries the settings. Half a surrogate pair, which is no character and has no
    UTF-8, becomes its escape (``\\ud800``).
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="backslashreplace", newline="")
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow([*map(guard, layout.headings), SETTINGS_HEADING + settings_json])
    out.writerows(_lines(layout, rows))
    text.flush()
    text.detach()


_MAYBE = frozenset("'=+-@\t\r")
"""First characters that `guard` looks at; asking here first saves a call for nearly every cell."""


def _lines(layout: Layout, rows: Iterable[tuple[Row, RowResult]]) -> Iterator[list[str | int]]:
    for row, result in rows:
        values = layout.values(row, result)
        yield [*[guard(v) if isinstance(v, str) and v[:1] in _MAYBE else v for v in values], ""]
