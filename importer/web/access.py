"""How a person proves who he is: a link that works once, a name with a password, or a trusted proxy."""

import base64
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from importer.errors import SettingsError

COST, BLOCK, LANES = 1 << 15, 8, 1
"""Of scrypt: 32 MB and some 100 ms, as OWASP's password storage cheat sheet has it (seen 2026-11-21)."""

MEMORY = 256 << 20
"""Bytes that scrypt may take at most."""

_NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")


@dataclass(slots=True)
class Links:
    """One-time links. `announce` is told of each new one, for the person at the terminal."""

    announce: Callable[[str], None]
    _token: str = field(default="", repr=False)

    def renew(self) -> None:
        """Make a link; the one before no longer works."""
        self._token = secrets.token_urlsafe(32)
        self.announce(self._token)

    def use(self, token: str) -> bool:
        """Whether the link is good. It is so once, and then the next one is announced."""
        good = bool(self._token) and hmac.compare_digest(token.encode(), self._token.encode())
        if good:
            self.renew()
        return good


def hashed(password: str) -> str:
    """What a users file keeps of a password."""
    salt = secrets.token_bytes(16)
    digest = _digest(password, salt, COST, BLOCK, LANES)
    return f"scrypt${COST}${BLOCK}${LANES}${_text(salt)}${_text(digest)}"


def read_users(path: Path) -> Mapping[str, str]:
    """The users of a file: a line for each, NAME:HASH. It is read each time, so a change holds at once.

    Raises:
        SettingsError: It cannot be read, or a line is none.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(
            f"The users file {path} cannot be read: {reason}. Make one with: "
            f"importer serve --users {path} --add-user NAME"
        ) from error
    users = {}
    for number, line in enumerate(lines, 1):
        name, _, found = line.strip().partition(":")
        if not name or name.startswith("#"):
            continue
        if _NAME.fullmatch(name) is None or _parts(found) is None:
            raise SettingsError(
                f"Line {number} of the users file {path} is no user. Add users with: "
                f"importer serve --users {path} --add-user NAME"
            )
        users[name] = found
    return users


def add_user(path: Path, name: str, password: str) -> None:
    """Put a user into a file, or give one that is there another password.

    Raises:
        SettingsError: The name or the file will not do.
    """
    if _NAME.fullmatch(name) is None:
        raise SettingsError(f"A user's name is made of letters, digits and . _ @ -, not {name!r}.")
    users = dict(read_users(path)) if path.exists() else {}
    users[name] = hashed(password)
    try:
        _write(path, "".join(f"{each}:{kept}\n" for each, kept in users.items()))
    except OSError as error:
        raise SettingsError(f"The users file {path} cannot be written: {error.strerror}.") from error


def _write(path: Path, text: str) -> None:
    """Replace a file whole, for this user of the machine alone."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    draft.replace(path)


def is_password(users: Mapping[str, str], name: str, password: str) -> bool:
    """Whether a user has this password. It takes as long where there is no such user."""
    parts = _parts(users.get(name, ""))
    cost, block, lanes, salt, digest = parts or (COST, BLOCK, LANES, b"no such user", b"")
    same = hmac.compare_digest(_digest(password, salt, cost, block, lanes), digest)
    return same and parts is not None


def _parts(kept: str) -> tuple[int, int, int, bytes, bytes] | None:
    found = re.fullmatch(r"scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([\w+/=]+)\$([\w+/=]+)", kept)
    if found is None:
        return None
    cost, block, lanes = (int(found[number]) for number in (1, 2, 3))
    return cost, block, lanes, base64.b64decode(found[4]), base64.b64decode(found[5])


def _digest(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=MEMORY)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
