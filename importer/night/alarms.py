"""What is unlike other nights, found in the plan before anything is sent. (pure)"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from importer.jobfile import Alarms, Reaction
from importer.ledger import NightFile
from importer.night.report import Alarm, AlarmKind

NIGHTS = 7
"""So many of the last nights tell how many rows are usual."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a file turned out to hold. `headings` are as the sheet has them."""

    name: str
    rows: int
    invalid: int
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier nights of the job were like: the newest first, and the one with the same content.

    `tonight` is when this one began, Unix time: its own files do not tell how many rows are usual.
    """

    nights: Sequence[NightFile] = ()
    same: NightFile | None = None
    tonight: float | None = None

    @property
    def usual_rows(self) -> list[int]:
        """How many rows the last files of earlier nights had that were imported."""
        earlier = (night for night in self.nights if night.imported and night.started_at != self.tonight)
        return [night.rows for night in earlier if night.rows is not None][:NIGHTS]

    @property
    def last_headings(self) -> tuple[str, ...] | None:
        """The headings of the last file that was imported."""
        imported = (night.headings for night in self.nights if night.imported)
        return next((headings for headings in imported if headings is not None), None)


def raised(settings: Alarms, found: Found, past: Past) -> list[Alarm]:
    """Every alarm that a file raises, those that stop it and those that are only told."""
    each = (
        empty(settings, found.name, "There is no row with a customer in it.") if not found.rows else None,
        _smaller(settings, found, past) if found.rows else None,
        same_file(settings, found.name, past.same),
        _invalid(settings, found),
        columns(settings, found.name, found.headings, past.last_headings),
    )
    return [alarm for alarm in each if alarm is not None]


def alarm(settings: Alarms, kind: AlarmKind, message: str, source: str = "") -> Alarm | None:
    """An alarm of that kind, as it is set for the job; None where it is off."""
    reaction: Reaction = getattr(settings, kind.value)
    if reaction is Reaction.OFF:
        return None
    return Alarm(kind, message, stops=reaction is Reaction.STOP, source=source)


def empty(settings: Alarms, name: str, why: str) -> Alarm | None:
    """The alarm for a file without a customer."""
    return alarm(
        settings,
        AlarmKind.EMPTY,
        f"{name} is empty. {why} Ask whoever delivers it what became of the customers",
        name,
    )


def same_file(settings: Alarms, name: str, same: NightFile | None) -> Alarm | None:
    """The alarm for a file whose content was imported before."""
    if same is None:
        return None
    then = datetime.fromtimestamp(same.started_at, UTC).astimezone()
    return alarm(
        settings,
        AlarmKind.SAME_FILE,
        f"{name} is byte for byte what was imported on {then:%Y-%m-%d at %H:%M} already. Ask whoever "
        "delivers it for the new one",
        name,
    )


def columns(settings: Alarms, name: str, now: Sequence[str], before: Sequence[str] | None) -> Alarm | None:
    """The alarm for headings that are not those of the last time; another order alone is only told."""
    if before is None or list(before) == list(now):
        return None
    changes = list(_changes(before, now))
    if not changes and (found := alarm(settings, AlarmKind.COLUMNS, "", name)) is not None:
        return Alarm(
            found.kind, f"{name} has its columns in another order than last time", stops=False, source=name
        )
    told = "; ".join(changes)
    return alarm(
        settings,
        AlarmKind.COLUMNS,
        f"The columns of {name} are not those of last time: {told}. Look whether they still mean the same",
        name,
    )


def _changes(before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    gone = [heading for heading in before if heading not in now]
    added = [heading for heading in now if heading not in before]
    for place, heading in enumerate(before):
        if heading in gone and place < len(now) and len(now) == len(before) and now[place] in added:
            gone.remove(heading)
            added.remove(now[place])
            yield f'"{heading}" is now "{now[place]}"'
    yield from (f'"{heading}" is gone' for heading in gone)
    yield from (f'"{heading}" is new' for heading in added)
    repeated = {heading for heading in before if list(before).count(heading) != list(now).count(heading)}
    yield from (f'"{each}" is there another number of times' for each in sorted(repeated & set(now)))


def _smaller(settings: Alarms, found: Found, past: Past) -> Alarm | None:
    before = past.usual_rows
    if not before:
        return None
    usual = median(before)
    share = float(settings.smaller_than.rstrip("%"))
    if found.rows >= usual * share / 100:
        return None
    nights = f"the median of the last {len(before)}" if len(before) > 1 else "those of the last time"
    return alarm(
        settings,
        AlarmKind.SMALLER,
        f"{found.name} has {found.rows:,} rows, fewer than {settings.smaller_than} of the usual {usual:,g} "
        f"({nights}). Ask whoever delivers it whether it is whole",
        found.name,
    )


def _invalid(settings: Alarms, found: Found) -> Alarm | None:
    exceeded = [allowed for allowed in settings.max_invalid if found.invalid > _rows(allowed, found.rows)]
    if not exceeded:
        return None
    share = 100 * found.invalid / found.rows
    return alarm(
        settings,
        AlarmKind.INVALID,
        f"{found.invalid:,} of {found.rows:,} rows of {found.name} are invalid ({share:.3g}%), and "
        f"{' and '.join(exceeded)} may be. The results file says in each what is wrong",
        found.name,
    )


def _rows(allowed: str, rows: int) -> float:
    return rows * float(allowed[:-1]) / 100 if allowed.endswith("%") else float(allowed)


def despite(settings: Alarms, kinds: Sequence[AlarmKind]) -> Alarms:
    """The settings for a night in which these alarms are only told, as a person has looked at them."""
    told: Mapping[str, Reaction] = {kind.value: Reaction.TELL for kind in kinds}
    return settings.model_copy(update=told)
