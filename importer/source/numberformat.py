"""Number formats that decide what a person reads: ``00000`` makes 501 a postcode (pure).

Only identifiers and percentages are rendered. Where a format merely groups, rounds or adds a
currency, the number itself is what the next system wants. Dates are calamine's.

Syntax: ECMA-376 part 1, section 18.8.31.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

Display = Callable[[float], str | None]
"""The text a person sees of a number; None where that is just the number."""

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)"? | \\(?P<escaped>.?) | (?P<space>_.?|\*.?) | \[(?P<bracket>[^\]]*)\]?
    | (?P<digit>[0#?]) | (?P<decimal>[.,]) | (?P<percent>%) | (?P<plain>[-+():{}<>~'!^&\ ])
    | (?P<other>General|.)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_CURRENCY_OR_TIME = re.compile(r"\$[^-]|[hms]+$", re.IGNORECASE)
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}


@dataclass(frozen=True, slots=True)
class _Section:
    """One of the up to four parts of a format. `parts` are literals and single digit places."""

    parts: tuple[tuple[bool, str], ...]
    applies: Callable[[float], bool] | None
    percent: bool
    plain: bool

    def text(self, value: float) -> str | None:
        if self.percent:
            return percent_text(value)
        if self.plain or value != int(value):
            return None
        return _fill(self.parts, int(abs(value)))


def display_of(code: str) -> Display | None:
    """What numbers under this format code look like; None if that is always just the number."""
    sections = [_section(text) for text in _split(code)][:3]
    if not sections or all(section.plain and not section.percent for section in sections):
        return None

    def display(value: float) -> str | None:
        return _choose(sections, value).text(value)

    return display


def percent_text(value: float) -> str:
    """0.125 as ``12.5%``, with the digits the number has and not those its format leaves."""
    return f"{(Decimal(format(value, '.15g')) * 100).normalize():f}%"


def number_text(value: float) -> str:
    """A number as Excel shows it in a wide enough cell: 15 digits that count; up to 2^53 all of them."""
    if abs(value) < 2**53 and value == int(value):
        return str(int(value))
    text = format(value, ".15g")
    if "e" not in text:
        return text
    return format(Decimal(text), "f") if 1e-15 < abs(value) < 1e21 else text.upper()


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
    parts: list[tuple[bool, str]] = []
    applies = None
    kinds = set()
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup or "other"
        if kind == "bracket":
            condition = _CONDITION.fullmatch(token["bracket"])
            applies = _condition(condition[1], float(condition[2])) if condition else applies
            kind = "other" if _CURRENCY_OR_TIME.match(token["bracket"]) else kind
        elif kind != "space":
            parts.append((kind == "digit", token[kind]))
        kinds.add(kind)
    zeros = sum(part == "0" for is_digit, part in parts if is_digit)
    literals = "".join(token[1] for token in parts if not token[0] and token[1] not in "%.,").strip()
    percent = "percent" in kinds and "other" not in kinds and not literals
    identifies = bool(literals or zeros > 1) and not kinds & {"percent", "decimal", "other"}
    return _Section(tuple(parts), applies, percent=percent, plain=not identifies)


def _condition(sign: str, limit: float) -> Callable[[float], bool]:
    compare = _COMPARE[sign]
    return lambda value: compare(value, limit)


def _choose(sections: list[_Section], value: float) -> _Section:
    """By condition where there are any, else positive; negative; zero."""
    if any(section.applies for section in sections):
        for section in sections:
            if section.applies is None or section.applies(value):
                return section
        return _NUMBER
    if value < 0:
        return _NUMBER
    return sections[2] if value == 0 and len(sections) == 3 else sections[0]


_NUMBER = _Section((), None, percent=False, plain=True)


def _fill(parts: tuple[tuple[bool, str], ...], value: int) -> str:
    """The digits of `value` put into their places from the right; what is left over goes to the first."""
    places = sum(is_digit for is_digit, _ in parts)
    digits = str(value) if value else ""
    extra = digits[: max(0, len(digits) - places)]
    queue = iter(digits[len(extra) :].rjust(places))
    text = ""
    for is_digit, part in parts:
        if not is_digit:
            text += part
            continue
        digit = next(queue)
        text += extra + (digit if digit != " " else {"0": "0", "?": " "}.get(part, ""))
        extra = ""
    return text.strip()
