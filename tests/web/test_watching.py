"""Who watches an import, and for how long."""

import asyncio
import json
from collections.abc import Callable

import pytest

from importer.rows import Limit
from importer.web.access import add_user
from tests.support import Bench, people_csv
from tests.web.page import DESK, FOLDERS, Page, log_in, serving, settings_for

SLOWLY = (Limit(2, 1),)
PATIENCE = 20


async def begun(page: Page, bench: Bench) -> str:
    """An import that is being sent, for longer than any of these tests lasts."""
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(200)))
    await page.checked(one)
    await page.get(f"/imports/{one}/send")
    await page.post(f"/imports/{one}/send", page.form())
    return one


async def heard(page: Page, one: str, then: Callable[[], object] | None = None) -> str:
    """All that a stream says until it ends; after its first message `then` is done."""
    lines = []
    async with asyncio.timeout(PATIENCE), page.browser.get(page.url / f"imports/{one}/events") as answer:
        async for line in answer.content:
            lines.append(line.decode())
            if len(lines) == 1:
                assert json.loads(lines[0].removeprefix("data: "))["kind"] == "sending"
                done = then() if then is not None else None
                if asyncio.iscoroutine(done):
                    await done
    return "".join(lines)


def stop(page: Page) -> None:
    """So that the server ends soon."""
    for one in page.app[FOLDERS].all():
        task = page.app[DESK].task(one)
        assert task is not None
        assert task.running, "the stream ended, and not the import"
        task.request_stop()


async def test_user_who_is_taken_out_of_the_file_hears_no_more(bench: Bench) -> None:
    users = bench.folder / "users"
    add_user(users, "ann", "password of ann")
    async with serving(settings_for(bench.folder, bench.simulator, users=users, limits=SLOWLY)) as page:
        await log_in(page, "ann")
        one = await begun(page, bench)
        said = await heard(page, one, lambda: users.write_text("", encoding="utf-8"))
        assert "event:" not in said
        stop(page)


@pytest.mark.parametrize("more", [{}, {"user_header": "X-User"}])
async def test_who_logs_out_hears_no_more(bench: Bench, more: dict[str, str]) -> None:
    settings = settings_for(bench.folder, bench.simulator, limits=SLOWLY, **more)
    async with serving(settings) as page:
        if more:
            page.browser.headers["X-User"] = "ann"
            await page.get("/")
        else:
            await page.come_in()
        one = await begun(page, bench)
        said = await heard(page, one, lambda: page.post("/logout"))
        assert "event:" not in said
        stop(page)


async def test_who_watches_for_long_has_to_ask_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, limits=SLOWLY)) as page:
        await page.come_in()
        one = await begun(page, bench)
        monkeypatch.setattr("importer.web.routes.sending.LONGEST", 0.0)
        assert (await heard(page, one)).endswith("event: again\ndata: {}\n\n")
        stop(page)
