"""Names of people, whole in one column or in parts: joined where that is plain, else asked about (pure)."""

from collections.abc import Sequence

from importer.mapping.draft import Draft
from importer.mapping.looks import Holds, surely_other
from importer.mapping.matching import USUAL, is_called
from importer.mapping.model import Option, Question, Take
from importer.normalise import identity_text
from importer.providers import headings
from importer.providers.fields import Leaf

_MAY_BE_HALF = ("name", "naam", "namn", "navn", "nimi", "nome")
"""Headings of a whole name, but of a half one where the other half has a column of its own."""

_SPLITS = (
    (Take.FIRST_WORD, Take.OTHER_WORDS),
    (Take.ALL_BUT_THE_LAST_WORD, Take.LAST_WORD),
    (Take.AFTER_THE_COMMA, Take.BEFORE_THE_COMMA),
)
"""What of a whole name is the first, and what the last name."""


def join(draft: Draft) -> None:
    """Where a name has no column of its own, join those of its parts (first name, last name)."""
    for leaf in draft.free_fields():
        if leaf.column.parts:
            found = [_called(draft, words) for words in leaf.column.parts]
            if all(found):
                draft.suggest(leaf.path, [each[0] for each in found], USUAL, "joined")


def doubt_halves(draft: Draft) -> None:
    """Ask whether "Name" is the whole name where the sheet has a first or a last name too, but not both."""
    for leaf in draft.provider.leaves:
        whole = draft.suggestions.get(leaf.path)
        if whole is None or not leaf.column.parts or not is_called(whole.columns[0], _MAY_BE_HALF):
            continue
        halves = [_called(draft, words)[:1] for words in leaf.column.parts]
        present = [half[0] for half in halves if half]
        at = draft.columns.index(whole.columns[0])
        if len(present) == 1 and _is_half(draft, at, present[0]):
            draft.drop(leaf.path)
            draft.ask(_half(draft, leaf, [half[0] if half else at for half in halves], at))


def _half(draft: Draft, leaf: Leaf, both: Sequence[int], at: int) -> Question:
    joined = tuple(draft.columns[position] for position in both)
    name, other = draft.columns[at], next(draft.columns[each] for each in both if each != at)
    return Question(
        leaf.path,
        f'"{name}" may be the whole name or, beside "{other}", only half of it',
        (
            Option(" and ".join(f'"{each}"' for each in joined) + " joined", {leaf.path: joined}),
            Option(f'"{name}" alone', {leaf.path: (name,)}),
        ),
    )


def split(draft: Draft) -> None:
    """Where first and last name are asked for apart and the sheet has them in one column, propose ways."""
    free = draft.free_fields()
    first = next((leaf for leaf in free if leaf.column.also is headings.FIRST_NAME), None)
    last = next((leaf for leaf in free if leaf.column.also is headings.LAST_NAME), None)
    wanted = [leaf for leaf in (first, last) if leaf is not None and leaf.required]
    whole = [
        at for at in _called(draft, headings.FULL_NAME) if not surely_other(draft.cells(at), Holds.WORDS)
    ]
    if not wanted or not whole:
        return
    options = [option for at in whole for option in _ways(draft, first, last, at)]
    draft.spoken_for.update(whole)
    if len(wanted) == 2:
        paths = f"{wanted[0].path} and {wanted[1].path}"
        told = f"{draft.provider.title} takes {paths} apart, and the sheet has them in one column"
    else:
        told = f"{wanted[0].path} has no column of its own"
    draft.ask(Question(wanted[0].path, told, tuple(options)))


def _ways(draft: Draft, first: Leaf | None, last: Leaf | None, at: int) -> list[Option]:
    """The likeliest first: at the comma where there mostly is one, else at a space."""
    column = draft.columns[at]
    pairs = [*_SPLITS[-1:], *_SPLITS[:-1]] if draft.cells(at).share(_has_comma) >= 0.5 else list(_SPLITS[:-1])
    options = [_way(column, first, last, pair) for pair in pairs]
    if first is None or last is None:
        leaf = first or last
        assert leaf is not None  # noqa: S101  one of them is free
        as_it_is = Option(f'"{column}" as it is', {leaf.path: (column,)})
        return [as_it_is, *options]
    return options


def _way(column: str, first: Leaf | None, last: Leaf | None, pair: tuple[Take, Take]) -> Option:
    takes = {leaf.path: take for leaf, take in zip((first, last), pair, strict=True) if leaf is not None}
    words = f'"{column}" split, ' + ", ".join(f"{path} = {take}" for path, take in takes.items())
    return Option(words, dict.fromkeys(takes, (column,)), takes)


def _called(draft: Draft, words: tuple[str, ...]) -> list[int]:
    return [position for position, column in draft.free_columns().items() if is_called(column, words)]


def _has_comma(text: str) -> bool:
    return "," in text.strip(",")


def _is_half(draft: Draft, whole: int, part: int) -> bool:
    """Whether the cells of `whole` mostly are one word, and lack what stands in `part` beside them."""
    pairs = [
        (identity_text(row[whole]).split(), identity_text(row[part]).split())
        for row in draft.sample.rows
        if row[whole].strip() and row[part].strip()
    ]
    halves = sum(1 for words, inside in pairs if len(words) == 1 and not set(inside) <= set(words))
    return halves > len(pairs) / 2
