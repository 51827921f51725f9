"""Words from a closed set: choices, and yes or no."""

from collections.abc import Mapping
from functools import lru_cache

from importer.normalise.characters import heading, text
from importer.normalise.unfit import Unfit, shown

_YES_NO: Mapping[str, tuple[str, ...]] = {
    "yes": (
        "y", "true", "1", "on", "ja", "j", "wahr", "oui", "vrai", "sí", "verdadero", "vero", "sim", "tak",
        "kyllä", "evet", "да", "是", "✓",
    ),
    "no": (
        "n", "false", "0", "off", "nein", "falsch", "non", "faux", "falso", "não", "nee", "nej", "nei", "nie",
        "ei", "hayır", "нет", "否",
    ),
}  # fmt: skip


def choice(value: str, words: Mapping[str, tuple[str, ...]]) -> str | Unfit:
    """The key of `words` that `value` is, or stands beside as another word for it.

    Compared like headings: without case, accents, punctuation and white space.
    """
    given = text(value)
    if isinstance(given, Unfit):
        return given
    entries = tuple(words.items())
    found = _by_key(entries).get(heading(given))
    if found is None:
        return Unfit("unknown_choice", f"{shown(given)} is not one of: {_accepted(entries)}.")
    return found


def yes_no(value: str) -> bool | Unfit:
    """Yes or no, in the commonest languages of Europe, in Turkish or Chinese, or as true/false, 1/0.

    A lone "x" is refused: one sheet ticks with it, the next one crosses out.
    """
    answer = choice(value, _YES_NO)
    if isinstance(answer, Unfit):
        if answer.code != "unknown_choice":
            return answer
        return Unfit("invalid_yes_no", f"{shown(value)} is neither yes nor no. Write one of the two.")
    return answer == "yes"


@lru_cache(maxsize=64)
def _by_key(entries: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    others = {heading(word): sent for sent, also in entries for word in also}
    return others | {heading(sent): sent for sent, _ in entries}


def _accepted(entries: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    """What is sent, with the first few of the other words for it."""
    told = []
    for sent, also in entries:
        few = [word for word in also if heading(word) != heading(sent)][:3]
        told.append(f"{sent} ({', '.join(few)}{', …' if len(also) > 4 else ''})" if few else sent)
    return ", ".join(told)
