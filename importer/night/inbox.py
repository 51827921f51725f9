"""The inbox: files are claimed, imported where nobody else takes them, and moved with their results.

A file that is claimed lies in a folder of its own below `.processing` in the inbox. Claiming is one rename,
so of two machines one gets it. Whoever works on it holds a lock beside that folder; where the lock can be
taken its owner is gone, and the next night goes on with the file before it takes another.
"""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from importer.errors import ResultsError, SettingsError
from importer.jobfile import Inbox
from importer.night.moving import move_all
from importer.night.picking import takeable
from importer.night.taking import Fate, Filed
from importer.night.waiting import Clock

PROCESSING = ".processing"
_SOURCE = ".source"
"""Holds the name of the file that was claimed, from before it is: there are results beside it later."""


@dataclass(slots=True)
class Claim:
    """A file that is ours until it is put away."""

    inbox: "InboxFolder"
    folder: Path
    path: Path
    _lock: FileLock = field(repr=False)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.path.name

    @property
    def place(self) -> str:
        """Its name, as it is on its way."""
        return self.name

    def put_away(self, fate: Fate, output: Path | None) -> Filed:
        """Move the file with its results to where they belong; or leave them for the next night.

        Raises:
            ResultsError: They cannot be moved; they are where they were, for the next night.
        """
        if fate is Fate.AGAIN:
            self.release()
            return Filed(self.path, output)
        target = self.inbox.settings.done if fate is Fate.DONE else self.inbox.settings.attention
        try:
            beside = [one for one in sorted(self.folder.iterdir()) if not one.name.startswith(".")]
            files = [*(one for one in beside if one != self.path), self.path]
            moved = dict(
                zip(files, move_all(files, target, datetime.now(UTC).astimezone().date()), strict=True)
            )
        except OSError as error:
            self.release()
            raise ResultsError(
                f"{self.name} cannot be moved to {target}: {error.strerror}. It is in {self.folder} with its "
                "results; mend it, and the next night goes on with it and sends nothing twice."
            ) from error
        _clear(self.folder)
        self.release()
        return Filed(moved[self.path], moved.get(output, output) if output is not None else None)

    def release(self) -> None:
        """Let go of the file: whoever comes next goes on with it, if it is still there."""
        if not self.folder.exists():
            Path(self._lock.lock_file).unlink(missing_ok=True)
        self._lock.release()


@dataclass(slots=True)
class InboxFolder:
    """The inbox of a job. `left` are files that were still being uploaded when they were last looked at."""

    settings: Inbox
    clock: Clock
    left: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        """Make sure before anything is sent that files can be claimed and moved.

        Raises:
            SettingsError: A folder is missing, or may not be written to.
        """
        folder = self.settings.folder
        if not folder.is_dir():
            raise SettingsError(f"There is no inbox {folder}. Create it, or mount the disk that it is on.")
        for each in (self._processing, self.settings.done, self.settings.attention):
            probe = each / f".importer-{secrets.token_hex(6)}.tmp"
            try:
                each.mkdir(parents=True, exist_ok=True, mode=0o700 if each == self._processing else 0o777)
                probe.touch()
                probe.unlink()
            except OSError as error:
                raise SettingsError(
                    f"The folder {each} cannot be written to: {error.strerror}. No file was taken: give this "
                    "user the right to, or name another folder in [inbox]."
                ) from error

    def claims(self, breakable: AbstractContextManager[object]) -> Iterator[Claim]:
        """The files of tonight, each claimed when its turn comes; first those that an earlier night left.

        `breakable` is entered while it waits for files to become whole.
        """
        yield from self._left_over()
        with breakable:
            whole = self.whole()
        for path in whole:
            claim = self._claim(path)
            if claim is not None:
                yield claim

    def whole(self) -> list[Path]:
        """The files to take, by name. Waits until those that are still young have been quiet long enough."""
        seen = {path: _stamp(path) for path in self._candidates()}
        if self.settings.ready_marker:
            whole = [path for path in seen if self._marker(path).exists()]
            self.left = [path.name for path in seen if path not in whole]
            return whole
        quiet, waits = self.settings.quiet_for, [self._wait(found) for found in seen.values()]
        if any(waits):
            self.clock.sleep(max(waits))
        whole = []
        for path in self._candidates():
            found = _stamp(path)
            unchanged = found is not None and found == seen.get(path)
            # a clock may be wrong, a file that has not changed for so long is quiet all the same
            watched = max(waits, default=0.0) >= quiet and unchanged
            if watched or (found is not None and not self._wait(found)):
                whole.append(path)
        self.left = [path.name for path in self._candidates() if path not in whole]
        return whole

    def _candidates(self) -> list[Path]:
        marker, pattern = self.settings.ready_marker, self.settings.pattern
        found = [
            path
            for path in self.settings.folder.glob(pattern)
            if path.parent == self.settings.folder
            and takeable(path.name)
            and not (marker and path.name.endswith(marker))
            and _stamp(path) is not None
        ]
        return sorted(found)

    def _wait(self, found: tuple[int, float] | None) -> float:
        """How many seconds a file has to stay as it is until it counts as whole."""
        quiet = self.settings.quiet_for
        if found is None or not quiet:
            return 0.0
        age = self.clock.now() - found[1]
        return quiet if age < 0 else max(0.0, quiet - age)

    def _claim(self, path: Path) -> Claim | None:
        """Claim a file; None where somebody else was faster."""
        token = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        lock = FileLock(self._processing / f"{token}.lock", thread_local=False)
        lock.acquire(timeout=0)
        folder = self._processing / token
        claim = Claim(self, folder, folder / path.name, lock)
        try:
            folder.mkdir(mode=0o700)
            (folder / _SOURCE).write_bytes(os.fsencode(path.name))
            if self.settings.ready_marker:
                # first: one that stays behind would call the next upload of that name whole
                self._marker(path).rename(folder / f".{self._marker(path).name}")
            path.rename(claim.path)
        except OSError as error:
            self._give_back(folder)
            claim.release()
            if isinstance(error, FileNotFoundError):
                return None
            raise SettingsError(f"{path} cannot be moved to {folder}: {error.strerror}.") from error
        return claim

    def _left_over(self) -> Iterator[Claim]:
        """Files that a night left whose process is gone, or which stopped early."""
        for folder in sorted(each for each in self._processing.iterdir() if each.is_dir()):
            lock = FileLock(self._processing / f"{folder.name}.lock", thread_local=False)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            with suppress(OSError):
                path = folder / os.fsdecode((folder / _SOURCE).read_bytes())
                if path.name != _SOURCE and path.is_file():
                    yield Claim(self, folder, path, lock)
                    continue
            self._give_back(folder)
            lock.release()

    def _give_back(self, folder: Path) -> None:
        """Undo a claim that was cut short before the file was ours."""
        marker = self.settings.ready_marker
        for moved in folder.glob(f".?*{marker}") if marker else ():
            original = self.settings.folder / moved.name[1:]
            if not original.exists() and original.with_name(original.name.removesuffix(marker)).exists():
                moved.rename(original)
        _clear(folder)

    def _marker(self, path: Path) -> Path:
        return path.with_name(path.name + self.settings.ready_marker)

    @property
    def _processing(self) -> Path:
        return self.settings.folder / PROCESSING


def waiting(inbox: Path) -> list[str]:
    """The names of files that a night took and did not finish, as the next one takes them up."""
    found = []
    with suppress(OSError):  # only who runs the job may look into it
        for folder in sorted(each for each in (inbox / PROCESSING).iterdir() if each.is_dir()):
            path = folder / os.fsdecode((folder / _SOURCE).read_bytes())
            found += [path.name] if path.is_file() else []
    return found


def _clear(folder: Path) -> None:
    """Remove what we noted beside a file, and the folder if nothing else is in it."""
    with suppress(OSError):
        for note in folder.glob(".*"):
            note.unlink()
        folder.rmdir()


def _stamp(path: Path) -> tuple[int, float] | None:
    """The size of an ordinary file, and when it last changed in any way; None of anything else."""
    try:
        found = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return found.st_size, max(found.st_mtime, found.st_ctime)
