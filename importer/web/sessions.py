"""What a browser keeps of who it is: a signed cookie, and the token that its forms carry."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from itsdangerous import BadData, URLSafeTimedSerializer

from importer.web.ended import Ended


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who was let in. `user` is "" for the one person of a one-time link.

    `password` tells the one that was used from its successors, "" where there is none.
    """

    user: str
    nonce: str = field(repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Signs sessions and reads them back. A key that is kept lets them outlive the server.

    `ended` are those that hold no longer, wherever their cookies are.
    """

    key: bytes = field(repr=False)
    lifetime: timedelta
    ended: Ended = field(repr=False)

    def start(self, user: str, *, kept: str = "") -> Session:
        """A new session; `kept` is what is kept of the user's password."""
        return Session(user, secrets.token_urlsafe(16), self._password(kept))

    def holds(self, session: Session, kept: str | None) -> bool:
        """Whether the user still has the password that the session was begun with."""
        return kept is not None and hmac.compare_digest(session.password, self._password(kept))

    def _password(self, kept: str) -> str:
        return hmac.new(self.key, f"password {kept}".encode(), hashlib.sha256).hexdigest() if kept else ""

    def sealed(self, session: Session) -> str:
        """The session as the text of a cookie."""
        return self._serializer().dumps([session.user, session.nonce, session.password])

    def opened(self, cookie: str) -> Session | None:
        """The session in a cookie; None where it is forged, damaged, too old, or was ended."""
        try:
            user, nonce, password = self._serializer().loads(
                cookie, max_age=int(self.lifetime.total_seconds())
            )
        except (BadData, ValueError, TypeError):
            return None
        return None if nonce in self.ended else Session(str(user), str(nonce), str(password))

    def token(self, session: Session) -> str:
        """What each form of this user carries, which no other site can know.

        It is the same in their next session: a form that was filled in meanwhile can still be sent.
        """
        return self._token(f"form {session.user}")

    def entry_token(self, nonce: str) -> str:
        """What the log-in form carries for a browser that has this `nonce` as a cookie."""
        return self._token(f"log in {nonce}")

    def _token(self, text: str) -> str:
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.key, salt="importer session")


def kept_key(path: Path) -> bytes:
    """The key in a private file, made where there is none."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()
