"""Fixtures of the tests in a browser, which are skipped where there is none."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.window import Visitor, chromium, lacking, visit
from tests.support import Bench
from tests.web.page import serving, settings_for

if TYPE_CHECKING:
    from playwright.async_api import Browser


@pytest.fixture
async def browser() -> AsyncIterator["Browser"]:
    """A browser without a window."""
    if reason := lacking():
        pytest.skip(reason)
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def visitor(bench: Bench, browser: "Browser") -> AsyncIterator[Visitor]:
    """A person who came in, before a page whose providers are a healthy simulator's."""
    async with serving(settings_for(bench.folder, bench.simulator)) as served:
        yield await visit(browser, served)
