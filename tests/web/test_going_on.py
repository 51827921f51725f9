"""What goes on is checked first, and is shown so: no number is that of something else."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from importer.errors import LedgerError
from importer.web.desk import CHECKS, Desk
from importer.web.folders import Stage
from tests.support import Bench
from tests.web.page import DESK, FOLDERS, Page, serving, settings_for
from tests.web.test_sending import SLOWLY, begun, some_are_sent

ROWS = 60


@contextmanager
def no_check_goes_on(page: Page) -> Iterator[None]:
    """Every check waits at its beginning."""
    slots = page.app[DESK]._slots
    for _ in range(CHECKS):
        slots.acquire()
    try:
        yield
    finally:
        slots.release(CHECKS)


async def stopped(bench: Bench, page: Page) -> tuple[str, int]:
    """An import that was stopped, and how many customers it made so far."""
    one = await begun(page, bench, rows=ROWS)
    await some_are_sent(page, one)
    await page.post(f"/imports/{one}/stop")
    await page.worked(one)
    return one, bench.created("hitpay")


async def event(page: Page, one: str) -> dict[str, object]:
    """The first of the events of an import."""
    async with page.browser.get(page.server.make_url(f"/imports/{one}/events")) as answer:
        told = json.loads((await answer.content.readline()).removeprefix(b"data: "))
        assert isinstance(told, dict)
        return told


@pytest.mark.parametrize("interrupted", [False, True])
async def test_go_on_that_checks_is_not_shown_as_sending(bench: Bench, interrupted: bool) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as page:
        await page.come_in()
        one, made = await stopped(bench, page)
        if interrupted:
            found = page.app[FOLDERS].find(one)
            assert found is not None
            page.app[FOLDERS].keep(found, stage=Stage.SENDING)
        with no_check_goes_on(page):
            await page.post(f"/imports/{one}/go-on")
            assert "<h1" in page.text
            assert "Checking before it is sent</h1>" in page.text
            assert "Checking every row first" in page.text
            known = {} if interrupted else {"created": made, "not_sent": ROWS - made}
            assert page.counts == known, "that of the interrupted is not known before the check"
            told = await event(page, one)
            assert (told["kind"], told["phase"]) == ("sending", "checking")
            counts = told["counts"]
            assert counts is None if interrupted else sum(dict(counts).values()) == ROWS  # type: ignore[call-overload]  # JSON
            assert "being checked, then sent" in await page.get("/")
        await page.worked(one)
        await page.get(f"/imports/{one}/results")
        assert page.counts == {"created": ROWS}


async def test_counts_add_up_from_the_first_row_that_is_sent(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as page:
        await page.come_in()
        one, made = await stopped(bench, page)
        await page.post(f"/imports/{one}/go-on")
        async with page.browser.get(page.server.make_url(f"/imports/{one}/events")) as answer:
            lines = re.findall(r"^data: (\{.*kind.*)$", await answer.text(), re.MULTILINE)
        seen = [json.loads(line) for line in lines]
        assert all(sum(each["counts"].values()) == ROWS for each in seen)
        sending = [each for each in seen if each["phase"] != "checking"]
        assert {each["total"] for each in sending if each["phase"] == "sending"} == {ROWS - made}
        assert all(each["counts"]["created"] >= made for each in seen)


async def test_results_of_before_are_not_those_of_an_import_that_was_interrupted_since(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More was created since, so neither their numbers nor their questions hold."""
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as page:
        await page.come_in()
        one, _ = await stopped(bench, page)
        with monkeypatch.context() as patched:
            patched.setattr(Desk, "_finish", broken_off)
            await page.post(f"/imports/{one}/go-on")
            await page.get(f"/imports/{one}/results")
            assert page.path == f"/imports/{one}/send"
            await page.worked(one)
        page.app[DESK].forget(page.app[FOLDERS].all()[0])  # as by a server that is started again
        await page.get(f"/imports/{one}/results")
        assert "<h1>Interrupted</h1>" in page.text
        assert f'href="/imports/{one}/results"' not in page.text
        assert "Stopped early" not in page.text
        await page.get(f"/imports/{one}/results.csv")
        assert (page.status, "from before more was sent" in page.text) == (404, True)
        await page.get(f"/imports/{one}/check")
        await page.worked(one)
        await page.get(f"/imports/{one}/check")
        assert page.counts == {"created": ROWS}


async def test_results_hold_again_where_nothing_more_was_sent(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as page:
        await page.come_in()
        one, made = await stopped(bench, page)
        desk = page.app[DESK]
        desk.settings = replace(desk.settings, variables={})
        await page.post(f"/imports/{one}/go-on")
        await page.worked(one)
        assert "HITPAY_API_KEY" in await page.get(f"/imports/{one}/send")
        await page.get(f"/imports/{one}/results")
        assert page.counts == {"created": made, "not_sent": ROWS - made}
        assert bench.created("hitpay") == made


def broken_off(*_: object) -> None:
    """As if the process had ended here: everything is sent, and nothing is written."""
    raise LedgerError("The disk is full.")
