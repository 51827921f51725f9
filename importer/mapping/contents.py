"""What the cells of a column say about the field that it may feed: for, against, or all there is (pure)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from importer import normalise
from importer.mapping.draft import Draft
from importer.mapping.looks import FEW, MOST, UNSPECIFIC, Cells, Holds, kind_holds, surely_other
from importer.mapping.matching import USUAL, Claim
from importer.mapping.model import Question
from importer.normalise import Unfit
from importer.providers import headings
from importer.providers.fields import CallingCode, Choice, Country, Date, Email, Kind, Leaf, Phone

DOUBT = 0.3
"""What confidence in a heading is multiplied by where the cells hold something else."""

SUPPORT = 0.1
"""What is added to it where they hold what they should."""

BY_CONTENT = 0.6
"""Confidence in a column of which only the cells speak."""

_PEOPLE = (headings.FULL_NAME, headings.FIRST_NAME, headings.LAST_NAME)


def weighed(draft: Draft, claim: Claim) -> Claim:
    """A claim by heading, with what the cells say to it."""
    leaf, cells = draft.leaf(claim.path), draft.cells(claim.position)
    meant = wanted(leaf)
    other = surely_other(cells, meant) if meant is not None else None
    if other is not None:
        doubt = round(claim.confidence * DOUBT, 2)
        return replace(claim, confidence=doubt, held=f"holds {other}", vague=other in UNSPECIFIC)
    if _fit(cells, leaf.column.kind):
        held = f"holds {_things(leaf.column.kind)}"
        better = max(claim.confidence, min(USUAL, round(claim.confidence + SUPPORT, 2)))
        why = f"{claim.reason}, {held}" if claim.confidence < USUAL else held if claim.reason else ""
        return replace(claim, confidence=better, reason=why, held=held, confirmed=True)
    return replace(claim, held="" if cells.filled or not cells.rows else "is empty")


def redirected(draft: Draft, claim: Claim) -> Claim:
    """A claim to a country, as one to the calling code of phones where the cells are that."""
    codes = next((leaf for leaf in draft.provider.leaves if isinstance(leaf.column.kind, CallingCode)), None)
    if codes is None or not isinstance(draft.leaf(claim.path).column.kind, Country):
        return claim
    cells = draft.cells(claim.position)
    if cells.how_much(Holds.COUNTRIES) >= FEW or cells.share(_is_calling_code) < MOST:
        return claim
    return replace(claim, path=codes.path, confidence=BY_CONTENT, reason="holds calling codes")


def match(draft: Draft) -> None:
    """Let columns of which only the cells speak feed fields that are needed; ask where there are several."""
    for leaf in _by_need(draft):
        found = candidates(draft, leaf, free_only=True)
        likely = [at for at in found if _is_the_customers(draft, at, leaf)]
        needed = leaf.required or _identifies(draft, leaf)
        if needed and len(likely) == 1:
            draft.suggest(leaf.path, likely, BY_CONTENT, f"no heading says so, but it {found[likely[0]]}")
        elif likely:
            draft.ask(_which(draft, leaf, likely, stops=needed))


def candidates(draft: Draft, leaf: Leaf, *, free_only: bool = False) -> dict[int, str]:
    """The columns, by position, whose cells hold what the field takes; what they hold, in words."""
    kind = leaf.column.kind
    if not isinstance(kind, Email | Phone | Date | Choice | Country):
        return {}
    used = {name for each in draft.suggestions.values() for name in each.columns}
    places = draft.free_columns() if free_only else dict(enumerate(draft.columns))
    return {
        at: f"holds {_things(kind)}"
        for at, column in places.items()
        if column not in used and _speaks(draft.cells(at), leaf)
    }


def _speaks(cells: Cells, leaf: Leaf) -> bool:
    """Whether the cells by themselves are what the field takes: digits alone are not yet a phone."""
    kind = leaf.column.kind
    if isinstance(kind, Phone):
        return cells.plainly is Holds.PHONES
    if isinstance(kind, Country):
        # reading any word as a country takes long: only where one is needed, and only what repeats
        repeats = cells.filled < 5 or len(cells.counts) < MOST * cells.filled
        return leaf.required and repeats and _fit(cells, kind)
    return _fit(cells, kind)


def _by_need(draft: Draft) -> list[Leaf]:
    """The free fields, the required ones first, then those that tell customers apart."""
    return sorted(draft.free_fields(), key=lambda leaf: (not leaf.required, not _identifies(draft, leaf)))


def _identifies(draft: Draft, leaf: Leaf) -> bool:
    return any(leaf.path in names for names in draft.provider.identity)


def _is_the_customers(draft: Draft, position: int, leaf: Leaf) -> bool:
    """Whether nothing tells that these are somebody else's: no word in the heading, no few repeated."""
    words = set(re.split(r"[\W_]+", draft.columns[position].casefold()))
    cells = draft.cells(position)
    repeated = isinstance(leaf.column.kind, Email | Phone) and len(cells.counts) < MOST * cells.filled
    return not words & headings.NOT_THE_CUSTOMERS and not (repeated and cells.filled >= 5)


def _which(draft: Draft, leaf: Leaf, positions: Sequence[int], *, stops: bool) -> Question:
    first, several = draft.columns[positions[0]], len(positions) > 1
    which = f"{len(positions)} columns hold" if several else f'"{first}" holds'
    return Question(
        leaf.path,
        f"{which} {_things(leaf.column.kind)} and could be the field {leaf.path}",
        tuple(draft.column_option(leaf.path, at) for at in positions),
        stops=stops,
        rivals=stops and several,
    )


def wanted(leaf: Leaf) -> Holds | None:
    """What the cells must not be anything else than; None for fields that may be any text."""
    if isinstance(leaf.column.kind, Choice) or leaf.column.also in _PEOPLE:
        return Holds.WORDS
    return kind_holds(leaf.column.kind)


def _fit(cells: Cells, kind: Kind) -> bool:
    """Whether the cells hold mostly what a field of that kind takes."""
    if not cells.filled:
        return False
    if isinstance(kind, Choice):
        words = kind.words
        return cells.share(lambda text: not isinstance(normalise.choice(text, words), Unfit)) >= MOST
    holds = kind_holds(kind)
    return holds is not None and cells.how_much(holds) >= MOST


def _is_calling_code(text: str) -> bool:
    return not isinstance(normalise.calling_code(text), Unfit)


def _things(kind: Kind) -> str:
    return " or ".join(kind.words) if isinstance(kind, Choice) else str(kind_holds(kind))
