"""One cell of an OpenDocument spreadsheet as text (pure).

Format: OpenDocument 1.3 part 3, section 19.385 (value types).
"""

import datetime
import re
from collections.abc import Mapping

from importer.sheetformat import NOT_CALCULATED
from importer.source.numberformat import number_text, percent_text

TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
"""Namespaces, as expat puts them before a name."""

_KIND, _CALC_KIND, _FORMULA = f"{OFFICE}value-type", f"{CALC}value-type", f"{TABLE}formula"
_VALUE, _STRING = f"{OFFICE}value", f"{OFFICE}string-value"
_DATE, _TIME, _BOOLEAN = f"{OFFICE}date-value", f"{OFFICE}time-value", f"{OFFICE}boolean-value"

_GROUPED = re.compile(r"-?\d{1,3}(?:[,.'\u2019\s]\d{3})+")
_DURATION = re.compile(r"(-?)PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?")
_UNIT = re.compile(r"(?![eE][+-]?\d)[^\W\d_]|[$€£¥₩₹₽₺₫₪₦₱฿₴₸₡₲₵₭₮%]")


def shown(cell: Mapping[str, str], text: str | None) -> str:
    """The cell by the rules that hold for Excel's cells.

    `text` is what the program showed; None where it showed nothing, not even an empty result.
    """
    kind = cell.get(_KIND)
    if text is None:
        if kind is None and _FORMULA in cell:
            return NOT_CALCULATED
        text = ""
    if kind == "string" or kind is None:
        return text or cell.get(_STRING, "")
    if cell.get(_CALC_KIND) == "error":
        return text
    if kind == "boolean":
        return cell.get(_BOOLEAN, "").upper()
    if kind == "date":
        return _date(cell.get(_DATE, "")) or text
    if kind == "time":
        return _time(cell.get(_TIME, "")) or text
    return _number(kind, cell.get(_VALUE), text.strip())


def _number(kind: str, stored: str | None, text: str) -> str:
    if stored is None:
        return text
    if kind in ("percentage", "currency"):
        return text or (percent_text if kind == "percentage" else number_text)(float(stored))
    number = number_text(float(stored))
    if text == number:
        return number
    return text if _identifies(text, number) else number


def _identifies(text: str, number: str) -> bool:
    """Whether a number is shown with zeros in front or a unit, or as a word; not merely grouped."""
    digits = re.sub(r"\D", "", text)
    if not digits:
        return bool(text.strip())
    return bool(_UNIT.search(text)) or (
        number.isdigit() and digits.lstrip("0") == number.lstrip("0") and not _GROUPED.fullmatch(text.strip())
    )


def _date(value: str) -> str:
    try:
        moment = datetime.datetime.fromisoformat(value)
    except ValueError:
        return ""
    if moment.microsecond:
        moment = moment.replace(microsecond=0) + datetime.timedelta(seconds=round(moment.microsecond / 1e6))
    return moment.isoformat(" ") if moment.time() != datetime.time() else moment.date().isoformat()


def _time(value: str) -> str:
    found = _DURATION.fullmatch(value)
    if not found:
        return ""
    hours, minutes, seconds = (int(found[i] or 0) for i in (2, 3, 4))
    return f"{found[1]}{hours:02}:{minutes:02}:{seconds:02}"
