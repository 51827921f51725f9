"""Rules for single values: each says what is wrong, or "" when nothing is."""

import re
import unicodedata
from datetime import date
from urllib.parse import urlsplit

from importer.simulator.countries import ALPHA_2, ALPHA_3, CALLING_CODES, UPPER_CASE_NAMES, calling_code
from importer.simulator.fields import Rule

_EMAIL = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>().]{2,}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NATIONAL = re.compile(r"[0-9]{4,15}")
_NAME_MARKS = frozenset(" -'\u2010\u2019")


def text(most: int | None = None) -> Rule:
    """A string that is not blank, of `most` characters."""

    def rule(value: object) -> str:
        if not isinstance(value, str):
            return "must be a string"
        if not value.strip():
            return "must not be empty"
        if most is not None and len(value) > most:
            return f"must not be longer than {most} characters"
        return ""

    return rule


_any_text = text()


def email(most: int = 254) -> Rule:
    """An e-mail address."""
    length = text(most)

    def rule(value: object) -> str:
        problem = length(value)
        if problem or not isinstance(value, str):
            return problem
        return "" if _EMAIL.fullmatch(value) else "must be a valid email address"

    return rule


def one_of(*words: str) -> Rule:
    """Exactly one of these words."""
    return lambda value: "" if value in words else f"must be one of {', '.join(words)}"


def boolean(value: object) -> str:
    """JSON true or false."""
    return "" if isinstance(value, bool) else "must be true or false"


def e164(value: object) -> str:
    """A phone number in E.164, with a calling code that exists."""
    if isinstance(value, str) and _E164.fullmatch(value) and calling_code(value):
        return ""
    return "must be a phone number in E.164 format"


def national_digits(value: object) -> str:
    """The national part of a phone number: digits, 15 at most."""
    return "" if isinstance(value, str) and _NATIONAL.fullmatch(value) else "must be 4 to 15 digits"


def calling_code_digits(value: object) -> str:
    """A calling code in digits, without a plus sign."""
    return "" if isinstance(value, str) and value in CALLING_CODES else "must be a calling code in digits"


def iso_date(value: object) -> str:
    """A calendar date, ``YYYY-MM-DD``."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            return "must be a date that exists"
        return ""
    return "must be a date, YYYY-MM-DD"


def alpha_2(value: object) -> str:
    """An ISO 3166 alpha-2 code in capitals."""
    return "" if isinstance(value, str) and value in ALPHA_2 else "must be an ISO 3166 alpha-2 country code"


def alpha_3(value: object) -> str:
    """An ISO 3166 alpha-3 code in capitals."""
    return "" if isinstance(value, str) and value in ALPHA_3 else "must be an ISO 3166 alpha-3 country code"


def country_name(value: object) -> str:
    """An English country name in capitals."""
    if isinstance(value, str) and value in UPPER_CASE_NAMES:
        return ""
    return "must be an English country name in capitals"


def https_url(value: object) -> str:
    """A URL over https, with a host."""
    problem = _any_text(value)
    if problem or not isinstance(value, str):
        return problem
    try:
        parts = urlsplit(value)
    except ValueError:
        return "must be an https URL"
    fine = parts.scheme == "https" and parts.hostname and not any(letter.isspace() for letter in value)
    return "" if fine else "must be an https URL"


def person_name(most: int) -> Rule:
    """Letters of any script, spaces, hyphens and apostrophes."""
    length = text(most)

    def rule(value: object) -> str:
        problem = length(value)
        if problem or not isinstance(value, str):
            return problem
        fine = all(map(_belongs_to_name, value))
        return "" if fine else "may hold letters, spaces, hyphens and apostrophes only"

    return rule


def _belongs_to_name(letter: str) -> bool:
    return letter.isalpha() or letter in _NAME_MARKS or unicodedata.category(letter).startswith("M")


def string_map(value: object) -> str:
    """An object of whatever its owner likes, without nulls."""
    if not isinstance(value, dict):
        return "must be an object"
    return "must not hold null" if None in value.values() else ""
