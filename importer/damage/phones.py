"""Phone numbers that a spreadsheet took for quantities."""

import re

from importer import normalise
from importer.damage.found import Damage
from importer.damage.numbers import AS_TEXT, unshortened
from importer.normalise import Unfit
from importer.normalise.unfit import shown

ZERO_BELONGS = frozenset({"BJ", "CG", "CI", "GA", "IT", "SM", "VA"})
"""Countries in which a zero in front is part of numbers, also after the calling code.

Those with such numbers among libphonenumber's examples (9.0.43). Elsewhere a zero in front only says
"national", and its loss does no harm.
"""

_quantity = re.compile(r"(\+?\d++)(?:[.,](\d++))?(?:[eE]\+?(\d{1,3}))?", re.ASCII)


def damaged_phone(text: str, region: str) -> Damage | None:
    """What a spreadsheet did to a phone number of a row of `region` (alpha-2, "" if not known)."""
    found = _quantity.fullmatch(text)
    if found is None:
        return None
    whole, decimals, exponent = found.groups()
    if exponent:
        return _shortened(text, whole, decimals or "", int(exponent))
    if decimals:
        return _decimal(text, whole) if not decimals.strip("0") else None
    return _lost_zero(text, region) if region in ZERO_BELONGS and text[0] not in "+0" else None


def _shortened(text: str, whole: str, decimals: str, exponent: int) -> Damage:
    plus = whole[:1] if whole.startswith("+") else ""
    digits = whole.removeprefix("+")
    number = unshortened(digits[:1], digits[1:] + decimals, exponent + len(digits) - 1)
    if number is None:
        what, how = "lost digits", f" {AS_TEXT}"
    else:
        what, how = f"is {plus}{number}", ""
    return Damage(
        "phone_as_quantity",
        f"{shown(text)} was shortened by a spreadsheet program and {what}.{how}",
        None if number is None else plus + number,
        certain=True,
    )


def _decimal(text: str, whole: str) -> Damage:
    return Damage(
        "phone_as_quantity",
        f"{shown(text)} was made a decimal by a program. It is {whole} without that.",
        whole,
        certain=True,
    )


def _lost_zero(text: str, region: str) -> Damage | None:
    """Only where the number is in no known range as it stands, and in one with a zero in front."""
    now, padded = normalise.phone(text, region), normalise.phone(f"0{text}", region)
    if isinstance(padded, Unfit) or not padded.region or (not isinstance(now, Unfit) and now.region):
        return None
    return Damage(
        "lost_zeros",
        f"{shown(text)} is in no known range of {region}, but with the zero in front that spreadsheet "
        f"programs drop it is. Probably meant: 0{text}.",
        f"0{text}",
        certain=isinstance(now, Unfit),
    )
