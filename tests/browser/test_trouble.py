"""What goes wrong around a browser: two tabs, an ended session, a lost connection, no scripts."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer.rows import Limit
from importer.web.keys import LINKS
from tests.browser.line import line_to
from tests.browser.test_way import sheet
from tests.browser.window import Visitor, expect, visit
from tests.support import Bench, people_csv
from tests.web.page import serving, settings_for
from tests.web.test_going_on import no_check_goes_on

if TYPE_CHECKING:
    from playwright.async_api import Browser, Route

SLOWLY = (Limit(10, 1),)


async def test_two_tabs_do_not_undo_each_other(bench: Bench, visitor: Visitor) -> None:
    wrong = {4: {"Email": "wrong"}, 5: {"Email": "wrong too"}}
    await visitor.upload(sheet(bench.folder, "hitpay", wrong), "hitpay")
    await visitor.check()
    other = Visitor(visitor.browser, visitor.served, await visitor.tab.context.new_page())
    await other.go(visitor.path)
    await other.correct(4, "Email", "theirs@example.com")
    cell = visitor.tab.get_by_label("Email, row 4", exact=True)
    await cell.fill("mine@example.com")
    await cell.press("Enter")
    problem = visitor.tab.locator("#grid-problem")
    await expect(problem).to_contain_text("Somebody changed this cell meanwhile")
    await expect(problem).to_contain_text("theirs@example.com")
    await expect(cell).to_have_value("mine@example.com")  # nothing typed is lost
    await visitor.correct(5, "Email", "right@example.com")
    await other.go(visitor.path)
    assert await other.counts() == {"ready": 12}


async def test_going_on_at_once_loses_no_correction(bench: Bench, visitor: Visitor) -> None:
    clicked = asyncio.Event()

    async def dawdle(route: "Route") -> None:
        await clicked.wait()
        await route.continue_()

    await visitor.upload(sheet(bench.folder, "hitpay", {4: {"Email": "wrong"}}), "hitpay")
    await visitor.check()
    await visitor.tab.route("**/cells", dawdle)
    await visitor.tab.get_by_label("Email, row 4", exact=True).fill("right@example.com")
    await visitor.press("Go on to send")
    clicked.set()
    await expect(visitor.tab.get_by_role("button", name="Send 12 customers")).to_be_visible()


async def test_import_is_deleted_after_a_question(bench: Bench, visitor: Visitor) -> None:
    tab = visitor.tab
    await visitor.upload(people_csv(bench.folder / "c.csv", "hitpay", range(3)), "hitpay")
    await visitor.go("/")
    tab.once("dialog", lambda dialog: dialog.dismiss())
    await visitor.press("Delete c.csv")
    await expect(tab.get_by_role("link", name="c.csv")).to_be_visible()
    tab.once("dialog", lambda dialog: dialog.accept())
    await visitor.press("Delete c.csv")
    await expect(tab.get_by_text("None yet")).to_be_visible()


async def test_second_tab_does_not_send_again(bench: Bench, visitor: Visitor) -> None:
    await visitor.upload(people_csv(bench.folder / "c.csv", "hitpay", range(5)), "hitpay")
    await visitor.check()
    await visitor.ask_to_send()
    other = Visitor(visitor.browser, visitor.served, await visitor.tab.context.new_page())
    await other.go(visitor.path)
    await expect(other.tab.locator(".confirm")).to_be_visible()
    await visitor.tab.locator("button.final").click()
    await visitor.arrive("results")
    await other.tab.locator("button.final").click()
    await expect(other.tab.get_by_role("alert")).to_be_visible()
    assert bench.simulator.counts("hitpay").requests == 5


async def test_ended_session_loses_nothing_that_was_typed(bench: Bench, visitor: Visitor) -> None:
    await visitor.upload(sheet(bench.folder, "hitpay", {4: {"Email": "wrong"}}), "hitpay")
    await visitor.check()
    await visitor.tab.context.clear_cookies()
    cell = visitor.tab.get_by_label("Email, row 4", exact=True)
    await cell.fill("right@example.com")
    await cell.press("Enter")
    await expect(visitor.tab.locator("#grid-problem")).to_contain_text("Your session has ended")
    await expect(cell).to_have_value("right@example.com")
    other = await visitor.tab.context.new_page()
    visitor.served.app[LINKS].renew()
    await other.goto(f"/open?token={visitor.served.tokens[-1]}")
    await visitor.correct(4, "Email", "right@example.com")
    assert await visitor.counts() == {"ready": 12}


async def test_upload_after_the_session_is_told_on_the_form(bench: Bench, visitor: Visitor) -> None:
    await visitor.choose(people_csv(bench.folder / "c.csv", "hitpay", range(3)), "hitpay")
    await visitor.tab.context.clear_cookies()
    await visitor.press("Upload")
    await expect(visitor.tab.locator("#upload-problem")).to_contain_text("Your session has ended")
    await expect(visitor.tab.get_by_label("Provider")).to_have_value("hitpay")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [("c.pdf", b"%PDF-1.7", "no spreadsheet"), ("c.csv", b"", "is empty")],
)
async def test_wrong_file_is_told_on_the_form(
    bench: Bench, visitor: Visitor, name: str, content: bytes, told: str
) -> None:
    path = bench.folder / name
    path.write_bytes(content)
    await visitor.choose(path, "hitpay")
    await visitor.press("Upload")
    await expect(visitor.tab.locator("#upload-problem")).to_contain_text(told)
    assert visitor.path == "/"


def large(folder: Path) -> Path:
    """A sheet that no connection takes in one gulp."""
    path = folder / "large.csv"
    path.write_text("Name,Email,Phone\n" + "Ann Example,ann@example.com,+1 202 555 0101\n" * 700_000)
    return path


async def test_lost_connection_during_an_upload_keeps_nothing_and_may_be_repeated(
    bench: Bench, browser: "Browser"
) -> None:
    async with serving(settings_for(bench.folder, bench.simulator)) as served, line_to(served) as line:
        visitor = await visit(browser, served, at=line.address)
        await visitor.choose(large(bench.folder), "hitpay")
        await visitor.press("Upload")
        await expect(visitor.tab.locator("#upload-words")).to_contain_text("MB of 29.4 MB")
        line.cut()
        await expect(visitor.tab.locator("#upload-problem")).to_contain_text("The connection was lost")
        await expect(visitor.tab.get_by_label("Provider")).to_have_value("hitpay")
        line.mend()
        await visitor.press("Upload")
        await visitor.arrive("columns")
        await visitor.go("/")
        assert await visitor.tab.locator(".recent li").count() == 1


async def test_upload_can_be_cancelled(bench: Bench, browser: "Browser") -> None:
    async with serving(settings_for(bench.folder, bench.simulator)) as served, line_to(served) as line:
        visitor = await visit(browser, served, at=line.address)
        tab = visitor.tab
        await visitor.choose(large(bench.folder), "hitpay")
        await visitor.press("Upload")
        await expect(tab.locator("#upload-words")).to_contain_text("MB of 29.4 MB")
        await visitor.press("Cancel the upload")
        await expect(tab.locator("#upload-problem")).to_contain_text("cancelled")
        await expect(tab.get_by_role("button", name="Upload", exact=True)).to_be_focused()
        await tab.reload()
        await expect(tab.get_by_text("None yet")).to_be_visible()


async def test_dropped_file_is_chosen(bench: Bench, visitor: Visitor) -> None:
    tab = visitor.tab
    await tab.get_by_label("Provider").select_option("hitpay")
    text = people_csv(bench.folder / "c.csv", "hitpay", range(3)).read_text()
    data = await tab.evaluate_handle(
        "text => { const d = new DataTransfer(); d.items.add(new File([text], 'dropped.csv')); return d; }",
        text,
    )
    await tab.dispatch_event("body", "drop", {"dataTransfer": data})
    await expect(tab.locator("#file-chosen")).to_contain_text("dropped.csv")
    await visitor.press("Upload")
    await visitor.arrive("columns")
    await visitor.check()
    assert await visitor.counts() == {"ready": 3}


async def test_watching_goes_on_after_the_connection_was_lost(bench: Bench, browser: "Browser") -> None:
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as served:
        visitor = await visit(browser, served)
        await visitor.upload(people_csv(bench.folder / "c.csv", "hitpay", range(40)), "hitpay")
        await visitor.check()
        await visitor.ask_to_send()
        await visitor.tab.locator("button.final").click()
        await expect(visitor.tab.locator("#progress-words")).to_contain_text("of 40 rows")
        await visitor.tab.close()
        again = Visitor(browser, served, await browser.contexts[0].new_page())
        await again.go("/")
        await expect(again.tab.get_by_text("being sent")).to_be_visible()
        await again.tab.get_by_role("link", name="c.csv").click()
        await again.press("Pause")
        await expect(again.tab.locator("#progress-words")).to_contain_text("Paused")
        await again.press("Go on")
        await again.press("Stop")
        await again.arrive("results")
        await expect(again.tab.get_by_text("Stopped early")).to_be_visible()
    assert bench.created("hitpay") < 40


async def test_go_on_is_shown_as_the_check_that_it_begins_with(bench: Bench, browser: "Browser") -> None:
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as served:
        visitor = await visit(browser, served)
        await visitor.upload(people_csv(bench.folder / "c.csv", "hitpay", range(60)), "hitpay")
        await visitor.check()
        await visitor.ask_to_send()
        await visitor.tab.locator("button.final").click()
        await visitor.press("Stop")
        await visitor.arrive("results")
        before = await visitor.counts()
        with no_check_goes_on(served):
            await visitor.tab.locator("button.final").click()
            await expect(visitor.tab.locator("h1")).to_have_text("Checking before it is sent")
            await expect(visitor.tab.locator("#progress-said")).to_contain_text("Checking every row first")
            assert await visitor.counts() == before
        await expect(visitor.tab.locator("h1")).to_have_text("Sending")
        await visitor.press("Stop")
        await visitor.arrive("results")


async def test_page_works_without_scripts(bench: Bench, browser: "Browser") -> None:
    async with serving(settings_for(bench.folder, bench.simulator)) as served:
        visitor = await visit(browser, served, java_script_enabled=False)
        await visitor.upload(people_csv(bench.folder / "c.csv", "hitpay", range(3)), "hitpay")
        await visitor.check()
        await visitor.send()
        assert await visitor.counts() == {"created": 3}
