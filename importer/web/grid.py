"""Rows of a plan as a grid: which cells are shown, which are at fault, which a person may correct."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from importer.mapping import positions_of
from importer.paging import RowPage, Wanted
from importer.planning import Plan
from importer.rechecking import is_correctable
from importer.rows import TO_CORRECT, FieldError, Row, RowResult, Status

PAGE = 50
"""Rows of a page."""

FAULTS = "faults"
EVERY = "all"


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell: what it says, what is wrong with it, and what was probably meant (None: nobody knows)."""

    column: int
    heading: str = field(repr=False)
    text: str = field(repr=False)
    faults: tuple[str, ...] = field(default=(), repr=False)
    remarks: tuple[str, ...] = field(default=(), repr=False)
    repair: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class GridLine:
    """A row of the sheet. `told` is what is said of it as a whole."""

    row: int
    status: Status
    told: str = field(repr=False)
    editable: bool
    cells: tuple[GridCell, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Grid:
    """One page of lines, of `total`; `page` counts from 1."""

    show: str
    code: str
    headings: tuple[tuple[int, str], ...] = field(repr=False)
    lines: tuple[GridLine, ...] = field(repr=False)
    page: int
    pages: int
    total: int


def wanted_of(show: str, code: str) -> Wanted:
    """The rows that a filter means; those to correct where it is none of ours."""
    if show == EVERY:
        return Wanted(code=code)
    if show in list(Status):
        return Wanted(frozenset({Status(show)}), code)
    return Wanted(TO_CORRECT, code)


def grid_of(plan: Plan, *, show: str, code: str, page: int, every_column: bool = False) -> Grid:
    """A page of the rows that are asked for."""
    found = plan.staging.pages.page(wanted_of(show, code), offset=max(0, page - 1) * PAGE, size=PAGE)
    shown = _shown(plan, every_column=every_column)
    lines = tuple(_line(plan, shown, row, result) for row, result in found.rows)
    columns = plan.opened.source.columns
    return Grid(
        show,
        code,
        tuple((at, columns[at]) for at in shown),
        lines,
        found.offset // PAGE + 1,
        _pages(found),
        found.total,
    )


def line_of(plan: Plan, row: Row, result: RowResult, *, every_column: bool = False) -> GridLine:
    """One line as a page has it."""
    return _line(plan, _shown(plan, every_column=every_column), row, result)


def _pages(found: RowPage) -> int:
    return max(1, -(-found.total // PAGE))


def _shown(plan: Plan, *, every_column: bool) -> tuple[int, ...]:
    """The columns that feed something, or all, in the order of the sheet."""
    columns, mapping = plan.opened.source.columns, plan.opened.mapping
    if every_column:
        return tuple(range(len(columns)))
    used = {at for path in mapping.columns for at in positions_of(mapping, path, columns)}
    return tuple(sorted(used))


def _line(plan: Plan, shown: tuple[int, ...], row: Row, result: RowResult) -> GridLine:
    faults, remarks = _placed(plan, result.faults), _placed(plan, result.findings)
    repairs = _repairs(plan, (*result.faults, *result.findings))
    columns = plan.opened.source.columns
    cells = tuple(
        GridCell(
            at,
            columns[at],
            row.cells[at],
            tuple(faults.get(at, ())),
            tuple(remarks.get(at, ())),
            repairs.get(at),
        )
        for at in shown
    )
    return GridLine(row.number, result.status, result.message, is_correctable(result), cells)


def _placed(plan: Plan, told: tuple[FieldError, ...]) -> Mapping[int, list[str]]:
    """What is said, by the column that it is said of."""
    found: dict[int, list[str]] = {}
    for each in told:
        for at in positions_of(plan.opened.mapping, each.field, plan.opened.source.columns):
            found.setdefault(at, []).append(each.message)
    return found


def _repairs(plan: Plan, told: tuple[FieldError, ...]) -> Mapping[int, str]:
    """What was probably meant, by column, where the cell by itself is the text of the field."""
    mapping, found = plan.opened.mapping, {}
    for each in told:
        places = positions_of(mapping, each.field, plan.opened.source.columns)
        alone = len(places) == 1 and each.field not in mapping.takes and each.field not in mapping.values
        if each.repair is not None and alone:
            found[places[0]] = each.repair
    return found
