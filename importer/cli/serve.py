"""importer serve: the operations page."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from importer.cli.options import LedgerUrl, Verbose
from importer.errors import SettingsError
from importer.notation import parse_rate

if TYPE_CHECKING:
    import ssl

    from importer.web.settings import ServeSettings

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})

LEAST_PASSWORD = 10


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("serve")(serve)


def _option(name: str, told: str, metavar: str | None = None, **more: Any) -> Any:
    variable = "IMPORTER_PAGE_" + name[2:].upper().replace("-", "_")
    return typer.Option(name, help=told, metavar=metavar, envvar=variable, **more)


def _silent(name: str, told: str, metavar: str) -> Any:
    """An option whose default needs no words."""
    return _option(name, told, metavar, show_default=False)


Host = Annotated[str, _option("--host", "Address to listen on.")]
Port = Annotated[int, _option("--port", "0 takes a free one.", min=0, max=65535)]
Names = Annotated[list[str] | None, _silent("--name", "A name that browsers ask for; repeatable.", "HOST")]
Users = Annotated[Path | None, _silent("--users", "Let in the users of this file.", "FILE")]
AddUser = Annotated[
    str,
    typer.Option(
        "--add-user", help="Ask for a password, put the user into --users, and end.", metavar="NAME",
        show_default=False,
    ),
]  # fmt: skip
UserHeader = Annotated[str, _silent("--user-header", "Let in whom this header of a proxy names.", "NAME")]
Proxies = Annotated[
    list[str] | None, _silent("--proxy", "Where the proxy is; by default on this machine.", "ADDRESS")
]
Shared = Annotated[bool, _option("--shared", "Each user sees every import.")]
Certificate = Annotated[Path | None, _silent("--tls-cert", "Certificate, as PEM.", "FILE")]
Key = Annotated[Path | None, _silent("--tls-key", "Its key.", "FILE")]
BehindTls = Annotated[bool, _option("--behind-tls", "A proxy speaks TLS with the browsers.")]
Folder = Annotated[
    Path | None, _silent("--folder", "Where uploads are kept; by default in the state folder.", "FOLDER")
]
Largest = Annotated[int, _option("--largest", "Largest upload that is taken.", "MB", min=1)]
Quota = Annotated[int, _option("--quota", "Room on the disk for the imports of each user.", "MB", min=1)]
Keep = Annotated[int, _option("--keep", "Days before an unused upload is deleted.", "DAYS", min=1)]
BaseUrls = Annotated[list[str] | None, _silent("--base-url", "For rehearsals; repeatable.", "PROVIDER=URL")]
Rates = Annotated[
    list[str] | None,
    typer.Option(
        "--rate", envvar="IMPORTER_RATE", metavar="N/TIME", help="Instead of the providers' limits.",
        show_default=False,
    ),
]  # fmt: skip
SettleAfter = Annotated[
    float,
    typer.Option(
        "--settle-after", envvar="IMPORTER_SETTLE_AFTER", min=0, metavar="SECONDS",
        help='How long the provider gets to finish before "not found" counts.',
    ),
]  # fmt: skip


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8765,
    names: Names = None,
    users: Users = None,
    add_user: AddUser = "",
    user_header: UserHeader = "",
    proxies: Proxies = None,
    shared: Shared = False,
    tls_cert: Certificate = None,
    tls_key: Key = None,
    behind_tls: BehindTls = False,
    folder: Folder = None,
    largest: Largest = 100,
    quota: Quota = 2000,
    keep: Keep = 7,
    base_urls: BaseUrls = None,
    rates: Rates = None,
    settle_after: SettleAfter = 60.0,
    ledger: LedgerUrl = "",
    verbose: Verbose = False,
) -> int:
    """Serve the operations page, on this machine only unless told otherwise."""
    _require_libraries()
    from platformdirs import user_state_path

    from importer.web.serving import Address, run
    from importer.web.settings import ServeSettings

    if add_user:
        return _add_user(users, add_user)
    tls = _tls(tls_cert, tls_key)
    settings = ServeSettings(
        folder=folder or user_state_path("importer") / "page",
        ledger=ledger,
        base_urls=dict(map(_base_url, base_urls or ())),
        limits=tuple(map(parse_rate, rates or ())),
        settle_after=settle_after,
        users=users,
        user_header=user_header,
        proxies=frozenset(proxies or ("127.0.0.1", "::1")),
        shared=shared,
        hosts=LOCAL | {name.lower() for name in (host, *(names or ()))},
        secure=tls is not None or behind_tls,
        largest=largest << 20,
        quota=quota << 20,
        kept_for=timedelta(days=keep),
    )
    _require_safe(settings, host)
    asyncio.run(run(settings, Address(host, port, tls), say=_say))
    return 0


def _require_libraries() -> None:
    try:
        import aiohttp_jinja2  # noqa: F401  is it there?
        import itsdangerous  # noqa: F401
    except ImportError:
        raise SettingsError("The page needs more libraries: pip install 'importer[serve]'.") from None


def _require_safe(settings: "ServeSettings", host: str) -> None:
    from importer.permissions import who_may_write
    from importer.web.access import read_users

    if settings.users is not None and settings.user_header:
        raise SettingsError(
            "--users and --user-header are two ways in, and with both no password is asked for: give one of "
            "them. Nothing was started."
        )
    if settings.users is not None:
        read_users(settings.users)
        if others := who_may_write(settings.users):
            raise SettingsError(
                f"The users file {settings.users} may be changed by {others}: whoever does, gets in. Let "
                "only you, or root, write it and its folder."
            )
    if host in LOCAL:
        return
    if settings.users is None and not settings.user_header:
        raise SettingsError(
            f"On {host} others can reach the page: say who may with --users FILE, or with --user-header NAME "
            "behind a proxy. The one-time link is for 127.0.0.1 only."
        )
    if not settings.secure:
        raise SettingsError(
            f"On {host} people's data would travel unprotected: add --tls-cert and --tls-key, or "
            "--behind-tls where a proxy speaks TLS."
        )


def _add_user(users: Path | None, name: str) -> int:
    from importer.web.access import add_user

    if users is None:
        raise SettingsError("--add-user needs the file to put the user into: --users FILE.")
    password = typer.prompt(f"Password for {name}", hide_input=True, confirmation_prompt=True, err=True)
    if len(password) < LEAST_PASSWORD:
        raise SettingsError(f"A password has {LEAST_PASSWORD} characters or more.")
    add_user(users, name, password)
    _say(f"{name} is in {users}.")
    return 0


def _tls(certificate: Path | None, key: Path | None) -> "ssl.SSLContext | None":
    import ssl

    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or error
        raise SettingsError(f"The certificate {certificate} cannot be used: {reason}.") from error
    return context


def _base_url(text: str) -> tuple[str, str]:
    from importer.accounts import find_provider, open_account

    name, equals, url = text.partition("=")
    if not equals:
        raise SettingsError(
            f"--base-url takes PROVIDER=URL, like hitpay=http://127.0.0.1:8700/hitpay, not {text!r}."
        )
    provider = find_provider(name)
    return provider.name, open_account(provider, base_url=url.strip(), variables={}).base_url


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
