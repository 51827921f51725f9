"""Whether a phone number is in a range that is in use, straight from libphonenumber's tables.

The library reads every number as if it were the first, in some 40 µs. Most numbers in a sheet are plainly
written, and need no more than a look into the table of their country. Whatever is not plain, or in no range,
is for the library to read: what is found here, it finds as well.
"""

import re
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

_Range = tuple[frozenset[int], re.Pattern[str]]
"""Lengths, none for any, and what numbers of such a length look like."""


@dataclass(frozen=True, slots=True)
class _Numbering:
    """The numbers of a region. `prefix` is what may stand before a national number, `trunk` the same where
    it is a literal that is only taken off, `abroad` what begins an international number there."""

    code: str
    general: _Range
    kinds: tuple[_Range, ...]
    leading: re.Pattern[str] | None
    prefix: re.Pattern[str] | None
    trunk: str
    abroad: re.Pattern[str] | None

    def has(self, national: str) -> bool:
        """Whether a national number is in one of the ranges."""
        return _is_in(national, self.general) and any(_is_in(national, each) for each in self.kinds)


def in_known_range(digits: str, home: str) -> tuple[str, str, str] | None:
    """Calling code, national number and region (alpha-2) of a number in use; None: the library must read it.

    `digits` are ASCII, with a plus in front if the number is international; else it is one of the region
    `home` (alpha-2).
    """
    if digits[0] == "+":
        code = _code_of(digits)
        plan = _numbering(COUNTRY_CODE_TO_REGION_CODE[int(code)][0]) if code else None
        national = digits[1 + len(code) :]
    else:
        plan = _numbering(home)
        if plan is None or digits.startswith(plan.code) or (plan.abroad and plan.abroad.match(digits)):
            return None
        code = plan.code
        national = digits.removeprefix(plan.trunk)
    if plan is None or (plan.prefix is not None and plan.prefix.match(national)):
        return None
    region = _region_of(national, code)
    return None if region is None else (code, national, region)


def _code_of(digits: str) -> str:
    """The calling code that an international number begins with, "" for none."""
    for end in range(2, 2 + _LONGEST_CODE):
        if digits[1:end] in _codes():
            return digits[1:end]
    return ""


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))


def _region_of(national: str, code: str) -> str | None:
    """The first region that has a number; one with `leading` digits claims all that begin with them."""
    for region in COUNTRY_CODE_TO_REGION_CODE[int(code)]:
        numbering = _numbering(region)
        if numbering is None:
            return None
        if numbering.leading is not None and numbering.leading.match(national) is None:
            continue
        if numbering.has(national):
            return region
        if numbering.leading is not None:
            return None
    return None


@lru_cache(maxsize=512)
def _numbering(region: str) -> _Numbering | None:
    """None for what is no region: services that belong to no country."""
    found = PhoneMetadata.metadata_for_region(region, None)
    if found is None or found.general_desc is None:
        return None
    general = _range(found.general_desc)
    kinds = [_range(getattr(found, name)) for name in _KINDS]
    if general is None:
        return None
    prefix = found.national_prefix_for_parsing or ""
    is_literal = prefix.isdigit() and not found.national_prefix_transform_rule
    return _Numbering(
        str(found.country_code),
        general,
        tuple(dict.fromkeys(kind for kind in kinds if kind is not None)),
        re.compile(found.leading_digits) if found.leading_digits else None,
        re.compile(prefix) if prefix else None,
        prefix if is_literal else "",
        re.compile(found.international_prefix) if found.international_prefix else None,
    )


def _range(description: PhoneNumberDesc | None) -> _Range | None:
    if description is None or not description.national_number_pattern:
        return None
    lengths = frozenset(description.possible_length or ())
    return lengths, re.compile(description.national_number_pattern)


def _is_in(national: str, numbers: _Range) -> bool:
    lengths, pattern = numbers
    return (not lengths or len(national) in lengths) and pattern.fullmatch(national) is not None
