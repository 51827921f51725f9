"""What the cells of a column look like: e-mails, phones, dates … told from the first rows (pure)."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from importer import normalise
from importer.normalise import Unfit
from importer.providers import fields
from importer.providers.fields import Kind

SAMPLE_ROWS = 500
"""Rows from the top of a sheet that are looked at."""

MOST = 0.8
"""Share of a column's filled cells from which on it holds that kind of thing."""

FEW = 0.2
"""Share below which it does not. Between the two, single cells are at fault and not the column."""

_VALUES = 200
"""Different values of a column, the commonest ones, that are looked at."""

_LONG = 200
"""Characters of a cell that are looked at."""

_email = re.compile(r"(?:mailto:)?<?[^\s@]+@[^\s@]+>?", re.IGNORECASE)
_address = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_number = re.compile(r"[-+]?\d[\d.,' \xa0\u202f]*%?")
_phone = re.compile(r"(?:tel:)?[\s(]*[+\uff0b]?[\d\s().,/\-\u2010-\u2015~·]+", re.IGNORECASE)
_international = re.compile(r"(?:tel:)?[\s(]*(?:[+\uff0b]|00[1-9])", re.IGNORECASE)
_date_like = frozenset({"ambiguous_date", "two_digit_year"})


class Holds(StrEnum):
    """Kinds of things that a column holds, in the words people read."""

    EMAILS = "e-mails"
    PHONES = "phones"
    COUNTRIES = "countries"
    DATES = "dates"
    YES_NO = "yes/no"
    WEB_ADDRESSES = "web addresses"
    NUMBERS = "numbers"
    WORDS = "words"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Look:
    """What a column holds, and whether cells without anything are usual in it (`gaps`)."""

    holds: Holds
    gaps: bool = False

    def __str__(self) -> str:
        return f"{self.holds}{_GAPS if self.gaps else ''}"

    @classmethod
    def parse(cls, text: str) -> "Look":
        """What `str` made of a look.

        Raises:
            ValueError: It is none.
        """
        return cls(Holds(text.removesuffix(_GAPS)), gaps=text.endswith(_GAPS))


_GAPS = " or empty"


@dataclass(frozen=True)
class Cells:
    """The cells of one column in the rows looked at: how many rows, and how often each text but ""."""

    rows: int
    counts: Mapping[str, int] = field(repr=False)

    @cached_property
    def filled(self) -> int:
        """How many cells hold something."""
        return sum(self.counts.values())

    def share(self, test: Callable[[str], bool]) -> float:
        """The share of the filled cells that pass `test`, 0 where none is filled."""
        passed = sum(count for text, count in self._common if test(text))
        return passed / self._looked_at if self._common else 0.0

    def how_much(self, holds: Holds) -> float:
        """The share of the filled cells that are such things."""
        if holds not in self._shares:
            self._shares[holds] = self.share(TESTS[holds])
        return self._shares[holds]

    @cached_property
    def plainly(self) -> Holds:
        """What they hold most, whatever the heading: words where it is nothing in particular."""
        if not self.filled:
            return Holds.EMPTY
        kinds = (Holds.EMAILS, Holds.WEB_ADDRESSES, Holds.DATES)
        found = next((holds for holds in kinds if self.how_much(holds) >= MOST), None)
        if found is not None:
            return found
        # digits alone may be anything: an account, a document, a quantity
        if self.how_much(Holds.PHONES) >= MOST and self.share(_surely_phone) >= 0.5:
            return Holds.PHONES
        return Holds.NUMBERS if self.how_much(Holds.NUMBERS) >= MOST else Holds.WORDS

    @cached_property
    def _common(self) -> Sequence[tuple[str, int]]:
        return Counter(self.counts).most_common(_VALUES)

    @cached_property
    def _looked_at(self) -> int:
        return sum(count for _, count in self._common)

    @cached_property
    def _shares(self) -> dict[Holds, float]:
        return {}


class Sample:
    """The first rows of a sheet. `complete` tells that there are no others."""

    def __init__(self, rows: Sequence[Sequence[str]] = (), *, complete: bool = False) -> None:
        self.rows = rows
        self.complete = complete
        self._columns: dict[int, Cells] = {}

    def column(self, position: int) -> Cells:
        """The cells of the column at that position."""
        if position not in self._columns:
            counts = Counter(text for row in self.rows if (text := row[position][:_LONG].strip()))
            self._columns[position] = Cells(len(self.rows), counts)
        return self._columns[position]


def kind_holds(kind: Kind) -> Holds | None:
    """What a column for such a field holds, None where it may be any text."""
    return _OF_KIND.get(type(kind))


def look(cells: Cells, kind: Kind) -> Look:
    """How a column looks that feeds a field of such a kind."""
    wanted = kind_holds(kind)
    holds = wanted if wanted and cells.how_much(wanted) >= MOST else cells.plainly
    return Look(holds, gaps=0 < cells.filled < MOST * cells.rows)


def surely_other(cells: Cells, wanted: Holds) -> Holds | None:
    """What the cells hold instead of `wanted`; None where nothing speaks against it, or not enough.

    Wrong cells make no wrong column: two of another kind do, or five with no trace of the right one.
    """
    found = cells.plainly
    if cells.filled < 2 or found is wanted or found in _MAY_BE.get(wanted, ()):
        return None
    if wanted in UNSPECIFIC:
        return found if _out_of_place(cells, found) else None
    if found not in UNSPECIFIC:
        return found if cells.how_much(wanted) < FEW else None
    trace = _TRACES.get(wanted, TESTS[wanted])
    return found if cells.filled >= 5 and not cells.share(trace) else None


def _out_of_place(cells: Cells, found: Holds) -> bool:
    """Whether what is found has no place among words or numbers; codes of all kinds may look like phones."""
    match found:
        case Holds.EMAILS | Holds.WEB_ADDRESSES:
            return True
        case Holds.DATES:
            return cells.filled >= 5
        case Holds.PHONES:
            return cells.filled >= 5 and cells.share(_has_plus) >= MOST
        case _:
            return False


def _is_phone(text: str) -> bool:
    digits = sum(map(str.isdecimal, text))
    return 7 <= digits <= 15 and _phone.fullmatch(text) is not None and not _is_date(text)


def _surely_phone(text: str) -> bool:
    return not text.isdecimal() or text.startswith("0")


def _has_plus(text: str) -> bool:
    return "+" in text[:6]


def is_international(text: str) -> bool:
    return _international.match(text) is not None


def _is_date(text: str) -> bool:
    if len(text) > 40 or text.isdecimal() or not any(map(str.isdecimal, text)):
        return False
    found = normalise.date(text)
    return not isinstance(found, Unfit) or found.code in _date_like


TESTS: Mapping[Holds, Callable[[str], bool]] = {
    Holds.EMAILS: lambda text: _email.fullmatch(text) is not None,
    Holds.WEB_ADDRESSES: lambda text: _address.fullmatch(text) is not None,
    Holds.PHONES: _is_phone,
    Holds.DATES: _is_date,
    Holds.NUMBERS: lambda text: _number.fullmatch(text) is not None,
    Holds.COUNTRIES: lambda text: not isinstance(normalise.country_code(text), Unfit),
    Holds.YES_NO: lambda text: not isinstance(normalise.yes_no(text), Unfit),
    Holds.WORDS: lambda text: True,
    Holds.EMPTY: lambda text: False,
}

_OF_KIND: Mapping[type[Kind], Holds] = {
    fields.Email: Holds.EMAILS,
    fields.Phone: Holds.PHONES,
    fields.Country: Holds.COUNTRIES,
    fields.Date: Holds.DATES,
    fields.YesNo: Holds.YES_NO,
    fields.Url: Holds.WEB_ADDRESSES,
}

UNSPECIFIC = (Holds.WORDS, Holds.NUMBERS, Holds.EMPTY)

_MAY_BE: Mapping[Holds, tuple[Holds, ...]] = {
    Holds.PHONES: (Holds.NUMBERS,),
    Holds.DATES: (Holds.NUMBERS,),  # serial numbers, which every cell is told of
    Holds.COUNTRIES: (Holds.WORDS,),  # words we do not know yet
    Holds.YES_NO: (Holds.WORDS, Holds.NUMBERS),
    Holds.WORDS: (Holds.NUMBERS,),
    Holds.NUMBERS: (Holds.WORDS,),
}

_TRACES: Mapping[Holds, Callable[[str], bool]] = {
    Holds.EMAILS: lambda text: "@" in text,
    Holds.WEB_ADDRESSES: lambda text: "/" in text or "." in text,
    Holds.PHONES: lambda text: any(map(str.isdecimal, text)),
    Holds.DATES: lambda text: any(map(str.isdecimal, text)),
}
"""What a damaged one still has."""
