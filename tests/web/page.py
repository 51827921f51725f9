"""The page as a browser without scripts sees it: links, forms, cookies, over a real connection."""

import html
import io
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from importer.simulator import Simulator
from importer.web.app import build
from importer.web.keys import DESK, FOLDERS, LINKS
from importer.web.settings import ServeSettings
from tests.support import FAST


@dataclass
class Browser:
    """A browser without scripts. `text` is what was answered last."""

    url: URL
    browser: aiohttp.ClientSession
    status: int = 0
    text: str = ""
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)

    async def get(self, path: str, **more: object) -> str:
        """Go to a page."""
        return await self._ask("GET", path, **more)

    async def post(self, path: str, fields: Mapping[str, str] | None = None, **more: object) -> str:
        """Send a form with the token of the page that was seen last."""
        data = {"csrf": self.token, **(fields or {})}
        return await self._ask("POST", path, data=data, **more)

    async def _ask(self, method: str, path: str, **more: object) -> str:
        url = self.url.join(URL(path, encoded=True))
        async with self.browser.request(method, url, **more) as answer:  # type: ignore[arg-type]  # as given
            self.status, self.text = answer.status, await answer.text()
            self.path, self.headers = answer.url.path, answer.headers
        return self.text

    @property
    def token(self) -> str:
        """That of the last page."""
        found = re.search(r'name="csrf" value="(\w+)"', self.text)
        return found[1] if found else self._kept

    _kept: str = ""

    async def enter(self, link: str) -> None:
        """Use the one-time link."""
        await self.get(link)
        await self.get("/")
        self._kept = self.token

    async def upload(
        self, path: Path, provider: str = "hitpay", *, environment: str = "sandbox", account: str = "default"
    ) -> str:
        """Send a file. Returns the id of the import."""
        told = {"provider": provider, "environment": environment, "account": account}
        return await self.upload_bytes(path.read_bytes(), path.name, **told)

    async def upload_bytes(self, content: bytes, name: str, **told: str) -> str:
        """Send a file of that name. Returns the id of the import, "" where it was not taken."""
        form = aiohttp.FormData(quote_fields=False)  # as browsers do
        fields = {"csrf": self.token, "provider": "hitpay", "environment": "sandbox", "account": "default"}
        for field_name, value in (fields | told).items():
            form.add_field(field_name, value)
        form.add_field("file", io.BytesIO(content), filename=name, content_type="application/octet-stream")
        await self._ask("POST", "/imports", data=form)
        return self.path.split("/")[2] if self.path.startswith("/imports/") else ""

    @property
    def counts(self) -> dict[str, int]:
        """How many rows stand where, as the last page tells; those that are none left out."""
        found = re.findall(r"<dt>(\w+)</dt>\s*<dd[^>]*>([\d,]+)</dd>", self.text)
        counts = {name: int(count.replace(",", "")) for name, count in found}
        return {name: count for name, count in counts.items() if count}

    @property
    def said(self) -> str:
        """What the last page tells of the step before, where the focus is; "" for nothing."""
        found = re.findall(r'role="status" tabindex="-1" autofocus>(.*?)</p>', self.text)
        assert len(found) <= 1
        return html.unescape(found[0]) if found else ""

    def form(self) -> dict[str, str]:
        """What the forms of the last page hold, as a browser would send it."""
        fields = dict(re.findall(r'<input[^>]*name="([^"]+)" value="([^"]*)"', self.text))
        for name, inside in re.findall(r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', self.text, re.DOTALL):
            chosen = re.search(r'<option value="([^"]*)"[^>]*selected', inside)
            fields[name] = chosen[1] if chosen else ""
        return {name: html.unescape(value) for name, value in fields.items()}

    async def worked(self, import_id: str) -> None:
        """Wait until what is being done for an import is over, as the events tell."""
        async with self.browser.get(self.url / f"imports/{import_id}/events") as answer:
            assert "event: ended" in await answer.text()

    async def checked(self, import_id: str) -> str:
        """Take the suggested columns and wait for the check."""
        await self.get(f"/imports/{import_id}/columns")
        await self.post(f"/imports/{import_id}/columns", self.form())
        await self.worked(import_id)
        return await self.get(f"/imports/{import_id}/check")

    async def sent(self, import_id: str, **fields: str) -> str:
        """Confirm, and wait for the results."""
        await self.get(f"/imports/{import_id}/send")
        await self.post(f"/imports/{import_id}/send", self.form() | fields)
        await self.worked(import_id)
        return await self.get(f"/imports/{import_id}")


@dataclass
class Page(Browser):
    """A running page in this process, and one browser that looks at it."""

    server: TestServer = field(kw_only=True)
    tokens: list[str] = field(kw_only=True)

    @property
    def app(self) -> web.Application:
        assert self.server.app is not None
        return self.server.app

    async def come_in(self) -> None:
        """Have a link made, and use it."""
        self.app[LINKS].renew()
        await self.enter(f"/open?token={self.tokens[-1]}")


async def log_in(page: Browser, name: str) -> None:
    """Come in by name and password, which is made of the name."""
    await page.get("/login")
    await page.post("/login", {"name": name, "password": f"password of {name}"})
    assert page.path == "/"


def settings_for(folder: Path, simulator: Simulator, **changes: object) -> ServeSettings:
    """A page whose providers are the simulator's."""
    told: dict[str, object] = {
        "folder": folder / "page",
        "ledger": f"sqlite:///{folder / 'ledger.sqlite3'}",
        "base_urls": simulator.base_urls,
        "limits": FAST,
        "settle_after": 0.0,
        "variables": simulator.environment(),
    }
    return ServeSettings(**told | changes)  # type: ignore[arg-type]  # as given


class Server(TestServer):
    """Goes on with a request when whoever asked has left, as the real one does."""

    async def _make_runner(self, **told: Any) -> web.BaseRunner:
        return await super()._make_runner(**{**told, "handler_cancellation": False})


@asynccontextmanager
async def serving(settings: ServeSettings) -> AsyncIterator[Page]:
    """The page on a free port of this machine."""
    tokens: list[str] = []
    server = Server(build(settings, announce=tokens.append), host="127.0.0.1")
    await server.start_server()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
            yield Page(server.make_url("/"), browser, server=server, tokens=tokens)
    finally:
        await server.close()


__all__ = ["DESK", "FOLDERS", "Browser", "Page", "log_in", "serving", "settings_for"]
