"""A mapping as plain data: in TOML as a person writes it, and in the settings of a results file (pure)."""

from collections.abc import Callable, Iterable, Mapping
from typing import get_args

from importer import normalise
from importer.errors import MappingError
from importer.mapping.looks import Look
from importer.mapping.model import FieldMapping, Take, check_fields, did_you_mean
from importer.normalise import Order, Unfit
from importer.providers.base import Provider
from importer.providers.fields import Date

KEYS = ("provider", "default_country", "columns", "constants", "values", "dates", "looks")
"""What may stand at the top of a mapping."""


def to_settings(mapping: FieldMapping) -> dict[str, object]:
    """The mapping as a results file carries it. What is not used is left out."""
    told: dict[str, object] = {
        "columns": {path: _column(mapping, path) for path in mapping.columns},
        "constants": dict(mapping.constants),
        "values": {path: dict(table) for path, table in mapping.values.items()},
        "dates": dict(mapping.dates),
        "default_country": mapping.default_country,
        "looks": {name: str(look) for name, look in mapping.looks.items()},
    }
    return {key: value for key, value in told.items() if value or key in ("columns", "constants")}


def _column(mapping: FieldMapping, path: str) -> object:
    names = list(mapping.columns[path])
    take = mapping.takes.get(path)
    return names if take is None else {"column": names, "take": str(take)}


def from_settings(document: Mapping[str, object], provider: Provider) -> FieldMapping:
    """A mapping from parsed TOML, or from what a results file carries.

    Raises:
        MappingError: It is none, or names fields the provider does not have, or anything unknown.
    """
    for key in document:
        if key not in KEYS:
            raise MappingError(
                f'A mapping has no "{key}".{did_you_mean(key, KEYS)} It has: {", ".join(KEYS)}.'
            )
    columns = dict(_flat(_table(document, "columns"), is_leaf=lambda table: "column" in table))
    constants = dict(_flat(_table(document, "constants")))
    values = dict(_tables(_table(document, "values")))
    dates = dict(_flat(_table(document, "dates")))
    check_fields([*columns, *constants, *values, *dates], provider)
    taken = {path: _taken(path, value) for path, value in columns.items()}
    return FieldMapping(
        provider.name,
        {path: names for path, (names, _) in taken.items()},
        {path: _text(f"the constant {path}", value) for path, value in constants.items()},
        takes={path: take for path, (_, take) in taken.items() if take is not None},
        values={path: _replacements(path, table) for path, table in values.items() if table},
        dates={path: _order(path, value, provider) for path, value in dates.items()},
        default_country=_country(document.get("default_country", "")),
        looks={name: _look(name, text) for name, text in _table(document, "looks").items()},
    )


def _table(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise MappingError(
            "The mapping needs a table [columns] and may have the tables [constants], [values], [dates] "
            f"and [looks]; its {name} is none."
        )
    return table


def _flat(
    table: Mapping[str, object],
    prefix: str = "",
    *,
    is_leaf: Callable[[Mapping[str, object]], bool] = lambda table: False,
) -> Iterable[tuple[str, object]]:
    """Dotted names, which TOML reads as tables in each other where they stand without quotes."""
    for name, value in table.items():
        if isinstance(value, dict) and not is_leaf(value):
            yield from _flat(value, f"{prefix}{name}.", is_leaf=is_leaf)
        else:
            yield f"{prefix}{name}", value


def _tables(table: Mapping[str, object], prefix: str = "") -> Iterable[tuple[str, Mapping[str, object]]]:
    """The tables that hold no tables, by dotted name."""
    for name, value in table.items():
        if not isinstance(value, dict):
            raise MappingError(
                f'In the mapping, "{name}" under [values] must be a table: [values."FIELD"] and, below it, '
                '"what the sheet says" = "what is sent".'
            )
        inner = {key: each for key, each in value.items() if isinstance(each, dict)}
        if inner:
            yield from _tables(inner, f"{prefix}{name}.")
        if len(inner) < len(value) or not value:
            yield f"{prefix}{name}", {key: each for key, each in value.items() if key not in inner}


def _taken(path: str, value: object) -> tuple[tuple[str, ...], Take | None]:
    if not isinstance(value, dict):
        return _headings(path, value), None
    for key in value:
        if key not in ("column", "take"):
            raise MappingError(f'In the mapping, {path} has "{key}": it may have column and take.')
    wanted = str(value.get("take", ""))
    if wanted not in list(Take):
        raise MappingError(
            f"In the mapping, {path} takes {wanted!r}.{did_you_mean(wanted, list(Take))} "
            f"It may take: {', '.join(Take)}."
        )
    return _headings(path, value["column"]), Take(wanted)


def _headings(path: str, names: object) -> tuple[str, ...]:
    listed = [names] if isinstance(names, str) else names
    if not isinstance(listed, list) or not listed or not all(isinstance(name, str) for name in listed):
        raise MappingError(f"In the mapping, {path} must be a heading or a list of headings.")
    return tuple(listed)


def _text(what: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return str(value)
    raise MappingError(f"In the mapping, {what} must be a text in quotes.")


def _replacements(path: str, table: Mapping[str, object]) -> dict[str, str]:
    """What the sheet says -> what is meant. Two spellings of one text must mean the same."""
    found: dict[str, str] = {}
    meant: dict[str, str] = {}
    for said, value in table.items():
        text = _text(f'"{said}" under [values."{path}"]', value)
        if meant.setdefault(normalise.identity_text(said), text) != text:
            raise MappingError(
                f'In the mapping, [values."{path}"] has "{said}" twice (capitals and spaces around it make '
                "no difference). Keep one."
            )
        found[said] = text
    return found


def _order(path: str, value: object, provider: Provider) -> Order:
    leaf = next(leaf for leaf in provider.leaves if leaf.path == path)
    if not isinstance(leaf.column.kind, Date):
        raise MappingError(f"In the mapping, [dates] names {path}, which is no date. Remove that line.")
    for order in get_args(Order):
        if value == order:
            return order  # type: ignore[no-any-return]  # one of its literals
    raise MappingError(
        f'In the mapping, the dates of {path} must be "dmy", "mdy" or "ymd" (d is the day), not {value!r}.'
    )


def _country(value: object) -> str:
    if value == "":
        return ""
    found = normalise.country_code(str(value))
    if isinstance(found, Unfit):
        raise MappingError(f"In the mapping, default_country: {found.message}")
    return found


def _look(name: str, text: object) -> Look:
    try:
        return Look.parse(str(text))
    except ValueError:
        raise MappingError(
            f'In the mapping, [looks] has "{name}" = {text!r}, which is nothing a column may hold. '
            "Remove that line, and the column is not watched."
        ) from None
