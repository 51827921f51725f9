"""Which columns of a sheet are the customer's, and which a results file adds (pure)."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from importer.rows import Row, Status
from importer.sheetformat import EXAMPLE, PREFIX, SETTINGS_HEADING, unguard
from importer.source.totals import LeftOut, is_total

_NAMES = ("status", "customer_id", "message", "code", "http_status", "attempts", "sent_at", "row", "run")
_OURS = frozenset(PREFIX + name for name in _NAMES)


def is_results(names: Iterable[str]) -> bool:
    """Whether these are the headings of one of our results files, of which a person may have taken some."""
    return len(_OURS.intersection(names)) > 2


@dataclass(frozen=True, slots=True)
class Headings:
    """What the row of headings says about the columns of the sheet.

    `keep` are the positions to hand on, of `width` in all; `settings` is the JSON of a results file
    in CSV; `guarded` tells that cells carry the guard of `importer.sheetformat`; `told` are the
    positions of a results file's status and id, `ours` those of all columns that such a file adds.
    """

    row: int
    width: int
    keep: tuple[int, ...]
    columns: tuple[str, ...]
    guarded: bool
    settings: Mapping[str, object] | None
    told: tuple[int | None, int | None] | None = None
    ours: Mapping[str, int] = field(default_factory=dict)

    def our_cells(
        self, sheet: Iterable[tuple[int, Sequence[str]]]
    ) -> Iterator[tuple[int, Mapping[str, str]]]:
        """By heading the cells of the columns that a results file adds, of each numbered row below them."""
        plain = unguard if self.guarded else str
        for number, cells in sheet:
            if number > self.row:
                yield number, {name: plain(cells[i]) for name, i in self.ours.items() if i < len(cells)}

    def rows(self, sheet: Iterable[tuple[int, Sequence[str]]], left_out: LeftOut) -> Iterator[Row]:
        """Those of a numbered `sheet` below the headings, made even; without blank and example rows.

        Totals are left out too; what a run has seen is none. What is left out is noted in `left_out`.
        """
        take = self._take()
        width, told, start = self.width, self.told, self.row
        for number, cells in sheet:
            if number <= start:
                continue
            missing = width - len(cells)
            whole = cells if missing <= 0 else (*cells, *("",) * missing)
            kept = take(whole)
            first = next(filter(str.strip, kept), None)
            if first is None:
                continue
            if EXAMPLE in kept:
                left_out.examples.add(number)
                continue
            said = None if told is None else self._said(whole, told)
            if not (said and said[0]) and is_total(kept, first):
                left_out.totals.add(number)
            else:
                yield Row(number, kept, said)

    def _said(self, cells: Sequence[str], told: tuple[int | None, int | None]) -> tuple[str, str]:
        status, customer_id = (cells[i] if i is not None else "" for i in told)
        if self.guarded:
            status, customer_id = unguard(status), unguard(customer_id)
        # who has an id was created, whatever else was emptied
        return status or (str(Status.EXISTS) if customer_id else ""), customer_id

    def _take(self) -> Callable[[Sequence[str]], tuple[str, ...]]:
        """From a row of at least `width` cells, those to hand on."""
        keep, width = self.keep, self.width
        if self.guarded:
            return lambda cells: tuple(unguard(cells[i]) for i in keep)
        if keep == tuple(range(width)):
            return lambda cells: tuple(cells) if len(cells) == width else tuple(cells[:width])
        return lambda cells: tuple(cells[i] for i in keep)


def read_headings(header: Row, width: int, *, is_text: bool) -> Headings:
    """What the row `header` says of a sheet that is `width` columns wide at its widest.

    In a results file our columns are left out: the known names anywhere, and any other `import_…`
    right of `import_status`; so that a customer's own `import_date` survives the round trip.
    """
    cells = (*header.cells, *("",) * width)[:width]
    names = [cell.strip() for cell in cells]
    ours = is_results(names)
    settings = next((name for name in names if name.startswith(SETTINGS_HEADING)), None) if ours else None
    guarded = ours and (is_text or settings is not None)
    keep = tuple(i for i in range(width) if not (ours and _is_ours(names, i)))
    return Headings(
        row=header.number,
        width=width,
        keep=keep,
        columns=tuple(unguard(cells[i]) if guarded else cells[i] for i in keep),
        guarded=guarded,
        settings=parse_settings(settings.removeprefix(SETTINGS_HEADING)) if settings else None,
        told=_told(names) if ours else None,
        ours={names[i]: i for i in reversed(range(width)) if ours and _is_ours(names, i)},
    )


def _told(names: Sequence[str]) -> tuple[int | None, int | None]:
    """Where a results file says what became of a row: its status and id."""
    status, customer_id = (
        names.index(name) if name in names else None for name in (PREFIX + "status", PREFIX + "customer_id")
    )
    return status, customer_id


def _is_ours(names: Sequence[str], i: int) -> bool:
    name = names[i]
    after = i > min(names.index(each) for each in _OURS.intersection(names))
    return name in _OURS or name.startswith(SETTINGS_HEADING) or (after and name.startswith(PREFIX))


def parse_settings(text: str) -> Mapping[str, object] | None:
    """The settings in a results file; None where a person has damaged them."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
