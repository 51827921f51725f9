"""Which column of a sheet feeds which field of a provider: found by heading, saved, loaded, applied."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from importer.errors import MappingError
from importer.normalise import heading as heading_key
from importer.providers.base import Provider
from importer.providers.fields import Leaf


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Which column, or constant, feeds which field of a provider.

    `columns` maps a field's dotted path to headings as the sheet has them: several are joined by a
    space. `constants` maps a path to the text used for every row; a constant wins over a column.
    """

    provider: str
    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str] = field(default_factory=dict, repr=False)

    def unused(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The headings of `columns` that feed no field."""
        used = {name for names in self.columns.values() for name in names}
        return tuple(name for name in columns if name and name not in used)

    def column_of(self, path: str) -> str | None:
        """The heading that feeds a field (several joined by " + "), None for a constant or nothing."""
        if path in self.constants or path not in self.columns:
            return None
        return " + ".join(self.columns[path])


def suggest(
    columns: Sequence[str], provider: Provider, *, constants: Mapping[str, str] | None = None
) -> FieldMapping:
    """The mapping that the headings of a sheet suggest.

    A heading matches a field by the provider's own name or title, by a usual synonym, by the last part
    of the field's path, or by a small spelling mistake, in this order.

    Raises:
        MappingError: Two columns fit one field equally well.
    """
    given = constants or {}
    check_fields(given, provider)
    matches = _match(columns, provider, taken=set(given))
    _join_parts(columns, provider, matches, set(given))
    return FieldMapping(provider.name, matches, given)


def _match(columns: Sequence[str], provider: Provider, taken: set[str]) -> dict[str, tuple[str, ...]]:
    claims: dict[str, dict[int, list[str]]] = {}
    for column in columns:
        found = _best_field(column, provider)
        if found is not None and found[1] not in taken:
            strength, path = found
            claims.setdefault(path, {}).setdefault(strength, []).append(column)
    matches = {path: _one_column(path, by_strength) for path, by_strength in claims.items()}
    free = [leaf for leaf in provider.leaves if leaf.path not in matches and leaf.path not in taken]
    for column in columns:
        # a heading that is known, though its field is taken, is no slip of the keyboard for another
        leaf = None if _best_field(column, provider) is not None else _near(column, free)
        if leaf is not None:
            matches[leaf.path] = (column,)
            free.remove(leaf)
    return matches


def _one_column(path: str, by_strength: Mapping[int, list[str]]) -> tuple[str, ...]:
    best = by_strength[max(by_strength)]
    if len(best) > 1:
        options = " or ".join(f'"{column}"' for column in best)
        raise MappingError(
            f"{len(best)} columns could be the field {path}: {options}. Rename the ones that are not meant, "
            f"or say which in a mapping file: importer map writes one, and -m uses it."
        )
    return (best[0],)


def _best_field(column: str, provider: Provider) -> tuple[int, str] | None:
    """The field a heading names, and how strongly: 3 its name or title, 2 a synonym, 1 its last part."""
    best: tuple[int, str] | None = None
    for key in _keys(column):
        for leaf in provider.leaves:
            strength = _strength(key, leaf)
            if strength and (best is None or strength > best[0]):
                best = (strength, leaf.path)
        if best is not None:
            return best
    return None


def _keys(column: str) -> Iterable[str]:
    """A heading's key, then that without what stands in brackets ("Phone (with country code)")."""
    yield heading_key(column)
    bare = re.sub(r"[(\[{].*?[)\]}]", " ", column)
    if bare != column and heading_key(bare):
        yield heading_key(bare)


def _strength(key: str, leaf: Leaf) -> int:
    if not key:
        return 0
    if key in (heading_key(leaf.path), heading_key(leaf.column.title)):
        return 3
    if key in map(heading_key, leaf.column.also):
        return 2
    return 1 if key == heading_key(leaf.path.rpartition(".")[2]) else 0


def _near(column: str, free: Sequence[Leaf]) -> Leaf | None:
    """The free field whose name is a slip of the keyboard away: one letter in five wrong, or swapped.

    Digits are no slip, nor is a word more or less.
    """
    from rapidfuzz.distance import OSA

    key = heading_key(column)
    best: tuple[int, Leaf] | None = None
    for leaf in free:
        for name in (leaf.path, leaf.column.title, *leaf.column.also):
            meant = heading_key(name)
            slips = min(len(key), len(meant)) // 5
            if not slips or _shape(name) != _shape(column):
                continue
            distance = OSA.distance(key, meant, score_cutoff=slips)
            if distance <= slips and (best is None or distance < best[0]):
                best = (distance, leaf)
    return None if best is None else best[1]


def _shape(name: str) -> tuple[int, list[str]]:
    """How many words a heading has, and its digits: "Customer ID" is no misspelt "customer"."""
    words = re.sub(r"[\W_]+|(?<=[a-z])(?=[A-Z])", " ", name).split()
    return len(words), re.findall(r"\d", name)


def _join_parts(
    columns: Sequence[str], provider: Provider, matches: dict[str, tuple[str, ...]], taken: set[str]
) -> None:
    """Where a name has no column of its own, join those of its parts (first name, last name)."""
    used = {name for names in matches.values() for name in names}
    for leaf in provider.leaves:
        if leaf.path in matches or leaf.path in taken or not leaf.column.parts:
            continue
        parts = []
        for words in leaf.column.parts:
            keys = set(map(heading_key, words))
            parts += [c for c in columns if c not in used and heading_key(c) in keys][:1]
        if len(parts) == len(leaf.column.parts):
            matches[leaf.path] = tuple(parts)


def check_fields(paths: Iterable[str], provider: Provider) -> None:
    """Make sure that each path is a field of the provider.

    Raises:
        MappingError: One is not; the message lists the fields there are.
    """
    known = [leaf.path for leaf in provider.leaves]
    for path in paths:
        if path not in known:
            raise MappingError(
                f"{provider.title} has no field {path!r}. Its fields are: {', '.join(known)}. "
                f"See them with: importer providers {provider.name}"
            )


def require_columns(mapping: FieldMapping, columns: Sequence[str], provider: Provider) -> None:
    """Make sure that the mapping fits the sheet and covers what the provider requires.

    Raises:
        MappingError: A mapped column is missing or stands twice in the sheet, or a required field has none.
    """
    for path, names in mapping.columns.items():
        for name in names:
            times = columns.count(name)
            if times != 1 and path not in mapping.constants:
                trouble = "is not in the sheet" if times == 0 else f"stands {times} times in the sheet"
                raise MappingError(
                    f'The column "{name}" for the field {path} {trouble}. '
                    f"The sheet's columns are: {_listed(columns)}. Rename it there or in the mapping."
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
            f"{_listed(columns)}. Rename a column, give a constant with "
            f"--set {missing[0].path}=VALUE, or write a mapping with importer map and use it with -m."
        )


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns if column) or "none"


def to_settings(mapping: FieldMapping) -> dict[str, object]:
    """The mapping as a results file carries it."""
    return {
        "columns": {path: list(names) for path, names in mapping.columns.items()},
        "constants": dict(mapping.constants),
    }


def from_settings(document: Mapping[str, object], provider: Provider) -> FieldMapping:
    """A mapping from parsed TOML, or from what a results file carries.

    Raises:
        MappingError: It is none, or names fields the provider does not have.
    """
    columns = document.get("columns", {})
    constants = document.get("constants", {})
    if not isinstance(columns, dict) or not isinstance(constants, dict):
        raise MappingError("The mapping needs a table [columns] and may have a table [constants].")
    columns, constants = dict(_flat(columns)), dict(_flat(constants))
    check_fields([*columns, *constants], provider)
    return FieldMapping(
        provider.name,
        {path: _headings(path, names) for path, names in columns.items()},
        {path: _constant(path, value) for path, value in constants.items()},
    )


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterable[tuple[str, object]]:
    """Dotted names, which TOML reads as tables in each other where they stand without quotes."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _headings(path: str, names: object) -> tuple[str, ...]:
    listed = [names] if isinstance(names, str) else names
    if not isinstance(listed, list) or not listed or not all(isinstance(name, str) for name in listed):
        raise MappingError(f"In the mapping, {path} must be a heading or a list of headings.")
    return tuple(listed)


def _constant(path: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return str(value)
    raise MappingError(f"In the mapping, the constant {path} must be a text in quotes.")


def load(path: Path, provider: Provider) -> FieldMapping:
    """The mapping in a TOML file.

    Raises:
        MappingError: The file cannot be read, is for another provider, or names unknown fields.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise MappingError(f"The mapping {path} cannot be read: {reason}.") from error
    meant = document.get("provider", provider.name)
    if meant != provider.name:
        raise MappingError(f"The mapping {path} is for {meant}, not for {provider.name}.")
    return from_settings(document, provider)


def to_toml(mapping: FieldMapping, columns: Sequence[str], provider: Provider) -> str:
    """The mapping as a TOML file that a person can edit; fields and columns left over are comments."""
    lines = [
        f"# Which column of the sheet feeds which field of {provider.title}.",
        "# Several columns in a list are joined by a space.",
        f"provider = {_quoted(provider.name)}",
        "",
        "[columns]",
    ]
    for leaf in provider.leaves:
        names = mapping.columns.get(leaf.path)
        if names:
            value = _quoted(names[0]) if len(names) == 1 else f"[{', '.join(map(_quoted, names))}]"
            lines.append(f"{_quoted(leaf.path)} = {value}")
        else:
            need = "required" if leaf.required else "optional"
            lines.append(f'# {_quoted(leaf.path)} = ""  # {leaf.column.title}, {need}')
    lines += ["", "[constants]", *(f"{_quoted(p)} = {_quoted(v)}" for p, v in mapping.constants.items())]
    lines += ["", *(f"# not used: {_quoted(name)}" for name in mapping.unused(columns))]
    return "\n".join(lines).rstrip() + "\n"


def save(path: Path, text: str) -> None:
    """Write a mapping; a file that is there is kept.

    Raises:
        MappingError: There is a file already, or it cannot be written.
    """
    content = text.encode("utf-8", "replace")
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise MappingError(f"{path} exists: give another name with -o, or remove it first.") from None
    except OSError as error:
        raise MappingError(f"The mapping {path} cannot be written: {error.strerror}.") from error


def _quoted(text: str) -> str:
    # a JSON string is a TOML basic string, but for DEL, which TOML wants escaped
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
