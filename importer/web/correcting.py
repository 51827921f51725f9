"""What a person does to cells: correct one, or find and replace in a column."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from importer.corrections import Correction, Replacement, corrected_row, keep_corrections
from importer.errors import SettingsError
from importer.planning import Plan
from importer.rechecking import CORRECTABLE, is_correctable, recheck
from importer.rows import Row, RowResult
from importer.web.rendering import as_shown

FEW = 200
"""So many rows are checked one by one; more with the whole sheet."""

EXAMPLES = 5

LONGEST = 32_767
"""Characters that a cell of Excel takes."""


class StaleError(SettingsError):
    """Somebody else was faster. `now` is what the cell says."""

    def __init__(self, message: str, *, now: str) -> None:
        super().__init__(message)
        self.now = now


def correct(plan: Plan, path: Path, correction: Correction, *, was: str) -> tuple[Row, RowResult]:
    """Put a text in place of `was`, keep it in the file of corrections, and say how the row stands now.

    Raises:
        StaleError: The cell does not say `was` any more; nothing was changed.
        SettingsError: There is no such cell, or it must not be changed; nothing was.
    """
    row, result = _row(plan, correction)
    now = row.cells[correction.column]
    if as_shown(now) != as_shown(was):
        raise StaleError(
            "Somebody changed this cell meanwhile, perhaps you in another tab. It was not changed again: "
            "look at what it says now, and correct that if need be.",
            now=now,
        )
    if not is_correctable(result):
        raise SettingsError(
            f"Row {row.number} is {result.status}: with other cells its customer could be made twice, so it "
            "stays as it is."
        )
    if len(correction.text) > LONGEST:
        raise SettingsError(f"A cell takes {LONGEST:,} characters at most. It was not changed.")
    keep_corrections(path, [correction])
    recheck(plan, [corrected_row(row, {correction.column: correction.text})])
    return _row(plan, correction)


def _row(plan: Plan, correction: Correction) -> tuple[Row, RowResult]:
    found = plan.staging.pages.row(correction.row)
    if found is None or not 0 <= correction.column < len(found[0].cells):
        raise SettingsError("There is no such cell in this sheet. Reload the page.")
    return found


@dataclass(frozen=True, slots=True)
class Preview:
    """What a replacement would do: how many cells, and the first few as (row, before, after)."""

    cells: int
    examples: tuple[tuple[int, str, str], ...] = field(repr=False)


def preview(plan: Plan, column: int, replacement: Replacement) -> Preview:
    """What would be replaced."""
    found = list(_replaced(plan, column, replacement))
    return Preview(len(found), tuple((row, was, text) for row, was, text in found[:EXAMPLES]))


def replace_all(plan: Plan, path: Path, column: int, replacement: Replacement) -> int:
    """Replace in a column, in rows that may be corrected. Returns how many cells: after more than `FEW` the
    sheet must be checked anew.
    """
    found = list(_replaced(plan, column, replacement))
    keep_corrections(path, (Correction(row, column, text) for row, _, text in found))
    if len(found) > FEW:
        return len(found)
    rows = (plan.staging.pages.row(number) for number, _, _ in found)
    texts = {number: text for number, _, text in found}
    recheck(plan, [corrected_row(each[0], {column: texts[each[0].number]}) for each in rows if each])
    return len(found)


def _replaced(plan: Plan, column: int, replacement: Replacement) -> Iterator[tuple[int, str, str]]:
    if not 0 <= column < len(plan.opened.source.columns):
        raise SettingsError("There is no such column in this sheet. Reload the page.")
    for number, status, was in plan.staging.pages.column(column):
        text = replacement.of(was)[:LONGEST]
        if text != was and status in CORRECTABLE:
            yield number, was, text
