"""A real browser before the page: Chromium, driven by Playwright."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from importer.web.keys import LINKS
from tests.web.page import Page as Served

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

ARGUMENTS = (
    "--no-sandbox",  # it sees our own page only, and in containers there is often none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PATIENCE = 20_000
"""Milliseconds until something that does not come is missed; machines that test are often busy."""


def installed() -> str | None:
    """Where a browser is on this machine."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@asynccontextmanager
async def chromium(path: str) -> AsyncIterator[Browser]:
    """A browser without a window."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


async def entered(browser: Browser, served: Served, **looks: object) -> Page:
    """A tab that came in by the one-time link. `looks` are those of a context: its size, its colours."""
    context: BrowserContext = await browser.new_context(base_url=str(served.server.make_url("/")), **looks)  # type: ignore[arg-type]  # as given
    context.set_default_timeout(PATIENCE)
    tab = await context.new_page()
    served.app[LINKS].renew()
    await tab.goto(f"/open?token={served.tokens[-1]}")
    await tab.wait_for_url("**/")
    return tab
