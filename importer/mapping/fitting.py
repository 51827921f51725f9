"""Whether a mapping fits a sheet: its columns are there, hold what they held, cover what is needed (pure)."""

from collections.abc import Iterable, Sequence

from importer.errors import MappingError
from importer.mapping.looks import FEW, Cells, Holds, Look, Sample, kind_holds, surely_other
from importer.mapping.matching import by_name, by_slip
from importer.mapping.model import FieldMapping
from importer.normalise import heading
from importer.providers.base import Provider
from importer.providers.fields import City, Leaf, Name

_ALIKE = 75
"""Of 100, from where on a heading is likely the renamed one."""

_ROWS = 5
"""Rows without anything in an optional column before that is unlike a column that was always filled."""


def require_columns(
    mapping: FieldMapping, columns: Sequence[str], provider: Provider, sample: Sample | None = None
) -> None:
    """Make sure that the mapping fits the sheet and covers what the provider requires.

    Raises:
        MappingError: A mapped column is missing or stands twice in the sheet, or a required field has none.
    """
    troubles = [
        _trouble(mapping, path, name, columns, provider, sample)
        for path, names in mapping.columns.items()
        for name in names
        if columns.count(name) != 1 and path not in mapping.constants
    ]
    if troubles:
        raise MappingError(
            f"{' '.join(troubles)} The sheet's columns are: {listed(columns)}. "
            "Rename the columns there, or in the mapping."
        )
    missing = [
        leaf
        for leaf in provider.leaves
        if leaf.required and leaf.path not in mapping.columns and leaf.path not in mapping.constants
    ]
    if missing:
        needed = ", ".join(f'"{leaf.column.title}" ({leaf.path})' for leaf in missing)
        raise MappingError(
            f"No column found for what {provider.title} requires: {needed}. The sheet's columns are: "
            f"{listed(columns)}. Rename a column, give a constant with "
            f"--set {missing[0].path}=VALUE, or write a mapping with importer map and use it with -m."
        )


def _trouble(
    mapping: FieldMapping,
    path: str,
    name: str,
    columns: Sequence[str],
    provider: Provider,
    sample: Sample | None,
) -> str:
    told = f'The column "{name}" for the field {path}'
    if times := columns.count(name):
        return f"{told} stands {times} times in the sheet."
    likely = _renamed(mapping, path, name, columns, provider, sample)
    return f"{told} is not in the sheet." + (f' Did you mean "{likely}"?' if likely else "")


def _renamed(
    mapping: FieldMapping,
    path: str,
    name: str,
    columns: Sequence[str],
    provider: Provider,
    sample: Sample | None,
) -> str | None:
    """The column a missing one may be now: called almost so, usual for its field, or alone of its kind."""
    from rapidfuzz import fuzz, process

    left = mapping.unused(columns)
    found = process.extractOne(name, left, scorer=fuzz.ratio, processor=heading, score_cutoff=_ALIKE)
    if found:
        return found[0]
    leaf = next(leaf for leaf in provider.leaves if leaf.path == path)
    named = [left[claim.position] for claim in by_name(left, provider).values() if claim.path == path]
    slips = [left[claim.position] for claim in by_slip(dict(enumerate(left)), [leaf])]
    alike = _of_its_kind(leaf, left, columns, sample)
    return next((each[0] for each in (named, slips, alike) if len(each) == 1), None)


def _of_its_kind(leaf: Leaf, left: Iterable[str], columns: Sequence[str], sample: Sample | None) -> list[str]:
    holds = kind_holds(leaf.column.kind)
    if sample is None or holds in (None, Holds.COUNTRIES, Holds.YES_NO):
        return []
    return [name for name in left if sample.column(columns.index(name)).plainly is holds]


def require_looks(
    mapping: FieldMapping, columns: Sequence[str], provider: Provider, sample: Sample, *, mend: str
) -> None:
    """Make sure that the columns hold what they held when the mapping was made.

    `mend` is what to do where the sheet is right and the mapping is not.

    Raises:
        MappingError: One is unlike then, in a way that single wrong cells do not explain.
    """
    changed = [
        f'"{name}" held {then.holds}, and now {"is" if now is Holds.EMPTY else "holds"} {now}'
        for leaf in provider.leaves
        for name in mapping.columns.get(leaf.path, ())
        if leaf.path not in mapping.constants
        and (then := mapping.looks.get(name)) is not None
        and (now := unlike(then, sample.column(columns.index(name)), leaf)) is not None
    ]
    if changed:
        raise MappingError(
            f"The columns are not what they were when the mapping was made: "
            f"{'; '.join(dict.fromkeys(changed))}. Mend the sheet; or, if it is right, {mend}"
        )


def unlike(then: Look, now: Cells, leaf: Leaf) -> Holds | None:
    """What a column holds now where that is unlike `then`; None where it is alike, or too few cells tell.

    Nothing is amiss where it holds what the field takes: it was wrong then, and has been corrected.
    """
    wanted = kind_holds(leaf.column.kind)
    if then.holds is Holds.EMPTY or (wanted is not None and now.how_much(wanted) >= FEW):
        return None
    if not now.filled:
        enough = 2 if leaf.required else _ROWS
        return Holds.EMPTY if now.rows >= enough and not then.gaps else None
    if isinstance(leaf.column.kind, Name | City) and now.plainly is Holds.NUMBERS and now.filled >= _ROWS:
        return Holds.NUMBERS
    return surely_other(now, then.holds)


def listed(columns: Sequence[str]) -> str:
    """Headings for a message."""
    return ", ".join(f'"{column}"' for column in columns if column) or "none"
