"""The bytes of the file that is read, and whether they are still the same."""

import hashlib
import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from importer.errors import EmptySourceError, SourceError

BLOCK = 1 << 18
"""Bytes read at a time."""

MAX_HELD = 512 << 20
"""Bytes of a workbook as it is on disk, which is held in memory whole."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one state of a file on disk from another. `size` is in bytes."""

    device: int
    inode: int
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class Document:
    """A file with something in it.

    `path` is what the person named, `name` what messages call it: the name inside the archive where it
    was packed. `head` are the first bytes; `open` starts from the first byte each time. `stamp` tells
    whether the file on disk is still the same.
    """

    path: Path
    name: str
    head: bytes = field(repr=False)
    open: Callable[[], BinaryIO] = field(repr=False)
    stamp: Stamp = field(repr=False)

    @property
    def suffix(self) -> str:
        """The end of its name, in small letters."""
        return Path(self.name).suffix.lower()

    @property
    def changed(self) -> bool:
        """Whether the file on disk is another one than when it was found."""
        try:
            return _stamp(self.path) != self.stamp
        except OSError:
            return True

    def blocks(self) -> Iterator[bytes]:
        """All bytes, a block at a time."""
        with self.open() as file:
            while block := file.read(BLOCK):
                yield block

    def held(self) -> "Document":
        """The same, in memory: whoever writes to the file from now on changes nothing here.

        Raises:
            SourceError: It is too large for that, or was changed meanwhile.
        """
        with self.open() as file:
            data = file.read(MAX_HELD + 1)
        if len(data) > MAX_HELD:
            raise SourceError(
                f"{self.name} is larger than {MAX_HELD >> 20:,} MB, too large for a workbook. "
                "Save its sheet as CSV."
            )
        if self.changed:
            raise changed(self.name)
        return replace(self, open=lambda: io.BytesIO(data))


def changed(name: str) -> SourceError:
    """The error for a file that is not what it was a moment ago."""
    return SourceError(f"{name} was changed or removed while it was being read. Run the same command again.")


@contextmanager
def steady(name: str) -> Iterator[None]:
    """Whatever goes wrong inside tells of a file that was fit to read a moment ago, and is no more."""
    try:
        yield
    except (OSError, EOFError, UnicodeError, zlib.error, zipfile.BadZipFile):
        raise changed(name) from None


def find_document(path: Path) -> Document:
    """The file at `path`.

    Raises:
        SourceError: It is not there, is empty, or cannot be opened.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise SourceError(f"{path} is a folder. Name the spreadsheet in it.")
        if not stat.S_ISREG(mode):
            raise SourceError(f"{path} is no ordinary file. Save it to disk and name that file.")
        stamp = _stamp(path)
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise SourceError(f"There is no file {path}. Check the name and the folder.") from None
    except PermissionError:
        raise SourceError(
            f"{path} may not be read by this user. Close it elsewhere, or ask for its permissions."
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SourceError(
            f"{path} cannot be read: {reason}. Copy it to this machine and try again."
        ) from None
    if not head:
        raise EmptySourceError(f"{path.name} is empty. Save the spreadsheet again and look at its size.")
    if path.name.startswith(("~$", ".~lock.")):
        raise SourceError(
            f"{path.name} is only a lock that marks an open workbook. Name the workbook itself."
        )
    return Document(path, path.name, head, lambda: path.open("rb"), stamp)


def digest_of(path: Path) -> str:
    """What tells the content of a file from any other, by SHA-256; "" where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
