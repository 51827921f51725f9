"""Move files to names that nobody has, whole, within a disk or to another."""

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

_PARTS = re.compile(r"(.*?)((?:\.results)?(?:\.[^.]+)?(?:\.(?:gz|zip))?)\Z", re.IGNORECASE | re.DOTALL)


def move_new(source: Path, target: Path) -> None:
    """Move a file to a name that is free, in one step; readers of the folder never see a part of it.

    Raises:
        FileExistsError: The name is taken; nothing was done.
        OSError: It cannot be moved; `source` is where it was.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError as error:  # another disk, or one that has no links
        _move_without_link(source, target, copy=error.errno == errno.EXDEV)
    else:
        source.unlink()


def _move_without_link(source: Path, target: Path, *, copy: bool) -> None:
    draft = target.with_name(f".importer-{secrets.token_hex(6)}.tmp") if copy else source
    try:
        if copy:
            shutil.copy2(source, draft)
            with draft.open("rb") as file:
                os.fsync(file.fileno())
        with target.open("xb"):  # from now on the name is ours
            pass
        draft.replace(target)
    finally:
        if copy:
            draft.unlink(missing_ok=True)
    if copy:
        source.unlink()


def names(name: str, day: date) -> Iterator[str]:
    """Names for a file, the best first: its own, with the date, then with numbers as well."""
    found = _PARTS.fullmatch(name)
    stem, ending = (found[1], found[2]) if found is not None else (name, "")
    yield name
    yield f"{stem}-{day}{ending}"
    number = 2
    while True:
        yield f"{stem}-{day}-{number}{ending}"
        number += 1


def move_all(sources: list[Path], folder: Path, day: date) -> list[Path]:
    """Move files that belong together into a folder, the last one last, under names that go together.

    Raises:
        OSError: One cannot be moved; those before it were.
    """
    for kin in zip(*(names(source.name, day) for source in sources), strict=False):
        targets = [folder / name for name in kin]
        if any(target.exists() or target.is_symlink() for target in targets):
            continue
        if _moved(sources, targets):
            return targets
    raise AssertionError("unreachable: there is always another number")


def _moved(sources: list[Path], targets: list[Path]) -> bool:
    """Whether all were moved; where somebody took a name meanwhile, none were."""
    for done, (source, target) in enumerate(zip(sources, targets, strict=True)):
        try:
            move_new(source, target)
        except FileExistsError:
            for before in range(done):
                move_new(targets[before], sources[before])
            return False
    return True
