"""Confirm, watch, hold, stop, go on: nothing is sent twice, and nothing that was not confirmed."""

import asyncio
import json
import logging
import re
from dataclasses import replace

import pytest

from importer.rows import Limit
from importer.simulator import Fault, Faults
from importer.web.folders import Stage
from tests.support import Bench, people_csv
from tests.web.page import DESK, FOLDERS, Page, serving, settings_for

SLOWLY = (Limit(20, 1),)


async def test_pressing_send_twice_sends_once(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(10)))
    await page.checked(one)
    await page.get(f"/imports/{one}/send")
    form = page.form()
    await page.post(f"/imports/{one}/send", form)
    await page.post(f"/imports/{one}/send", form)
    await page.worked(one)
    await page.post(f"/imports/{one}/send", form)
    assert page.status == 409
    assert bench.created("hitpay") == 10
    assert bench.simulator.counts("hitpay").requests == 10


async def test_plan_that_was_not_confirmed_is_not_sent(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(3)))
    await page.checked(one)
    await page.get(f"/imports/{one}/send")
    await page.post(f"/imports/{one}/send", page.form() | {"run": "another"})
    assert page.status == 400
    assert bench.created("hitpay") == 0


async def test_plan_that_was_checked_for_another_address_is_not_sent(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(3)))
    await page.checked(one)
    await page.get(f"/imports/{one}/send")
    desk = page.app[DESK]
    desk.settings = replace(desk.settings, base_urls={"hitpay": "http://127.0.0.1:9/elsewhere"})
    await page.post(f"/imports/{one}/send", page.form())
    assert page.status == 400
    assert "another address" in page.text


async def test_live_wants_the_word_typed(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(3)), environment="live")
    await page.checked(one)
    await page.get(f"/imports/{one}/send")
    assert "LIVE" in page.text
    form = page.form()
    for typed in ("", "sandbox"):
        await page.post(f"/imports/{one}/send", form | {"typed": typed})
        assert page.status == 400
    assert bench.created("hitpay") == 0
    await page.sent(one, typed="live")
    assert page.counts == {"created": 3}


async def test_missing_credentials_are_told_before_anything_is_sent(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, variables={})) as page:
        await page.come_in()
        assert "no credentials" in page.text
        one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(3)))
        await page.checked(one)
        assert page.counts == {"ready": 3}
        await page.get(f"/imports/{one}/send")
        assert "HITPAY_API_KEY" in page.text
        found = page.app[FOLDERS].find(one)
        assert found is not None
        version = str(found.version)
        await page.post(f"/imports/{one}/send", {"run": "any", "version": version})
        assert page.status == 400


async def test_stop_finishes_what_is_under_way_and_the_next_run_sends_the_rest(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as page:
        await page.come_in()
        one = await begun(page, bench, rows=60)
        await some_are_sent(page, one)
        await page.post(f"/imports/{one}/stop")
        await page.worked(one)
        await page.get(f"/imports/{one}")
        assert "Stopped early" in page.text
        made = page.counts["created"]
        assert 0 < made < 60
        assert page.counts == {"created": made, "not_sent": 60 - made}
        assert bench.created("hitpay") == made
        await page.post(f"/imports/{one}/go-on")
        assert page.path == f"/imports/{one}/send"
        await page.worked(one)
        await page.get(f"/imports/{one}")
        assert page.counts == {"created": 60}, "by this import, whichever run it was"
        assert bench.created("hitpay") == 60
        await page.post(f"/imports/{one}/go-on")
        assert page.status == 400


async def test_stopped_import_that_was_changed_since_does_not_go_on_by_itself(bench: Bench) -> None:
    """What a person confirmed were the numbers of the sheet as it was."""
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as page:
        await page.come_in()
        one = await begun(page, bench, rows=60)
        await some_are_sent(page, one)
        await page.post(f"/imports/{one}/stop")
        await page.worked(one)
        await page.get(f"/imports/{one}/columns")
        await page.post(f"/imports/{one}/columns", page.form())
        await page.worked(one)
        assert "/go-on" not in await page.get(f"/imports/{one}/results")
        await page.post(f"/imports/{one}/go-on")
        assert page.status == 400
        assert bench.created("hitpay") < 60


async def test_pause_sends_nothing_until_it_goes_on(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as page:
        await page.come_in()
        one = await begun(page, bench, rows=15)
        await some_are_sent(page, one)
        await page.post(f"/imports/{one}/pause")
        assert "Go on" in page.text
        task = page.app[DESK].task(page.app[FOLDERS].all()[0])
        assert task is not None
        assert task.held
        await page.post(f"/imports/{one}/resume")
        await page.worked(one)
        await page.get(f"/imports/{one}")
        assert page.counts == {"created": 15}


async def test_closing_the_tab_changes_nothing(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as page:
        await page.come_in()
        one = await begun(page, bench, rows=10)
        async with page.browser.get(page.server.make_url(f"/imports/{one}/events")) as answer:
            line = await answer.content.readline()
            assert json.loads(line.removeprefix(b"data: "))["kind"] == "sending"
        await page.worked(one)
        await page.get(f"/imports/{one}")
        assert page.counts == {"created": 10}
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_interrupted_import_is_checked_when_asked(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(3)))
    await page.checked(one)
    await page.sent(one)
    found = page.app[FOLDERS].find(one)
    assert found is not None
    page.app[DESK].forget(page.app[FOLDERS].keep(found, stage=Stage.SENDING))  # as by a server that is killed
    assert "Interrupted" in await page.get(f"/imports/{one}/send")
    await page.get(f"/imports/{one}/check")
    assert f'data-then="/imports/{one}/check"' in page.text
    await page.worked(one)
    assert 'id="grid"' in await page.get(f"/imports/{one}/check")


async def test_page_answers_while_a_long_sheet_is_checked(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(9000)))
    await page.post(f"/imports/{one}/columns", page.form())
    answered = 0
    while page.app[DESK].is_busy(page.app[FOLDERS].all()[0]):
        await page.get("/")
        assert page.status == 200
        answered += 1
    assert answered >= 10
    await page.get(f"/imports/{one}/check")
    assert page.counts == {"ready": 9000}


async def test_several_watch_one_import(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as page:
        await page.come_in()
        one = await begun(page, bench, rows=10)
        await asyncio.gather(*(page.worked(one) for _ in range(3)))
        await page.get(f"/imports/{one}")
        assert page.counts == {"created": 10}


async def test_ending_the_server_finishes_what_is_under_way(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as page:
        await page.come_in()
        one = await begun(page, bench, rows=60)
        await some_are_sent(page, one)
    made = bench.created("hitpay")
    assert 0 < made < 60
    async with serving(settings_for(bench.folder, bench.simulator)) as page:
        await page.come_in()
        assert f"stopped early: {60 - made} rows left to send" in await page.get("/")
        await page.get(f"/imports/{one}/results")
        assert page.counts == {"created": made, "not_sent": 60 - made}
        assert f"Go on: {60 - made} rows left" in page.text
        assert await pressed_twice(page, f"/imports/{one}/go-on", {}) == [f"303 /imports/{one}/send"] * 2
        await page.worked(one)
        await page.get(f"/imports/{one}")
        assert page.counts == {"created": 60}
    assert bench.simulator.counts("hitpay").requests == 60
    elsewhere = {**settings_for(bench.folder, bench.simulator).base_urls, "hitpay": "http://127.0.0.1:9/x"}
    async with serving(settings_for(bench.folder, bench.simulator, base_urls=elsewhere)) as page:
        await page.come_in()
        found = page.app[FOLDERS].find(one)
        assert found is not None
        page.app[FOLDERS].keep(found, ended={**found.ended, "counts": {"not_sent": 9, "failed": 0}})
        assert "/go-on" not in await page.get(f"/imports/{one}/results")
        await page.post(f"/imports/{one}/go-on")
        assert page.status == 400
        assert "another address" in page.text


async def test_unknown_row_is_settled_by_a_person(bench: Bench, page: Page) -> None:
    sheet = people_csv(bench.folder / "c.csv", "krezypay", range(5))
    bench.simulator.set_faults(Faults(script=(None, None, *[Fault.CUT_AFTER] * 3)))
    one = await page.upload(sheet, "krezypay")
    await page.checked(one)
    await page.sent(one)
    assert page.counts == {"created": 2, "unknown": 3}
    assert "It is not there: send again" in page.text
    bench.simulator.set_faults(Faults())
    await page.post(
        f"/imports/{one}/settle", shown_attempt(page, 4) | {"found": "yes", "customer_id": "kz_1"}
    )
    await page.worked(one)
    await page.get(f"/imports/{one}/results")
    assert page.counts == {"created": 3, "unknown": 2}
    assert page.said.startswith("Row 4: the id is recorded")
    await page.get(f"/imports/{one}/results")
    assert page.said == "", "it is told once"
    await page.post(f"/imports/{one}/settle", shown_attempt(page, 5) | {"found": "yes", "customer_id": ""})
    assert page.status == 400
    await page.get(f"/imports/{one}/results")
    await page.post(f"/imports/{one}/settle", shown_attempt(page, 5) | {"found": "no"})
    await page.worked(one)
    await page.get(f"/imports/{one}/results")
    assert page.counts == {"created": 3, "unknown": 1, "failed": 1}
    assert page.said.startswith("Row 5: it is recorded that the customer is not there. Nothing was sent")
    downloaded = await page.get(f"/imports/{one}/results.csv")
    assert downloaded.count(",created,") == 3
    await page.get("/")
    assert "finished: 1 row left to send" in page.text
    await page.post(f"/imports/{one}/go-on")
    await page.worked(one)
    await page.get(f"/imports/{one}/results")
    assert page.counts == {"created": 3, "exists": 1, "unknown": 1}, "it was there: the provider says so"


async def test_id_of_another_customer_is_refused_once_and_at_its_row(bench: Bench, page: Page) -> None:
    bench.simulator.set_faults(Faults(script=(Fault.CUT_AFTER, Fault.CUT_AFTER)))
    one = await page.upload(people_csv(bench.folder / "c.csv", "krezypay", range(3)), "krezypay")
    await page.checked(one)
    await page.sent(one)
    for row in (2, 3):
        answer = shown_attempt(page, row) | {"found": "yes", "customer_id": "kz_1"}
        await page.post(f"/imports/{one}/settle", answer)
        await page.worked(one)
        await page.get(f"/imports/{one}/results")
    assert page.counts == {"created": 2, "unknown": 1}
    told = re.search(r'Row 3 .*?role="alert" id="refused-3">(.*?)</p>.*?value="kz_1"', page.text, re.DOTALL)
    assert told, page.text
    assert "kz_1 is another customer" in told[1]
    await page.get(f"/imports/{one}/results")
    assert "another customer" not in page.text


@pytest.mark.parametrize("said", ["<script>x", "kz 1", "kz\x7f1", "k" * 201])
async def test_what_is_no_id_is_refused_at_its_row(bench: Bench, page: Page, said: str) -> None:
    bench.simulator.set_faults(Faults(script=(Fault.CUT_AFTER,)))
    one = await page.upload(people_csv(bench.folder / "c.csv", "krezypay", range(1)), "krezypay")
    await page.checked(one)
    await page.sent(one)
    await page.post(f"/imports/{one}/settle", shown_attempt(page, 2) | {"found": "yes", "customer_id": said})
    await page.worked(one)
    await page.get(f"/imports/{one}/results")
    assert page.counts == {"unknown": 1}
    told = re.search(r'id="refused-2">(.*?)</p>', page.text)
    assert told is not None
    assert "An id has no spaces" in told[1]


@pytest.mark.parametrize("step", ["check", "send"])
async def test_what_could_not_be_recorded_keeps_nobody_from_checking(
    bench: Bench, page: Page, step: str
) -> None:
    bench.simulator.set_faults(Faults(script=(Fault.CUT_AFTER, Fault.CUT_AFTER)))
    one = await page.upload(people_csv(bench.folder / "c.csv", "krezypay", range(2)), "krezypay")
    await page.checked(one)
    await page.sent(one)
    for row in (2, 3):
        answer = shown_attempt(page, row) | {"found": "yes", "customer_id": "kz_1"}
        await page.post(f"/imports/{one}/settle", answer)
        await page.worked(one)
        if row == 2:
            await page.get(f"/imports/{one}/results")
    await page.get(f"/imports/{one}/{step}")
    await page.worked(one)
    await page.get(f"/imports/{one}/{step}")
    assert "another customer" not in page.text
    assert page.counts == {"created": 1, "unknown": 1} if step == "check" else "whose outcome" in page.text


def shown_attempt(page: Page, row: int) -> dict[str, str]:
    """What the form of an unknown row holds."""
    found = re.search(
        f'name="row" value="{row}"><input type="hidden" name="attempt" value="([^"]+)"', page.text
    )
    assert found, page.text
    return {"row": str(row), "attempt": found[1]}


async def test_answer_about_an_earlier_attempt_is_refused(bench: Bench, page: Page) -> None:
    """Nobody has looked for the customer that was sent since, so another one might be made."""
    one = await page.upload(people_csv(bench.folder / "c.csv", "krezypay", range(1)), "krezypay")
    bench.simulator.set_faults(Faults(probabilities={Fault.CUT_AFTER: 1.0}))
    await page.checked(one)
    await page.sent(one)
    shown = shown_attempt(page, 2) | {"found": "no"}
    await page.post(f"/imports/{one}/settle", shown)
    await page.worked(one)
    await page.get(f"/imports/{one}/send")
    await page.worked(one)
    await page.sent(one)
    assert page.counts == {"unknown": 1}
    await page.post(f"/imports/{one}/settle", shown)
    assert page.status == 409
    await page.get(f"/imports/{one}/results")
    assert page.counts == {"unknown": 1}
    await page.post(f"/imports/{one}/settle", shown_attempt(page, 2) | {"found": "no"})
    await page.worked(one)
    await page.get(f"/imports/{one}/results")
    assert page.counts == {"failed": 1}


async def test_import_that_was_interrupted_goes_on_only_to_where_it_was_confirmed_for(bench: Bench) -> None:
    settings = settings_for(bench.folder, bench.simulator)
    async with serving(settings) as page:
        await page.come_in()
        one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(3)))
        await page.checked(one)
        await page.sent(one)
        found = page.app[FOLDERS].find(one)
        assert found is not None
        page.app[FOLDERS].keep(found, stage=Stage.SENDING)  # as a server leaves it that is killed
    moved = {**settings.base_urls, "hitpay": "http://127.0.0.1:9/elsewhere"}
    for changes in ({"base_urls": moved}, {"ledger": f"sqlite:///{bench.folder / 'other.sqlite3'}"}):
        async with serving(settings_for(bench.folder, bench.simulator, **changes)) as page:
            await page.come_in()
            await page.get(f"/imports/{one}/send")
            assert "another address, account or ledger" in page.text
            assert "/go-on" not in page.text
            await page.post(f"/imports/{one}/go-on")
            assert page.status == 400
            assert "nothing was sent" in page.text
    async with serving(settings) as page:
        await page.come_in()
        await page.get(f"/imports/{one}/send")
        await page.post(f"/imports/{one}/go-on")
        await page.worked(one)
        await page.get(f"/imports/{one}")
        assert page.counts == {"created": 3}


async def pressed_twice(page: Page, path: str, fields: dict[str, str]) -> list[str]:
    """Send a form twice at the same moment. Where each answer led to, with its status."""

    async def press() -> str:
        data = {"csrf": page.token, **fields}
        async with page.browser.post(page.server.make_url(path), data=data, allow_redirects=False) as answer:
            return f"{answer.status} {answer.headers.get('Location', '')}"

    return list(await asyncio.gather(press(), press()))


async def test_send_that_is_pressed_twice_leads_to_the_progress(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as page:
        await page.come_in()
        one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(10)))
        await page.checked(one)
        await page.get(f"/imports/{one}/send")
        path = f"/imports/{one}/send"
        assert await pressed_twice(page, path, page.form()) == [f"303 {path}"] * 2
        await page.worked(one)
        assert bench.created("hitpay") == 10


async def test_answer_about_an_unknown_row_that_is_pressed_twice_is_recorded_once(
    bench: Bench, page: Page
) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "krezypay", range(1)), "krezypay")
    bench.simulator.set_faults(Faults(probabilities={Fault.CUT_AFTER: 1.0}))
    await page.checked(one)
    await page.sent(one)
    found = shown_attempt(page, 2) | {"found": "yes", "customer_id": "kz_1"}
    answers = await pressed_twice(page, f"/imports/{one}/settle", found)
    assert answers == [f"303 /imports/{one}/results"] * 2
    await page.worked(one)
    await page.get(f"/imports/{one}/results")
    assert page.counts == {"created": 1}


async def test_columns_are_not_changed_under_an_import_that_is_being_sent(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as page:
        await page.come_in()
        one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(10)))
        await page.checked(one)
        await page.get(f"/imports/{one}/columns")
        columns = page.form() | {"column.0": "c0"}
        await page.get(f"/imports/{one}/send")

        async def press(step: str, fields: dict[str, str]) -> int:
            path = page.server.make_url(f"/imports/{one}/{step}")
            async with page.browser.post(path, data=fields, allow_redirects=False) as answer:
                return answer.status

        answers = await asyncio.gather(press("columns", columns), press("send", page.form()))
        assert sorted(answers) != [303, 303]
        found = page.app[FOLDERS].find(one)
        assert found is not None
        assert (found.stage is Stage.SENDING) == (answers[1] == 303)
        await page.worked(one)


async def test_check_after_a_run_leads_to_its_rows(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(3)))
    await page.checked(one)
    await page.sent(one)
    for step in ("check", "send"):
        page.app[DESK].forget(page.app[FOLDERS].all()[0])
        await page.get(f"/imports/{one}/{step}")
        assert f'data-then="/imports/{one}/{step}"' in page.text
        await page.worked(one)


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
async def test_results_are_downloaded_under_the_name_of_the_sheet(
    bench: Bench, page: Page, suffix: str
) -> None:
    one = await page.upload(people_csv(bench.folder / "Kündenliste.csv", "hitpay", range(3)))
    await page.checked(one)
    await page.sent(one)
    async with page.browser.get(page.server.make_url(f"/imports/{one}/results.{suffix}")) as answer:
        content = await answer.read()
        assert answer.status == 200
        assert f"K%C3%BCndenliste.results.{suffix}" in answer.headers["Content-Disposition"]
    path = bench.folder / f"got.{suffix}"
    path.write_bytes(content)
    again = await page.upload(path)
    await page.checked(again)
    assert page.counts == {"exists": 3}


async def begun(page: Page, bench: Bench, *, rows: int) -> str:
    """An import that is being sent."""
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(rows)))
    await page.checked(one)
    await page.get(f"/imports/{one}/send")
    await page.post(f"/imports/{one}/send", page.form())
    return one


async def some_are_sent(page: Page, one: str) -> None:
    """Wait until the events tell of a row that is done."""
    async with page.browser.get(page.server.make_url(f"/imports/{one}/events")) as answer:
        async for line in answer.content:
            if line.startswith(b'data: {"') and json.loads(line.removeprefix(b"data: "))["done"]:
                return
