"""Numbers that a spreadsheet took for quantities: shortened, rounded, or made decimals.

What the programs write of 2348031234567 and longer, seen in their own files: Excel ``2.34803E+12``, by locale
``2,34803E+12``, or ``2.35E+12`` in its scientific format; LibreOffice ``1.23456789012346E+018``; Python and
R ``1.2345678901234568e+18``. Always with the sign: ``12E4567`` and ``1E5`` are identifiers.
"""

import re

from importer.damage.found import Damage
from importer.normalise.unfit import shown

KEPT = 15
"""Digits that Excel keeps of a number; it puts zeros for the rest (support.microsoft.com/kb/269370)."""

AS_TEXT = "Type it again from the original, in a cell formatted as text."

_number = re.compile(
    r"(?P<first>\d)(?:[.,](?P<rest>\d+))?[eE](?P<sign>[+-])(?P<exponent>\d{2,3})"
    r"|(?P<whole>\d++)[.,]0{1,2}"
    rf"|(?P<kept>\d{{{KEPT}}})(?P<zeros>0+)"
)
_beyond = re.compile(rf"\d{{{KEPT + 1},}}")


def damaged_identifier(text: str, *, rounded: bool) -> Damage | None:
    """What a spreadsheet did to a number that is none: a document number, a postcode.

    `rounded` says that the numbers of its column were rounded, which one number cannot tell of itself.
    """
    found = _number.fullmatch(text)
    if found is None:
        return None
    if found["first"]:
        return _shortened(found, text, certain=found["sign"] == "+")
    if found["whole"]:
        return Damage(
            "number_as_decimal",
            f"{shown(text)} was made a decimal by a program. It is {found['whole']} without that.",
            found["whole"],
            certain=True,
        )
    return _rounded(text, certain=rounded)


def damaged_number_in_text(text: str, *, rounded: bool) -> Damage | None:
    """The same where any text may stand: a decimal may be meant, and so may a quantity."""
    if not text[-1].isdigit():
        return None  # the quick way out for most
    found = _number.fullmatch(text)
    if found is None or found["whole"]:
        return None
    return _shortened(found, text, certain=False) if found["first"] else _rounded(text, certain=rounded)


def has_more_than_are_kept(text: str) -> bool:
    """Whether it is a number of more digits than Excel keeps."""
    return _beyond.fullmatch(text) is not None


def looks_rounded(text: str) -> bool:
    """Whether it is one of those that Excel has put zeros into, or may always have ended in them."""
    found = _number.fullmatch(text)
    return found is not None and found["zeros"] is not None


def unshortened(first: str, rest: str, exponent: int) -> str | None:
    """The whole number in scientific notation, if all of its digits are there.

    A number of more digits than Excel keeps is none, whatever it shows.
    """
    digits, places = first + rest, exponent + 1
    if len(digits) < places or places > KEPT or digits[places:].strip("0"):
        return None
    return digits[:places]


def _shortened(found: re.Match[str], text: str, *, certain: bool) -> Damage:
    whole = None
    if found["sign"] == "+":
        whole = unshortened(found["first"], found["rest"] or "", int(found["exponent"]))
    what = f"is {whole}" if whole else "has lost digits"
    how = "" if whole else f" {AS_TEXT}"
    return Damage(
        "scientific_notation",
        f"{shown(text)} was shortened by a spreadsheet program and {what}.{how}",
        whole,
        certain=certain,
    )


def _rounded(text: str, *, certain: bool) -> Damage:
    zeros = len(text) - KEPT
    ends = "0" if zeros == 1 else f"{zeros} zeros"
    was = "was" if certain else "may have been"
    return Damage(
        "rounded_number",
        f"{shown(text)} {was} rounded by a spreadsheet program, which keeps {KEPT} digits: "
        f"it ends in {ends}. "
        f"{AS_TEXT if certain else 'Compare it with the original.'}",
        certain=certain,
    )
