"""The files of a night. First those of earlier dates that were left: no later night would name them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from importer.jobfile import fill
from importer.jobfile.forms import is_address
from importer.ledger import NightFile
from importer.night.importing import Night
from importer.night.picking import is_pattern
from importer.night.places import Place, place_at
from importer.night.remote import shown
from importer.night.report import ALARM_EXIT_CODES, Alarm, AlarmKind, State
from importer.night.taking import OfDay, Taken


@dataclass(frozen=True, slots=True)
class _Left:
    """What was left on a day: where it can be found, and how the history names each part of it."""

    place: str = field(repr=False)
    day: datetime
    sources: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tonight:
    """Tonight's files, and before them what nights of earlier dates left."""

    night: Night
    place: Place
    _gone: list[Alarm] = field(default_factory=list)
    _through: bool = False
    _found: bool = False

    def files(self) -> Iterator[Taken]:
        """What was left, the oldest first, then tonight's."""
        for left in self._left():
            yield from self._again(left)
        for taken in self.place.files():
            self._found = True
            yield taken
        self._through = True

    def remarks(self) -> list[Alarm]:
        """What was left and is gone, and whether tonight's is missing. Notes what was not reached as left."""
        tonight = self._named
        if not self._through and tonight and (not self._found or is_pattern(tonight)):
            self._enter(_source(tonight), 3, State.FAILED, unfinished=1)
        missing = self.place.without_file() if self._through and not self._found else None
        return self._gone if missing is None else [*self._gone, missing]

    @property
    def _named(self) -> str:
        return fill(self.night.file.source or "", self.night.began)

    def _left(self) -> list[_Left]:
        """What the last word of the history on each source of an earlier day says is not finished."""
        lines = self.night.ledger.nights.latest(self.night.file.name)
        last = {line.source: line for line in reversed(lines)}
        found: dict[str, _Left] = {}
        for line in reversed(lines):
            day = datetime.fromtimestamp(line.started_at, UTC).astimezone()
            place = fill(self.night.file.source or "", day)
            if place != self._named and _is_of(line.source, place) and self._open(last[line.source]):
                left = found.setdefault(place, _Left(place, day))
                if line.source not in left.sources:
                    left.sources.append(line.source)
        return sorted(found.values(), key=lambda left: left.day)

    def _open(self, line: NightFile) -> bool:
        """Whether a night is to go on with it: it never ended, ended early, or took as many as it may."""
        by_limit = line.exit_code == 1 and self.night.file.limit is not None
        ended_early = line.exit_code is not None and (line.exit_code in (2, 3) or line.exit_code >= 128)
        return line.exit_code is None or (line.unfinished > 0 and (by_limit or ended_early))

    def _again(self, left: _Left) -> Iterator[Taken]:
        taken = []
        for each in place_at(self.night, left.place).files():
            taken.append(each.place)
            yield OfDay(each, left.day)
        for source in left.sources:
            if source in taken:
                continue
            if is_pattern(source):
                self._enter(source, 0, State.OK)
            else:
                self._gone.append(_is_gone(source, left.day))
                self._enter(source, ALARM_EXIT_CODES[AlarmKind.NO_FILE], State.DEGRADED)

    def _enter(self, source: str, exit_code: int, state: State, *, unfinished: int = 0) -> None:
        nights = self.night.ledger.nights
        number = nights.begin(self.night.file.name, started_at=self.night.began.timestamp(), source=source)
        nights.note(number, unfinished=unfinished)
        nights.end(number, exit_code=exit_code, state=state.value)


def _source(place: str) -> str:
    """How the history names a place."""
    return shown(place) if is_address(place) else place


def _is_of(source: str, place: str) -> bool:
    """Whether a source of the history is what a place names."""
    named = _source(place)
    return bool(source) and (source == named or (is_pattern(named) and fnmatchcase(source, named)))


def _is_gone(source: str, day: datetime) -> Alarm:
    return Alarm(
        AlarmKind.NO_FILE,
        f"{source} was not finished in the night of {day:%Y-%m-%d}, and is gone: rows of it may not have "
        "been sent. Put it back and name it beside the job (importer run --job JOB FILE), or see with "
        "importer runs what became of it.",
        stops=False,
        source=source,
    )
