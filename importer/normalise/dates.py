"""Calendar dates as people and spreadsheet programs write them."""

import datetime
import re
from collections.abc import Iterable
from typing import Literal

from importer.normalise.characters import folded, text
from importer.normalise.unfit import Unfit, shown

Order = Literal["dmy", "mdy", "ymd"]

_WANTED = "Write it as year-month-day, like 1990-05-17."
_SERIAL_0 = datetime.date(1899, 12, 30)  # right from serial 61 on; before it Excel has a 29 February 1900
_PLAUSIBLE_YEARS = range(1800, 2200)

_iso = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_time = re.compile(
    r"(.*?)(?:T|,?\s)\s*(\d{1,2}):(\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s*([ap]\.?\s?m\.?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_numbers = re.compile(r"(\d{1,4})\s?([./ -])\s?(\d{1,2})\s?\2\s?(\d{1,4})\.?")
_serial = re.compile(r"(\d{3,6})(?:[.,]\d+)?")
_ordinal = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|e|o|a)\b")
_between = re.compile(r"[\s.,/'-]+")

_MONTHS = (
    "january jan januar janner janvier janv enero ene gennaio gen janeiro",
    "february feb februar fevrier fevr fev febrero febbraio fevereiro",
    "march mar marz maerz mrz mars marzo marco",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug aout agosto ago",
    "september sep sept septembre septiembre setiembre settembre set setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez decembre diciembre dic dicembre dezembro",
)
"""English, German, French, Spanish, Italian and Portuguese, without accents."""

_WEEKDAYS = (  # which Excel's long date format begins with
    "monday montag lundi lunes lunedi segunda",
    "tuesday dienstag mardi martes martedi terca",
    "wednesday mittwoch mercredi miercoles mercoledi quarta",
    "thursday donnerstag jeudi jueves giovedi quinta",
    "friday freitag vendredi viernes venerdi sexta",
    "saturday samstag sonnabend samedi sabado sabato",
    "sunday sonntag dimanche domingo domenica",
)

_MONTH = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
_WEEKDAY = {word: number for number, words in enumerate(_WEEKDAYS) for word in words.split()}
_FILLERS = frozenset({"of", "the", "de", "del", "di", "do", "le", "feira"})


def date(value: str, *, order: Order | None = None) -> str | Unfit:
    """The date as `YYYY-MM-DD`.

    Reads ISO 8601, numbers with the year in four digits first or last, eight digits run together, and
    month names in six languages; a time of midnight after the date, as spreadsheets show it, is dropped.
    A date that could be read with day and month either way is refused unless `order` says how its column
    is written; then no other order is accepted. Serial numbers and two-digit years are refused. Any year
    passes: whether a birth date is plausible is for the caller.
    """
    if _iso.fullmatch(value) and _calendar_date(value[:4], value[5:7], value[8:]) is not None:
        return value  # the quick way out for most
    given = text(value)
    if isinstance(given, Unfit):
        return given
    if plain := _iso.fullmatch(given):
        return _one(given, [(plain[1], plain[2], plain[3])])
    day = _without_midnight(given)
    if isinstance(day, Unfit):
        return day
    if len(day) == 8 and day.isdecimal():
        return _from_digits(day, given, order)
    if found := _serial.fullmatch(day):
        return _from_serial(int(found[1]), given)
    if parts := _numbers.fullmatch(day):
        return _from_numbers((parts[1], parts[3], parts[4]), given, order)
    return _from_words(day, given)


def _without_midnight(given: str) -> str | Unfit:
    found = _time.fullmatch(given)
    if not found:
        return given
    day, hour, rest, half = found.groups()
    first_hour = 12 if half else 0
    if int(hour) != first_hour or (half or "am")[0] in "pP" or any(c.isdecimal() and int(c) for c in rest):
        # Some programs make of a date the evening before, in UTC: taking its day could be wrong.
        return Unfit("invalid_date", f"{shown(given)} has a time of day. {_WANTED}")
    return day


def _from_digits(day: str, given: str, order: Order | None) -> str | Unfit:
    readings = {
        "ymd": (day[:4], day[4:6], day[6:]),
        "dmy": (day[4:], day[2:4], day[:2]),
        "mdy": (day[4:], day[:2], day[2:4]),
    }
    asked = [readings[order]] if order else readings.values()
    return _one(given, [each for each in asked if int(each[0]) in _PLAUSIBLE_YEARS])


def _from_serial(serial: int, given: str) -> Unfit:
    if serial in _PLAUSIBLE_YEARS:
        return Unfit("invalid_date", f"{shown(given)} is only a year. {_WANTED}")
    then = _SERIAL_0 + datetime.timedelta(days=serial)
    return Unfit(
        "date_serial",
        f"{shown(given)} looks like the serial number of a date, which would be {then}. {_WANTED}",
    )


def _from_numbers(parts: tuple[str, str, str], given: str, order: Order | None) -> str | Unfit:
    first, second, third = parts
    if len(first) == 4 and len(third) <= 2:
        return _one(given, [parts])
    if len(third) == 4 and len(first) <= 2:
        readings = {"dmy": (third, second, first), "mdy": (third, first, second)}
        return _one(given, [readings[order]] if order in readings else readings.values())
    return _two_digit_year(given) if len(first) <= 2 and len(third) <= 2 else _unreadable(given)


def _from_words(day: str, given: str) -> str | Unfit:
    words = [word for word in _between.split(_ordinal.sub("", folded(day))) if word and word not in _FILLERS]
    weekday = _WEEKDAY.get(words[0]) if words else None
    if weekday is not None:
        del words[0]
    months = [_MONTH[word] for word in words if word in _MONTH]
    years = [word for word in words if word.isdecimal() and len(word) == 4]
    days = [word for word in words if word.isdecimal() and len(word) <= 2]
    match len(words), len(months), len(days), len(years):
        case 3, 1, 1, 1:
            found = _one(given, [(years[0], str(months[0]), days[0])])
            return found if weekday is None else _on_weekday(found, weekday, given)
        case 3, 1, 2, 0:
            return _two_digit_year(given)
        case _:
            return _unreadable(given)


def _on_weekday(found: str | Unfit, weekday: int, given: str) -> str | Unfit:
    if isinstance(found, Unfit) or datetime.date.fromisoformat(found).weekday() == weekday:
        return found
    return Unfit("invalid_date", f"{shown(given)} was another day of the week. {_WANTED}")


def _one(given: str, readings: Iterable[tuple[str, str, str]]) -> str | Unfit:
    """The one date that `readings` (year, month, day) come to."""
    dates = sorted({found for reading in readings if (found := _calendar_date(*reading))})
    if len(dates) == 1:
        return dates[0].isoformat()
    if dates:
        both = " or ".join(each.isoformat() for each in dates)
        return Unfit("ambiguous_date", f"{shown(given)} may be {both}. Write the one that is meant.")
    return Unfit("invalid_date", f"{shown(given)} is no date of the calendar. {_WANTED}")


def _calendar_date(year: str, month: str, day: str) -> datetime.date | None:
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _two_digit_year(given: str) -> Unfit:
    return Unfit("two_digit_year", f"{shown(given)} has a year of two digits. {_WANTED}")


def _unreadable(given: str) -> Unfit:
    return Unfit("invalid_date", f"{shown(given)} is not a date that can be read. {_WANTED}")
