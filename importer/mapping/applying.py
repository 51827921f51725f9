"""From the cells of a row to the text of a field, as a mapping says (pure)."""

from collections.abc import Callable, Mapping, Sequence

from importer.mapping.model import FieldMapping
from importer.normalise import identity_text

Read = Callable[[Sequence[str]], str]
"""The text of one field, given the cells of a row."""


def reader(mapping: FieldMapping, path: str, columns: Sequence[str]) -> Read | None:
    """What reads a field out of a row whose headings are `columns`; None where nothing feeds the field."""
    constant = mapping.constants.get(path)
    if constant is not None:
        return lambda cells: constant
    positions = positions_of(mapping, path, columns)
    if not positions:
        return None
    read = _joined(positions)
    take = mapping.takes.get(path)
    if take is not None:
        read = _then(read, take.of)
    if table := mapping.values.get(path):
        read = _then(read, _replacing(table))
    return read


def positions_of(mapping: FieldMapping, path: str, columns: Sequence[str]) -> tuple[int, ...]:
    """Where the columns that feed a field stand; none for a constant."""
    if path in mapping.constants:
        return ()
    return tuple(columns.index(name) for name in mapping.columns.get(path, ()))


def _joined(positions: tuple[int, ...]) -> Read:
    if len(positions) == 1:
        only = positions[0]
        return lambda cells: cells[only].strip()
    return lambda cells: " ".join(filter(None, (cells[position].strip() for position in positions)))


def _then(read: Read, change: Callable[[str], str]) -> Read:
    return lambda cells: change(read(cells))


def _replacing(table: Mapping[str, str]) -> Callable[[str], str]:
    meant = {identity_text(said): value for said, value in table.items()}
    return lambda text: meant.get(identity_text(text), text)
