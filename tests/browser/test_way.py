"""The whole way in a real browser: upload, columns, check, correct, send, results, run again, settle."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from importer.simulator import Fault, Faults
from importer.source import open_source
from tests.browser.window import Visitor, expect
from tests.support import Bench, people_csv, person, write_csv


def sheet(folder: Path, provider: str, wrong: Mapping[int, Mapping[str, str]], *, rows: int = 12) -> Path:
    """A sheet with these cells instead; the first row is 2."""
    people = [person(provider, number) | dict(wrong.get(number + 2, {})) for number in range(rows)]
    return write_csv(folder / "customers.csv", people)


@pytest.mark.parametrize("provider", ["hitpay", "yativo"])
async def test_sheet_becomes_customers_in_spite_of_faults(
    bench: Bench, visitor: Visitor, provider: str
) -> None:
    tab, wrong = visitor.tab, {4: {"Email": "wrong"}, 7: {"Email": "wrong too"}}
    bench.simulator.set_faults(
        Faults(script=(None, Fault.CUT_AFTER, Fault.RATE_LIMITED, None, Fault.CUT_BODY))
    )
    await visitor.upload(sheet(bench.folder, provider, wrong), provider)
    await expect(tab.get_by_text("ann0@example.com").first).to_be_visible()
    await visitor.check()
    assert await visitor.counts() == {"ready": 10, "invalid": 2}
    await visitor.correct(4, "Email", "right@example.com")
    assert await visitor.counts() == {"ready": 11, "invalid": 1}
    await visitor.send()
    first = await visitor.counts()
    assert first.pop("invalid") == 1
    assert sum(first.values()) == 11
    assert set(first) == {"created", "exists"}
    assert bench.created(provider) == 11
    await visitor.press("Correct and run again")
    await visitor.checked()
    await visitor.correct(7, "Email", "right.too@example.com")
    await visitor.send()
    assert await visitor.counts() == {"created": first["created"] + 1, "exists": first["exists"]}
    assert bench.created(provider) == 12
    emails = [str(each.body) for each in bench.simulator.customers(provider)]
    assert len(set(emails)) == 12


async def test_sheet_of_which_nothing_can_be_sent_leads_to_its_rows_first(
    bench: Bench, visitor: Visitor
) -> None:
    tab = visitor.tab
    await visitor.upload(sheet(bench.folder, "hitpay", {2: {"Email": "wrong"}}, rows=1), "hitpay")
    await visitor.check()
    first = tab.get_by_role("link", name="Correct 1 row")
    onward = tab.get_by_role("link", name="Go on to send")
    await expect(first).to_have_class("button go")
    await expect(onward).to_have_class("button")
    await visitor.correct(2, "Email", "right@example.com")
    await expect(first).to_be_hidden()
    await expect(tab.get_by_text("Nothing is left to send")).to_be_hidden()
    await expect(onward).to_have_class("button go")
    await visitor.send()
    assert await visitor.counts() == {"created": 1}


async def test_results_are_downloaded_with_the_corrections(bench: Bench, visitor: Visitor) -> None:
    await visitor.upload(sheet(bench.folder, "hitpay", {4: {"Email": "wrong"}}), "hitpay")
    await visitor.check()
    await visitor.correct(4, "Email", "right@example.com")
    await visitor.send()
    async with visitor.tab.expect_download() as coming:
        await visitor.press("Download the results (xlsx)")
    download = await coming.value
    assert download.suggested_filename == "customers.results.xlsx"
    await download.save_as(bench.folder / "got.xlsx")
    results = open_source(bench.folder / "got.xlsx")
    assert [row.cells[1] for row in results.rows()][2] == "right@example.com"


async def test_unknown_rows_are_settled_by_a_person(bench: Bench, visitor: Visitor) -> None:
    tab = visitor.tab
    bench.simulator.set_faults(Faults(script=(Fault.CUT_AFTER, Fault.CUT_BEFORE)))
    await visitor.upload(people_csv(bench.folder / "kyc.csv", "krezypay", range(3)), "krezypay")
    await visitor.check()
    await visitor.send()
    assert await visitor.counts() == {"created": 1, "unknown": 2}
    await tab.get_by_label("Found it: its id").first.fill("kz_1")
    await tab.get_by_role("button", name="Record the id").first.click()
    await expect(tab.locator("[data-count=unknown]")).to_have_text("1")
    assert await visitor.counts() == {"created": 2, "unknown": 1}
    await visitor.press("It is not there: send again")
    await expect(tab.locator("[data-count=failed]")).to_have_text("1")
    await visitor.press("Run again")
    await visitor.checked()
    await visitor.send()
    assert await visitor.counts() == {"created": 3}
    assert bench.created("krezypay") == 3


async def test_live_is_another_sight_and_asks_once_more(bench: Bench, visitor: Visitor) -> None:
    tab = visitor.tab
    await visitor.upload(people_csv(bench.folder / "c.csv", "hitpay", range(3)), "hitpay", environment="live")
    await expect(tab.get_by_text("LIVE: what is sent from here are real customers")).to_be_visible()
    await visitor.check()
    await visitor.ask_to_send()
    await tab.get_by_role("button", name="Send 3 customers (LIVE)").click()
    assert visitor.path.endswith("/send")
    assert bench.created("hitpay") == 0
    await tab.get_by_label("to confirm").fill("live")
    await tab.get_by_role("button", name="Send 3 customers (LIVE)").click()
    await visitor.arrive("results")
    assert await visitor.counts() == {"created": 3}


async def test_column_that_was_not_found_is_asked_for(bench: Bench, visitor: Visitor) -> None:
    tab = visitor.tab
    people = [{"N1": "Ann Example", "Mail": f"ann{n}@example.com", "X7": "?"} for n in range(3)]
    await visitor.upload(write_csv(bench.folder / "c.csv", people), "hitpay")
    await expect(tab.get_by_role("heading", name="your answer")).to_be_visible()
    await visitor.press("Check the sheet")
    await tab.get_by_role("link", name="Phone").click()
    assert await tab.evaluate("document.activeElement.tagName") == "SELECT"
    await tab.keyboard.type("X7")
    await expect(tab.locator(":focus")).to_have_value("c2")
    await expect(tab.locator(f"#{await tab.locator(':focus').get_attribute('data-samples')}")).to_have_text(
        "?"
    )


async def test_cell_is_replaced_in_a_whole_column(bench: Bench, visitor: Visitor) -> None:
    tab, wrong = visitor.tab, {row: {"Email": f"p{row}@example,com"} for row in (3, 4, 5)}
    await visitor.upload(sheet(bench.folder, "hitpay", wrong), "hitpay")
    await visitor.check()
    await tab.get_by_text("Find and replace in a column").click()
    await tab.get_by_label("Column").select_option("Email")
    await tab.get_by_label("Find", exact=True).fill(",com")
    await tab.get_by_label("Put in its place").fill(".com")
    await tab.get_by_label("wherever it stands").check()
    await visitor.press("See what would change")
    await expect(tab.get_by_text("3 cells would change")).to_be_focused()
    await visitor.press("Replace in 3 cells")
    await expect(tab.get_by_role("status").filter(has_text="Replaced in 3 cells")).to_be_focused()
    await expect(tab.locator("[data-ready]")).to_have_text("12")
