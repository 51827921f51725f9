"""A real browser before the page: Chromium, driven by Playwright; neither is needed to import this."""

import importlib.util
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer.web.keys import LINKS
from tests.web.page import Page as Served

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page
    from playwright.async_api._generated import LocatorAssertions

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

ARGUMENTS = (
    "--no-sandbox",  # it sees our own page only, and containers often allow no sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PATIENCE = 30_000
"""Milliseconds until something that does not come is missed; machines that test are often busy."""


def lacking() -> str:
    """What is missing on this machine for tests in a browser, "" where nothing is."""
    for library in ("playwright", "axe_playwright_python"):
        if importlib.util.find_spec(library) is None:
            return f"needs {library}: pip install 'importer[browser]'"
    return "" if installed() else "needs Chromium: apt-get install chromium, or the like"


def installed() -> str | None:
    """Where a browser is on this machine."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@asynccontextmanager
async def chromium() -> AsyncIterator["Browser"]:
    """A browser without a window."""
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=installed(), args=ARGUMENTS)
        yield browser
        await browser.close()


def expect(locator: "Locator") -> "LocatorAssertions":
    """Playwright's assertions, which wait until they hold."""
    from playwright.async_api import expect as expected

    expected.set_options(timeout=PATIENCE)
    return expected(locator)


@dataclass
class Visitor:
    """A person before a browser, on a page that is served."""

    browser: "Browser"
    served: Served
    tab: "Page"
    address: str = ""

    @property
    def path(self) -> str:
        """Where the tab is."""
        return self.tab.url.removeprefix((self.address or str(self.served.url)).rstrip("/"))

    async def go(self, path: str) -> None:
        """Open a page of ours."""
        await self.tab.goto(path)

    async def press(self, name: str) -> None:
        """Click what is named so: a button, or a link that looks like one."""
        found = self.tab.get_by_role("button", name=name).or_(self.tab.get_by_role("link", name=name))
        await found.first.click()

    async def arrive(self, page: str) -> None:
        """Wait until a step of an import is shown."""
        await self.tab.wait_for_url(f"**/imports/*/{page}*")

    async def choose(self, path: Path, provider: str, *, environment: str = "sandbox") -> None:
        """Fill in the form of the start."""
        await self.go("/")
        await self.tab.get_by_label("Provider").select_option(provider)
        await self.tab.locator(f"[name=environment][value={environment}]").check()
        await self.tab.locator("[name=file]").set_input_files(path)

    async def upload(self, path: Path, provider: str, *, environment: str = "sandbox") -> None:
        """Bring a file as far as its columns."""
        await self.choose(path, provider, environment=environment)
        await self.press("Upload")
        await self.arrive("columns")

    async def check(self) -> None:
        """Take the suggested columns, and wait for the check."""
        await self.press("Check the sheet")
        await self.checked()

    async def checked(self) -> None:
        """Wait until the check is shown."""
        await expect(self.tab.locator("#grid")).to_be_visible()

    async def ask_to_send(self) -> None:
        """From the check to the confirmation."""
        await self.press("Go on to send")
        await expect(self.tab.locator(".confirm")).to_be_visible()

    async def send(self, typed: str = "") -> None:
        """From the check through the confirmation to the results."""
        await self.ask_to_send()
        if typed:
            await self.tab.get_by_label("to confirm").fill(typed)
        await self.tab.locator("button.final").click()
        await self.arrive("results")

    async def correct(self, row: int, column: str, text: str) -> None:
        """Type into a cell, and wait until its row was checked anew."""
        cell = self.tab.get_by_label(f"{column}, row {row}", exact=True)
        await cell.fill(text)
        await cell.press("Enter")
        await expect(self.tab.locator("#grid-said")).to_contain_text(f"Row {row} is")

    async def counts(self) -> dict[str, int]:
        """The tiles that are shown."""
        tiles = self.tab.locator("#counts > div:visible")
        texts = [await tile.inner_text() for tile in await tiles.all()]
        lines = [text.split("\n") for text in texts]
        return {name: int(count.replace(",", "")) for name, count, *_ in lines}


async def visit(browser: "Browser", served: Served, *, at: str = "", **looks: Any) -> Visitor:
    """A person who came in by the one-time link. `looks` are those of a context: size, colours, scripts.

    `at` is the address to come by, where it is not the page's own.
    """
    address = at or str(served.url)
    context = await browser.new_context(base_url=address, **looks)
    context.set_default_timeout(PATIENCE)
    tab = await context.new_page()
    served.app[LINKS].renew()
    await tab.goto(f"/open?token={served.tokens[-1]}")
    await tab.wait_for_url(address)
    return Visitor(browser, served, tab, address)
