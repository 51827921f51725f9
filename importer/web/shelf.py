"""Mappings that a person keeps under a name, for the next sheet of the same kind."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from importer.errors import MappingError
from importer.mapping import provider_of

MOST = 200
"""So many mappings are kept for a user."""

LONGEST_NAME = 60

_ID = re.compile(r"[0-9a-f]{16}")
_NAMED = "# kept as "


@dataclass(frozen=True, slots=True)
class Kept:
    """A mapping on the shelf."""

    id: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder with the mappings of a user, as the files that `importer map` writes."""

    folder: Path

    def all(self, provider: str) -> list[Kept]:
        """Those for a provider, by name."""
        found = [
            Kept(path.stem, _name(path)) for path in self.folder.glob("*.toml") if _is_for(path, provider)
        ]
        return sorted(found, key=lambda kept: kept.name.casefold())

    def keep(self, name: str, text: str) -> None:
        """Put a mapping on the shelf, in place of one of that name.

        Raises:
            MappingError: The name will not do, or the shelf is full.
        """
        if not name.isprintable() or len(name) > LONGEST_NAME:
            raise MappingError(f"Give the mapping a name of at most {LONGEST_NAME} characters.")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / f"{_short(name)}.toml"
        if not path.exists() and len(list(self.folder.glob("*.toml"))) >= MOST:
            raise MappingError(
                f"There are {MOST} kept choices already, so nothing was kept. Remove some that you do not "
                "need under “Remove kept choices”, here or with a sheet of another provider."
            )
        draft = path.with_suffix(".tmp")
        draft.write_text(f"{_NAMED}{json.dumps(name)}\n{text}", encoding="utf-8", errors="replace")
        draft.replace(path)

    def remove(self, kept: str) -> None:
        """Take a mapping from the shelf; nothing where it is gone already."""
        if (path := self.find(kept)) is not None:
            path.unlink(missing_ok=True)

    def find(self, kept: str) -> Path | None:
        """The file of a mapping."""
        path = self.folder / f"{kept}.toml"
        return path if _ID.fullmatch(kept) and path.exists() else None


def shelf_of(root: Path, user: str) -> Shelf:
    """The shelf of a user."""
    return Shelf(root / "mappings" / _short(user))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _name(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        line = file.readline()
    return str(json.loads(line.removeprefix(_NAMED))) if line.startswith(_NAMED) else path.stem


def _is_for(path: Path, provider: str) -> bool:
    try:
        return provider_of(path) == provider
    except MappingError:
        return False
