"""Which field a heading names: its own name, a usual heading for it, or a slip of the keyboard (pure)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from importer.normalise import heading as heading_key
from importer.providers.base import Provider
from importer.providers.fields import Leaf

EXACT = 1.0
USUAL = 0.95
LAST_PART = 0.85
USUAL_HEADING = "a usual heading"
SLIP = 0.8


@dataclass(frozen=True, slots=True)
class Claim:
    """A column, by position, that may feed a field; how sure that is, and why.

    `held` tells what its cells hold, "" where that says nothing; `confirmed` that it is what they should,
    `vague` that it is something else, but nothing in particular.
    """

    position: int
    path: str
    confidence: float
    reason: str = ""
    held: str = ""
    confirmed: bool = False
    vague: bool = False


def by_name(columns: Sequence[str], provider: Provider) -> dict[int, Claim]:
    """The field that each heading names, by position; headings that name none are left out."""
    names = _names(provider)
    found = {}
    for position, column in enumerate(columns):
        known = next((names[key] for key in _keys(column) if key in names), None) or _all_alike(column, names)
        if known is not None:
            path, confidence = known
            found[position] = Claim(position, path, confidence, _REASONS[confidence])
    return found


def _all_alike(column: str, names: Mapping[str, tuple[str, float]]) -> tuple[str, float] | None:
    """What all parts of a heading like "Phone / Mobile" name."""
    parts = [heading_key(part) for part in re.split(r"[/|,;&+\n]", column)]
    paths = {names[part][0] if part in names else "" for part in parts}
    return (paths.pop(), LAST_PART) if len(parts) > 1 and len(paths) == 1 and "" not in paths else None


_REASONS: Mapping[float, str] = {
    EXACT: "",
    USUAL: USUAL_HEADING,
    LAST_PART: "much like its name",
}


def _names(provider: Provider) -> dict[str, tuple[str, float]]:
    """Key of a heading -> the field that it names best, and how well."""
    found: dict[str, tuple[str, float]] = {}
    for leaf in provider.leaves:
        known = (
            (EXACT, (leaf.path, leaf.column.title)),
            (USUAL, leaf.column.also),
            (LAST_PART, (leaf.path.rpartition(".")[2],)),
        )
        for confidence, names in known:
            for key in filter(None, map(heading_key, names)):
                if key not in found or found[key][1] < confidence:
                    found[key] = (leaf.path, confidence)
    return found


def _keys(column: str) -> Iterator[str]:
    """A heading's key, then that without what stands in brackets ("Phone (with country code)")."""
    yield heading_key(column)
    bare = re.sub(r"[(\[{].*?[)\]}]", " ", column)
    if bare != column:
        yield heading_key(bare)


def by_slip(columns: Mapping[int, str], free: Iterable[Leaf]) -> list[Claim]:
    """The `free` fields whose names these headings nearly are: one letter in five wrong, or swapped.

    Digits are no slip, nor is a word more or less: "Customer ID" is no misspelt "customer".
    """
    if not columns:
        return []
    from rapidfuzz.distance import OSA  # only where a heading is not known

    meant = _by_shape(free)
    claims = []
    for position, column in columns.items():
        key = heading_key(column)
        best: tuple[int, str, str] | None = None
        for name, path, wanted in meant.get(_shape(column), ()):
            slips = min(len(key), len(wanted)) // 5
            distance = OSA.distance(key, wanted, score_cutoff=slips)
            if 0 < slips >= distance and (best is None or distance < best[0]):
                best = (distance, path, name)
        if best is not None:
            claims.append(Claim(position, best[1], SLIP, f'spelled like "{best[2]}"'))
    return claims


Shape = tuple[int, tuple[str, ...]]


def _by_shape(free: Iterable[Leaf]) -> dict[Shape, list[tuple[str, str, str]]]:
    """(name, path, key) of every name of the fields, by shape."""
    found: dict[Shape, list[tuple[str, str, str]]] = {}
    for leaf in free:
        for name in (leaf.path, leaf.column.title, *leaf.column.also):
            found.setdefault(_shape(name), []).append((name, leaf.path, heading_key(name)))
    return found


@lru_cache(maxsize=4096)
def _shape(name: str) -> Shape:
    """How many words a heading has, and its digits."""
    words = re.sub(r"[\W_]+|(?<=[a-z])(?=[A-Z])", " ", name).split()
    return len(words), tuple(re.findall(r"\d", name))


def is_called(column: str, names: tuple[str, ...]) -> bool:
    """Whether a heading is one of these names."""
    return any(key in _keys_of(names) for key in _keys(column))


@lru_cache(maxsize=32)
def _keys_of(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(heading_key, names))
