"""The imports on disk: one private folder for each, with the upload and what a person chose."""

import dataclasses
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Lock

from importer.errors import SettingsError
from importer.rows import Environment
from importer.source import ReadOptions

_ID = re.compile(r"[A-Za-z0-9_-]{16}")
_INCOMING = ".incoming-"

LOOK_EVERY = 3600.0
"""Seconds between notes that somebody looks at an import."""


class Stage(StrEnum):
    """How far a person has come with an import. One that is SENDING without a worker was interrupted."""

    COLUMNS = "columns"
    CHECK = "check"
    SENDING = "sending"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One upload and what was chosen for it. `version` counts the times that it was kept.

    `owner` is the user it belongs to, `name` the file's name as that person has it, `file` as it is called
    here. `read` says how the file is read, as the options of the commands are called. Times are Unix
    seconds. `repair` is None until somebody chose: damaged cells are then as a results file has it. `ended`
    is what the last run came to, empty before, and while another one is under way or was interrupted;
    `confirmed` is where a person agreed to send it.
    """

    id: str
    owner: str
    name: str = field(repr=False)
    file: str
    provider: str
    environment: Environment
    account: str
    created: float
    used: float
    stage: Stage = Stage.COLUMNS
    repair: bool | None = None
    read: Mapping[str, str] = field(default_factory=dict)
    version: int = 0
    ended: Mapping[str, object] = field(default_factory=dict, repr=False)
    confirmed: str = ""

    @property
    def read_options(self) -> ReadOptions:
        """How the file is read."""
        row = self.read.get("header_row")
        return ReadOptions(
            self.read.get("sheet"),
            int(row) if row else None,
            self.read.get("encoding"),
            self.read.get("delimiter"),
        )

    @property
    def left(self) -> int:
        """Rows that the last run was to send and did not, if nothing was changed since it was confirmed."""
        counts = self.ended.get("counts")
        if self.stage is not Stage.DONE or not isinstance(counts, dict):
            return 0
        return int(counts["not_sent"] + counts["failed"])

    @property
    def is_live(self) -> bool:
        """Whether this is the real thing."""
        return self.environment is Environment.LIVE


class Folders:
    """The folder of all imports. Its files are for this user of the machine alone."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = Lock()
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        root.chmod(0o700)

    def incoming(self) -> Path:
        """A new folder for an upload, no import as yet."""
        folder = self.root / f"{_INCOMING}{secrets.token_hex(12)}"
        folder.mkdir(mode=0o700)
        return folder

    def adopt(self, incoming: Path, new: Import) -> Import:
        """Make an import of an upload that has arrived whole."""
        _write(incoming / "import.json", new)
        incoming.rename(self.place(new))
        return new

    def place(self, one: Import) -> Path:
        """Where the files of an import are."""
        return self.root / one.id

    def find(self, import_id: str) -> Import | None:
        """The import of that id."""
        if _ID.fullmatch(import_id) is None:
            return None
        try:
            return _read(self.root / import_id / "import.json")
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def keep(self, one: Import, **changes: object) -> Import:
        """Put down what has changed. Returns the import as it is now.

        Raises:
            SettingsError: It was deleted meanwhile.
        """
        with self._lock:
            now = self.find(one.id)  # somebody may have kept something since `one` was read
            if now is None:
                raise SettingsError("This import was deleted meanwhile, so nothing was done by this step.")
            kept = dataclasses.replace(now, **changes, version=now.version + 1, used=time.time())  # type: ignore[arg-type]  # fields of Import
            _write(self.place(one) / "import.json", kept)
        return kept

    def look(self, one: Import) -> None:
        """Note that somebody looks at an import, which counts as use: once in a while, as it is written."""
        if time.time() - one.used < LOOK_EVERY:
            return
        with self._lock, suppress(OSError):  # where it cannot be kept, people may look all the same
            now = self.find(one.id)
            if now is not None:
                _write(self.place(one) / "import.json", dataclasses.replace(now, used=time.time()))

    def all(self) -> list[Import]:
        """The imports, the one that was used last first."""
        found = (self.find(path.name) for path in self.root.iterdir())
        return sorted((one for one in found if one is not None), key=lambda one: -one.used)

    def size(self, one: Import) -> int:
        """Bytes that an import takes."""
        found = 0
        for path in self.place(one).glob("*"):
            with suppress(FileNotFoundError):  # replaced just now, or deleted
                found += path.stat().st_size
        return found

    def take_away(self, one: Import) -> Path | None:
        """Have an import be there no more, at one moment for everybody.

        Returns the folder that it leaves behind, to be deleted; None where somebody else took it away.
        """
        left = self.root / f"{_INCOMING}{secrets.token_hex(12)}"
        with self._lock:
            try:
                return self.place(one).rename(left)
            except FileNotFoundError:
                return None

    def remove(self, one: Import) -> None:
        """Delete the upload and everything made from it, but what the ledger knows."""
        if (left := self.take_away(one)) is not None:
            shutil.rmtree(left, ignore_errors=True)

    def drop_incoming(self) -> None:
        """Delete what never arrived whole, or is not gone whole: of a server that was ended meanwhile."""
        for path in self.root.glob(f"{_INCOMING}*"):
            shutil.rmtree(path, ignore_errors=True)


def new_id() -> str:
    """An id that nobody guesses."""
    return secrets.token_urlsafe(12)


def _write(path: Path, one: Import) -> None:
    draft = path.with_suffix(".tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
        json.dump(dataclasses.asdict(one), f)
        f.flush()
        os.fsync(f.fileno())
    draft.replace(path)


def _read(path: Path) -> Import:
    found = json.loads(path.read_text(encoding="utf-8"))
    found["environment"], found["stage"] = Environment(found["environment"]), Stage(found["stage"])
    return Import(**found)
