"""Rows that sum up the others and are no customers: ``Total  17``. (pure)

Such a row starts with a word for a total and holds numbers besides, wherever in the sheet it stands.
Words that are also names (Sum, Soma, Count) are no evidence.
"""

import re
from collections.abc import Sequence

_WORDS = (
    "totals?", "(?:grand|sub|overall|sum)[ -]?totals?", "total g[eé]n[eé]ral", "total general", "total geral",
    "(?:zwischen|gesamt)?summe", "gesamt", "gesamtergebnis", "gesamtanzahl", "insgesamt", "ergebnis",
    "sous-total", "totaux", "(?:sub)?totale", "totale generale", "(?:sub)?totaal", "totalt", "i alt", "razem",
    "ogółem", "celkem", "összesen", "(?:genel )?toplam", "yhteensä", "jumlah", "tổng(?: cộng)?", "итого",
    "всего", "разом", "σύνολο", "المجموع", "الإجمالي", 'סה"כ', "[合总總小総][计計]", "[합총소]계",
)  # fmt: skip
_COUNTED = "customers?|clients?|members?|users?|rows?|records?|accounts?|amount|count|number|kunden|clientes"
_LABEL = re.compile(
    rf"\s*(?:{'|'.join(_WORDS)})(?: (?:of )?(?:{_COUNTED}))?\s*[:=]?\s*\d*\s*(?:{_COUNTED})?\s*",
    re.IGNORECASE,
)
_STARTS = frozenset(
    ("tot", "gra", "sub", "ove", "sum", "zwi", "ges", "ins", "erg", "sou", "i a", "raz", "ogó", "cel", "öss",
     "top", "gen", "yht", "jum", "tổn", "ито", "все", "раз", "σύν", "الم", "الإ", 'סה"')
)  # fmt: skip
_ASIAN = frozenset("合总總小総합총소")
_INITIALS = (
    frozenset(letter for start in _STARTS for letter in (start[0], start[0].upper()))
    | _ASIAN
    | set(" \t\n\r")
)
_LONGEST = 60
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER_OF = re.compile(rf"(?<=\d)\s*(?:{_COUNTED})\b", re.IGNORECASE)
_CURRENCY = re.compile(r"\b[A-Z]{3}\b")


def is_total(cells: Sequence[str], first: str) -> bool:
    """Whether the cells of a row, `first` being the first that holds something, sum up other rows."""
    if first[0] not in _INITIALS or len(first) > _LONGEST:
        return False
    start = first.lstrip()
    if (start[:3].lower() not in _STARTS and start[0] not in _ASIAN) or _LABEL.fullmatch(first) is None:
        return False
    others = [cell for cell in cells if cell is not first and cell.strip()]
    return all(map(_is_number, others))


def _is_number(cell: str) -> bool:
    cell = _NUMBER_OF.sub("", cell)
    return cell.startswith("#") or not ("@" in cell or _LETTER.search(_CURRENCY.sub("", cell)))


def totals_note(rows: set[int]) -> str:
    """What the plan says of such rows."""
    if len(rows) == 1:
        [row] = rows
        return f"row {row} reads like a total and is left out; if it is a customer, fill in more of its cells"
    numbers = ", ".join(map(str, sorted(rows)[:8])) + (", …" if len(rows) > 8 else "")
    return (
        f"rows {numbers} read like totals and are left out; if one is a customer, fill in more of its cells"
    )
