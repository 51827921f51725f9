"""Who is let in, and what no form, address or browser can make the page do."""

import asyncio
import logging
import re
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from importer.web.access import add_user
from importer.web.ended import Ended
from importer.web.guessing import FREE, PAUSE, Guesses
from importer.web.sweeping import sweep
from tests.support import Bench, people_csv, person, write_csv
from tests.web.page import DESK, FOLDERS, Page, log_in, serving, settings_for

SHEET = "secret-customers.csv"


async def test_link_works_once(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator)) as page:
        await page.come_in()
        used = page.tokens[-2]
        async with aiohttp.ClientSession() as other:
            answer = await other.get(page.server.make_url(f"/open?token={used}"))
            assert answer.status == 403
            assert "Set-Cookie" not in answer.headers or "importer_login" in answer.headers["Set-Cookie"]


async def test_nobody_gets_anywhere_without_a_session(page: Page) -> None:
    for path in ("/", "/imports/AAAAAAAAAAAAAAAA", "/templates/hitpay.xlsx"):
        async with aiohttp.ClientSession() as other:
            answer = await other.get(page.server.make_url(path))
            assert answer.url.path == "/login"
            answer = await other.post(page.server.make_url("/imports"))
            assert answer.status == 401


async def test_cookie_is_for_this_site_alone_and_out_of_reach_of_scripts(page: Page) -> None:
    await page.post("/logout")
    await page.get(f"/open?token={page.tokens[-1]}")
    cookie = page.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


async def test_answers_allow_nothing_from_elsewhere(page: Page) -> None:
    for path in ("/", "/login", "/static/page.css", "/nowhere"):
        await page.get(path)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_templates_hold_no_script_and_no_style_of_their_own() -> None:
    for path in (Path(__file__).parents[2] / "importer/web/templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|\|safe", text), path.name
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text), path.name


@pytest.mark.parametrize("name", ["evil.example.com", "[", "127.0.0.1:abc", "127.0.0.1:99999", ""])
async def test_foreign_name_is_refused(page: Page, name: str) -> None:
    await page.get("/", headers={"Host": name})
    assert page.status == 421


@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_forged_form_does_nothing(bench: Bench, page: Page, token: str) -> None:
    one = await page.upload(people_csv(bench.folder / SHEET, "hitpay", range(3)))
    for step in ("columns", "check", "send", "stop", "settle", "delete"):
        await page.post(f"/imports/{one}/{step}", {"csrf": token})
        assert page.status == 403, step
    await page.get(f"/imports/{one}/columns")
    assert page.status == 200


async def test_form_of_another_site_is_refused(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / SHEET, "hitpay", range(3)))
    await page.post(f"/imports/{one}/delete", headers={"Origin": "https://evil.example.com"})
    assert page.status == 403


async def test_user_does_not_see_the_imports_of_another(bench: Bench) -> None:
    users = bench.folder / "users"
    for name in ("ann", "bo"):
        add_user(users, name, f"password of {name}")
    async with serving(settings_for(bench.folder, bench.simulator, users=users)) as page:
        await log_in(page, "ann")
        one = await page.upload(people_csv(bench.folder / SHEET, "hitpay", range(3)))
        assert page.status == 200
        await page.get("/")
        assert SHEET in page.text
        await page.post("/logout")
        await log_in(page, "bo")
        assert SHEET not in page.text
        for path in ("", "/columns", "/check", "/send", "/results", "/results.xlsx", "/events"):
            await page.get(f"/imports/{one}{path}")
            assert page.status == 404, path


async def test_wrong_password_is_refused(bench: Bench) -> None:
    users = bench.folder / "users"
    add_user(users, "ann", "password of ann")
    async with serving(settings_for(bench.folder, bench.simulator, users=users)) as page:
        await page.get("/login")
        await page.post("/login", {"name": "ann", "password": "password of bo"})
        assert page.status == 403
        await page.get("/login")
        await page.post("/login", {"name": "nobody", "password": "password of ann"})
        assert page.status == 403
        assert "password of ann" not in users.read_text(encoding="utf-8")


async def test_proxy_says_who_it_is_and_nobody_else_may(bench: Bench) -> None:
    headed = settings_for(bench.folder, bench.simulator, user_header="X-User")
    async with serving(headed) as page:
        await page.get("/", headers={"X-User": "ann"})
        assert page.path == "/"
        assert "<span>ann</span>" in page.text
    distrusted = settings_for(bench.folder, bench.simulator, user_header="X-User", proxies=frozenset())
    async with serving(distrusted) as page:
        await page.get("/", headers={"X-User": "ann"})
        assert page.path == "/login"


async def test_proxy_that_lets_a_browser_say_who_it_is_lets_nobody_in(bench: Bench) -> None:
    """One that adds its header to that of the browser: nobody can tell which of the two is true."""
    headed = settings_for(bench.folder, bench.simulator, user_header="X-User")
    async with serving(headed) as page:
        for second in ("bo", "ann", ""):
            await page.get("/", headers=[("X-User", "ann"), ("X-User", second)])
            assert page.path == "/login"


async def test_name_that_is_not_utf_8_lets_nobody_in_and_is_told(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, user_header="X-User")) as page:
        reader, writer = await asyncio.open_connection("127.0.0.1", page.server.port)
        writer.write(f"GET / HTTP/1.1\r\nHost: {page.url.authority}\r\nX-User: J\xe4n\r\n".encode("latin-1"))
        writer.write(b"Connection: close\r\n\r\n")
        answer = (await reader.read()).decode()
        writer.close()
    assert answer.startswith("HTTP/1.1 400 ")
    assert "not written in UTF-8" in answer
    assert "Content-Security-Policy" in answer


@pytest.mark.parametrize("content", [None, "no user\n"])
async def test_what_is_wrong_with_the_users_file_is_told_in_the_log_alone(
    bench: Bench, caplog: pytest.LogCaptureFixture, content: str | None
) -> None:
    users = bench.folder / "users"
    add_user(users, "ann", "password of ann")
    async with serving(settings_for(bench.folder, bench.simulator, users=users)) as page:
        await log_in(page, "ann")
        users.unlink()
        if content is not None:
            users.write_text(content, encoding="utf-8")
        await page.get("/")
        assert page.status == 503
        assert "Nobody can log in just now" in page.text
        assert str(bench.folder) not in page.text
        page.browser.cookie_jar.clear()
        await page.get("/login")
        await page.post("/login", {"name": "ann", "password": "password of ann"})
        assert page.status == 503
        assert str(bench.folder) not in page.text
    assert str(users) in caplog.text


async def test_credentials_never_reach_the_browser(bench: Bench, page: Page) -> None:
    seen = []
    one = await page.upload(people_csv(bench.folder / SHEET, "hitpay", range(3)))
    seen += [page.text, await page.checked(one), await page.get(f"/imports/{one}/send")]
    seen += [await page.sent(one), await page.get("/")]
    for secret in bench.simulator.environment().values():
        assert not any(secret in text for text in seen)


async def test_nothing_of_a_sheet_is_in_a_title_or_address(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / SHEET, "hitpay", range(3)))
    for text in (page.text, await page.checked(one), await page.sent(one)):
        title = re.search("<title>(.*?)</title>", text)
        assert title is not None
        assert "secret" not in title[1]
        addresses = re.findall(r'(?:href|action|src|data-\w+)="(/[^"]*)"', text)
        assert addresses
        assert not any("secret" in address or "example.com" in address for address in addresses)


async def test_user_who_was_taken_out_of_the_file_is_out(bench: Bench) -> None:
    users = bench.folder / "users"
    add_user(users, "ann", "password of ann")
    async with serving(settings_for(bench.folder, bench.simulator, users=users)) as page:
        await log_in(page, "ann")
        users.write_text("", encoding="utf-8")
        await page.get("/")
        assert page.path == "/login"


async def test_session_ends_when_its_password_is_changed(bench: Bench) -> None:
    users = bench.folder / "users"
    for name in ("ann", "bo"):
        add_user(users, name, f"password of {name}")
    async with serving(settings_for(bench.folder, bench.simulator, users=users)) as page:
        await log_in(page, "ann")
        add_user(users, "bo", "another password")
        await page.get("/")
        assert page.path == "/"
        add_user(users, "ann", "another password")
        await page.get("/")
        assert page.path == "/login"


async def test_session_of_a_link_is_none_among_users(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator)) as page:
        await page.come_in()
        jar = page.browser.cookie_jar
        cookies = {each.key.split("_")[0]: each.value for each in jar}
    users = bench.folder / "users"
    add_user(users, "ann", "password of ann")
    async with serving(settings_for(bench.folder, bench.simulator, users=users)) as page:
        name = f"importer_{page.url.port}"
        await page.get("/", cookies={name: cookies["importer"]})
        assert page.path == "/login"


async def test_changed_cookie_is_none(page: Page) -> None:
    name, value = next((each.key, each.value) for each in page.browser.cookie_jar)
    for forged in (value[:-1], "x" + value, value.replace(".", "")):
        async with aiohttp.ClientSession() as other:
            answer = await other.get(page.url, cookies={name: forged})
            assert answer.url.path == "/login"


async def test_session_that_was_ended_holds_no_longer_wherever_its_cookie_is(page: Page) -> None:
    name, value = next((each.key, each.value) for each in page.browser.cookie_jar)
    await page.post("/logout")
    async with aiohttp.ClientSession() as other:
        answer = await other.get(page.url, cookies={name: value})
        assert answer.url.path == "/login"


async def test_session_that_was_ended_stays_so_when_the_server_is_started_again(bench: Bench) -> None:
    settings = settings_for(bench.folder, bench.simulator)
    async with serving(settings) as page:
        await page.come_in()
        out = next(each.value for each in page.browser.cookie_jar if each.key != "importer_login")
        await page.post("/logout")
        await page.come_in()
        still_in = next(each.value for each in page.browser.cookie_jar if each.key != "importer_login")
    for _ in range(2):
        async with serving(settings) as page:
            for cookie, path in ((out, "/login"), (still_in, "/")):
                async with aiohttp.ClientSession() as other:
                    cookies = {f"importer_{page.url.port}": cookie}
                    answer = await other.get(page.url, cookies=cookies)
                    assert answer.url.path == path


def test_ended_sessions_are_kept_for_as_long_as_they_could_be_used(tmp_path: Path) -> None:
    path, hours = tmp_path / "ended", timedelta(hours=12)
    Ended(path, hours).add("first")
    path.write_text(f"{path.read_text()}1000000000 long-ago\nhalf li")
    assert [nonce in Ended(path, hours) for nonce in ("first", "long-ago", "another")] == [True, False, False]
    assert "long-ago" not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


async def test_session_ends_after_its_time(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, session=timedelta(seconds=-1))) as page:
        await page.come_in()
        assert page.path == "/login"


async def test_expired_session_is_told_and_loses_nothing(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / SHEET, "hitpay", range(3)))
    form = page.form()
    page.browser.cookie_jar.clear()
    await page.post(f"/imports/{one}/columns", form)
    assert page.status == 401
    assert "session has ended" in page.text
    filled_in = page.form()
    assert filled_in == form
    await page.come_in()
    await page.post(f"/imports/{one}/columns", filled_in)
    assert page.path == f"/imports/{one}/check"


async def test_form_of_one_user_is_refused_for_another(bench: Bench) -> None:
    users = bench.folder / "users"
    for name in ("ann", "bo"):
        add_user(users, name, f"password of {name}")
    async with serving(settings_for(bench.folder, bench.simulator, users=users)) as page:
        await log_in(page, "ann")
        theirs = page.token
        await page.post("/logout")
        await log_in(page, "bo")
        await page.post("/logout", {"csrf": theirs})
        assert page.status == 403


async def test_form_of_another_site_is_not_shown_to_be_sent_again(page: Page) -> None:
    page.browser.cookie_jar.clear()
    for origin, shown in (("https://evil.example.com", False), (str(page.url).rstrip("/"), True)):
        await page.post("/imports/AAAAAAAAAAAAAAAA/check", {"put": "here"}, headers={"Origin": origin})
        assert page.status == 401
        assert ('value="here"' in page.text) is shown


def test_wrong_passwords_cost_time() -> None:
    guesses = Guesses()
    for _ in range(FREE):
        assert guesses.wait("ann", "10.0.0.1", now=100.0) == 0
        guesses.note("ann", "10.0.0.1", right=False, now=100.0)
    assert guesses.wait("ann", "10.0.0.1", now=101.0) == PAUSE - 1
    assert guesses.wait("ann", "10.0.0.2", now=101.0) == 0, "who knows it gets in from elsewhere"
    assert guesses.wait("ann", "10.0.0.1", now=101.0 + PAUSE) == 0
    guesses.note("ann", "10.0.0.1", right=True, now=200.0)
    assert guesses.wait("ann", "10.0.0.1", now=200.0) == 0


async def test_page_answers_no_further_guesses(bench: Bench) -> None:
    users = bench.folder / "users"
    add_user(users, "ann", "password of ann")
    async with serving(settings_for(bench.folder, bench.simulator, users=users)) as page:
        await page.get("/login")
        for _ in range(FREE):
            await page.post("/login", {"name": "ann", "password": "wrong"})
        await page.post("/login", {"name": "ann", "password": "password of ann"})
        assert page.status == 429


async def test_guesses_at_the_same_time_are_no_more_than_one_after_the_other(bench: Bench) -> None:
    users = bench.folder / "users"
    add_user(users, "ann", "password of ann")
    async with serving(settings_for(bench.folder, bench.simulator, users=users)) as page:
        await page.get("/login")
        token = page.token

        async def guess() -> int:
            data = {"csrf": token, "name": "ann", "password": "wrong"}
            async with page.browser.post(page.url / "login", data=data) as answer:
                return answer.status

        answers = await asyncio.gather(*(guess() for _ in range(3 * FREE)))
        assert sorted(answers) == [403] * FREE + [429] * 2 * FREE


async def test_right_password_lets_in_after_some_that_were_wrong(bench: Bench) -> None:
    users = bench.folder / "users"
    add_user(users, "ann", "password of ann")
    async with serving(settings_for(bench.folder, bench.simulator, users=users)) as page:
        for _ in range(2):
            for _ in range(FREE - 1):
                await page.get("/login")
                await page.post("/login", {"name": "ann", "password": "wrong"})
            await log_in(page, "ann")
            await page.post("/logout")


async def test_old_uploads_are_deleted_and_what_is_used_is_not(bench: Bench, page: Page) -> None:
    old = await page.upload(people_csv(bench.folder / SHEET, "hitpay", range(3)))
    folders, desk = page.app[FOLDERS], page.app[DESK]
    await page.get("/")
    used = folders.all()[0].used
    sweep(folders, desk, timedelta(days=7), now=used + 7 * 86400 - 1)
    assert (folders.root / old).exists()
    sweep(folders, desk, timedelta(days=7), now=used + 7 * 86400 + 1)
    assert not (folders.root / old).exists()


async def test_upload_is_deleted_when_asked(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / SHEET, "hitpay", range(3)))
    await page.checked(one)
    await page.post(f"/imports/{one}/delete")
    assert not (page.app[FOLDERS].root / one).exists()
    await page.get(f"/imports/{one}/check")
    assert page.status == 404


async def test_nothing_of_a_sheet_is_logged(
    bench: Bench, page: Page, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    rows = [person("hitpay", 1), person("hitpay", 2) | {"Email": "wrong cell"}]
    one = await page.upload(write_csv(bench.folder / SHEET, rows))
    await page.checked(one)
    await page.post(f"/imports/{one}/cells", {"row": "3", "column": "1", "text": "x", "was": "wrong cell"})
    await page.sent(one)

    def fail(*_: object, **__: object) -> None:
        raise ValueError(f"{rows[0]['Email']} in {SHEET}")

    monkeypatch.setattr("importer.web.routes.checking.grid_of", fail)
    await page.get(f"/imports/{one}/check")
    await page.worked(one)
    await page.get(f"/imports/{one}/check")
    assert page.status == 500
    assert "ValueError" in caplog.text, "that it failed is logged, and where"
    assert "checking.py" in caplog.text
    for word in (SHEET, "secret", rows[0]["Email"], rows[0]["Phone"], "Example", "wrong cell"):
        assert word not in caplog.text
        assert word not in page.text
