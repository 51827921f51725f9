"""Phone numbers, as libphonenumber's metadata knows them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from unicodedata import decimal

import phonenumbers

from importer.normalise.characters import text
from importer.normalise.numberranges import looked_up
from importer.normalise.unfit import Unfit, shown

_WORLD = "001"  # what libphonenumber calls the region of numbers that belong to no country
_LONGEST = 60
_REMEMBERED = 2**12

_RUNS = "01234567890123456789"  # somebody had to type something
_PLUSES = "+\uff0b"
_digits_and_marks = re.compile(rf"(?=\D*\d)[\d\s{_PLUSES}().,/\-\u2010-\u2015\u2212\uff0d·~]+")
_damaged_whole = re.compile(r"\+?\d+[.,]0+")
_damaged_short = re.compile(r"\+?\d+(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
_extension = re.compile(r"\d[^\d]*?(?:ext|x|#|poste|durchwahl|anexo|interno)[^\d]*\d+$", re.IGNORECASE)
_plain = re.compile(r"\+?\d(?:[ -]?\d){4,20}", re.ASCII)
_several = re.compile(rf"[{_PLUSES}].*\d.*[{_PLUSES}]")
_trunk_zero = re.compile(r"\(\s*0\s*\)")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number that its country's numbering plan allows for, by length at least.

    `e164` is `+` and digits; `national` the national significant number: no trunk zero, but zeros that
    are part of the number (Italy); `calling_code` digits; `region` the alpha-2 code of the country that
    the number belongs to, "" for those of no country and those in no range that is known to be in use.
    Where several countries share a calling code the number may be valid in more than `region`: ask
    `same_country`.
    """

    e164: str = field(repr=False)
    national: str = field(repr=False)
    calling_code: str
    region: str


def phone(value: str, region: str | None, *, calling_code: str = "") -> PhoneNumber | Unfit:
    """The number in `value`, of a length that its country's numbering plan has.

    A reading in a known range is preferred, but none is demanded: ranges are opened faster than any table of
    them is updated, and those reserved for fiction (`+44 7700 900123`) are in none.

    International notation is read from anywhere (`+65…`, `0065…`, `+49 (0)30…`, `tel:…`). Otherwise the
    number is national in the country with `calling_code` (digits, from a column of its own), or else in
    `region` (alpha-2); there it may also begin with that country's calling code without a plus, unless it
    is a national number as it stands: then it is refused. Letters, extensions and second numbers are refused,
    and so are numbers that a spreadsheet has turned into quantities (`6581234567.0`, `6.58E+09`).

    The first number of a country takes a millisecond longer: its metadata is loaded then.
    """
    if _plain.fullmatch(value) is not None:
        digits = value.replace(" ", "").replace("-", "")
        found = None if digits.startswith("00") else looked_up(digits, _home(region or "", calling_code))
        if found is not None and calling_code in ("", found[0]):
            code, national, whose = found
            if whose or not _is_typed_blindly(national):
                return PhoneNumber(f"+{code}{national}", national, code, whose)
    return _phone(value, region or "", calling_code)


def same_country(number: PhoneNumber, region: str) -> bool:
    """Whether `number` is one of the country `region` (alpha-2).

    Where countries share a calling code (+1, +7, +44 …) it must be valid in that very country: a number
    of Jersey is none of the United Kingdom. Of a number in no known range only the calling code is
    compared. True for the few places without a numbering plan of their own (Antarctica): nothing speaks
    against it.
    """
    if number.region == region:
        return True
    code = _calling_code_of(region)
    if not code:
        return True
    if code != number.calling_code or not number.region:
        return code == number.calling_code
    return phonenumbers.is_valid_number_for_region(phonenumbers.parse(number.e164), region.upper())


def calling_code(value: str) -> str | Unfit:
    """The digits of a country calling code: `65` of "+65", "65", "0065" or "(65)"."""
    given = text(value)
    if isinstance(given, Unfit):
        return given
    found = re.fullmatch(r"\(?\s?(?:\+|00)?\s?([1-9]\d{0,2})\s?\)?", given, flags=re.ASCII)
    if found is None or int(found[1]) not in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        return Unfit(
            "invalid_calling_code", f"{shown(given)} is not a country calling code. Write one like 65 or +65."
        )
    return found[1]


@lru_cache(maxsize=_REMEMBERED)
def _phone(value: str, region: str, code: str) -> PhoneNumber | Unfit:
    given = text(value)
    if isinstance(given, Unfit):
        return given
    number = given[4:] if given[:4].lower() == "tel:" else given
    if unfit := _not_a_number(number, given):
        return unfit
    digits, home = _digits(number), _home(region, code)
    if not home and not digits.startswith(("+", "00")):
        return _needs_country(given, region)
    readings = list(_readings(number, digits, home, code))
    for accept in (_valid, _possible):
        if found := {each.e164: each for reading in readings if (each := accept(reading, home))}:
            return _settled(list(found.values()), given, digits, code)
    return _invalid(given, digits, home)


def _not_a_number(number: str, given: str) -> Unfit | None:
    if len(number) > _LONGEST:
        return _unfit(given, "is too long for a phone number. Keep one number.")
    if _digits_and_marks.fullmatch(number) and not _damaged_whole.fullmatch(number):
        return _unfit(given, "holds more than one number. Keep one.") if _several.search(number) else None
    if _damaged_whole.fullmatch(number):
        return _unfit(
            given, "was made a decimal by the spreadsheet. Write it without the point.", damaged=True
        )
    if _damaged_short.fullmatch(number):
        return _unfit(
            given,
            "was shortened by the spreadsheet, and digits were lost. "
            "Format the column as text and enter the whole number again.",
            damaged=True,
        )
    if _extension.search(number):
        return _unfit(given, "has an extension. Write the number alone.")
    return _unfit(given, "is not a phone number. Write digits, like +65 8123 4567.")


def _digits(number: str) -> str:
    """`number` in ASCII digits, with a plus if it has one."""
    digits = "".join(str(decimal(c)) for c in number if c.isdecimal())
    return "+" + digits if any(plus in number for plus in _PLUSES) else digits


@lru_cache(maxsize=512)
def _home(region: str, code: str) -> str:
    """The region whose national notation a number is in, "" for none."""
    own = _calling_code_of(region)
    if not code or own == code:
        return region.upper() if own else ""
    return phonenumbers.region_code_for_country_code(int(code))


@lru_cache(maxsize=512)
def _calling_code_of(region: str) -> str:
    code = phonenumbers.country_code_for_region(region.upper())
    return str(code) if code else ""


def _readings(number: str, digits: str, home: str, code: str) -> Iterator[str]:
    """What a number may mean, the likeliest first, in digits with or without a plus."""
    if digits.startswith("+"):
        yield digits
        if _trunk_zero.search(number):  # "+65 (0) 8123 4567", though Singapore has no trunk zero
            yield _digits(_trunk_zero.sub("", number))
        return
    if digits.startswith("00"):
        # Before the home country's own reading: Koreans write 0081 for Japan, though there 008 is a carrier.
        yield "+" + digits[2:]
    if home == _WORLD:
        yield f"+{code}{digits}"
    elif home:
        yield digits
        if digits.startswith(_calling_code_of(home)):
            yield "+" + digits


def _parsed(reading: str, home: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(reading, None if reading.startswith("+") else home)
    except phonenumbers.NumberParseException:
        return None


def _possible(reading: str, home: str) -> PhoneNumber | None:
    if not reading.startswith("+") and _valid("+" + reading, ""):
        return None  # a number of another country, without its plus
    parsed = _parsed(reading, home)
    reasons = phonenumbers.ValidationResult
    if parsed is None or phonenumbers.is_possible_number_with_reason(parsed) != reasons.IS_POSSIBLE:
        return None
    code, national = str(parsed.country_code), phonenumbers.national_significant_number(parsed)
    return None if _is_typed_blindly(national) else PhoneNumber(f"+{code}{national}", national, code, "")


def _is_typed_blindly(national: str) -> bool:
    return len(set(national)) == 1 or national in _RUNS


def _valid(reading: str, home: str) -> PhoneNumber | None:
    parsed = _parsed(reading, home)
    if parsed is None:
        return None
    # These two steps are is_valid_number, which would leave us to look the region up again.
    region = phonenumbers.region_code_for_number(parsed)
    if not region or not phonenumbers.is_valid_number_for_region(parsed, region):
        return None
    code, national = str(parsed.country_code), phonenumbers.national_significant_number(parsed)
    return PhoneNumber(f"+{code}{national}", national, code, "" if region == _WORLD else region)


def _settled(found: list[PhoneNumber], given: str, digits: str, code: str) -> PhoneNumber | Unfit:
    """The likeliest of `found`, where nothing speaks against it."""
    if len(found) > 1 and not digits.startswith(("+", "00")):
        # A German number that lost its plus in a number cell looks like one that lost its trunk zero.
        both = " or ".join(each.e164 for each in found)
        return _unfit(given, f"may be {both}. Write the one that is meant, with +.")
    if code and found[0].calling_code != code:
        return Unfit(
            "phone_of_other_country",
            f"{shown(given)} has the calling code {found[0].calling_code}, "
            f"but the row's calling code is {code}. Correct one of them.",
        )
    return found[0]


def _needs_country(given: str, region: str) -> Unfit:
    why = f"{region} has no numbering plan of its own" if region else "its country is not known"
    return Unfit(
        "phone_needs_country",
        f"{shown(given)}: {why}. Write it with + and the calling code, like +65 8123 4567.",
    )


def _invalid(given: str, digits: str, home: str) -> Unfit:
    if digits.startswith(("+", "00")):
        return _unfit(given, "is not a valid phone number. Check its digits.")
    return _unfit(
        given,
        f"is not a valid phone number in {home}. Check its digits; "
        "if it belongs to another country, write it with + and the calling code.",
    )


def _unfit(given: str, trouble: str, *, damaged: bool = False) -> Unfit:
    return Unfit("phone_as_quantity" if damaged else "invalid_phone", f"{shown(given)} {trouble}")
