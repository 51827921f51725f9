"""Which files a night is about: one path, one with the date in it, or all that a pattern matches."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePath

_WILD = re.compile(r"[*?\[]")
_UPLOADING = (
    ".part",
    ".partial",
    ".tmp",
    ".temp",
    ".filepart",
    ".crdownload",
    ".download",
    ".opdownload",
    ".uploading",
    ".lock",
    "~",
)
"""How programs end the names of files that they are still writing."""

_LITTER = {"thumbs.db", "desktop.ini"}
_RESULTS = re.compile(r"\.results\.(csv|xlsx)\Z", re.IGNORECASE)


def takeable(name: str) -> bool:
    """Whether a file of that name may be a delivery: no hidden file, none that is still being written."""
    return not (name.startswith((".", "~$")) or name.lower().endswith(_UPLOADING) or name.lower() in _LITTER)


def is_pattern(place: str) -> bool:
    """Whether a path stands for several files: a wildcard in it is no part of a name that is there."""
    return _WILD.search(place) is not None and not Path(place).exists()


def is_delivery(name: str, pattern: str) -> bool:
    """Whether a name that matches is one to take: no results of ours, unless the pattern asks for them."""
    return takeable(name) and (_RESULTS.search(name) is None or _RESULTS.search(pattern) is not None)


def matching(pattern: str, *, output: Path | None = None) -> list[Path]:
    """The files that match, by name."""
    found = (path for path in _expanded(Path(pattern)) if path.is_file() and path != output)
    return sorted(path for path in found if is_delivery(path.name, pattern))


def _expanded(pattern: Path) -> Iterator[Path]:
    """A wildcard in the name of a folder that is there is a letter like any other."""
    base = Path(pattern.anchor)
    parts = pattern.parts[1:] if pattern.anchor else pattern.parts
    for number, part in enumerate(parts):
        if _WILD.search(part) and not (base / part).exists():
            return base.glob(str(PurePath(*parts[number:])))
        base /= part
    return iter([base] if base.exists() else [])
