"""An import that is deleted while something else is asked of it: done or not, and never by halves."""

import asyncio
import logging

import pytest

from importer.web.folders import Stage
from tests.support import Bench, people_csv, person
from tests.web.page import DESK, FOLDERS, Page, serving, settings_for

STEPS = ("columns", "cells", "replace", "check", "repair", "send", "go-on", "reading", "settle")


async def forms_of(page: Page, one: str) -> dict[str, dict[str, str]]:
    """What each step would be sent by a browser that has its page open."""
    await page.get(f"/imports/{one}/columns")
    forms = {"columns": page.form()}
    await page.get(f"/imports/{one}/send")
    confirm = page.form()
    cell = {"row": "2", "column": "1", "was": person("hitpay", 0)["Email"], "text": "new@example.com"}
    words = {"column": "1", "find": "example.com", "put": "example.org", "whole": "no", "sure": "yes"}
    return forms | {
        "cells": cell,
        "replace": confirm | words,
        "check": {},
        "repair": {"repair": "yes"},
        "send": confirm,
        "go-on": {},
        "reading": {"version": confirm["version"], "header_row": "1"},
        "settle": {"row": "2", "found": "no", "attempt": "x"},
    }


async def press(page: Page, path: str, fields: dict[str, str], *, after: int = 0) -> int:
    """Send a form some turns of the loop later. What was answered."""
    for _ in range(after):
        await asyncio.sleep(0)
    data = {"csrf": page.token, **fields}
    async with page.browser.post(page.server.make_url(path), data=data, allow_redirects=False) as answer:
        return answer.status


@pytest.mark.parametrize("step", STEPS)
async def test_delete_beside_another_step_leaves_a_whole_import_or_none(
    bench: Bench, page: Page, step: str, caplog: pytest.LogCaptureFixture
) -> None:
    folders = page.app[FOLDERS]
    for after in (0, 12, 30):
        sheet = people_csv(bench.folder / "c.csv", "hitpay", range(after * 10, after * 10 + 3))
        one = await page.upload(sheet)
        await page.checked(one)
        fields = (await forms_of(page, one))[step]
        found = folders.find(one)
        assert found is not None
        if step == "go-on":
            folders.keep(found, stage=Stage.SENDING, confirmed=page.app[DESK].destination(found))
        done, deleted = await asyncio.gather(
            press(page, f"/imports/{one}/{step}", fields, after=after),
            press(page, f"/imports/{one}/delete", {}, after=after // 2),
        )
        assert done < 500, (after, done)
        assert deleted in (303, 404, 409)
        if deleted == 409:
            await page.worked(one)
        assert (folders.place(found).exists(), folders.find(one) is not None) == ((deleted == 409),) * 2
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []
    assert not list(folders.root.glob(".incoming-*"))


async def test_import_that_is_being_deleted_is_there_no_more_for_anybody(bench: Bench) -> None:
    """Its folder takes a while to delete: who asks meanwhile must not begin to send from it."""
    async with serving(settings_for(bench.folder, bench.simulator)) as page:
        await page.come_in()
        one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(3)))
        found = page.app[FOLDERS].find(one)
        assert found is not None
        left = page.app[FOLDERS].take_away(found)
        assert left is not None
        assert (left / found.file).exists(), "still on disk"
        assert page.app[FOLDERS].take_away(found) is None
        for step in STEPS:
            await page.post(f"/imports/{one}/{step}")
            assert page.status == 404
        await page.get("/")
        assert "c.csv" not in page.text
    async with serving(settings_for(bench.folder, bench.simulator)):
        assert not left.exists(), "gone at the next start"
