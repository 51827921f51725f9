"""The page on a port, until a signal ends it."""

import asyncio
import signal
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from filelock import FileLock, Timeout

from importer.errors import SettingsError
from importer.web.app import build
from importer.web.keys import LINKS
from importer.web.settings import ServeSettings

DRAIN = 3.0
"""Seconds that open answers get when the page ends; what is being sent gets as long as it needs."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page listens. Port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 8765
    tls: ssl.SSLContext | None = None


async def run(settings: ServeSettings, address: Address, *, say: Callable[[str], None]) -> None:
    """Serve the page until SIGINT or SIGTERM; then take no new row, and finish those under way.

    Raises:
        SettingsError: It cannot listen there.
    """
    where: list[str] = []
    by_link = settings.users is None and not settings.user_header

    def announce(token: str) -> None:
        say(f"Open this link; it works once: {where[0]}/open?token={token}")

    with _alone(settings.folder):
        await _run(build(settings, announce=announce), address, say, where, by_link=by_link)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder: two pages would each take the other's imports for interrupted."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise SettingsError(
            f"A page is already served from {folder}. Use that one, or give another --folder."
        ) from None
    try:
        yield
    finally:
        lock.release()


async def _run(
    app: web.Application, address: Address, say: Callable[[str], None], where: list[str], *, by_link: bool
) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN)
    await runner.setup()
    try:
        await _listen(runner, address)
        port = runner.addresses[0][1]
        host = f"[{address.host}]" if ":" in address.host else address.host
        where.append(f"{'https' if address.tls else 'http'}://{host}:{port}")
        if by_link:
            app[LINKS].renew()
        else:
            say(f"The page is at {where[0]}")
        say("Ctrl-C ends it, once what is being sent is through.")
        await _signal()
        say("Ending: no new row is sent, those under way are finished.")
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, address: Address) -> None:
    try:
        await web.TCPSite(runner, address.host, address.port, ssl_context=address.tls).start()
    except OSError as error:
        raise SettingsError(
            f"The page cannot listen on {address.host}, port {address.port}: {error.strerror}. "
            "Choose another --port."
        ) from error


async def _signal() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)  # a second one ends it at once
