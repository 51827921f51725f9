"""Fixtures of the tests of the page."""

from collections.abc import AsyncIterator

import pytest

from tests.support import Bench
from tests.web.page import Page, serving, settings_for


@pytest.fixture
async def page(bench: Bench) -> AsyncIterator[Page]:
    """A page before a healthy simulator, entered by its link."""
    async with serving(settings_for(bench.folder, bench.simulator)) as page:
        await page.come_in()
        yield page
