"""importer serve: the operations page."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli.options import LedgerUrl, Verbose
from importer.errors import SettingsError
from importer.notation import parse_rate

if TYPE_CHECKING:
    import ssl

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("serve")(serve)


def serve(
    host: Annotated[
        str, typer.Option("--host", envvar="IMPORTER_HOST", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", envvar="IMPORTER_PORT", min=0, max=65535, help="0 takes a free one.")
    ] = 8765,
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--name", metavar="HOST", help="A name that browsers ask for; repeatable.", show_default=False
        ),
    ] = None,
    users: Annotated[
        Path | None,
        typer.Option(
            "--users",
            envvar="IMPORTER_USERS",
            metavar="FILE",
            help="Let in the users of this file.",
            show_default=False,
        ),
    ] = None,
    add_user: Annotated[
        str,
        typer.Option(
            "--add-user",
            metavar="NAME",
            help="Ask for a password, put it into --users, and end.",
            show_default=False,
        ),
    ] = "",
    user_header: Annotated[
        str,
        typer.Option(
            "--user-header",
            envvar="IMPORTER_USER_HEADER",
            metavar="NAME",
            help="Let in whom this header names, set by a proxy.",
            show_default=False,
        ),
    ] = "",
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--proxy", metavar="ADDRESS", help="Of the proxy; by default this machine.", show_default=False
        ),
    ] = None,
    shared: Annotated[bool, typer.Option("--shared", help="Each user sees every import.")] = False,
    tls_cert: Annotated[
        Path | None,
        typer.Option("--tls-cert", metavar="FILE", help="Certificate, as PEM.", show_default=False),
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="FILE", help="Its key.", show_default=False)
    ] = None,
    behind_tls: Annotated[
        bool, typer.Option("--behind-tls", help="A proxy speaks TLS with the browsers.")
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            envvar="IMPORTER_PAGE_FOLDER",
            help="Of the uploads; by default in the state folder.",
            show_default=False,
        ),
    ] = None,
    largest: Annotated[
        int, typer.Option("--largest", min=1, metavar="MB", help="Upload that is taken.")
    ] = 100,
    keep: Annotated[
        int, typer.Option("--keep", min=1, metavar="DAYS", help="Before an unused upload is deleted.")
    ] = 7,
    base_url: Annotated[
        list[str] | None,
        typer.Option(
            "--base-url", metavar="PROVIDER=URL", help="For rehearsals; repeatable.", show_default=False
        ),
    ] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option(
            "--rate", metavar="N/TIME", help="Instead of the providers' limits.", show_default=False
        ),
    ] = None,
    settle_after: Annotated[
        float,
        typer.Option(
            "--settle-after",
            envvar="IMPORTER_SETTLE_AFTER",
            min=0,
            metavar="SECONDS",
            help='How long the provider gets to finish before "not found" counts.',
        ),
    ] = 60.0,
    ledger: LedgerUrl = "",
    verbose: Verbose = False,
) -> int:
    """Serve the operations page, on this machine only unless told otherwise."""
    if add_user:
        return _add_user(users, add_user)
    _require_extra()
    from platformdirs import user_state_path

    from importer.accounts import find_provider, open_account
    from importer.web.access import read_users
    from importer.web.serving import Address, run
    from importer.web.settings import ServeSettings

    tls = _tls(tls_cert, tls_key)
    settings = ServeSettings(
        folder=folder or user_state_path("importer") / "page",
        ledger=ledger,
        base_urls=dict(map(_base_url, base_url or ())),
        limits=tuple(map(parse_rate, rate or ())),
        settle_after=settle_after,
        users=users,
        user_header=user_header,
        proxies=frozenset(proxy or ("127.0.0.1", "::1")),
        shared=shared,
        hosts=LOCAL | frozenset(name.lower() for name in (host, *(names or ()))),
        secure=tls is not None or behind_tls,
        largest=largest << 20,
        kept_for=timedelta(days=keep),
    )
    for name, url in settings.base_urls.items():
        open_account(find_provider(name), base_url=url, variables={})
    if users is not None:
        read_users(users)
    _require_safe(settings.secure, host, with_users=users is not None or bool(user_header))
    asyncio.run(run(settings, Address(host, port, tls), say=_say))
    return 0


def _require_extra() -> None:
    try:
        import aiohttp_jinja2  # noqa: F401  is it there?
        import itsdangerous  # noqa: F401
    except ImportError:
        raise SettingsError("The page needs more libraries: pip install 'importer[serve]'.") from None


def _require_safe(secure: bool, host: str, *, with_users: bool) -> None:
    if host in LOCAL:
        return
    if not with_users:
        raise SettingsError(
            f"On {host} others can reach the page: say who may with --users FILE, or with --user-header NAME "
            "behind a proxy. The one-time link is for 127.0.0.1 only."
        )
    if not secure:
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


LEAST_PASSWORD = 10


def _tls(certificate: Path | None, key: Path | None) -> "ssl.SSLContext | None":
    import ssl

    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"The certificate {certificate} cannot be used: {error.strerror or error}."
        ) from error
    return context


def _base_url(text: str) -> tuple[str, str]:
    from importer.accounts import find_provider

    name, equals, url = text.partition("=")
    if not equals:
        raise SettingsError(
            f"--base-url takes PROVIDER=URL, like hitpay=http://127.0.0.1:8700/hitpay, not {text!r}."
        )
    return find_provider(name).name, url.strip()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
