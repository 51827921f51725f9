"""The page for people who see little, hear the page, or use no mouse: axe-core, keyboard, narrow, dark."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from importer.rows import Limit
from importer.simulator import Fault, Faults
from tests.browser.test_way import sheet
from tests.browser.window import Visitor, expect, visit
from tests.support import Bench, people_csv
from tests.web.page import serving, settings_for

if TYPE_CHECKING:
    from playwright.async_api import Browser, FileChooser

SLOWLY = (Limit(5, 1),)
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "narrow": {"viewport": {"width": 320, "height": 640}},
    "large": {"viewport": {"width": 320, "height": 640}},
}
LARGE = """addEventListener("DOMContentLoaded", () => (document.documentElement.style.fontSize = "200%"))"""
"""Text twice as large, as people set it in their browsers."""

EVERYTHING_WRONG = {
    3: {"Email": "wrong"},
    4: {"Name": "ZoÃ« Roe"},
    5: {"Phone": "12", "Name": "Hieronymus Carl Friedrich Freiherr von Münchhausen zu Bodenwerder"},
}


async def complaints(visitor: Visitor) -> list[str]:
    """What axe-core finds serious or critical on the page as it is, and whether the page is too wide."""
    from axe_playwright_python.async_playwright import Axe

    found = (await Axe().run(visitor.tab)).response["violations"]
    told = [
        f"{visitor.path}: {each['id']}: {node['html'][:150]} {node['any'][:1]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
    beyond = await visitor.tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    return told + ([f"{visitor.path} is {beyond} pixels too wide"] if beyond > 0 else [])


@pytest.mark.parametrize("looks", LOOKS)
async def test_nothing_keeps_anybody_from_using_a_page(bench: Bench, browser: "Browser", looks: str) -> None:
    found: list[str] = []
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as served:
        visitor = await visit(browser, served, **LOOKS[looks])
        tab = visitor.tab
        if looks == "large":
            await tab.add_init_script(LARGE)
            await tab.reload()
        found += await complaints(visitor)
        await visitor.go("/imports/there-is-none")
        found += await complaints(visitor)
        await visitor.upload(sheet(bench.folder, "hitpay", EVERYTHING_WRONG, rows=20), "hitpay")
        found += await complaints(visitor)
        await visitor.check()
        await tab.get_by_text("Find and replace in a column").click()
        found += await complaints(visitor)
        await visitor.ask_to_send()
        found += await complaints(visitor)
        await tab.locator("button.final").click()
        await expect(tab.locator("#chart")).to_be_visible()
        await visitor.press("Pause")
        await expect(tab.get_by_role("button", name="Go on")).to_be_visible()
        found += await complaints(visitor)
        await visitor.press("Go on")
        await visitor.arrive("results")
        found += await complaints(visitor)
        bench.simulator.set_faults(Faults(probabilities={Fault.CUT_AFTER: 1.0}))
        kyc = people_csv(bench.folder / "kyc.csv", "krezypay", range(2))
        await visitor.upload(kyc, "krezypay", environment="live")
        found += await complaints(visitor)
        await visitor.check()
        await visitor.ask_to_send()
        found += await complaints(visitor)
        await tab.get_by_label("to confirm").fill("live")
        await tab.locator("button.final").click()
        await visitor.arrive("results")
        found += await complaints(visitor)
        await visitor.go("/")
        found += await complaints(visitor)
        await visitor.press("Log out")
        found += await complaints(visitor)
    assert found == []


async def test_whole_way_without_a_mouse(bench: Bench, visitor: Visitor) -> None:
    tab, keys = visitor.tab, visitor.tab.keyboard

    async def tab_to(name: str) -> None:
        for _ in range(60):
            await keys.press("Tab")
            here = "e => (e.labels?.[0]?.innerText ?? e.getAttribute('aria-label') ?? e.innerText).trim()"
            if name in await tab.locator(":focus").evaluate(here):
                return
        raise AssertionError(f"{name} is out of reach")

    # listened for from the start: a key right after `expect_file_chooser` can be there before the listening
    choosing: asyncio.Future[FileChooser] = asyncio.get_running_loop().create_future()
    tab.on("filechooser", lambda chooser: choosing.set_result(chooser))
    await tab_to("Provider")
    await keys.type("HitPay")
    await tab_to("Drop a spreadsheet here")
    await keys.press("Enter")
    chooser = await asyncio.wait_for(choosing, 30)
    await chooser.set_files(sheet(bench.folder, "hitpay", {4: {"Email": "wrong"}}))
    await tab_to("Upload")
    await keys.press("Enter")
    await visitor.arrive("columns")
    await tab_to("Check the sheet")
    await keys.press("Enter")
    await visitor.checked()
    await tab_to("Email, row 4")
    await keys.press("Control+A")
    await keys.type("right@example.com")
    await keys.press("Tab")
    await expect(tab.locator("#grid-said")).to_contain_text("Row 4 is ready")
    assert await tab.locator(":focus").get_attribute("aria-label") == "Phone, row 4"
    await visitor.go(visitor.path)
    await tab_to("Go on to send")
    await keys.press("Enter")
    await expect(tab.locator(".confirm")).to_be_visible()
    await tab_to("Send 12 customers")
    await keys.press("Enter")
    await visitor.arrive("results")
    assert await visitor.counts() == {"created": 12}


async def test_cells_are_gone_through_by_keys(bench: Bench, visitor: Visitor) -> None:
    tab, keys = visitor.tab, visitor.tab.keyboard
    wrong = {row: {"Email": f"wrong{row}"} for row in (3, 4, 6)}
    await visitor.upload(sheet(bench.folder, "hitpay", wrong), "hitpay")
    await visitor.check()
    await tab.get_by_label("Email, row 3", exact=True).click()
    await keys.press("ArrowDown")
    assert await tab.locator(":focus").get_attribute("aria-label") == "Email, row 4"
    await keys.type("half typed")
    await keys.press("Escape")
    await expect(tab.locator(":focus")).to_have_value("wrong4")
    await tab.locator(":focus").fill("right4@example.com")
    await keys.press("Enter")
    assert await tab.locator(":focus").get_attribute("aria-label") == "Email, row 6"
    await keys.press("Shift+Enter")
    await expect(tab.locator("#grid-said")).to_contain_text("Row 4 is ready")
    assert await tab.locator(":focus").get_attribute("aria-label") == "Email, row 4"


async def test_typing_goes_on_while_a_row_is_checked(bench: Bench, visitor: Visitor) -> None:
    tab, keys = visitor.tab, visitor.tab.keyboard
    await visitor.upload(sheet(bench.folder, "hitpay", {3: {"Email": "wrong", "Phone": "1"}}), "hitpay")
    await visitor.check()
    await tab.get_by_label("Email, row 3", exact=True).fill("right@example.com")
    await keys.press("Tab")
    await keys.type("+1 202 555 0199")
    await expect(tab.locator("#grid-said")).to_contain_text("Row 3 is invalid")
    await expect(tab.locator(":focus")).to_have_value("+1 202 555 0199")
    await keys.press("Enter")
    await expect(tab.locator("#grid-said")).to_contain_text("Row 3 is ready")
    assert await visitor.counts() == {"ready": 12}
