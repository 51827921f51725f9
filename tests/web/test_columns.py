"""The columns on the page: suggested, chosen, kept under a name, and read in another way."""

import re

import pytest
from openpyxl import Workbook

from importer.mapping import load
from importer.providers import PROVIDERS
from tests.support import Bench, people_csv, person, write_csv
from tests.web.page import DESK, FOLDERS, Page, serving, settings_for


async def test_missing_column_is_asked_in_the_words_of_the_page(bench: Bench, page: Page) -> None:
    rows = [{"Name": "Ann", "Email": "ann@example.com"}]
    one = await page.upload(write_csv(bench.folder / "c.csv", rows))
    await page.post(f"/imports/{one}/columns", page.form())
    assert page.status == 400
    assert "requires these: Phone" in page.text
    assert "--" not in re.findall('role="alert">(.*?)</p>', page.text)[0]


async def test_form_that_was_not_taken_keeps_what_was_chosen(bench: Bench, page: Page) -> None:
    rows = [{"Name": "Ann", "Email": "ann@example.com", "Note": "x"}]
    one = await page.upload(write_csv(bench.folder / "c.csv", rows))
    number = next(n for n, leaf in enumerate(PROVIDERS["hitpay"].leaves) if leaf.path == "remark")
    await page.post(f"/imports/{one}/columns", page.form() | {f"column.{number}": "c2"})
    assert page.status == 400
    assert page.form()[f"column.{number}"] == "c2"


async def test_constant_and_words_are_used(bench: Bench, page: Page) -> None:
    rows = [person("yativo", 1) | {"Type": "Förening"}, person("yativo", 2) | {"Type": "person"}]
    for row in rows:
        del row["Country"]
    one = await page.upload(write_csv(bench.folder / "c.csv", rows), "yativo")
    leaves = [leaf.path for leaf in PROVIDERS["yativo"].leaves]
    country, kind = leaves.index("customer_country"), leaves.index("customer_type")
    form = page.form() | {f"constant.{country}": "Sweden"}
    said = next(name for name, value in form.items() if value == "Förening")
    assert said == f"said.{kind}.0"
    await page.post(f"/imports/{one}/columns", form | {f"meant.{kind}.0": "business"})
    await page.worked(one)
    await page.get(f"/imports/{one}/check")
    assert page.counts == {"ready": 2}
    await page.sent(one)
    sent = {
        (each.body["customer_type"], each.body["customer_country"])
        for each in bench.simulator.customers("yativo")
    }
    assert {kind for kind, _ in sent} == {"business", "individual"}
    assert len({country for _, country in sent}) == 1


@pytest.mark.parametrize("value", ["c99", "c-1", "nothing", "c0+c99", "c0+"])
async def test_column_that_the_sheet_does_not_have_is_refused(bench: Bench, page: Page, value: str) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(2)))
    await page.post(f"/imports/{one}/columns", page.form() | {"column.0": value})
    assert page.status == 400


async def test_form_of_another_tab_is_refused_and_nothing_of_it_kept(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(2)))
    form = page.form()
    await page.post(f"/imports/{one}/columns", form)
    await page.worked(one)
    await page.post(f"/imports/{one}/columns", form | {"column.0": "c1"})
    assert page.status == 409
    await page.get(f"/imports/{one}/columns")
    assert page.form()["column.0"] == "c0"


async def test_mapping_is_kept_under_a_name_for_the_next_sheet(bench: Bench, page: Page) -> None:
    rows = [{"A": "Ann Lee", "B": "ann@example.com", "C": "+1 202 555 0101"}]
    sheet = write_csv(bench.folder / "c.csv", rows)
    one = await page.upload(sheet)
    chosen = {"column.0": "c0", "column.1": "c1", "column.2": "c2"}
    names = [leaf.path for leaf in PROVIDERS["hitpay"].leaves]
    chosen = {
        f"column.{names.index(path)}": f"c{at}" for at, path in enumerate(("name", "email", "phone_number"))
    }
    await page.post(f"/imports/{one}/columns", page.form() | chosen | {"keep_as": "Partner <X>"})
    assert page.path.endswith("/check")
    two = await page.upload(sheet)
    assert "Partner &lt;X&gt;" in page.text
    kept = re.search(r'<option value="([0-9a-f]{16})"', page.text)
    assert kept is not None
    await page.get(f"/imports/{two}/columns?kept={kept[1]}")
    assert {name: page.form()[name] for name in chosen} == chosen
    path = next((page.app[FOLDERS].root / "mappings").rglob("*.toml"))
    assert load(path, PROVIDERS["hitpay"]).columns["name"] == ("A",), "the commands read it as well"


async def test_kept_mapping_that_does_not_fit_is_told(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(2)))
    await page.post(f"/imports/{one}/columns", page.form() | {"keep_as": "mine"})
    rows = [{"Name": "Ann", "Mail": "ann@example.com", "Phone": "+1 202 555 0101"}]
    two = await page.upload(write_csv(bench.folder / "d.csv", rows))
    kept = re.search(r'<option value="([0-9a-f]{16})"', page.text)
    assert kept is not None
    await page.get(f"/imports/{two}/columns?kept={kept[1]}")
    assert "is not in the sheet" in page.text


async def test_kept_mapping_is_removed_and_imports_that_used_it_stay(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(2)))
    await page.post(f"/imports/{one}/columns", page.form() | {"keep_as": "mine"})
    await page.worked(one)
    two = await page.upload(people_csv(bench.folder / "d.csv", "hitpay", range(2)))
    remove = re.search(r'action="([^"]+/remove)" data-ask="[^"]*“mine”', page.text)
    assert remove is not None
    for _ in range(2):  # pressed twice
        await page.post(remove[1])
        assert page.path == f"/imports/{two}/columns"
        assert "mine" not in page.text
    assert list((page.app[FOLDERS].root / "mappings").rglob("*.toml")) == []
    await page.get(f"/imports/{one}/check")
    assert page.counts == {"ready": 2}
    await page.post(f"/imports/{two}/kept/..%2f..%2f{one}%2fmapping/remove")
    assert page.app[DESK].job(page.app[FOLDERS].all()[-1]).mapping is not None


async def test_another_sheet_of_a_workbook_is_read(bench: Bench, page: Page) -> None:
    book = Workbook()
    first, second = book.active, book.create_sheet("Right")
    assert first is not None
    first.append(["Nothing", "here"])
    first.append(["a", "b"])
    second.append(["List of customers"])
    second.append(list(person("hitpay", 1)))
    second.append(list(person("hitpay", 1).values()))
    path = bench.folder / "book.xlsx"
    book.save(path)
    one = await page.upload(path)
    form = {"version": page.form()["version"], "sheet": "Right", "header_row": "2"}
    await page.post(f"/imports/{one}/reading", form)
    assert page.path == f"/imports/{one}/columns"
    await page.checked(one)
    assert page.counts == {"ready": 1}


@pytest.mark.parametrize("row", ["0", "-1", "two", "²"])
async def test_row_of_headings_is_a_number(bench: Bench, page: Page, row: str) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(2)))
    form = {"version": page.form()["version"], "header_row": row}
    await page.post(f"/imports/{one}/reading", form)
    assert page.status == 400


async def test_results_file_says_itself_whose_customers_these_are(bench: Bench, page: Page) -> None:
    rows = [person("rapyd", 1), person("rapyd", 2) | {"Email": "wrong"}]
    one = await page.upload(write_csv(bench.folder / "c.csv", rows), "rapyd")
    await page.checked(one)
    await page.sent(one)
    async with page.browser.get(page.url / f"imports/{one}/results.xlsx") as answer:
        content = await answer.read()
    again = await page.upload_bytes(content, "c.results.xlsx", provider="", environment="sandbox")
    assert "for Rapyd" in page.text
    await page.checked(again)
    assert page.counts == {"exists": 1, "invalid": 1}


@pytest.mark.parametrize(("chosen", "meant"), [("sandbox", "live"), ("live", "sandbox")])
async def test_results_file_is_imported_into_no_environment_that_nobody_chose(
    bench: Bench, page: Page, chosen: str, meant: str
) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(2)), environment=meant)
    await page.checked(one)
    await page.sent(one, typed="live")
    async with page.browser.get(page.url / f"imports/{one}/results.xlsx") as answer:
        content = await answer.read()
    await page.get("/")
    assert not await page.upload_bytes(content, "c.results.xlsx", provider="", environment=chosen)
    assert page.status == 400
    assert f"is of the {meant} environment, and {chosen} is chosen" in page.text
    assert len(page.app[FOLDERS].all()) == 1
    await page.get("/")
    again = await page.upload_bytes(content, "c.results.xlsx", provider="", environment=meant)
    await page.checked(again)
    assert page.counts == {"exists": 2}


async def test_plain_sheet_does_not_say_whose_customers_these_are(bench: Bench, page: Page) -> None:
    sheet = people_csv(bench.folder / "c.csv", "hitpay", range(2)).read_bytes()
    await page.upload_bytes(sheet, "c.csv", provider="")
    assert page.status == 400
    assert "choose the provider" in page.text


async def test_results_file_does_not_lead_credentials_to_another_address(bench: Bench, page: Page) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(2)))
    await page.checked(one)
    await page.sent(one)
    async with page.browser.get(page.url / f"imports/{one}/results.csv") as answer:
        text = await answer.text(encoding="utf-8-sig")
    evil = text.replace(bench.simulator.base_url("hitpay"), "https://evil.example.com")
    assert evil != text
    two = await page.upload_bytes(evil.encode("utf-8-sig"), "evil.results.csv")
    assert "another address" in page.text
    await page.get(f"/imports/{two}/check")
    await page.worked(two)
    assert "another address" in await page.get(f"/imports/{two}/check")
    async with serving(settings_for(bench.folder / "other", bench.simulator, base_urls={})) as other:
        await other.come_in()
        await other.upload_bytes(evil.encode("utf-8-sig"), "evil.results.csv")
        assert "another address" in other.text


@pytest.mark.parametrize("row", ["9" * 5000, "99999999", "0", "-1", "²"])
async def test_row_with_the_headings_that_is_none_is_refused_and_loses_nothing(
    bench: Bench, page: Page, row: str
) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(2)))
    await page.post(f"/imports/{one}/reading", page.form() | {"header_row": row})
    assert page.status == 400
    assert "is a number, like 3" in page.text
    await page.get(f"/imports/{one}/columns")
    assert page.status == 200
    assert page.form()["header_row"] == "1"


@pytest.mark.parametrize("field", ["sheet", "encoding", "delimiter"])
async def test_endless_name_of_how_to_read_a_file_is_refused(bench: Bench, page: Page, field: str) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(2)))
    await page.post(f"/imports/{one}/reading", page.form() | {field: "x" * 201})
    assert page.status == 400
    assert "more than 200 characters" in page.text


async def test_columns_of_the_same_heading_are_told_with_what_to_do(bench: Bench, page: Page) -> None:
    sheet = b"Name,Name,Email,Phone,Note\nAnn,Bo,ann@example.com,+4686000000,x\n"
    await page.upload_bytes(sheet, "c.csv")
    assert "2 columns called “Name”" in page.text
    question = re.search('class="question">(.*?)</p>', page.text)
    assert question is not None
    assert question[1].startswith("2 columns could be Name")
    for told in (question[1], page.text.partition("2 columns called")[2]):
        assert "give each a heading of its own in the file, and upload it again" in told
    await page.upload_bytes(sheet.replace(b"Name,Name", b"Name,Nickname"), "c.csv")
    assert "columns called" not in page.text


async def test_question_that_may_be_left_is_not_said_to_need_an_answer(bench: Bench, page: Page) -> None:
    births = ("03/04/1990", "05/06/1991")
    rows = [person("hitpay", n) | {"Date of birth": born} for n, born in enumerate(births)]
    one = await page.upload(write_csv(bench.folder / "c.csv", rows))
    assert "1 question you may answer" in page.text
    assert "which is the day, which the month" in page.text
    assert "your answer" not in page.text
    assert 'aria-invalid="true"' not in page.text
    await page.post(f"/imports/{one}/columns", page.form())
    assert page.path == f"/imports/{one}/check", "it was not needed"
