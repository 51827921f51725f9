"""importer serve as people start it: a process that prints its link, ends in good order, and comes back."""

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from importer.simulator import Fault, Faults, Settings, Simulator
from importer.web.access import add_user, is_password, read_users
from tests.cli_support import PATIENCE, Shell
from tests.support import people_csv
from tests.web.page import Browser

ROWS = 40


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    """A folder, and a simulator without limits."""
    async with Simulator(Settings(limits=False)) as simulator:
        yield Shell(tmp_path, simulator)


@contextmanager
def serving(shell: Shell, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command, which is killed if it has not ended by itself."""
    address = f"hitpay={shell.simulator.base_url('hitpay')}"
    process = shell.start("serve", "--port", "0", "--base-url", address, "--rate", "1000/s", *options)
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


async def said(process: subprocess.Popen[str]) -> str:
    """The next line that the command prints."""
    assert process.stdout is not None
    return await asyncio.to_thread(process.stdout.readline)


@asynccontextmanager
async def visiting(process: subprocess.Popen[str]) -> AsyncIterator[Browser]:
    """A browser that came in by the link."""
    link = re.search(r"http\S+", await said(process))
    assert link is not None
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        browser = Browser(URL(link[0]).origin(), session)
        await browser.enter(link[0])
        yield browser


async def begun(browser: Browser, shell: Shell) -> str:
    """An import whose first row is done and whose others wait for their answer."""
    faults = Faults(script=(None, *(Fault.SLOW,) * ROWS), slow_seconds=PATIENCE)
    shell.simulator.set_faults(faults, provider="hitpay")
    one = await browser.upload(people_csv(shell.folder / "c.csv", "hitpay", range(ROWS)))
    await browser.checked(one)
    await browser.get(f"/imports/{one}/send")
    await browser.post(f"/imports/{one}/send", browser.form())
    async with asyncio.timeout(PATIENCE):
        while len(shell.simulator.customers("hitpay")) < 2:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.01)
    return one


async def test_killed_page_shows_the_import_as_interrupted_and_goes_on(shell: Shell) -> None:
    with serving(shell) as process:
        async with visiting(process) as browser:
            one = await begun(browser, shell)
            process.kill()
    shell.simulator.set_faults(Faults(), provider="hitpay")
    with serving(shell, "--settle-after", "0") as process:
        async with visiting(process) as browser:
            assert "interrupted" in await browser.get("/")
            assert "Interrupted" in await browser.get(f"/imports/{one}")
            await browser.post(f"/imports/{one}/go-on")
            await browser.worked(one)
            await browser.get(f"/imports/{one}/results")
            assert sum(browser.counts.values()) == ROWS
            assert set(browser.counts) <= {"created", "exists"}
    emails = [str(each.body["email"]) for each in shell.simulator.customers("hitpay")]
    assert len(emails) == len(set(emails)) == ROWS


async def test_second_signal_ends_the_page_at_once_and_nothing_is_lost(shell: Shell) -> None:
    with serving(shell) as process:
        async with visiting(process) as browser:
            one = await begun(browser, shell)
            process.send_signal(signal.SIGINT)
            while "Ending" not in await said(process):
                pass
            process.send_signal(signal.SIGINT)
            assert await asyncio.to_thread(process.wait, PATIENCE) == 130
    shell.simulator.set_faults(Faults(), provider="hitpay")
    with serving(shell, "--settle-after", "0") as process:
        async with visiting(process) as browser:
            await browser.post(f"/imports/{one}/go-on")
            await browser.worked(one)
            await browser.get(f"/imports/{one}/results")
            assert set(browser.counts) <= {"created", "exists"}
    assert len(shell.simulator.customers("hitpay")) == ROWS


async def test_missing_libraries_are_named_with_how_to_get_them(shell: Shell) -> None:
    (shell.folder / "itsdangerous.py").write_text("raise ImportError", encoding="utf-8")
    path = {"PYTHONPATH": str(shell.folder)}
    ended = await asyncio.to_thread(lambda: shell.importer("serve", "--port", "0", variables=path))
    assert ended.exit_code == 2
    assert "pip install 'importer[serve]'" in ended.err


async def test_session_outlives_the_server(shell: Shell) -> None:
    with serving(shell) as process:
        async with visiting(process) as browser:
            port = browser.url.port
            process.send_signal(signal.SIGINT)
            assert await asyncio.to_thread(process.wait, PATIENCE) == 0
            with serving(shell, "--port", str(port)) as again:
                await said(again)
                await browser.get("/")
                assert browser.path == "/"


async def test_import_that_was_begun_on_the_page_is_finished_in_the_terminal(shell: Shell) -> None:
    with serving(shell) as process:
        async with visiting(process) as browser:
            rows = [{"Name": "Ann", "Email": "wrong", "Phone": "+1 202 555 0101"}]
            one = await browser.upload(shell.write("c.csv", rows))
            await browser.checked(one)
            await browser.sent(one)
            answer = await browser.browser.get(browser.url / f"imports/{one}/results.csv")
            text = await answer.text(encoding="utf-8-sig")
    results = shell.folder / "c.results.csv"
    results.write_text(text.replace("wrong", "ann@example.com"), encoding="utf-8-sig")
    ended = await asyncio.to_thread(shell.go_on, results)
    assert ended.counts == {"created": 1}


async def test_second_page_on_the_same_folder_is_refused(shell: Shell) -> None:
    with serving(shell) as process:
        await said(process)
        ended = await asyncio.to_thread(shell.importer, "serve", "--port", "0")
        assert ended.exit_code == 2
        assert "already" in ended.err


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (("--host", "0.0.0.0"), "--users"),
        (("--host", "0.0.0.0", "--user-header", "X-User"), "--tls-cert"),
        (("--add-user", "ann"), "--users FILE"),
        (("--base-url", "http://127.0.0.1:1"), "PROVIDER=URL"),
        (("--base-url", "hitpay=http://example.com"), "https"),
        (("--users", "nothing-there"), "--add-user"),
        (("--users", "nothing-there", "--user-header", "X-User"), "two ways in"),
        (("--tls-cert", "nothing-there"), "certificate"),
    ],
)
async def test_what_is_not_safe_or_wrong_is_refused(
    shell: Shell, options: tuple[str, ...], hint: str
) -> None:
    ended = await asyncio.to_thread(shell.importer, "serve", "--port", "0", *options)
    assert ended.exit_code == 2
    assert hint in ended.err


async def test_users_file_that_others_may_change_is_refused(shell: Shell) -> None:
    users = shell.folder / "users"
    add_user(users, "ann", "a long password")
    users.chmod(0o666)
    ended = await asyncio.to_thread(shell.importer, "serve", "--port", "0", "--users", users)
    assert ended.exit_code == 2
    assert "may be changed by everybody" in ended.err


TYPING = """
import os, pty, sys

process, terminal = pty.fork()
if not process:
    os.execv(sys.executable, [sys.executable, "-m", "importer", *sys.argv[1:]])
for _ in range(2):
    seen = b""
    while not seen.endswith(b": "):  # the space comes once what is typed is hidden
        seen += os.read(terminal, 100)
    os.write(terminal, b"a long password\\n")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"""


async def test_user_is_added_with_a_password_that_is_asked_for(shell: Shell) -> None:
    users = shell.folder / "users"
    command = [sys.executable, "-c", TYPING, "serve", "--users", str(users), "--add-user", "ann"]
    ended = await asyncio.to_thread(subprocess.run, command, timeout=PATIENCE)
    assert ended.returncode == 0
    assert users.stat().st_mode & 0o777 == 0o600
    assert is_password(read_users(users), "ann", "a long password")
    assert "long password" not in users.read_text(encoding="utf-8")
