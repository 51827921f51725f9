"""Replace a file whole or leave it as it was."""

import errno
import io
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from importer.errors import ResultsError

ABANDONED = 3600.0
"""Seconds after which nobody writes a draft any more."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_LOCKED = {errno.EACCES, errno.EPERM, errno.EBUSY}


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """A file to write that becomes `target` at the end, in one step, durable against power loss.

    Whatever is raised inside, `target` stays as it was and nothing is left beside it. Readers see the
    old file or the new one.

    Raises:
        ResultsError: The file could not be written; the message says where it may go instead.
    """
    real = target.resolve()  # a link keeps pointing where it points
    draft = real.with_name(f".importer-{secrets.token_hex(6)}.tmp")
    _sweep(real.parent)
    try:
        with _told(target):
            raw = _Draft(draft, "x", target)
            with suppress(FileNotFoundError):
                shutil.copymode(real, draft)  # before there is anything to read in it
        file = io.BufferedWriter(raw, 1 << 16)
        try:
            yield file
            file.flush()
            with _told(target):
                os.fsync(raw.fileno())
        finally:
            with suppress(ResultsError):
                file.close()
        with _told(target):
            _put(draft, real)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def abandoned(folder: Path) -> Iterator[Path]:
    """Drafts that a process left when it was killed: there are people's data in them."""
    for left in folder.glob(".importer-*.tmp"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > ABANDONED:
                yield left


def _sweep(folder: Path) -> None:
    for left in abandoned(folder):
        with suppress(OSError):
            left.unlink()


class _Draft(io.FileIO):
    """Writes; and tells a full disk from an OSError of whoever makes the rows."""

    def __init__(self, path: Path, mode: str, target: Path) -> None:
        super().__init__(path, mode)
        self._target = target

    def write(self, data: Any, /) -> int:
        with _told(self._target):
            return super().write(data)


def _put(draft: Path, real: Path) -> None:
    draft.replace(real)
    if hasattr(os, "O_DIRECTORY"):
        with suppress(OSError):  # the rename is done; not every file system can make it durable
            folder = os.open(real.parent, os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ResultsError(f"{explain(error, target)} {_AGAIN}") from error


_AGAIN = "Nothing is lost: the same command again writes the results and sends nothing twice."


def explain(error: OSError, target: Path) -> str:
    """Why `target` cannot be written, and where the file may go instead."""
    if error.errno in _FULL:
        why, way_out = "the disk is full", "Free some space, or add -o with a file on another disk."
    elif error.errno == errno.ENOENT:
        why, way_out = f"there is no folder {target.parent}", "Create it, or add -o with another file."
    elif error.errno == errno.EROFS:
        why, way_out = "its disk is read-only", f"Add -o {shown(Path.home() / target.name)}."
    elif error.errno == errno.ENAMETOOLONG:
        short = target.with_name(f"results{target.suffix}")
        why, way_out = "the name is too long", f"Add -o {shown(short)}."
    elif error.errno in _LOCKED:
        why = "it is open in another program, or it or its folder is read-only"
        way_out = f"Close it, or add -o {shown(other_name(target))}."
    else:
        why, way_out = (
            error.strerror or str(error),
            f"Add -o {shown(other_name(target))}, or a file on another disk.",
        )
    return f"{target} cannot be written: {why}. {way_out}"


def other_name(target: Path) -> Path:
    """A name beside `target` that no file has yet: NAME-2.results.xlsx."""
    stem = target.stem.removesuffix(".results")
    ending = target.name[len(stem) :]
    number = 2
    while (other := target.with_name(f"{stem}-{number}{ending}")).exists():
        number += 1
    return other


def shown(path: Path) -> str:
    """`path` as it can be typed in a shell of any system."""
    text = str(path)
    return text if all(c.isalnum() or c in "-_./\\:~+@" for c in text) else f'"{text}"'
