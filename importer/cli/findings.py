"""What was found in the cells, as the plan tells it."""

import textwrap
from collections.abc import Iterator, Sequence

from importer.causes import CAUSES
from importer.findings import FindingCount, Grade
from importer.planning import Plan

_LOOK = "Look at these before sending; they keep no row from being sent:"
_REPAIRED = "Repaired in what is sent (--repair); the results file keeps the cells as they were:"


def column_lines(plan: Plan) -> list[str]:
    """Columns that hold few of what they are mapped to."""
    return _block("Is the mapping right?", (_wrapped(trouble.message, 2) for trouble in plan.troubles))


def finding_lines(plan: Plan, *, quote: bool) -> list[str]:
    """Cells to look at, cells that are repaired, and what could be.

    With `quote` one cell of each is shown: for a terminal, and not for a log.
    """
    found = plan.findings()
    looked_at = [each for each in found if each.grade is Grade.LOOK]
    repaired = [each for each in found if each.grade is Grade.REPAIRED]
    return [
        *_block(_LOOK, (_group(each, quote=quote) for each in looked_at)),
        *_block(_REPAIRED, (_group(each, quote=quote) for each in repaired)),
        *_offer([each for each in found if each.grade is not Grade.REPAIRED], quote=quote),
    ]


def _block(heading: str, groups: Iterator[list[str]]) -> list[str]:
    lines = [line for group in groups for line in group]
    return ["", f"  {heading}", *lines] if lines else []


def _group(each: FindingCount, *, quote: bool) -> list[str]:
    rows = ", ".join(map(str, each.rows)) + (", …" if each.cells > len(each.rows) else "")
    cause = CAUSES[each.code]
    return [
        f'  {each.code} in "{each.column}": {_cells(each.cells)} ({rows})',
        *(_example(each) if quote else []),
        *([] if each.grade is Grade.REPAIRED else _wrapped(f"{cause.meaning} {cause.how}", 6)),
    ]


def _example(each: FindingCount) -> list[str]:
    return _wrapped(f"Row {each.rows[0]}: {each.example}", 6)


def _offer(found: Sequence[FindingCount], *, quote: bool) -> list[str]:
    by_column: dict[str, int] = {}
    for each in found:
        if each.repairs:
            by_column[each.column] = by_column.get(each.column, 0) + each.repairs
    if not by_column:
        return []
    places = ", ".join(f'{_cells(count)} of "{column}"' for column, count in by_column.items())
    # those to look at are shown above
    shown = [each for each in found if quote and each.grade is Grade.FAULT]
    return [
        "",
        *_wrapped(f"With --repair, {places} would be sent as what was probably meant.", 2),
        *(line for each in shown for line in _example(each)),
    ]


def _cells(count: int) -> str:
    return f"{count:,} cell" if count == 1 else f"{count:,} cells"


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, 96, initial_indent=" " * indent, subsequent_indent=" " * indent)
