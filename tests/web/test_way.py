"""The way through the page, from the upload to the results."""

import pytest

from importer.providers import PROVIDERS
from tests.support import Bench, people_csv
from tests.web.page import Page


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_upload_becomes_customers(bench: Bench, page: Page, provider: str) -> None:
    sheet = people_csv(bench.folder / "customers.csv", provider, range(12))
    one = await page.upload(sheet, provider)
    assert page.path == f"/imports/{one}/columns", page.text
    await page.checked(one)
    assert page.counts == {"ready": 12}
    assert bench.created(provider) == 0
    await page.sent(one)
    assert page.path == f"/imports/{one}/results"
    assert page.counts == {"created": 12}
    assert bench.created(provider) == 12
