"""Which row holds the headings, and which columns are the customer's (pure)."""

import json
import math
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from importer.errors import SourceError
from importer.rows import Row
from importer.sheetformat import PREFIX, SETTINGS_HEADING, unguard

LOOK_AT = 60
"""Rows with something in them, from the top, among which the headings are looked for."""

_OURS = frozenset(
    PREFIX + name
    for name in (
        "status", "customer_id", "message", "code", "http_status", "attempts", "sent_at", "row", "run", "settings",
    )
)  # fmt: skip
_RESULTS = frozenset({PREFIX + "status", PREFIX + "row"})
_EMAIL = re.compile(r"\S@\S")
_VALUE = re.compile(r"[-+(]?\d[\d\s.,/:()\-]*%?|https?:\S+|true|false|#n/a", re.IGNORECASE)
_FAMILIAR = re.compile(
    "name|mail|phone|mobile|tel|address|street|city|country|post|zip|birth|customer|company|nom|apellido"
    "|correo|ville|straße|stadt|ort|land|имя|почта|телефон|姓名|电话|邮箱|名前|電話|メール|이름|전화"
)
_LONG = 80
_FOLLOWERS = 20
_CLOSE = 0.25


def is_blank(cells: Iterable[str]) -> bool:
    """Whether a person sees nothing in these cells."""
    return not any(map(str.strip, cells))


@dataclass(frozen=True, slots=True)
class Headings:
    """What the row of headings says about the columns of the sheet.

    `keep` are the positions to hand on, of `width` in all; `settings` is the JSON of a results file
    in CSV; `guarded` tells that cells carry the guard of `importer.sheetformat`.
    """

    row: int
    width: int
    keep: tuple[int, ...]
    columns: tuple[str, ...]
    is_results: bool
    guarded: bool
    settings: Mapping[str, object] | None

    def rows(self, sheet: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Row]:
        """The customers' rows of a `sheet` of numbered rows: below the headings, even, blank ones left out."""
        take = self._take()
        width = self.width
        for number, cells in sheet:
            if number <= self.row or not any(map(str.strip, cells)):
                continue
            missing = width - len(cells)
            kept = take(cells if missing <= 0 else (*cells, *("",) * missing))
            if any(map(str.strip, kept)):
                yield Row(number, kept)

    def _take(self) -> Callable[[Sequence[str]], tuple[str, ...]]:
        """From a row of at least `width` cells, those to hand on."""
        keep, width = self.keep, self.width
        if self.guarded:
            return lambda cells: tuple(unguard(cells[i]) for i in keep)
        if keep == tuple(range(width)):
            return lambda cells: tuple(cells[:width])
        return lambda cells: tuple(cells[i] for i in keep)


def find_header(first: Sequence[Row], asked: int | None) -> Row:
    """The row of headings among the `first` rows of a sheet, blank ones left out.

    That is the first that comes close to the best: one whose cells head what is filled in below,
    are distinct, read like words and not like values, and hold no e-mail address.

    Raises:
        SourceError: The row asked for is blank, or no row reads like headings.
    """
    if asked is not None:
        for row in first:
            if row.number == asked:
                return row
        raise SourceError(
            f"Row {asked} is blank or not there, so it cannot hold the headings. "
            "Look up the row's number in your spreadsheet program and give it with --header-row."
        )
    scores = [_score(first, at) for at in range(len(first))]
    best = max(scores)
    if best <= 0:
        raise SourceError(
            "No row reads like headings: all of them hold values. Put a row of headings on top, "
            "or name the row that holds them with --header-row."
        )
    return next(row for row, score in zip(first, scores, strict=True) if score >= best - _CLOSE)


def _score(first: Sequence[Row], at: int) -> float:
    """How much the row at that position is like headings: 1 for plain good ones, at most 1.5."""
    names = {i: cell.strip().casefold() for i, cell in enumerate(first[at].cells) if cell.strip()}
    if _RESULTS <= set(names.values()):
        return math.inf
    if any(_EMAIL.search(name) for name in names.values()):
        return 0
    below = first[at + 1 : at + 1 + _FOLLOWERS]
    values = sum(1 for name in names.values() if len(name) > _LONG or _VALUE.fullmatch(name)) / len(names)
    familiar = sum(1 for name in names.values() if _FAMILIAR.search(name)) / len(names)
    repeated = 1 - len(set(names.values())) / len(names)
    gap = bool(below) and below[0].number > first[at].number + 1
    return _headed(names, below) + familiar / 2 - values - repeated / 2 - gap / 4


def _headed(names: Container[int], below: Sequence[Row]) -> float:
    """The share of the filled cells in the rows `below` that stand under one of the `names`."""
    filled = [i for row in below for i, cell in enumerate(row.cells) if cell.strip()]
    return sum(1 for i in filled if i in names) / len(filled) if filled else 0


def filled_width(cells: Sequence[str]) -> int:
    """How many cells there are up to the last with something in it."""
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return width


def read_headings(header: Row, width: int, *, is_text: bool) -> Headings:
    """What the row `header` says of a sheet that is `width` columns wide at its widest.

    In a results file our columns are left out: the known names anywhere, and any other `import_…`
    right of `import_status`; so that a customer's own `import_date` survives the round trip.
    """
    width = max(width, filled_width(header.cells))
    cells = (*header.cells, *("",) * width)[:width]
    names = [cell.strip() for cell in cells]
    is_results = set(names) >= _RESULTS
    settings_at = _settings_at(names) if is_results else None
    guarded = is_results and (is_text or settings_at is not None)
    keep = tuple(i for i in range(width) if not is_results or not _is_ours(names, i))
    return Headings(
        row=header.number,
        width=width,
        keep=keep,
        columns=tuple(unguard(cells[i]) if guarded else cells[i] for i in keep),
        is_results=is_results,
        guarded=guarded,
        settings=parse_settings(names[settings_at][len(SETTINGS_HEADING) :])
        if settings_at is not None
        else None,
    )


def _settings_at(names: Sequence[str]) -> int | None:
    return next((i for i, name in enumerate(names) if name.startswith(SETTINGS_HEADING)), None)


def _is_ours(names: Sequence[str], i: int) -> bool:
    name = names[i]
    after = i > names.index(PREFIX + "status")
    return name in _OURS or name.startswith(SETTINGS_HEADING) or (after and name.startswith(PREFIX))


def parse_settings(text: str) -> Mapping[str, object] | None:
    """The settings in a results file; None where a person has damaged them."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def promise(cells: Sequence[str]) -> tuple[int, int]:
    """How much a row of headings promises customers: familiar words in it, and how many headings."""
    filled = {cell.strip().casefold() for cell in cells if cell.strip()}
    return sum(1 for cell in filled if _FAMILIAR.search(cell)), len(filled)
