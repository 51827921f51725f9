"""Files as they arrive: what is no spreadsheet, too large or cut off leaves nothing behind."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable

import pytest

from importer.errors import SettingsError
from importer.web.access import add_user
from importer.web.keys import ROOM
from importer.web.uploads import shown_name
from tests.support import Bench, people_csv, person, write_csv
from tests.web.page import FOLDERS, Page, log_in, serving, settings_for

WRONG = {
    "nothing.csv": b"",
    "document.pdf": b"%PDF-1.7 not a sheet",
    "picture.csv": b"\x89PNG\r\n\x1a\n0000",
    "program.exe": b"MZ\x90\x00",
    "no suffix": b"Name,Email\nAnn,ann@example.com\n",
    "../../etc/passwd": b"root:x:0:0",
}


def left(page: Page) -> list[str]:
    """What is in the folder of the page but its key and its lock."""
    found = (path.name for path in page.app[FOLDERS].root.iterdir())
    return [name for name in found if name not in ("key", "lock", "ended", "mappings")]


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_no_spreadsheet_is_told_and_not_kept(bench: Bench, page: Page, name: str) -> None:
    await page.upload_bytes(WRONG[name], name)
    assert page.status == 400
    assert "This was not done" in page.text
    assert left(page) == []


async def test_damaged_workbook_is_told_where_its_columns_would_be(bench: Bench, page: Page) -> None:
    one = await page.upload_bytes(b"PK\x03\x04 not a workbook at all", "customers.xlsx")
    assert page.path == f"/imports/{one}/columns"
    assert "damaged" in page.text
    assert 'role="alert"' in page.text


async def test_too_large_file_is_refused_while_it_arrives(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, largest=1 << 20)) as page:
        await page.come_in()
        sheet = b"Name,Email\n" + b"Ann,ann@example.com\n" * 100_000
        await page.upload_bytes(sheet, "customers.csv")
        assert page.status == 400
        assert "larger than 1 MB" in page.text
        assert left(page) == []


async def test_connection_lost_in_the_middle_leaves_nothing(bench: Bench, page: Page) -> None:
    port = page.server.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    cookies = page.browser.cookie_jar.filter_cookies(page.server.make_url("/"))
    cookie = "; ".join(f"{name}={each.value}" for name, each in cookies.items())
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("csrf", page.token), ("provider", "hitpay"), ("environment", "sandbox"))
    )
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="c.csv"\r\n\r\nName,Email\n'
    writer.write(
        f"POST /imports HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 900000\r\n\r\n"
        f"{parts}{head}".encode()
    )
    await writer.drain()
    await until(lambda: left(page) != [])
    writer.close()
    await until(lambda: left(page) == [])
    del reader


async def test_form_without_a_file_is_told(page: Page) -> None:
    await page.upload_bytes(b"", "")
    assert page.status == 400
    assert "No file" in page.text


@pytest.mark.parametrize(
    "forged",
    [{"provider": "nobody"}, {"environment": "moon"}, {"account": "../x"}, {"csrf": "0" * 64}, {"csrf": ""}],
)
async def test_forged_fields_are_refused(bench: Bench, page: Page, forged: dict[str, str]) -> None:
    sheet = people_csv(bench.folder / "c.csv", "hitpay", range(2)).read_bytes()
    await page.upload_bytes(sheet, "c.csv", **forged)
    assert page.status in (400, 403)
    assert left(page) == []


async def test_files_are_for_this_user_of_the_machine_alone(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(2)))
    await page.checked(one)
    await page.sent(one)
    root = page.app[FOLDERS].root
    assert root.stat().st_mode & 0o777 == 0o700
    assert (root / one).stat().st_mode & 0o777 == 0o700
    assert "c.csv" not in {path.name for path in root.rglob("*")}, "its name is the server's"


async def test_packed_sheet_goes_the_whole_way(bench: Bench, page: Page) -> None:
    sheet = people_csv(bench.folder / "c.csv", "hitpay", range(4))
    packed = bench.folder / "c.csv.gz"
    packed.write_bytes(gzip.compress(sheet.read_bytes()))
    one = await page.upload(packed)
    await page.checked(one)
    await page.sent(one)
    assert page.counts == {"created": 4}


async def test_markup_in_a_sheet_and_its_name_stays_text(bench: Bench, page: Page) -> None:
    evil = "<script>alert(1)</script>"
    rows = [person("hitpay", 1) | {"Email": evil, evil: "'\"><img src=x onerror=alert(1)>"}]
    sheet = write_csv(bench.folder / "c.csv", rows).read_bytes()
    one = await page.upload_bytes(sheet, '"><img src=x>.csv')
    for path in ("columns", "check", "check?show=all&columns=all"):
        text = await page.checked(one) if path == "check" else await page.get(f"/imports/{one}/{path}")
        assert evil not in text
        assert "<img" not in text


async def test_name_is_shown_as_it_was_before_the_browser_escaped_it(bench: Bench, page: Page) -> None:
    content = people_csv(bench.folder / "c.csv", "hitpay", [1]).read_bytes()
    await page.upload_bytes(content, "a %22b%22 50%.csv")
    await page.get("/")
    assert "a &#34;b&#34; 50%.csv" in page.text


async def test_user_who_has_no_room_left_is_told_before_the_file_is_kept(bench: Bench) -> None:
    sheet = people_csv(bench.folder / "c.csv", "hitpay", range(100))
    room = 3 * sheet.stat().st_size
    users = bench.folder / "users"
    for name in ("ann", "bo"):
        add_user(users, name, f"password of {name}")
    async with serving(settings_for(bench.folder, bench.simulator, quota=room, users=users)) as page:
        await log_in(page, "ann")
        first = await page.upload(sheet)
        assert first
        assert await page.upload(sheet)
        assert await page.upload(sheet) == ""
        assert page.status == 400
        assert "Delete imports" in page.text
        await page.get("/")
        await page.post(f"/imports/{first}/delete")
        assert await page.upload(sheet), "there is room again"
        assert not list(page.app[FOLDERS].root.glob(".incoming-*"))
        await page.post("/logout")
        await log_in(page, "bo")
        assert await page.upload(sheet), "each has their own room"


async def test_uploads_that_arrive_together_have_no_more_room_than_one_after_the_other(
    bench: Bench, page: Page
) -> None:
    room = page.app[ROOM]
    room.quota = 1000
    with room.take("", 600):
        with pytest.raises(SettingsError, match="no room"), room.take("", 600):
            pass
        assert room.taken("") == 600
    with room.take("", 600):
        pass
    assert room.taken("") == 0


def test_name_is_shown_without_folders_and_on_one_line() -> None:
    assert shown_name("C:\\Users\\ann\\kunder.csv") == "kunder.csv"
    assert shown_name("/home/ann/a\r\nb.csv") == "ab.csv"
    assert len(shown_name("x" * 500 + ".xlsx")) < 120


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  a folder tells nobody
            await asyncio.sleep(0.005)


async def test_file_that_does_not_say_its_length_is_measured_as_it_arrives(bench: Bench) -> None:
    async with serving(settings_for(bench.folder, bench.simulator, largest=1 << 20)) as page:
        await page.come_in()
        fields = {"csrf": page.token, "provider": "hitpay", "environment": "sandbox"}
        parts = "".join(
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head = '--x\r\nContent-Disposition: form-data; name="file"; filename="c.csv"\r\n\r\nName,Email\n'

        async def body() -> AsyncIterator[bytes]:
            yield f"{parts}{head}".encode()
            for _ in range(40):
                yield b"Ann,ann@example.com\n" * 5000
            yield b"\r\n--x--\r\n"

        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        async with page.browser.post(page.url / "imports", data=body(), headers=headers) as answer:
            assert answer.status == 400
            assert "larger than 1 MB" in await answer.text()
        assert left(page) == []
