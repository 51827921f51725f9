"""What the columns of a sheet hold: whether it can be what they are mapped to, and whether it was rounded."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from importer import normalise
from importer.damage.misplaced import is_date, is_email, is_phone
from importer.damage.numbers import KEPT, has_more_than_are_kept, looks_rounded
from importer.damage.phones import damaged_phone
from importer.mapping import FieldMapping
from importer.normalise import Unfit
from importer.providers import fields
from importer.providers.base import Provider
from importer.providers.fields import Kind, Leaf
from importer.rows import Row

SAMPLE = 1_000
"""Rows that are looked at, the first ones."""

FEWEST = 20
"""Filled cells below which a column is too short to be judged."""

FEW = 0.5
"""If less than this share of a column's cells can be what it is mapped to, the plan begins with that."""

HARDLY_ANY = 0.1
"""Below this share the mapping is wrong, and what fits does so by accident."""

MOST = 0.8
"""Another column that holds this share of it is the one that was meant."""

_LOOKED_THROUGH = 100
"""Cells of each other column that are compared."""


@dataclass(frozen=True, slots=True)
class ColumnTrouble:
    """A column that holds few of what it is mapped to.

    Of `filled` cells in the sample `fitting` can be that. `other` is the heading of a column that holds
    mostly that, "" for none. `wrong`: no row may be sent unless a person says so. `message` quotes no cell.
    """

    field: str
    column: str
    filled: int
    fitting: int
    other: str
    wrong: bool
    message: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What the first rows tell of the columns. `rounded` are the fields whose long numbers Excel rounded."""

    troubles: tuple[ColumnTrouble, ...] = ()
    rounded: frozenset[str] = frozenset()


def survey(rows: Iterable[Row], columns: Sequence[str], mapping: FieldMapping, provider: Provider) -> Survey:
    """Look through the first `SAMPLE` of `rows`, which have these `columns`."""
    sample = _Sample([row.cells for row in itertools.islice(rows, SAMPLE)], columns, mapping)
    leaves = [leaf for leaf in provider.leaves if mapping.column_of(leaf.path) is not None]
    return Survey(
        tuple(trouble for leaf in leaves if (trouble := _trouble(leaf, leaves, sample)) is not None),
        frozenset(leaf.path for leaf in leaves if _is_rounded(sample.texts(leaf.path))),
    )


@dataclass(frozen=True, slots=True)
class _Sample:
    cells: Sequence[Sequence[str]]
    columns: Sequence[str]
    mapping: FieldMapping

    def texts(self, path: str) -> list[str]:
        """The filled cells that feed a field, if one column does."""
        names = self.mapping.columns[path]
        return self.column(self.columns.index(names[0])) if len(names) == 1 else []

    def column(self, position: int) -> list[str]:
        """The filled cells of one column."""
        return [text for cells in self.cells if (text := cells[position].strip())]


def _trouble(leaf: Leaf, leaves: Sequence[Leaf], sample: _Sample) -> ColumnTrouble | None:
    known = _HOLDS.get(type(leaf.column.kind))
    if known is None:
        return None
    holds, one, many = known
    texts = sample.texts(leaf.path)
    fitting = sum(map(holds, texts))
    if len(texts) < FEWEST or fitting >= FEW * len(texts):
        return None
    column = sample.mapping.columns[leaf.path][0]
    other = next(_others(leaf, holds, sample), "")
    fed = {name: each for each in leaves for name in sample.mapping.columns[each.path]}
    share = f"{fitting} of its first {len(texts)} filled cells"
    return ColumnTrouble(
        leaf.path,
        column,
        len(texts),
        fitting,
        other,
        wrong=bool(other) or fitting < HARDLY_ANY * len(texts),
        message=f'"{column}" feeds {leaf.path}, but only {share} can be {one}.'
        + _advice(other, fed.get(other), many),
    )


def _others(leaf: Leaf, holds: Callable[[str], bool], sample: _Sample) -> Iterator[str]:
    """The headings of other columns that hold mostly what this one should."""
    for position, name in enumerate(sample.columns):
        if name and name not in sample.mapping.columns[leaf.path]:
            texts = sample.column(position)[:_LOOKED_THROUGH]
            if len(texts) >= FEWEST and sum(map(holds, texts)) >= MOST * len(texts):
                yield name


def _advice(other: str, fed: Leaf | None, many: str) -> str:
    if not other:
        return " Look at the mapping, and at the sheet."
    if fed is None:
        return f' "{other}", which feeds nothing, holds mostly {many}: is that the column that is meant?'
    return f' "{other}", which feeds {fed.path}, holds mostly {many}: are the two swapped?'


def _is_rounded(texts: Sequence[str]) -> bool:
    """Whether what is too long for Excel ends in zeros too often for chance.

    At least two in three do, and three digits in all are zeros. Of columns that nobody rounded not one in two
    hundred is so.
    """
    long = [text for text in texts if has_more_than_are_kept(text)]
    rounded = [text for text in long if looks_rounded(text)]
    zeros = sum(len(text) - KEPT for text in rounded)
    return zeros >= 3 and 3 * len(rounded) >= 2 * len(long)


def _holds_phone(text: str) -> bool:
    return (is_phone(text) and not is_date(text)) or damaged_phone(text, "") is not None


def _holds_country(text: str) -> bool:
    return not isinstance(normalise.country_code(text), Unfit)


def _holds_date(text: str) -> bool:
    found = normalise.date(text)
    return not isinstance(found, Unfit) or found.code in ("ambiguous_date", "two_digit_year", "date_serial")


_HOLDS: Mapping[type[Kind], tuple[Callable[[str], bool], str, str]] = {
    fields.Email: (is_email, "an e-mail address", "e-mail addresses"),
    fields.Phone: (_holds_phone, "a phone number", "phone numbers"),
    fields.Country: (_holds_country, "a country", "countries"),
    fields.Date: (_holds_date, "a date", "dates"),
}
