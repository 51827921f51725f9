"""A secret: in its variable, in the file that NAME_FILE names, or in systemd's folder of credentials."""

import logging
import os
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from importer.errors import SettingsError
from importer.permissions import who_may_read

LARGEST = 64 * 1024
"""Bytes. No secret is longer."""


class Exposed(StrEnum):
    """What becomes of a secret in a file that others may read."""

    REFUSE = "refuse"
    TELL = "tell"


def read_secret(name: str, variables: Mapping[str, str], *, exposed: Exposed = Exposed.REFUSE) -> str:
    """The secret of that name, "" where there is none; white space around it is dropped.

    From the variable, else from the file that the same name with `_FILE` names, else from the file of that
    name in `$CREDENTIALS_DIRECTORY`, where systemd puts what `LoadCredential=` names.

    Raises:
        SettingsError: Its file cannot be read, is empty, or others may read it as well; the message names
            the variable, and never a value.
    """
    value = variables.get(name, "").strip()
    if value:
        return value
    file = variables.get(f"{name}_FILE", "").strip()
    if file:
        return _from_file(Path(file), f"The file named in {name}_FILE", exposed)
    folder = variables.get("CREDENTIALS_DIRECTORY", "").strip()
    if folder and (path := Path(folder) / name).exists():
        return _from_file(path, f"The credential {name} in $CREDENTIALS_DIRECTORY", exposed)
    return ""


def _from_file(path: Path, called: str, exposed: Exposed) -> str:
    value = read_private(path, called, exposed).strip()
    if not value:
        raise SettingsError(f"{called} is empty.")
    return value


def read_private(path: Path, called: str, exposed: Exposed = Exposed.REFUSE) -> str:
    """The text of a file that holds secrets. `called` is what messages call it.

    Raises:
        SettingsError: It cannot be read, or others may read it as well.
    """
    try:
        with path.open("rb") as file:
            who = who_may_read(os.fstat(file.fileno()))
            content = file.read(LARGEST + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{called} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise SettingsError(f"{called} cannot be read: it is not text.") from None
    if len(content) > LARGEST:
        raise SettingsError(f"{called} cannot be read: it is too large.")
    if who and exposed is Exposed.REFUSE:
        raise SettingsError(
            f"{called} holds a secret that {who} may read. Type: chmod 600 {path} (for a container, mount it "
            'with defaultMode: 0400). Where nobody else is, as in a container, exposed = "tell" under '
            "[credentials] of the job file takes it all the same."
        )
    if who:
        _tell(called, who, str(path))
    return text


@cache
def _tell(called: str, who: str, path: str) -> None:
    """Once for each file, however often it is read."""
    logging.getLogger("importer").warning(
        "%s holds a secret that %s may read: chmod 600 %s", called, who, path
    )
