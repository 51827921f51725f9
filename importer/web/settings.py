"""How a page is served."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from importer.rows import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """How a page is served, and to whom.

    `folder` holds the imports; `ledger` is a SQLAlchemy URL, "" for the one of this machine. `base_urls`
    replace addresses, by provider, for rehearsals: nobody can name one on the page. `limits` replace the
    providers'; `settle_after` is in seconds. `users` is a file of names and password hashes; `user_header`
    one that the `proxies` (addresses) set; without either a one-time link is the way in. `shared`: each user
    sees every import. `hosts` are the names that the page may be asked under; `secure` says that browsers
    reach it over TLS. `largest` is in bytes, and so is `quota`, which each user's imports may take together;
    uploads are deleted `kept_for` after they were last used;
    a session ends after `session`. `variables` replace the environment, for credentials.
    """

    folder: Path
    ledger: str = ""
    base_urls: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    settle_after: float = 60.0
    users: Path | None = None
    user_header: str = ""
    proxies: frozenset[str] = frozenset({"127.0.0.1", "::1"})
    shared: bool = False
    hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost", "::1"})
    secure: bool = False
    largest: int = 100 << 20
    quota: int = 2000 << 20
    kept_for: timedelta = timedelta(days=7)
    session: timedelta = timedelta(hours=12)
    variables: Mapping[str, str] | None = field(default=None, repr=False)
