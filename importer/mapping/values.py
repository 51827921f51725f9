"""Words in a column that a field with a closed set does not take: what a value map is for (pure)."""

from collections.abc import Iterable, Sequence

from importer import normalise
from importer.mapping.applying import reader
from importer.mapping.draft import Draft
from importer.mapping.looks import Sample
from importer.mapping.model import FieldMapping, Question
from importer.normalise import Unfit
from importer.providers import headings
from importer.providers.base import Provider
from importer.providers.fields import Choice, Country, Kind, Leaf, YesNo

LISTED = 30
"""Different words of a column that are listed; with more it is no column of a closed set."""


def not_understood(
    mapping: FieldMapping, columns: Sequence[str], provider: Provider, sample: Sample
) -> dict[str, dict[str, int]]:
    """By field: the words that it does not take, and in how many of the rows looked at; commonest first."""
    found = {}
    for leaf in provider.leaves:
        if isinstance(leaf.column.kind, Choice | Country | YesNo) and leaf.path not in mapping.constants:
            strange = _strange(mapping, columns, leaf, sample)
            if strange:
                found[leaf.path] = strange
    return found


def _strange(mapping: FieldMapping, columns: Sequence[str], leaf: Leaf, sample: Sample) -> dict[str, int]:
    read = reader(mapping, leaf.path, columns)
    if read is None:
        return {}
    counts: dict[str, int] = {}
    for row in sample.rows:
        if text := read(row):
            counts[text] = counts.get(text, 0) + 1
    known = _is_taken if not _two_ways(leaf, counts) else _is_no_letter
    strange = {text: times for text, times in counts.items() if not known(leaf.column.kind, text)}
    return dict(sorted(strange.items(), key=lambda each: -each[1])[:LISTED])


def ask_two_ways(draft: Draft) -> list[Question]:
    """What to ask where a letter means the one in one language and the other in another."""
    return [
        Question(
            leaf.path,
            f'beside "H", "M" in the column "{suggestion.columns[0]}" may be a woman (mujer) or a man',
            hint=f'Under [values."{leaf.path}"] a mapping says what H and M are.',
        )
        for leaf in draft.provider.leaves
        if (suggestion := draft.suggestions.get(leaf.path)) is not None
        and _two_ways(leaf, draft.cells(draft.columns.index(suggestion.columns[0])).counts)
    ]


def _two_ways(leaf: Leaf, texts: Iterable[str]) -> bool:
    """Whether these are the Spanish H and M, of which M is no man."""
    if leaf.column.also is not headings.GENDER:
        return False
    letters = set(map(normalise.heading, texts))
    return {"h", "m"} <= letters and not letters & {"f", "w"}


def _is_no_letter(kind: Kind, text: str) -> bool:
    return len(normalise.heading(text)) > 1 and _is_taken(kind, text)


def _is_taken(kind: Kind, text: str) -> bool:
    match kind:
        case Choice(words):
            return not isinstance(normalise.choice(text, words), Unfit)
        case Country():
            return not isinstance(normalise.country_code(text), Unfit)
        case _:
            return not isinstance(normalise.yes_no(text), Unfit)


def taken(leaf: Leaf) -> str:
    """What the field takes, in a few words."""
    match leaf.column.kind:
        case Choice(words):
            return " or ".join(words)
        case Country():
            return "a country, like Nigeria or NG"
        case YesNo():
            return "yes or no"
        case _:
            return "any text"
