"""Where the log goes: a file that may be rotated meanwhile, or standard error."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from importer.errors import SettingsError
from importer.telling.lines import Facts, Level, LogFormat, fragment, log_line

STANDARD_ERROR = "-"

DETAILS = frozenset({"run_started", "row", "waiting"})
"""Events of which there may be many, and none that says how it went."""


class Log:
    """Writes lines, each in one piece, so that several processes may share a file.

    Whatever happens to the file, the work that is told of goes on. `lost` is how many lines could not be
    written, `trouble` why, "" where all could. One that is not `detailed` has a line for each run and each
    night, and whatever went wrong, but none for each row.
    """

    def __init__(self, path: Path | None, form: LogFormat = LogFormat.TEXT, *, detailed: bool = True) -> None:
        """Open the file, which is added to, or take standard error for None.

        A file that was moved away (by logrotate) is made anew with the next line.

        Raises:
            SettingsError: The file cannot be opened.
        """
        self._path, self._form = path, form
        self.detailed = detailed
        self._descriptor = -1
        self._torn = False
        self.lost = 0
        self.trouble = ""
        try:
            self._reopen()
        except OSError as error:
            raise SettingsError(
                f"The log {path} cannot be opened: {error.strerror}. Name another, or give its folder to the "
                "user who runs this. Nothing was sent."
            ) from error

    @classmethod
    def named(cls, name: str, form: LogFormat = LogFormat.TEXT) -> Self:
        """The log as people name it: a path, or `-` for standard error."""
        return cls(None if name == STANDARD_ERROR else Path(name), form)

    def about(self, facts: Facts) -> str:
        """What many lines have in common, for `write`."""
        return fragment(self._form, facts)

    def write(self, event: str, level: Level, facts: Facts, *, about: str = "") -> None:
        """Add a line."""
        if not self.detailed and event in DETAILS:
            return
        text = log_line(self._form, event, level, about, fragment(self._form, facts))
        try:
            if self._path is None:
                sys.stderr.write(f"{text}\n")
            else:
                self._append(self._path, text)
        except (OSError, ValueError) as error:
            self.lost += 1
            self.trouble = getattr(error, "strerror", None) or type(error).__name__

    def _append(self, path: Path, text: str) -> None:
        if self._was_moved(path):
            self._reopen()
        data = f"\n{text}\n".encode() if self._torn else f"{text}\n".encode()
        written = os.write(self._descriptor, data)
        self._torn = written < len(data)
        if self._torn:
            raise OSError(None, "there was room for a part of a line only")

    def _was_moved(self, path: Path) -> bool:
        try:
            found = os.stat(path)  # noqa: PTH116  for each line: Path.stat takes twice the time
        except FileNotFoundError:
            return True
        return (found.st_dev, found.st_ino) != self._file

    def _reopen(self) -> None:
        if self._path is None:
            return
        opened = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        self.close()
        found = os.fstat(opened)
        self._descriptor, self._file, self._torn = opened, (found.st_dev, found.st_ino), False

    def complaint(self) -> str:
        """What to tell a person at the end: "" where every line was written."""
        if not self.lost:
            return ""
        lines = "1 line" if self.lost == 1 else f"{self.lost:,} lines"
        return f"The log {self._path} lacks {lines}: {self.trouble}. The results file has every row."

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            with suppress(OSError):  # it was open, and what was lost is told already
                os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
