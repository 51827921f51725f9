"""Text as such: white space, invisible and broken characters, and the keys under which texts compare."""

import re
from functools import lru_cache
from unicodedata import category, combining, is_normalized, normalize

from importer.normalise.unfit import Unfit
from importer.sheetformat import NOT_CALCULATED

_WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_INVISIBLE = (
    "\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
)
_JOINERS = "\u200c\u200d"
INVISIBLE = _INVISIBLE + _JOINERS
"""What nobody sees, as the inside of a character set in a regular expression."""

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(p << 16 | 0xFFFE) + chr(p << 16 | 0xFFFF) for p in range(17))
_JOINED = (
    "\u0600-\u1dff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010800-\U00011fff"  # Arabic, Indic, Mongolian …
    "\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"  # emoji are joined the same way
)

_broken = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff{_NONCHARACTERS}]")
_breaks = re.compile("[\t\n\v\f\r\x85\u2028\u2029]")
_invisible = re.compile(f"[{_INVISIBLE}]")
_joiner_again = re.compile(f"([{_JOINERS}])[{_JOINERS}]+")
_joiner_astray = re.compile(f"(?<![{_JOINED}])[{_JOINERS}]|\u200c(?![{_JOINED}])")
_odd = re.compile("[\u3164\uffa0\ufffd]")  # of what is left out or refused, these count as printable
_unseen = re.compile(f"[{INVISIBLE}]")
_outside = re.compile(f"^[{_WHITE}{_INVISIBLE}{_JOINERS}]+|[{_WHITE}{_INVISIBLE}{_JOINERS}]+$")

# Letters that Unicode does not take apart into one of ours and an accent.
_WHOLE_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "\N{LATIN SMALL LETTER DOTLESS I}": "i", "æ": "ae", "œ": "oe"}
)


def text(value: str) -> str | Unfit:
    """`value` trimmed, composed (Unicode NFC), with each run of white space as one space.

    Line breaks, tabs and no-break spaces are white space. Invisible characters go, apart from joiners
    inside words of the scripts that are spelled with them. Control characters, halves of a surrogate
    pair and the mark of a character that was lost in saving (U+FFFD) are not repaired but refused; so is a
    formula that no program has calculated.
    """
    if value.isprintable() and NOT_CALCULATED not in value and (value.isascii() or _is_settled(value)):
        return " ".join(value.split())
    return _settled(value)


def _is_settled(value: str) -> bool:
    """The quick way out for printable text: nothing in it has to be left out, refused or composed."""
    return _odd.search(value) is None and is_normalized("NFC", value)


def _settled(value: str) -> str | Unfit:
    if unfit := _damage(value):
        return unfit
    seen = _without_invisible(normalize("NFC", value))
    return normalize("NFC", " ".join(seen.split()))


def verbatim(value: str) -> str | Unfit:
    """`value` with nothing changed but white space and invisible characters trimmed off its ends.

    For document numbers. What cannot be seen inside one is refused: dropping it might be wrong, and so
    might keeping it. Messages do not quote the text.
    """
    trimmed = _outside.sub("", value)
    if unfit := _damage(trimmed):
        return unfit
    if _breaks.search(trimmed):
        return Unfit("control_characters", "Contains a line break or tab. Write it on one line.")
    if not trimmed.isascii() and (found := _invisible.search(trimmed)):
        return Unfit(
            "invisible_characters",
            f"Contains an invisible character ({_point(found[0])}). Type it again by hand.",
        )
    return trimmed


def visible(value: str) -> str:
    """`value` as it is, but for the invisible characters that `text` leaves out."""
    return _without_invisible(value) if _unseen.search(value) else value


def heading(value: str) -> str:
    """The key under which headings and choices compare: letters and digits, caseless, without accents.

    "E-mail Address *", "email address" and "E_Mail_Address" have one key. Letters of every script are
    kept, with the vowel signs that are part of them. A heading of nothing but symbols is its symbols.
    """
    return _heading(value)


def identity_text(value: str) -> str:
    """The key under which texts of customers compare: caseless, in compatibility form, one space a gap.

    Accents count: Müller and Muller may be two people. Idempotent, and never refuses.
    """
    if value.isascii():
        return " ".join(value.lower().split())
    seen = re.sub(f"[{_INVISIBLE}{_JOINERS}]", "", value)
    # Unicode's compatibility caseless match (D146): folding and decomposing each undo the other.
    once = normalize("NFKD", normalize("NFD", seen).casefold())
    return normalize("NFKC", " ".join(normalize("NFKD", once.casefold()).split()))


@lru_cache(maxsize=4096)
def _heading(value: str) -> str:
    plain = folded(value)
    key = "".join(c for c in plain if category(c)[0] in "LNM")
    return normalize("NFC", key or "".join(c for c in plain if category(c)[0] not in "ZC"))


def folded(value: str) -> str:
    """`value` caseless and decomposed, without the accents of Latin, Greek, Cyrillic, Hebrew and Arabic."""
    if value.isascii():
        return value.lower()
    decomposed = normalize("NFKD", normalize("NFKD", value).casefold())
    return "".join(c for c in decomposed if not _is_accent(c)).translate(_WHOLE_LETTERS)


def _is_accent(character: str) -> bool:
    # By combining class: 10-36 are Hebrew and Arabic points, from 200 on marks around a letter. Between
    # and below are the vowel signs of other scripts, which are letters to those who write them.
    place = combining(character)
    return place >= 200 or 10 <= place <= 36


def _without_invisible(value: str) -> str:
    seen = _joiner_again.sub(r"\1", _invisible.sub("", value))
    return _joiner_astray.sub("", seen)


def _damage(value: str) -> Unfit | None:
    if NOT_CALCULATED in value:
        return Unfit(
            "formula_not_calculated",
            "Is a formula that was never calculated. Open the workbook in your spreadsheet program and "
            "save it; or type the value.",
        )
    if found := _broken.search(value):
        return Unfit(
            "control_characters",
            f"Contains a character that cannot be printed ({_point(found[0])}). Type the cell again.",
        )
    if "\ufffd" in value:
        return Unfit(
            "lost_characters", 'Contains "\ufffd": a character was lost in saving. Type the cell again.'
        )
    return None


def _point(character: str) -> str:
    return f"U+{ord(character):04X}"
