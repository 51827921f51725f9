"""What the page says is for a person who has no command line, and adds up."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from importer.causes import CAUSES, Cause, left_to_a_person
from importer.progress import Phase, Progress
from importer.rows import RowResult, Status
from importer.simulator import Call, Fault, Faults
from importer.web.events import snapshot
from importer.web.telling import SETTLE_HERE, how_here, meant_here
from importer.web.work import Kind, Task
from tests.support import Bench, carry_out, people_csv, person, write_csv
from tests.web.page import Page

TERMINAL = re.compile(r"(?<![\w-])--[a-z]+|importer (?:map|run|settle|check)\b")


async def test_questions_about_columns_name_no_options_of_commands(bench: Bench, page: Page) -> None:
    people = [{"N1": "Ann", "Mobile": "+1 202 555 0101", "Telephone": "+1 202 555 0102"} for _ in range(3)]
    one = await page.upload(write_csv(bench.folder / "c.csv", people), "juicyway")
    assert "your answer" in page.text
    assert "2 columns could be Phone" in page.text
    assert TERMINAL.search(page.text) is None
    await page.post(f"/imports/{one}/columns", page.form())
    assert page.status == 400
    assert TERMINAL.search(page.text) is None


async def test_causes_name_no_options_of_commands(bench: Bench, page: Page) -> None:
    damaged = person("hitpay", 1) | {"Name": "ZoÃ« Roe", "Phone": "2.34803E+12"}
    one = await page.upload(write_csv(bench.folder / "c.csv", [damaged, person("hitpay", 2)]))
    await page.checked(one)
    assert "mojibake" in page.text
    assert TERMINAL.search(page.text) is None
    bench.simulator.set_faults(Faults(probabilities={Fault.CUT_AFTER: 1.0}))
    one = await page.upload(people_csv(bench.folder / "kyc.csv", "krezypay", range(2)), "krezypay")
    await page.checked(one)
    await page.sent(one)
    assert "person_must_settle" in page.text
    assert TERMINAL.search(page.text) is None


@pytest.mark.parametrize("cause", CAUSES.values(), ids=lambda cause: cause.code)
def test_no_cause_sends_anybody_to_a_terminal(cause: Cause) -> None:
    told = f"{meant_here(cause)} {how_here(cause)}"
    assert TERMINAL.search(told) is None
    assert "importer " not in told


async def test_rows_that_wait_for_a_person_are_told_first(bench: Bench, page: Page) -> None:
    bench.simulator.set_faults(Faults(probabilities={Fault.CUT_AFTER: 1.0}))
    one = await page.upload(people_csv(bench.folder / "kyc.csv", "krezypay", range(2)), "krezypay")
    await page.checked(one)
    await page.sent(one)
    assert "2 rows wait for your answer" in page.text
    assert 'class="button go"' not in page.text, "to run again does nothing for them"
    assert "finished: 2 rows to look at" in await page.get("/")


async def test_rows_that_the_next_run_finds_out_about_are_asked_of_nobody_first(
    bench: Bench, page: Page
) -> None:
    one = await page.upload(people_csv(bench.folder / "c.csv", "yativo", range(2)), "yativo")
    await page.checked(one)
    lost = {Fault.CUT_AFTER: 1.0}
    bench.simulator.set_faults(Faults(probabilities=lost, calls=frozenset({Call.CREATE, Call.LOOK_UP})))
    await page.sent(one)
    assert page.counts == {"unknown": 2}
    before, first, after = page.text.partition("Run again first:")
    assert first
    assert "looks them up at Yativo" in after
    assert "look there yourself" not in before
    assert "sends nothing at once" in after
    bench.simulator.set_faults(Faults())
    await page.get(f"/imports/{one}/send")
    await page.worked(one)
    await page.get(f"/imports/{one}/send")
    assert "<h1>Look up 2 rows at Yativo?</h1>" in page.text
    assert "Look up 2 rows (sandbox)</button>" in page.text
    assert "0 customers" not in page.text
    assert "looked up at Yativo" in await page.get(f"/imports/{one}/check")
    await page.sent(one)
    assert sum(page.counts.values()) == 2
    assert "unknown" not in page.counts


async def test_rows_that_only_a_person_finds_out_about_are_not_said_to_be_looked_up(
    bench: Bench, page: Page
) -> None:
    bench.simulator.set_faults(Faults(probabilities={Fault.CUT_AFTER: 1.0}))
    one = await page.upload(people_csv(bench.folder / "kyc.csv", "krezypay", range(2)), "krezypay")
    await page.checked(one)
    await page.sent(one)
    assert "no way to look customers up by itself" in page.text
    assert "Run again first" not in page.text
    await page.get(f"/imports/{one}/send")
    await page.worked(one)
    await page.get(f"/imports/{one}/send")
    assert "<h1>Nothing is left to send</h1>" in page.text
    assert "Looked up" not in page.text
    assert "What became of 2 rows only you can find out" in await page.get(f"/imports/{one}/check")


async def test_damaged_file_is_named_as_the_person_calls_it(bench: Bench, page: Page) -> None:
    path = bench.folder / "mine.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"nonsense" * 100)
    await page.upload(path)
    assert "mine.xlsx is damaged" in page.text
    assert "sheet.xlsx" not in page.text


async def test_ways_to_read_a_file_are_named_as_the_page_does(bench: Bench, page: Page) -> None:
    path = bench.folder / "c.csv"
    path.write_bytes("Name;Email\nÅsa Öst;asa@example.com\n".encode("cp1252") * 3 + b"\x81\x8d;\xff\n")
    one = await page.upload(path)
    await page.post(f"/imports/{one}/reading", page.form() | {"sheet": "Second", "encoding": "utf-8"})
    assert "“Sheet of a workbook”" in page.text or "“Encoding of a text file”" in page.text
    assert TERMINAL.search(page.text) is None


async def test_results_of_another_ledger_are_refused_in_words_of_the_page(bench: Bench, page: Page) -> None:
    sheet = write_csv(bench.folder / "c.csv", [person("hitpay", 1), person("hitpay", 2)])
    job, other = bench.job("hitpay", sheet), f"sqlite:///{bench.folder / 'other.sqlite3'}"
    outcome = await carry_out(replace(job, limit=1, ledger=other), bench.simulator.environment())
    one = await page.upload(Path(outcome.summary.output))
    await page.checked(one)
    assert "another ledger" in page.text
    assert "Ask whoever runs this server" in page.text
    assert TERMINAL.search(page.text) is None


def test_counts_while_sending_are_where_each_row_stands_now() -> None:
    task = Task(Kind.SENDING, total=3)
    task.before = task.before | {Status.NOT_SENT: 3, Status.INVALID: 1}
    for done, status in enumerate((Status.CREATED, Status.UNKNOWN, Status.UNKNOWN), 1):
        task.see(Progress(Phase.SENDING, done, 3, RowResult(done + 1, status)))
    task.see(Progress(Phase.SETTLING, 1, 2, RowResult(3, Status.EXISTS)))
    task.see(Progress(Phase.SETTLING, 2, 2, RowResult(4, Status.FAILED)))
    task.see(Progress(Phase.SENDING, 4, 4, RowResult(4, Status.CREATED)))
    counts = snapshot(task)["counts"]
    assert isinstance(counts, dict)
    assert {status: count for status, count in counts.items() if count} == {
        "created": 2,
        "exists": 1,
        "invalid": 1,
    }


async def test_rows_that_a_person_must_settle_are_counted_once_among_the_causes(
    bench: Bench, page: Page
) -> None:
    """However their answers were lost: that, each of them says itself."""
    lost = (Fault.CUT_AFTER, Fault.SERVER_ERROR, Fault.CUT_AFTER)
    bench.simulator.set_faults(Faults(script=(None, *lost)))
    one = await page.upload(people_csv(bench.folder / "c.csv", "krezypay", range(4)), "krezypay")
    await page.checked(one)
    await page.sent(one)
    for step in ("results", "check"):
        await page.get(f"/imports/{one}/{step}")
        await page.worked(one)
        await page.get(f"/imports/{one}/{step}")
        causes = re.search(r'<ul class="causes">.*?</ul>', page.text, re.DOTALL)
        assert causes
        told = re.findall(r'"pill s-unknown".*?<small>(\w+)</small>.*?>(\d+) rows', causes[0], re.DOTALL)
        assert told == [("person_must_settle", "3")]


def test_other_causes_of_rows_for_a_person_say_what_to_do_and_no_code() -> None:
    left = left_to_a_person(CAUSES["connection_lost"])
    assert how_here(left) == SETTLE_HERE
