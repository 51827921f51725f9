"""Who else may read or write a file, by its owner and mode. POSIX only: elsewhere nobody is found.

A file's own mode and owner count, and not those of a link to it: Kubernetes mounts secrets as links.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

ROOT = 0
MOST_LINKS = 40
"""As many as Linux follows."""


def who_may_read(status: os.stat_result) -> str:
    """Who else may read (or even write) a file that holds a secret, as words; "" for nobody.

    Its group may where the file belongs to root and we are not root: then the group, or a list of access
    rights, which shows as the group's, is how we were let in. That is what systemd does with credentials
    and Kubernetes with `fsGroup`.
    """
    if os.name != "posix":
        return ""
    if status.st_mode & (stat.S_IROTH | stat.S_IWOTH):
        return "everybody"
    if status.st_uid not in (ROOT, os.geteuid()):
        return "another user, whom it belongs to,"
    if status.st_mode & stat.S_IRGRP and status.st_uid == os.geteuid():
        return "its group"
    return ""


def who_may_write(path: Path) -> str:
    """Who else may write a file, or put another in its place, in words; "" for nobody.

    On a disk that is mounted read-only nobody may.

    Raises:
        OSError: It cannot be looked at.
    """
    if os.name != "posix":
        return ""
    told = (_who_may_write_in(file.parent) for file in _links(path))
    return next(filter(None, told), "") or _who_may_write_file(path.resolve())


def _links(path: Path) -> Iterator[Path]:
    """A file, and what it links to, step by step: each may be replaced where it lies."""
    here = path.absolute()
    yield here
    for _ in range(MOST_LINKS):
        if not here.is_symlink():
            break
        here = here.parent / here.readlink()
        yield here
    yield path.resolve()


def _who_may_write_file(file: Path) -> str:
    status = file.stat()
    if status.st_uid not in (ROOT, os.geteuid()):
        return "another user, whom it belongs to, may write it"
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not _read_only(file):
        who = "everybody" if status.st_mode & stat.S_IWOTH else "its group"
        return f"{who} may write it"
    return ""


def _who_may_write_in(folder: Path) -> str:
    mode = folder.stat().st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX and not _read_only(folder):
        return f"everybody may put another file into its place in {folder}"
    return ""


def _read_only(path: Path) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
