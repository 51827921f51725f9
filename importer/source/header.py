"""Which row of a sheet holds the headings (pure)."""

import re
from collections.abc import Iterable, Mapping, Sequence

from importer.errors import EmptySourceError, SourceError
from importer.rows import Row
from importer.sheetformat import EXAMPLE
from importer.source.columns import is_results
from importer.source.faults import MAX_COLUMNS

LOOK_AT = 60
"""Rows with something in them, from the top, among which the headings are looked for."""

_GAP = 1000
"""Blank rows after which nothing is expected."""

_FOLLOWERS = 20
"""Rows below a row that show whether it heads them."""

_CLOSE = 0.25
"""How far from the best score the first row may be: a longer row further down is no better heading."""

_LONG = 80
"""Characters that a heading does not have."""

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_VALUE = re.compile(r"[-+(]?\d[\d\s.,/:()\-]*%?|https?:\S+|true|false|#n/a|#[a-z/0 ]+[!?]", re.IGNORECASE)
_FAMILIAR = re.compile(
    "name|mail|phone|mobile|tel|address|street|city|country|post|zip|birth|customer|company|nom|apellido"
    "|correo|ville|straße|stadt|ort|land|имя|почта|телефон|姓名|电话|邮箱|名前|電話|メール|이름|전화"
)

_MAIL = re.compile("mail|correo|почта|邮箱|邮件|メール")


class NoTableError(SourceError):
    """There are no headings, or no rows below them."""


class EmptyTableError(NoTableError, EmptySourceError):
    """There are no rows, with headings or without."""


def first_rows(sheet: Iterable[tuple[int, Sequence[str]]], asked: int | None) -> list[Row]:
    """The rows among which the headings are: from the top, or from the one `asked` for; without blank ones.

    A thousand blank rows end the search once something was found.
    """
    found: list[Row] = []
    for number, cells in sheet:
        near = cells if len(cells) <= MAX_COLUMNS else cells[:MAX_COLUMNS]
        if number >= (asked or 0) and not is_blank(near):
            found.append(Row(number, tuple(near)))
        if len(found) == LOOK_AT or (len(found) > 1 and number > found[-1].number + _GAP):
            break
    return found


def is_blank(cells: Sequence[str]) -> bool:
    """Whether a person sees nothing in these cells, or the example row of a template."""
    return not any(map(str.strip, cells)) or EXAMPLE in cells


def filled_width(cells: Sequence[str]) -> int:
    """How many cells there are up to the last with something in it."""
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return width


def find_header(first: Sequence[Row], asked: int | None, place: str) -> Row:
    """The row of headings among the `first` rows of a sheet, blank ones left out; `place` is for errors.

    That is the first that comes close to the best: one whose cells head what is filled in below,
    are distinct, read like words and not like values, and hold no e-mail address.

    Raises:
        NoTableError: The row asked for is blank or a customer, no row reads like headings, or none is below.
    """
    row = _asked_for(first, asked, place) if asked is not None else _likeliest(first, place)
    if first[-1].number <= row.number:
        raise EmptyTableError(
            f"{place} has headings in row {row.number} but no rows below. "
            "Add the customers, or name the row of headings with --header-row."
        )
    return row


def _asked_for(first: Sequence[Row], asked: int, place: str) -> Row:
    found = next((row for row in first if row.number == asked), None)
    if found is None:
        raise NoTableError(
            f"Row {asked} of {place} is blank or not there, so it cannot hold the headings. "
            "Look up the row's number in your spreadsheet program and give it with --header-row."
        )
    if any(_EMAIL.fullmatch(cell.strip().casefold()) for cell in found.cells):
        # taken for headings, the cells of a customer would be told wherever headings are
        raise NoTableError(
            f"Row {asked} of {place} holds an e-mail address, so it is a customer and not the headings. "
            "Look up the number of the row of headings and give it with --header-row."
        )
    return found


def _likeliest(first: Sequence[Row], place: str) -> Row:
    if not first:
        raise EmptyTableError(f"{place} holds nothing. Save the spreadsheet again, or name another.")
    filled = [
        {i: cell.strip().casefold() for i, cell in enumerate(row.cells) if cell.strip()} for row in first
    ]
    scores = [_score(first, filled, at) for at in range(len(first))]
    best = max(scores)
    if best <= 0:
        raise NoTableError(
            f"{place} has no row that reads like headings, only values. Put a row of headings on top, "
            "or name the row that holds them with --header-row."
        )
    return next(row for row, score in zip(first, scores, strict=True) if score >= best - _CLOSE)


def _score(first: Sequence[Row], filled: Sequence[Mapping[int, str]], at: int) -> float:
    """How much the row at that position is like headings: 1 for plain good ones, 2 for our own."""
    names = filled[at]
    if is_results(names.values()):
        return 2
    if len(first) == 1:
        return 1
    if any(_EMAIL.fullmatch(name) for name in names.values()):
        return 0
    familiar = sum(1 for name in names.values() if _FAMILIAR.search(name)) / len(names)
    if _below_a_customer(filled, at):
        return 0
    values = sum(1 for name in names.values() if len(name) > _LONG or _VALUE.fullmatch(name)) / len(names)
    repeated = 1 - len(set(names.values())) / len(names)
    headed = _headed(names, filled[at + 1 : at + 1 + _FOLLOWERS])
    return headed + familiar / 2 - values - repeated / 2


def _below_a_customer(filled: Sequence[Mapping[int, str]], at: int) -> bool:
    """Whether a row above is as full, and has an e-mail address where this one promises none.

    Then it is not the headings but the next customer, one without an address.
    """
    names = filled[at]
    return any(
        len(above) >= len(names) and _EMAIL.fullmatch(cell) and not _MAIL.search(names.get(column, ""))
        for above in filled[:at]
        for column, cell in above.items()
    )


def _headed(names: Mapping[int, str], below: Sequence[Mapping[int, str]]) -> float:
    """The share of the filled cells in the rows `below` that stand under one of the `names`."""
    cells = sum(map(len, below))
    return sum(len(names.keys() & row.keys()) for row in below) / cells if cells else 0


def promise(cells: Sequence[str]) -> tuple[int, int]:
    """How much a row of headings promises customers: familiar words in it, and how many headings."""
    filled = {cell.strip().casefold() for cell in cells if cell.strip()}
    return sum(1 for cell in filled if _FAMILIAR.search(cell)), len(filled)
