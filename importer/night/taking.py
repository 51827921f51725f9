"""A file that a night has taken, and what becomes of it afterwards."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Fate(StrEnum):
    """Where a file goes after its import."""

    DONE = "done"
    ATTENTION = "attention"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Filed:
    """Where the source and its results are in the end: paths, or addresses."""

    source: Path | str
    output: Path | str | None


class Taken(Protocol):
    """One file of a night. `path` is where it is read, `name` what people call it."""

    @property
    def path(self) -> Path:
        """Where it can be read."""

    @property
    def name(self) -> str:
        """What people call it; no secret."""

    @property
    def place(self) -> str:
        """How the history names it: a path, or an address without its secrets."""

    def put_away(self, fate: Fate, output: Path | None) -> Filed:
        """See to the file and its results, wherever they belong."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A file that stays where it is, with its results."""

    path: Path

    @property
    def name(self) -> str:
        """What people call it."""
        return self.path.name

    @property
    def place(self) -> str:
        """Where it is."""
        return str(self.path)

    def put_away(self, fate: Fate, output: Path | None) -> Filed:
        """Nothing is to be done: the same file tomorrow is told by its content."""
        return Filed(self.path, output)


@dataclass(frozen=True, slots=True)
class OfDay:
    """A file of an earlier date, whose results go where they would have gone on that `day`."""

    taken: Taken
    day: datetime

    @property
    def path(self) -> Path:
        """Where it can be read."""
        return self.taken.path

    @property
    def name(self) -> str:
        """What people call it."""
        return self.taken.name

    @property
    def place(self) -> str:
        """Where it is."""
        return self.taken.place

    def put_away(self, fate: Fate, output: Path | None) -> Filed:
        """As of any other day."""
        return self.taken.put_away(fate, output)
