"""The simulator: five providers on one port of this machine."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from importer.simulator import admin
from importer.simulator.credentials import credentials_environment
from importer.simulator.settings import NAMES, Settings
from importer.simulator.witness import Witness

HOST = "127.0.0.1"


class Simulator(Witness):
    """Five simulated providers that listen between `start` and `stop`, or inside ``async with``.

    What it saw can still be read after it has stopped.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        """Listen nowhere yet."""
        super().__init__(settings)
        self._runner: web.AppRunner | None = None
        self._port = self.settings.port

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{HOST}:{self._port}"

    @property
    def base_urls(self) -> dict[str, str]:
        """The base URL of every provider."""
        return {name: f"{self.url}/{name}" for name in NAMES}

    def base_url(self, provider: str) -> str:
        """What the paths of `provider` are appended to."""
        return self.base_urls[provider]

    def environment(self, *, static_tokens: bool = False) -> dict[str, str]:
        """Credentials that it accepts, by environment variable."""
        return credentials_environment(static_tokens=static_tokens)

    async def start(self) -> None:
        """Listen, on this machine only.

        Raises:
            OSError: The port is taken.
        """
        self._runner = web.AppRunner(
            self._app(), access_log=None, shutdown_timeout=self.settings.drain_seconds
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self.settings.port, backlog=1024).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening, after the requests in flight or `Settings.drain_seconds`."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.stop()

    def _app(self) -> web.Application:
        app = web.Application()
        for name in NAMES:
            app.router.add_route("*", f"/{name}/{{path:.*}}", self._handler(name))
        admin.add_routes(app, self)
        return app

    def _handler(self, name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self.server(name).handle(request)

        return handle
