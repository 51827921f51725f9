"""Forms that no page of ours sends: a clear answer, nothing done, and no failure of the program."""

import io
import logging

import pytest

from tests.support import Bench, people_csv
from tests.web.page import FOLDERS, Page

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"
PART = b"--b\r\nContent-Disposition: form-data; name=csrf\r\n"


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What failed."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("row", ["9" * 6000, "-1", "²", ""])
async def test_row_that_is_none_is_not_settled(
    bench: Bench, page: Page, caplog: pytest.LogCaptureFixture, row: str
) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(2)))
    await page.post(f"/imports/{one}/settle", {"row": row, "found": "no", "attempt": "x"})
    assert page.status == 400
    assert "not whole" in page.text
    assert errors(caplog) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--b\r\n"),
        (PARTS, b"nothing of a form"),
        (PARTS, PART),
        (PARTS, b"--b\r\nno header at all\r\n\r\nx\r\n--b--\r\n"),
        (PARTS, PART + b"Content-Transfer-Encoding: nonsense\r\n\r\nx\r\n--b--\r\n"),
        (PARTS, PART + b"Content-Length: abc\r\n\r\nx\r\n--b--\r\n"),
        ("multipart/form-data; boundary=" + "b" * 100, b""),
        (PARTS, b""),
    ],
)
async def test_upload_that_is_no_form_is_refused(
    page: Page, caplog: pytest.LogCaptureFixture, kind: str, body: bytes
) -> None:
    async with page.browser.post(page.url / "imports", data=body, headers={"Content-Type": kind}) as answer:
        assert answer.status in (400, 403)
        assert "Nothing was" in await answer.text()
    assert errors(caplog) == []
    assert page.app[FOLDERS].all() == []


@pytest.mark.parametrize("charset", ["nonsense", "hex", "ascii"])
@pytest.mark.parametrize("entered", [True, False])
async def test_form_in_an_encoding_that_it_is_not_in_is_refused(
    page: Page, caplog: pytest.LogCaptureFixture, charset: str, entered: bool
) -> None:
    if not entered:
        page.browser.cookie_jar.clear()
    told = {"Content-Type": f"{FORM}; charset={charset}", "X-CSRF-Token": page.token}
    body = "put=ä&x".encode()
    async with page.browser.post(
        page.url / "imports/AAAAAAAAAAAAAAAA/check", data=body, headers=told
    ) as answer:
        assert answer.status == 400
        assert "no form of this page" in await answer.text()
    assert errors(caplog) == []


async def test_form_larger_than_any_is_refused_in_plain_words(page: Page) -> None:
    body, told = io.BytesIO(b"put=" + b"x" * (5 << 20)), {"Content-Type": FORM}
    async with page.browser.post(page.url / "logout", data=body, headers=told) as answer:
        assert answer.status == 413
        said = await answer.text()
    assert "larger than any of this page" in said
    assert "bytes" not in said


@pytest.mark.parametrize(
    ("sent", "page_of_it"),
    [("replace", "check"), ("reading", "columns"), ("settle", "columns"), ("stop", "columns")],
)
async def test_address_that_a_form_was_sent_to_may_be_reloaded(
    bench: Bench, page: Page, sent: str, page_of_it: str
) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(2)))
    await page.get(f"/imports/{one}/{sent}")
    assert page.status == 200
    assert page.path == f"/imports/{one}/{page_of_it}", "there are no results yet: the step it is at"
    await page.get(f"/imports/{'A' * 16}/{sent}")
    assert page.status == 404


async def test_address_of_an_upload_may_be_reloaded(page: Page) -> None:
    await page.get("/imports")
    assert (page.status, page.path) == (200, "/")
