"""Sessions that were ended before their time, on disk: they stay so when the server is started again."""

import os
import time
from datetime import timedelta
from pathlib import Path

from importer.errors import SettingsError


class Ended:
    """The ended sessions in a file, a line for each: when it was ended (Unix seconds), and its nonce."""

    def __init__(self, path: Path, lifetime: timedelta) -> None:
        self._path = path
        self._nonces = set(_read(path, since=time.time() - lifetime.total_seconds()))

    def __contains__(self, nonce: str) -> bool:
        return nonce in self._nonces

    def add(self, nonce: str) -> None:
        """Let a session hold no longer.

        Raises:
            SettingsError: It cannot be kept; the session holds no longer until the server ends.
        """
        self._nonces.add(nonce)
        try:
            with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
                file.write(f"{time.time():.0f} {nonce}\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise SettingsError(
                f"You are logged out, but that cannot be kept on the server ({error.strerror}): tell IT, and "
                "close your browser."
            ) from error


def _read(path: Path, *, since: float) -> list[str]:
    """Those that may still be in a browser; the others are dropped from the file."""
    try:
        lines = [line.split() for line in path.read_text(encoding="ascii", errors="replace").splitlines()]
    except FileNotFoundError:
        return []
    whole = (line for line in lines if len(line) == 2 and line[0].isdecimal())
    kept = [(at, nonce) for at, nonce in whole if float(at) > since]
    draft = path.with_suffix(".tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{at} {nonce}\n" for at, nonce in kept)
    draft.replace(path)
    return [nonce for _, nonce in kept]
