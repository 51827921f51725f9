"""Where the files of a night come from: what the job names, by its kind."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from importer.errors import SettingsError
from importer.jobfile import fill
from importer.jobfile.forms import is_address
from importer.ledger import Ledger
from importer.night.alarms import alarm
from importer.night.importing import Night
from importer.night.inbox import InboxFolder
from importer.night.picking import is_pattern, matching
from importer.night.report import Alarm, AlarmKind
from importer.night.taking import Plain, Taken
from importer.night.waiting import Clock
from importer.source.document import digest_of


class Place(Protocol):
    """Where files come from."""

    def files(self) -> Iterator[Taken]:
        """The files of tonight, each taken when its turn comes."""

    def without_file(self) -> Alarm | None:
        """What is raised where there was none."""


def place_of(night: Night, clock: Clock) -> Place:
    """The place that a job takes its files from.

    Raises:
        SettingsError: The job names none.
    """
    if night.file.inbox is not None:
        return FromInbox(night, InboxFolder(night.file.inbox, clock))
    if not night.file.source:
        raise SettingsError(
            f"The job {night.file.name} names no file: give it a source or an [inbox], or name the file on "
            "the command line."
        )
    return place_at(night, fill(night.file.source, night.began))


def place_at(night: Night, place: str) -> Place:
    """A path, a pattern, or an address, with the date in it if there is one."""
    if is_address(place):
        return FromAddress(night, place)
    if is_pattern(place):
        return FromPattern(night, place)
    return OnePath(night, Path(place))


@dataclass(frozen=True, slots=True)
class OnePath:
    """A file that is there, or is not."""

    night: Night
    path: Path

    def files(self) -> Iterator[Taken]:
        """The file, if it is there."""
        if self.path.exists():
            yield Plain(self.path)

    def without_file(self) -> Alarm | None:
        """It is not there."""
        return no_file(self.night, f"There is no file {self.path}.")


@dataclass(frozen=True, slots=True)
class FromAddress:
    """Files that are fetched first."""

    night: Night
    url: str = field(repr=False)

    def files(self) -> Iterator[Taken]:
        """Each file that is there."""
        from importer.night.remote import Remote, fetched

        own_output = self.night.file.output is not None
        yield from fetched(Remote(self.url), self.night.interruption, own_output=own_output)

    def without_file(self) -> Alarm | None:
        """There is none."""
        from importer.night.remote import shown

        return no_file(self.night, f"There is no file {shown(self.url)}.")


@dataclass(slots=True)
class FromPattern:
    """All files that a pattern matches, but those that an earlier night was through with."""

    night: Night
    pattern: str
    done: list[str] = field(default_factory=list)

    def files(self) -> Iterator[Taken]:
        """Each file that is new, or has rows left to be done."""
        ledger, job = self.night.ledger, self.night.file.name
        for path in matching(self.pattern, output=self.night.file.output):
            if not self.night.again and is_done(ledger, job, path):
                self.done.append(path.name)
            else:
                yield Plain(path)

    def without_file(self) -> Alarm | None:
        """Nothing matches, or nothing that is new."""
        if not self.done:
            return no_file(self.night, f"No file matches {self.pattern}.")
        return no_file(
            self.night,
            f"No new file matches {self.pattern}: the last of {len(self.done)} is {self.done[-1]}, which an "
            "earlier night imported.",
        )


def is_done(ledger: Ledger, job: str, path: Path) -> bool:
    """Whether an earlier night of a job was through with the content of a file."""
    known = ledger.nights.with_content(job, digest_of(path))
    return known is not None and not known.unfinished


@dataclass(slots=True)
class FromInbox:
    """The files in an inbox, and first those that an earlier night left."""

    night: Night
    inbox: InboxFolder

    def files(self) -> Iterator[Taken]:
        """Each file that is whole."""
        self.inbox.prepare()
        yield from self.inbox.claims(self.night.interruption)

    def without_file(self) -> Alarm | None:
        """The inbox is empty, or holds only what is still on its way."""
        folder = self.inbox.settings.folder
        if not self.inbox.left:
            return no_file(self.night, f"There is no file in {folder}.")
        marker = self.inbox.settings.ready_marker
        why = f"has no {marker} beside it" if marker else "is still being uploaded"
        return no_file(self.night, f"No file in {folder} is whole: {self.inbox.left[0]} {why}.")


def no_file(night: Night, why: str) -> Alarm | None:
    """The alarm for a night without a file; `why` is a sentence."""
    message = f"{why} Nothing was sent. Ask whoever delivers the file what became of it."
    return alarm(night.file.alarms, AlarmKind.NO_FILE, message)
