"""Text that went through the wrong encoding, cannot be seen, or is what a formula says of its failure."""

import re
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import category, name

from importer import normalise
from importer.damage.found import Damage
from importer.normalise.unfit import shown

LONGEST = 5_000
"""Characters that are looked through for mojibake. No provider takes as many."""

_CODE_PAGES = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "cp437", "mac_roman", "latin-1")

_SLOPPY = ("sloppy-windows-1252", "sloppy-windows-1250", "latin-1")
"""Codecs that ftfy adds: with the bytes that the code page has no letter for, as programs read them."""

_error = re.compile(
    # in English, German, French, Spanish, Italian, Portuguese, and LibreOffice's own
    r"#(?:N/A|NV|N/D|REF!|BEZUG!|¡REF!|RIF!|VALUE!|WERT!|VALEUR!|¡VALOR!|VALORE!|VALOR!|NAME\?|NOM\?|"
    r"¿NOMBRE\?|NOME\?|DIV/0!|¡DIV/0!|NULL!|NUL!|¡NULO!|NULLO!|NULO!|NUM!|ZAHL!|NOMBRE!|¡NUM!|NÚM!|SPILL!|CALC!|"
    r"FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|GETTING_DATA|BUSY!|PYTHON!)"
    r"|#{2,}|Err:\d{3}",
)


def formula_error(text: str) -> Damage | None:
    """What stands in a cell whose formula failed, or whose column was too narrow when it was copied."""
    if _error.fullmatch(text) is None:
        return None
    why = "comes of a column that was too narrow" if set(text) == {"#"} else "is the error of a formula"
    return Damage(
        "formula_error",
        f"{shown(text)} {why}, and no value. Type the value, or empty the cell.",
        certain=True,
    )


def unseen(text: str) -> str:
    """The first of the invisible characters that are left out of `text`, as U+200B; "" if there is none."""
    seen = normalise.visible(text)
    if seen == text:
        return ""
    first = next((i for i, (a, b) in enumerate(zip(text, seen, strict=False)) if a != b), len(seen))
    character = text[first]
    return f"U+{ord(character):04X} {name(character, '').capitalize()}".strip()


def is_plain(text: str) -> bool:
    """The quick way out for most text: it is no mojibake and hides nothing.

    All mojibake has two characters in a row of those that UTF-8 turns into, one of "ÃÂ", or a control
    character; few words do.
    """
    return _suspicious().search(text) is None


@lru_cache(maxsize=1)
def _suspicious() -> re.Pattern[str]:
    upper = bytes(range(0x80, 0x100))
    found = {c for page in _CODE_PAGES for c in upper.decode(page, "ignore")}
    misread = re.escape("".join(sorted(found)))
    hidden = f"{normalise.INVISIBLE}ÃÂ\x80-\x84\x86-\x9f"
    # one set in front, since a search for that alone is ten times as fast
    return re.compile(f"[{misread}{hidden}](?:(?<=[{hidden}])|(?<=[{misread}])[{misread}])")


def mojibake(text: str) -> Damage | None:
    """Text in UTF-8 that a program read as something else, like "ZoÃ«"."""
    return _mojibake(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=4096)
def _mojibake(text: str) -> Damage | None:
    import ftfy  # slow to import, and needed for few sheets
    from ftfy.badness import badness, is_bad

    if not is_bad(text):
        repair = next(_decoded(text), None)
        return None if repair is None else _misread(text, repair, certain=False)
    repair = ftfy.fix_encoding(text)
    whole = repair != text and not is_bad(repair) and _is_whole(repair, text)
    return _misread(text, repair if whole else None, certain=whole or badness(text) > 1)


def _is_whole(repair: str, text: str) -> bool:
    """Whether all of the text is repaired: it is what becomes of the repair, or nothing of it is left."""
    if not set("\ufffdÃÂ").intersection(repair):
        return True
    return any(repair.encode().decode(page, "replace") == text for page in _SLOPPY)


def _decoded(text: str) -> Iterator[str]:
    """What `text` may have been where ftfy sees nothing wrong: names in Vietnamese, Polish, Cyrillic.

    Only if all of it is UTF-8, and gives letters: two of them that are foreign, or one that is Latin.
    """
    for page in ("cp1252", "cp1250", "cp1251"):
        try:
            meant = text.encode(page).decode("utf-8")
        except UnicodeError:
            continue
        foreign = [c for c in meant if not c.isascii()]
        enough = len(foreign) > 1 or (
            bool(foreign) and (page != "cp1251" and name(foreign[0], "").startswith("LATIN "))
        )
        if enough and all(category(c)[0] in "LM" for c in foreign):
            yield meant


def _misread(text: str, repair: str | None, *, certain: bool) -> Damage:
    was = "was" if certain else "may have been"
    how = f"It {'is' if certain else 'would be'} {shown(repair)}." if repair else "Type it again."
    return Damage(
        "mojibake",
        f"{shown(text)} {was} read in the wrong encoding by a program. {how}",
        repair,
        certain=certain,
    )
