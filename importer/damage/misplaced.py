"""Text that belongs into another column."""

import re

from importer.damage.found import Damage
from importer.normalise.unfit import shown

FEWEST_PHONE_DIGITS = 7

_odd_in_name = re.compile(r"[0-9@:/]")
_odd_in_city = re.compile(r"[0-9]{3}|[@/]")
_digit = re.compile(r"\d")
_email = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_url = re.compile(r"https?://|www\.\w", re.IGNORECASE)
_date = re.compile(
    r"(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2}))(?:[ T]\d\d?:.*)?"
)
_phone = re.compile(r"\+?[\d\s()./-]+")
_number = re.compile(r"(?=(?:\D*\d){4})\d[\d.,]*(?:[eE][+-]?\d+)?")


def not_a_name(text: str) -> Damage | None:
    """Something else in a column of names. Digits alone do not make it so: "3M", "7-Eleven", "Route 66"."""
    if _is_words(text) or (_odd_in_name.search(text) is None and not _names_a_page(text)):
        return None
    what = _what(text) or ("a number" if _number.fullmatch(text) else "")
    return _misplaced(text, what, "a name") if what else None


def not_a_city(text: str) -> Damage | None:
    """Something else in a column of cities: "Praha 4" and "25 de Mayo" are some, "1220 Wien" is not."""
    if _is_words(text) or not (_odd_in_city.search(text) or text.isdigit() or _names_a_page(text)):
        return None
    what = _what(text) or ("a number" if re.search(r"\d{3}", text) or text.isdigit() else "")
    return _misplaced(text, what, "a city") if what else None


def not_a_postcode(text: str) -> Damage | None:
    """Something else in a column of postcodes. None but "N/A" and the like is without a digit."""
    if text.isdigit():
        return None
    if _digit.search(text) is None:
        return _misplaced(text, _what(text) or "words", "a postcode") if len(text) > 4 else None
    return _misplaced(text, _what(text), "a postcode") if "@" in text else None


def not_a_document_number(text: str) -> Damage | None:
    """Something else in a column of document numbers."""
    what = _what(text) if "@" in text or "://" in text else ""
    return _misplaced(text, what, "a document number") if what else None


def is_email(text: str) -> bool:
    """Whether it looks like one e-mail address and nothing else."""
    return _email.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """Whether it looks like a date in digits, and nothing else."""
    return _date.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Whether it looks like a phone number, and nothing else."""
    return _phone.fullmatch(text) is not None and sum(map(str.isdecimal, text)) >= FEWEST_PHONE_DIGITS


def _is_words(text: str) -> bool:
    """The quick way out for most."""
    return text.replace(" ", "").isalpha()


def _names_a_page(text: str) -> bool:
    return text[:4].lower() == "www."


def _what(text: str) -> str:
    """What else it is, as one says it; "" if nothing that is known."""
    if _url.search(text):
        return "a web address"
    if _email.search(text):
        return "an e-mail address"
    if is_date(text):
        return "a date"
    return "a phone number" if is_phone(text) else ""


def _misplaced(text: str, what: str, wanted: str) -> Damage:
    return Damage("wrong_column", f"{shown(text)} holds {what}, in the column for {wanted}.")
