"""Number formats that decide what a person reads: ``00000`` makes 501 a postcode (pure).

Identifiers, percentages, and amounts with a currency or another unit are rendered as they are shown,
with the separators of the format itself (a point for decimals) whatever the reader's country. Where a
format merely groups or rounds, the number itself is what the next system wants. Dates are calamine's.

Syntax: ECMA-376 part 1, section 18.8.31.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import Enum
from functools import lru_cache
from itertools import islice
from unicodedata import category

Display = Callable[[float], str | None]
"""The text a person sees of a number; None where that is just the number."""

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)"? | \\(?P<escaped>.?) | (?P<space>_.?|\*.?) | \[(?P<bracket>[^\]]*)\]?
    | (?P<digit>[0#?]) | (?P<point>\.) | (?P<comma>,) | (?P<percent>%)
    | (?P<plain>[-+():{}<>~'!^&\ $€£¥₩₹₽₺₫₪₦₱฿₴₸₡₲₵₭₮]) | (?P<other>General|.)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_CURRENCY = re.compile(r"\$([^-]+)(?:-.*)?", re.DOTALL)
_TIME = re.compile(r"[hms]+", re.IGNORECASE)
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}


BUILT_IN = {
    5: '"$"#,##0_);("$"#,##0)', 6: '"$"#,##0_);("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)', 8: '"$"#,##0.00_);("$"#,##0.00)',
    9: "0%", 10: "0.00%", 42: '"$"#,##0', 44: '"$"#,##0.00',
}  # fmt: skip
"""The formats without a code in the file that are shown otherwise; ECMA-376 part 1, 18.8.30."""

_PRECISE = Context(prec=400)
_LARGE = 1e21
_LONGEST = 1000
"""Characters. Excel takes 255."""


class _Role(Enum):
    NUMBER = "the number itself"
    IDENTIFIER = "digits put into places"
    AMOUNT = "rounded, with a unit"


@dataclass(frozen=True, slots=True)
class _Section:
    """One of the up to four parts of a format.

    `parts` are literals and single places for digits, before the decimal point and (`fraction`) after
    it; where the two meet, the literals are `fraction`'s. `shift` is the power of ten that % and
    commas at the end make.
    """

    role: _Role
    parts: tuple[tuple[bool, str], ...] = ()
    fraction: tuple[tuple[bool, str], ...] = ()
    applies: Callable[[float], bool] | None = None
    grouped: bool = False
    shift: int = 0

    def text(self, value: float) -> str | None:
        if self.role is _Role.AMOUNT:
            return self._amount(value)
        if self.role is _Role.NUMBER or value < 0 or value != int(value):
            return None
        return _fill(self.parts, str(int(value)) if value else "").strip()

    def _amount(self, value: float) -> str:
        places = sum(is_digit for is_digit, _ in self.fraction)
        exact = Decimal(format(abs(value), ".15g")).scaleb(self.shift)
        rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _PRECISE)
        whole, _, decimals = format(rounded, "f").partition(".")
        return (
            _fill(self.parts, whole.lstrip("0"), grouped=self.grouped) + _after(self.fraction, decimals)
        ).strip()

    @property
    def is_zeros(self) -> bool:
        places = all(is_digit and part == "0" for is_digit, part in self.parts)
        return self.role is _Role.IDENTIFIER and places and self.applies is None

    @property
    def shows_sign(self) -> bool:
        return any(not is_digit and ("-" in part or "(" in part) for is_digit, part in self.parts)


def display_of(code: str) -> Display | None:
    """What numbers under this format code look like; None if that is always just the number."""
    if len(code) > _LONGEST:
        return None
    sections = [_section(text) for text in _split(code)][:3]
    if all(section.role is _Role.NUMBER for section in sections):
        return None

    first = sections[0]
    if len(sections) == 1 and first.is_zeros:
        return _zeros(len(first.parts))

    @lru_cache(maxsize=4096)
    def display(value: float) -> str | None:
        if not -_LARGE < value < _LARGE:
            return None
        section, text = _choose(sections, value)
        return text if text is None or value >= 0 or section.shows_sign else f"-{text}"

    return display


def _zeros(places: int) -> Display:
    """For the plainest of identifiers, which a whole column is full of."""

    def display(value: float) -> str | None:
        if 0 <= value < _LARGE and value == (whole := int(value)):
            return str(whole).zfill(places)
        return None

    return display


def number_text(value: float) -> str:
    """A number as Excel shows it in a wide enough cell: 15 digits that count; up to 2^53 all of them."""
    if -(2**53) < value < 2**53 and value == (whole := int(value)):
        return str(whole)
    text = format(value, ".15g")
    if "e" not in text:
        return text
    return format(Decimal(text), "f") if 1e-15 < abs(value) < 1e21 else text.upper()


def percent_text(value: float) -> str:
    """0.125 as ``12.5%``, where nothing tells how it was shown."""
    return f"{(Decimal(format(value, '.15g')) * 100).normalize():f}%"


def _split(code: str) -> list[str]:
    """The sections, cut at semicolons that are no literals."""
    sections = [""]
    for token in _TOKEN.finditer(code):
        if token[0] == ";":
            sections.append("")
        else:
            sections[-1] += token[0]
    return sections


def _section(text: str) -> _Section:
    before: list[tuple[bool, str]] = []
    after: list[tuple[bool, str]] = []
    applies = None
    kinds: list[str] = []
    for token in _TOKEN.finditer(text):
        kind, part = token.lastgroup or "other", token[0]
        if kind == "bracket":
            condition, currency = _CONDITION.fullmatch(token[kind]), _CURRENCY.fullmatch(token[kind])
            applies = _condition(condition[1], float(condition[2])) if condition else applies
            kind = "currency" if currency else "other" if _TIME.fullmatch(token[kind]) else kind
            part = currency[1] if currency else ""
        elif kind in ("quoted", "escaped"):
            part = token[kind]
        elif kind in ("space", "point", "comma", "other"):
            part = ""
        kinds.append(kind)
        if part:
            (after if "point" in kinds else before).append((kind == "digit", part))
    return _Section(
        _role(kinds, before, after),
        tuple(before),
        tuple(after),
        applies,
        grouped=re.search("digit comma (?:comma )*digit", " ".join(kinds)) is not None,
        shift=2 * kinds.count("percent") - 3 * _scaling(kinds),
    )


def _role(kinds: list[str], before: list[tuple[bool, str]], after: list[tuple[bool, str]]) -> _Role:
    literals = "".join(part for is_digit, part in (*before, *after) if not is_digit)
    zeros = sum(part == "0" for is_digit, part in before if is_digit)
    if "other" in kinds:
        return _Role.NUMBER
    if {"percent", "currency"} & set(kinds) or any(category(letter) == "Sc" for letter in literals):
        return _Role.AMOUNT
    if {"point", "comma"} & set(kinds):
        return _Role.AMOUNT if any(map(str.isalpha, literals)) else _Role.NUMBER
    return _Role.IDENTIFIER if literals.strip() or zeros > 1 else _Role.NUMBER


def _scaling(kinds: list[str]) -> int:
    """How many commas follow the last place for a digit: each divides by a thousand."""
    last = max((i for i, kind in enumerate(kinds) if kind == "digit"), default=len(kinds))
    return next((n for n, kind in enumerate(kinds[last + 1 :]) if kind != "comma"), len(kinds[last + 1 :]))


def _condition(sign: str, limit: float) -> Callable[[float], bool]:
    compare = _COMPARE[sign]
    return lambda value: compare(value, limit)


def _choose(sections: list[_Section], value: float) -> tuple[_Section, str | None]:
    """By condition where there are any, else positive; negative; zero."""
    if any(section.applies for section in sections):
        fits = (section for section in sections if section.applies is None or section.applies(value))
        section = next(fits, _NUMBER)
    elif value < 0 and len(sections) > 1:
        section = sections[1]
    else:
        section = sections[2] if value == 0 and len(sections) == 3 else sections[0]
    return section, section.text(value)


_NUMBER = _Section(_Role.NUMBER)


def _fill(parts: tuple[tuple[bool, str], ...], digits: str, *, grouped: bool = False) -> str:
    """The digits put into their places from the right; what is left over goes to the first."""
    places = sum(is_digit for is_digit, _ in parts)
    left = max(places, len(digits))
    queue = iter(digits.rjust(places))
    take = left - places + 1
    text = ""
    for is_digit, part in parts:
        if not is_digit:
            text += part
            continue
        for digit in islice(queue, take):
            left -= 1
            shown = digit if digit != " " else {"0": "0", "?": " "}.get(part, "")
            text += f"{shown}," if grouped and shown.strip() and left and left % 3 == 0 else shown
        take = 1
    return text


def _after(parts: tuple[tuple[bool, str], ...], decimals: str) -> str:
    """What stands from the decimal point on; zeros at the end only where the format wants them."""
    places = [part for is_digit, part in parts if is_digit]
    wanted = max((i for i, place in enumerate(places, 1) if place == "0"), default=0)
    queue = iter(decimals.rstrip("0").ljust(wanted, "0"))
    text = "".join(next(queue, "") if is_digit else part for is_digit, part in parts)
    return f".{text}" if wanted or decimals.strip("0") else text
