"""In which range a plainly written phone number is, straight from libphonenumber's tables.

The library reads every number as if it were the first, in some 40 µs, and twice as long where it is in no
range. Most numbers in a sheet need no more than a look into the table of their country. Whatever is not plain
is for the library to read: what is found here, it finds as well.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

_KINDS = (
    "mobile",
    "fixed_line",
    "voip",
    "toll_free",
    "shared_cost",
    "premium_rate",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)
"""The likeliest first: whether a number is in use does not depend on the order."""

_LONGEST_CODE = 3

_Look = Callable[[str], re.Match[str] | None]
"""Whether a national number looks like those of a range."""


@dataclass(frozen=True, slots=True)
class _Numbering:
    """The numbers of a region. `ranges` are those in which numbers of a length may be, for each length that
    numbers have; `prefix` is what may stand before a national number, `abroad` what begins an international
    number there."""

    code: str
    looks: _Look
    ranges: Mapping[int, Sequence[_Look]]
    leading: re.Pattern[str] | None
    prefix: re.Pattern[str] | None
    abroad: re.Pattern[str] | None

    def has(self, national: str) -> bool:
        """Whether a national number is in one of the ranges."""
        ranges = self.ranges.get(len(national), ())
        return self.looks(national) is not None and any(look(national) for look in ranges)

    def has_length(self, national: str) -> bool:
        """Whether a national number is as long as numbers are."""
        return len(national) in self.ranges

    def without_prefix(self, digits: str) -> str:
        """A national number without what stands before it; "" where that is not plain to see."""
        found = None if self.prefix is None else self.prefix.match(digits)
        if found is None:
            return digits
        national = digits[found.end() :]
        if found.lastindex is not None or found.re.match(national) or not self.has_length(national):
            return ""
        return "" if self.looks(digits) and not self.looks(national) else national


def looked_up(digits: str, home: str) -> tuple[str, str, str] | None:
    """Calling code, national number and region (alpha-2) of a number; None: the library must read it.

    The region is "" where no range in use has the number, but it is as long as numbers are. `digits` are
    ASCII, with a plus in front if the number is international; else it is one of the region `home` (alpha-2).
    """
    read = _international(digits) if digits[0] == "+" else _national(digits, home)
    if read is None:
        return None
    code, national, may_be_unused = read
    region = _region_of(national, code)
    if region == "" and not (may_be_unused and (main := _main(code)) and main.has_length(national)):
        return None
    return None if region is None else (code, national, region)


def _international(digits: str) -> tuple[str, str, bool] | None:
    """Calling code, national number, and whether it may be one that is not in use."""
    code = _code_of(digits[1 : 1 + _LONGEST_CODE])
    plan, national = _main(code), digits[1 + len(code) :]
    if plan is None or plan.without_prefix(national) != national:
        return None
    return code, national, True


def _national(digits: str, home: str) -> tuple[str, str, bool] | None:
    """The same of a number as it is written at home."""
    plan = _numbering(home)
    if plan is None or digits.startswith(plan.code) or (plan.abroad and plan.abroad.match(digits)):
        return None
    national = plan.without_prefix(digits)
    # one without a zero in front may be another country's that lost its plus
    return (plan.code, national, digits[0] == "0" and plan.has_length(national)) if national else None


@lru_cache(maxsize=1024)
def _code_of(start: str) -> str:
    """The calling code that an international number with these first digits has, "" for none."""
    ends = range(1, 1 + _LONGEST_CODE)
    return next((start[:end] for end in ends if start[:end] in _codes()), "")


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))


def _main(code: str) -> _Numbering | None:
    """The region that stands for all with a calling code."""
    return _numbering(COUNTRY_CODE_TO_REGION_CODE[int(code)][0]) if code else None


def _region_of(national: str, code: str) -> str | None:
    """The first region that has a number, "" for none, None where a region cannot be looked at.

    One with `leading` digits claims all that begin with them.
    """
    for region in COUNTRY_CODE_TO_REGION_CODE[int(code)]:
        numbering = _numbering(region)
        if numbering is None:
            return None
        if numbering.leading is not None and numbering.leading.match(national) is None:
            continue
        if numbering.has(national):
            return region
        if numbering.leading is not None:
            return ""
    return ""


@lru_cache(maxsize=512)
def _numbering(region: str) -> _Numbering | None:
    """None for what is no region: services that belong to no country."""
    found = PhoneMetadata.metadata_for_region(region, None)
    if found is None or not (found.general_desc and found.general_desc.national_number_pattern):
        return None
    kinds = [kind for name in _KINDS if (kind := getattr(found, name)) and kind.national_number_pattern]
    prefix = found.national_prefix_for_parsing
    return _Numbering(
        str(found.country_code),
        _look(found.general_desc),
        {length: _looks(kinds, length) for length in found.general_desc.possible_length},
        re.compile(found.leading_digits) if found.leading_digits else None,
        re.compile(prefix) if prefix else None,
        re.compile(found.international_prefix) if found.international_prefix else None,
    )


def _looks(kinds: Iterable[PhoneNumberDesc], length: int) -> tuple[_Look, ...]:
    fitting = [_look(kind) for kind in kinds if length in (kind.possible_length or (length,))]
    return tuple(dict.fromkeys(fitting))


def _look(kind: PhoneNumberDesc) -> _Look:
    return re.compile(kind.national_number_pattern or "").fullmatch
