"""Cells corrected where they stand: checked at once, kept apart from the upload, sent as corrected."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from importer.corrections import Correction, keep_corrections
from importer.providers import PROVIDERS
from importer.source import open_source
from tests.support import Bench, person, write_csv
from tests.web.page import DESK, FOLDERS, Page

JSON = {"Accept": "application/json"}


def faulty(folder: Path, wrong: Mapping[int, Mapping[str, str]], *, rows: int = 6) -> Path:
    """A sheet for HitPay with these cells instead; the first row is 2."""
    people = [person("hitpay", number) | dict(wrong.get(number + 2, {})) for number in range(rows)]
    return write_csv(folder / "customers.csv", people)


async def corrected(page: Page, one: str, row: int, column: int, text: str, was: str) -> dict[str, object]:
    fields = {"row": str(row), "column": str(column), "text": text, "was": was}
    answer = json.loads(await page.post(f"/imports/{one}/cells", fields, headers=JSON))
    assert isinstance(answer, dict)
    return answer


async def test_corrected_cell_is_checked_at_once_and_sent_so(bench: Bench, page: Page) -> None:
    one = await page.upload(faulty(bench.folder, {4: {"Email": "wrong"}}))
    await page.checked(one)
    assert page.counts == {"ready": 5, "invalid": 1}
    assert 'aria-invalid="true"' in page.text
    told = await corrected(page, one, 4, 1, "right@example.com", "wrong")
    assert told["ready"] == 6
    assert 'aria-invalid="true"' not in str(told["row"])
    await page.get(f"/imports/{one}/send")
    await page.worked(one)
    await page.sent(one)
    assert page.counts == {"created": 6}
    assert "right@example.com" in {each.body["email"] for each in bench.simulator.customers("hitpay")}


async def test_upload_keeps_its_bytes_and_the_results_show_the_correction(bench: Bench, page: Page) -> None:
    sheet = faulty(bench.folder, {4: {"Email": "wrong"}})
    one = await page.upload(sheet)
    await page.checked(one)
    await corrected(page, one, 4, 1, "right@example.com", "wrong")
    await page.get(f"/imports/{one}/send")
    await page.worked(one)
    await page.sent(one)
    found = page.app[FOLDERS].find(one)
    assert found is not None
    place = page.app[FOLDERS].place(found)
    assert (place / found.file).read_bytes() == sheet.read_bytes()
    results = open_source(place / "results.xlsx")
    assert [row.cells[1] for row in results.rows()][2] == "right@example.com"


async def test_cell_that_somebody_else_changed_is_not_overwritten(bench: Bench, page: Page) -> None:
    one = await page.upload(faulty(bench.folder, {4: {"Email": "wrong"}}))
    await page.checked(one)
    await corrected(page, one, 4, 1, "mine@example.com", "wrong")
    told = await corrected(page, one, 4, 1, "yours@example.com", "wrong")
    assert page.status == 409
    assert told["now"] == "mine@example.com"
    assert "mine@example.com" in await page.get(f"/imports/{one}/check?show=all")


async def test_cells_that_are_corrected_at_the_same_time_are_all_kept(bench: Bench, page: Page) -> None:
    wrong = {row: {"Email": "wrong"} for row in range(2, 8)}
    one = await page.upload(faulty(bench.folder, wrong))
    await page.checked(one)
    await asyncio.gather(*(corrected(page, one, row, 1, f"p{row}@example.com", "wrong") for row in wrong))
    found = page.app[FOLDERS].find(one)
    assert found is not None
    assert page.app[DESK].held(found) is not None, "the sheet need not be checked for it"
    await page.get(f"/imports/{one}/check")
    assert page.counts == {"ready": 6}


async def test_row_that_was_created_is_not_corrected(bench: Bench, page: Page) -> None:
    one = await page.upload(faulty(bench.folder, {4: {"Email": "wrong"}}))
    await page.checked(one)
    await page.sent(one)
    assert page.counts == {"created": 5, "invalid": 1}
    await page.get(f"/imports/{one}/check")
    await page.worked(one)
    was = person("hitpay", 0)["Email"]
    told = await corrected(page, one, 2, 1, "second@example.com", was)
    assert page.status == 400
    assert "twice" in str(told["error"])
    assert (await corrected(page, one, 4, 1, "right@example.com", "wrong"))["ready"] == 1


async def test_forged_cells_change_nothing(bench: Bench, page: Page) -> None:
    one = await page.upload(faulty(bench.folder, {4: {"Email": "wrong"}}))
    await page.checked(one)
    for row, column in ((99, 1), (4, 99), (0, 0)):
        await corrected(page, one, row, column, "x", "wrong")
        assert page.status == 400
    for fields in ({"row": "4", "column": "-1"}, {"row": "four", "column": "1"}, {}):
        await page.post(f"/imports/{one}/cells", fields, headers=JSON)
        assert page.status == 400
    assert await page.get(f"/imports/{one}/check")
    assert page.counts == {"ready": 5, "invalid": 1}


async def test_replacement_is_shown_before_it_is_made(bench: Bench, page: Page) -> None:
    wrong = {row: {"Email": f"p{row}@example,com"} for row in (3, 4, 5)}
    one = await page.upload(faulty(bench.folder, wrong))
    await page.checked(one)
    assert page.counts == {"ready": 3, "invalid": 3}
    wish = page.form() | {"column": "1", "find": "example,com", "put": "example.com", "whole": "no"}
    await page.post(f"/imports/{one}/replace", wish)
    assert "3 cells would change" in page.text
    assert "<ins>p3@example.com</ins>" in page.text
    assert page.counts == {"ready": 3, "invalid": 3}
    await page.post(f"/imports/{one}/replace", wish | {"sure": "yes"})
    assert page.counts == {"ready": 6}
    assert page.said == "Replaced in 3 cells, and checked."
    await page.get(f"/imports/{one}/check")
    assert page.said == "", "it is told once"


async def test_replacement_of_an_older_page_is_refused(bench: Bench, page: Page) -> None:
    one = await page.upload(faulty(bench.folder, {3: {"Email": "wrong"}, 4: {"Email": "wrong"}}))
    await page.checked(one)
    wish = page.form() | {"column": "1", "find": "wrong", "put": "a@example.com", "sure": "yes"}
    await corrected(page, one, 3, 1, "mine@example.com", "wrong")
    await page.post(f"/imports/{one}/replace", wish)
    assert page.status == 409
    assert "Reload" in page.text
    await page.get(f"/imports/{one}/check")
    assert page.counts == {"ready": 5, "invalid": 1}


async def test_replacement_in_many_rows_checks_the_whole_sheet(bench: Bench, page: Page) -> None:
    wrong = {row: {"Email": f"p{row}@example,com"} for row in range(2, 302)}
    one = await page.upload(faulty(bench.folder, wrong, rows=300))
    await page.checked(one)
    assert page.counts == {"invalid": 300}
    wish = page.form() | {"column": "1", "find": ",", "put": ".", "whole": "no", "sure": "yes"}
    await page.post(f"/imports/{one}/replace", wish)
    await page.worked(one)
    await page.get(f"/imports/{one}/check")
    assert page.counts == {"ready": 300}


async def test_replacement_leaves_alone_what_was_created(bench: Bench, page: Page) -> None:
    one = await page.upload(faulty(bench.folder, {4: {"Email": "wrong"}}))
    await page.checked(one)
    await page.sent(one)
    await page.get(f"/imports/{one}/check")
    await page.worked(one)
    await page.get(f"/imports/{one}/check")
    wish = page.form() | {"column": "1", "find": "e", "put": "x", "whole": "no"}
    await page.post(f"/imports/{one}/replace", wish)
    assert "0 cells would change" in page.text
    await page.post(f"/imports/{one}/replace", wish | {"find": "wrong", "put": "a@b.example", "sure": "yes"})
    assert page.counts == {"ready": 1, "created": 5}


async def test_repairs_are_offered_and_accepted(bench: Bench, page: Page) -> None:
    sheet = write_csv(
        bench.folder / "c.csv", [person("hitpay", 1) | {"Name": "ZoÃ« Roe"}, person("hitpay", 2)]
    )
    one = await page.upload(sheet)
    await page.checked(one)
    assert page.counts == {"ready": 1, "invalid": 1}
    assert "Zoë Roe" in page.text
    await page.post(f"/imports/{one}/repair", {"repair": "yes"})
    await page.worked(one)
    await page.get(f"/imports/{one}/check")
    assert page.counts == {"ready": 2}


async def test_results_of_a_repaired_sheet_are_repaired_as_it_was(bench: Bench, page: Page) -> None:
    rows = [person("hitpay", 1) | {"Name": "ZoÃ« Roe"}] * 2 + [person("hitpay", 2) | {"Email": "wrong"}]
    one = await page.upload(write_csv(bench.folder / "c.csv", rows))
    await page.checked(one)
    await page.post(f"/imports/{one}/repair", {"repair": "yes"})
    await page.worked(one)
    await page.sent(one)
    assert page.counts == {"created": 1, "duplicate": 1, "invalid": 1}
    found = page.app[FOLDERS].find(one)
    assert found is not None
    again = await page.upload(page.app[FOLDERS].place(found) / "results.xlsx")
    await page.checked(again)
    assert page.counts == {"exists": 1, "duplicate": 1, "invalid": 1}
    await page.post(f"/imports/{again}/repair", {"repair": "no"})
    await page.worked(again)
    await page.get(f"/imports/{again}/check")
    assert page.counts == {"exists": 1, "invalid": 2}


async def test_grid_is_paged_and_filtered(bench: Bench, page: Page) -> None:
    wrong = {row: {"Email": "wrong"} for row in range(2, 122)}
    one = await page.upload(faulty(bench.folder, wrong, rows=130))
    await page.checked(one)
    assert page.text.count("<tr data-row=") == 50
    await page.get(f"/imports/{one}/check?show=invalid&code=invalid_email&page=3")
    assert page.text.count("<tr data-row=") == 20
    await page.get(f"/imports/{one}/check?show=not_sent")
    assert page.text.count("<tr data-row=") == 10
    for strange in ("page=-1", "page=99999999999", "show=nothing", "code=%27%3B--", "page=%C2%B2"):
        await page.get(f"/imports/{one}/check?{strange}")
        assert page.status == 200, strange


CARRIED = {
    "two\r\nlines": "two\nlines",
    "two\nlines": "two\nlines",
    "a\rb": "a\nb",
    "tab\there": "tab\there",
    "\ud800 half": "? half",
    "nul\0l": "nul\ufffdl",
}
"""What is in a cell, and what a browser makes of it."""


@pytest.mark.parametrize("strange", CARRIED)
async def test_cell_that_html_cannot_carry_as_it_is_can_be_corrected(
    bench: Bench, page: Page, strange: str
) -> None:
    one = await page.upload(faulty(bench.folder, {4: {"Email": "wrong"}}))
    await page.checked(one)
    found = page.app[FOLDERS].find(one)
    assert found is not None
    keep_corrections(page.app[DESK].corrections(found), [Correction(4, 1, strange)])
    await page.post(f"/imports/{one}/check")
    await page.worked(one)
    await page.get(f"/imports/{one}/check")
    assert page.status == 200
    assert page.counts == {"ready": 5, "invalid": 1}
    told = await corrected(page, one, 4, 1, "right@example.com", CARRIED[strange])
    assert told["ready"] == 6


NAMES = [{"Name": f"ZoÃ« Roe {letter}", "Notes": f"{letter}@example.com"} for letter in "abcd"]


async def test_row_that_was_sent_repaired_is_no_other_customer_without_the_repair(
    bench: Bench, page: Page
) -> None:
    one = await page.upload(write_csv(bench.folder / "c.csv", NAMES), "rapyd")
    await page.checked(one)
    for repair in ("yes", "no"):
        await page.post(f"/imports/{one}/repair", {"repair": repair})
        await page.worked(one)
        if repair == "yes":
            await page.sent(one)
            assert page.counts == {"created": 4}
    await page.get(f"/imports/{one}/check?show=all")
    assert page.counts == {"created": 4}
    assert 'data-column="0" value' not in page.text
    await corrected(page, one, 2, 0, "Zoe Roe a", NAMES[0]["Name"])
    assert page.status == 400
    assert bench.created("rapyd") == 4


async def test_rows_that_were_sent_are_no_other_customers_with_other_columns(
    bench: Bench, page: Page
) -> None:
    people = [{"Name": f"Ann Roe {letter}", "Notes": f"{letter}@example.com"} for letter in "abcd"]
    one = await page.upload(write_csv(bench.folder / "c.csv", people), "rapyd")
    email = [leaf.path for leaf in PROVIDERS["rapyd"].leaves].index("email")
    for column in ("", "c1"):
        await page.get(f"/imports/{one}/columns")
        await page.post(f"/imports/{one}/columns", page.form() | {f"column.{email}": column})
        await page.worked(one)
        await page.sent(one)
    assert page.counts == {"created": 4}
    assert bench.created("rapyd") == 4


async def test_row_that_was_sent_corrected_is_no_other_customer_when_the_file_is_read_anew(
    bench: Bench, page: Page
) -> None:
    sheet = faulty(bench.folder, {2: {"Email": "wrong"}}, rows=1)
    one = await page.upload(sheet)
    await page.checked(one)
    await corrected(page, one, 2, 1, "one@example.com", "wrong")
    await page.get(f"/imports/{one}/send")
    await page.worked(one)
    await page.sent(one)
    assert page.counts == {"created": 1}
    await page.get(f"/imports/{one}/columns")
    await page.post(f"/imports/{one}/reading", {"version": page.form()["version"], "header_row": "1"})
    await page.checked(one)
    assert page.counts == {"created": 1}
    await corrected(page, one, 2, 1, "two@example.com", "wrong")
    assert page.status == 400
