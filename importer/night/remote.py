"""Files at an address (s3://, sftp://, https://, …): fetched, imported, their results put beside them.

fsspec reaches them. Its errors may quote an address with a password in it, so they are told by their kind.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from importer.errors import ImporterError, ResultsError, SettingsError, SourceError
from importer.night.moving import names
from importer.night.picking import is_delivery
from importer.night.taking import Fate, Filed

T = TypeVar("T")
_WRITES_IN_ONE_STEP = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "memory"}
"""Where nobody sees a part of a file that is being written."""


def shown(url: str) -> str:
    """An address without the secrets that may be in it: no user, no password, no query.

    A password with a slash in it, which should stand there as %2F, is taken for one all the same.
    """
    kind, _, rest = url.partition("://")
    return f"{kind}://{re.split('[?#]', re.sub(_USER, '', rest))[0]}"


_USER = r"^[^/@\s]*@|^[^/@:\s]*:(?!\d+/)[^@\s]*@"


@dataclass(slots=True)
class Remote:
    """The files at an address, which may be a pattern.

    Raises:
        SettingsError: fsspec, or its package for that kind of address, is not installed.
    """

    url: str = field(repr=False)
    _fs: Any = field(init=False, repr=False)
    _path: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        kind = self.url.partition("://")[0]
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            raise SettingsError(
                f"Files at {kind}:// need a package that is not installed: pip install 'importer[remote]'"
            ) from None
        try:
            self._fs, self._path = self._tried(
                lambda: url_to_fs(self.url, skip_instance_cache=True, use_listings_cache=False), SettingsError
            )
        except ImportError as error:
            raise SettingsError(
                f"Files at {kind}:// need one more package that is not installed{_package(str(error))}"
            ) from None
        except ValueError:
            raise SettingsError(f"{kind}:// is no kind of address that fsspec knows.") from None

    def paths(self) -> list[str]:
        """What is there, by name: the one file, or all that match the pattern.

        Raises:
            SourceError: It cannot be reached.
        """
        if re.search(r"[*?\[]", self._path) is None:
            return [self._path] if self._is_there(self._path) else []
        found = self._tried(lambda: self._fs.glob(self._path))
        return sorted(path for path in found if is_delivery(path.rpartition("/")[2], self._path))

    def fetch(self, path: str, folder: Path) -> Path:
        """A copy of a file in a folder of this machine.

        Raises:
            SourceError: It cannot be read, or changed meanwhile.
        """
        target = folder / path.rpartition("/")[2]
        before = self._size(path)

        def copy() -> None:
            with self._fs.open(path, "rb") as remote, target.open("xb") as local:
                shutil.copyfileobj(remote, local, 1 << 20)

        self._tried(copy)
        sizes = {before, self._size(path), target.stat().st_size} - {None}
        if len(sizes) > 1:
            raise SourceError(
                f"{target.name} is still being uploaded, or its transfer was cut short. Nothing was sent; "
                "the next night fetches it again."
            )
        return target

    def check_writable(self, path: str) -> None:
        """Make sure before anything is sent that results can be put beside a file.

        Raises:
            SettingsError: They cannot.
        """
        probe = f"{path.rpartition('/')[0]}/.importer-probe"
        try:
            self._tried(lambda: self._fs.pipe_file(probe, b"\n"))
        except SourceError as error:
            raise SettingsError(
                f"Results cannot be put beside {shown(self.url)}: {error} Nothing was sent. Add a line like "
                'output = "results/{name}.results.csv" to the job file, which is on this machine.'
            ) from None
        with suppress(SourceError):
            self._tried(lambda: self._fs.rm_file(probe))

    def put_beside(self, path: str, output: Path) -> str:
        """Put results beside a file, under a name that is free; where they are then.

        Raises:
            ResultsError: They cannot be put there.
        """
        folder = path.rpartition("/")[0]
        today = datetime.now(UTC).astimezone().date()
        try:
            free = (each for each in names(output.name, today) if not self._is_there(f"{folder}/{each}"))
            target = f"{folder}/{next(free)}"
            self._upload(output, target)
        except SourceError as error:
            raise ResultsError(
                f"The results could not be put beside {shown(self.url)}: {error} Nothing is lost: the same "
                "command again writes them and sends nothing twice."
            ) from None
        return self.address(target)

    def address(self, path: str) -> str:
        """Where a file is, without secrets."""
        if "://" in path:
            return shown(path)
        kind, _, place = shown(self.url).partition("://")
        host = place.partition("/")[0]
        in_bucket = path.startswith(f"{host}/")
        return f"{kind}://{path}" if in_bucket else f"{kind}://{host}/{path.lstrip('/')}"

    def _is_there(self, path: str) -> bool:
        """Whether a file is there, which `exists` of fsspec denies of a server out of reach as well."""

        def look() -> bool:
            try:
                self._fs.info(path)
            except FileNotFoundError as error:
                cause = error.__cause__  # over HTTP every error has this name
                out_of_reach = isinstance(cause, OSError) and not isinstance(cause, FileNotFoundError)
                if cause is not None and (out_of_reach or getattr(cause, "status", 404) not in (404, 410)):
                    raise cause from None
                return False
            return True

        return self._tried(look)

    def _upload(self, output: Path, target: str) -> None:
        if self.url.partition("://")[0] in _WRITES_IN_ONE_STEP:
            self._tried(lambda: self._fs.put_file(str(output), target))
            return
        draft = f"{target.rpartition('/')[0]}/.importer-{target.rpartition('/')[2]}.tmp"
        self._tried(lambda: self._fs.put_file(str(output), draft))
        self._tried(lambda: self._fs.mv(draft, target))

    def _size(self, path: str) -> int | None:
        size = self._tried(lambda: self._fs.info(path)).get("size")
        return int(size) if size is not None else None

    def _tried(self, step: Callable[[], T], as_error: type[ImporterError] = SourceError) -> T:
        try:
            return step()
        except (ImportError, ValueError, ImporterError):
            raise
        except Exception as error:  # noqa: BLE001  each kind of address has errors of its own
            status = getattr(error, "status", None)  # of HTTP
            why = (
                f"it answers {status}" if status else getattr(error, "strerror", None) or type(error).__name__
            )
            raise as_error(f"{shown(self.url)} cannot be reached: {why}.") from None


def _package(message: str) -> str:
    """What to type, as far as fsspec's words name the package."""
    found = re.search(r"""(?i)(?:install|requires) (?:the )?["'`]?([\w-]+)""", message)
    return f": pip install {found[1]}" if found is not None else f". fsspec says: {message}"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was fetched. Its results are put beside it, unless they are to be somewhere else."""

    remote: Remote
    origin: str
    path: Path

    @property
    def name(self) -> str:
        """What people call it."""
        return self.path.name

    @property
    def place(self) -> str:
        """Its address."""
        return self.remote.address(self.origin)

    def put_away(self, fate: Fate, output: Path | None) -> Filed:
        """Put the results beside the file, which stays where it is.

        Raises:
            ResultsError: They cannot be put there.
        """
        if output is None or output.parent != self.path.parent or not output.exists():
            return Filed(self.place, output)
        return Filed(self.place, self.remote.put_beside(self.origin, output))


def fetched(
    remote: Remote, breakable: AbstractContextManager[object], *, own_output: bool
) -> Iterator[Fetched]:
    """The files at an address, each fetched into a private folder that is removed after it.

    `breakable` is entered while a file is fetched. `own_output`: results are written to this machine, and
    need no room beside the file.
    """
    for path in remote.paths():
        if not own_output:
            remote.check_writable(path)
        with TemporaryDirectory(prefix="importer-") as folder:
            with breakable:
                local = remote.fetch(path, Path(folder))
            yield Fetched(remote, path, local)
