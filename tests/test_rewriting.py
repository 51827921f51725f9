"""The results of a run can be written again from its source and the ledger, and are what they were."""

import json
import time
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from importer import pipeline
from importer.errors import SettingsError
from importer.jobs import Job
from importer.ledger import Claim, Entry, Ledger, RunRecord
from importer.planning import check
from importer.rewriting import Rewritten, rewrite
from importer.rows import Status
from importer.sending import NEVER_LEFT
from importer.settling import Assumption
from importer.simulator import Call, Fault, Faults, ForCustomer
from importer.source import ReadOptions
from importer.staging import Pending
from tests.cli_support import results_of, statuses
from tests.support import FAST, Bench, FakeClock, Outcome, carry_out, person, write_csv

NAMES = ("hitpay", "yativo", "rapyd", "juicyway", "krezypay")
OUTCOMES = {2: Fault.CUT_AFTER, 3: Fault.RATE_LIMITED, 4: Fault.REJECTED_AFTER}
"""What goes wrong with which customer."""

A_DAY = 86_400.0


def sheet(path: Path, provider: str) -> Path:
    """Customers 0 to 9, one of them twice, and one with a cell at fault."""
    rows = [person(provider, number) for number in range(10)]
    return write_csv(path, [rows[0], *rows, {**person(provider, 99), "Phone": "none"}])


def set_faults(bench: Bench, provider: str, **more: object) -> None:
    own = {person(provider, number)["Email"]: ForCustomer(fault) for number, fault in OUTCOMES.items()}
    if provider == "rapyd":  # whose clock is the real one, blocks for minutes
        own[person(provider, 3)["Email"]] = ForCustomer(Fault.REJECTED_AFTER)
    faults = Faults(by_email=own, retry_after=0.01, **more)  # type: ignore[arg-type]  # fields of Faults
    bench.simulator.set_faults(faults, provider=provider)


async def run(bench: Bench, job: Job, *, later: float = -A_DAY, **changes: object) -> Outcome:
    """`later` is how far its clock is ahead, in seconds."""
    told = replace(job, **changes)  # type: ignore[arg-type]  # fields of Job
    clock = FakeClock(time.time() + later).clock  # nobody waits for a provider that blocks for minutes
    is_signed = job.provider == "rapyd"  # with the time of day
    return await carry_out(told, bench.simulator.environment(), clock=None if is_signed else clock)


def record_of(ledger: Ledger, run_id: str) -> RunRecord:
    (found,) = ledger.runs(run=run_id)
    return found


def again(
    bench: Bench, run_id: str, output: Path, *, source: Path | None = None, changed: bool = False
) -> Rewritten:
    with Ledger.open(bench.job("hitpay", output).ledger) as ledger:
        return rewrite(ledger, record_of(ledger, run_id), output, source=source, changed=changed)


async def everything(bench: Bench, provider: str, suffix: str = "csv") -> Outcome:
    """A run with every kind of outcome; the last row is beyond its limit."""
    early = write_csv(bench.folder / "early.csv", [person(provider, 1)])
    await run(bench, bench.job(provider, early))
    source = sheet(bench.folder / "customers.csv", provider)
    set_faults(bench, provider)
    job = bench.job(provider, source)
    return await run(bench, job, limit=6, concurrency=1, output=bench.folder / f"customers.results.{suffix}")


@pytest.mark.parametrize("provider", NAMES)
async def test_results_are_written_again_byte_for_byte(bench: Bench, provider: str) -> None:
    """Also after later runs have settled, corrected and sent what this one had left."""
    outcome = await everything(bench, provider)
    wanted = {"created", "exists", "duplicate", "invalid", "not_sent"}
    wanted |= {"rejected"} if provider != "yativo" else set()
    wanted |= {"unknown"} if provider in ("krezypay", "juicyway") else set()
    wanted |= {"failed"} if provider != "rapyd" else set()
    assert set(outcome.counts) == wanted
    before = Path(outcome.summary.output).read_bytes()
    requests = bench.simulator.counts(provider).requests
    again(bench, outcome.summary.run, bench.folder / "again.csv")
    assert (bench.folder / "again.csv").read_bytes() == before
    assert bench.simulator.counts(provider).requests == requests

    bench.simulator.set_faults(Faults(), provider=provider)
    corrected = write_csv(
        bench.folder / "corrected.csv",
        [
            *(person(provider, number) | {"Phone": f"+1 202 555 777{number}"} for number in (3, 4)),
            person(provider, 9),
        ],
    )
    later = await run(bench, bench.job(provider, corrected), later=A_DAY)
    assert later.summary.exit_code == 0
    written = again(bench, outcome.summary.run, bench.folder / "later.csv")
    assert (bench.folder / "later.csv").read_bytes() == before
    assert {status: count for status, count in written.counts.items() if count} == outcome.counts


async def test_workbook_that_is_written_again_has_the_same_cells_and_says_when(bench: Bench) -> None:
    outcome = await everything(bench, "hitpay", "xlsx")
    again(bench, outcome.summary.run, bench.folder / "again.xlsx")
    one, other = (
        openpyxl.load_workbook(path) for path in (outcome.summary.output, bench.folder / "again.xlsx")
    )
    cells = [[[cell.value for cell in row] for row in book["Results"]] for book in (one, other)]
    assert cells[0] == cells[1]
    coloured = [[[cell.fill.fgColor.rgb for cell in row] for row in book["Results"]] for book in (one, other)]
    assert coloured[0] == coloured[1]
    facts = [{row[0].value: row[1].value for row in book["Summary"]} for book in (one, other)]
    assert "from the source and the ledger" in str(facts[1].pop("Written again"))
    assert [facts[0][name] for name in ("Run", "Rate limit")] == [
        facts[1][name] for name in ("Run", "Rate limit")
    ]


async def test_results_that_took_the_place_of_their_source_are_written_again(bench: Bench) -> None:
    """A results file that is run is replaced by its successor, which has the same customers' cells."""
    outcome = await everything(bench, "hitpay")
    bench.simulator.set_faults(Faults(), provider="hitpay")
    results = Path(outcome.summary.output)
    second = await run(bench, Job(source=results, ledger=bench.job("hitpay", results).ledger, limits=FAST))
    before = results.read_bytes()
    again(bench, second.summary.run, bench.folder / "again.csv")
    assert (bench.folder / "again.csv").read_bytes() == before


async def test_deliberate_repeat_is_written_again_with_its_own_customers(bench: Bench) -> None:
    source = sheet(bench.folder / "customers.csv", "rapyd")
    await run(bench, bench.job("rapyd", source))
    repeat = await run(bench, bench.job("rapyd", source), again=True)
    assert repeat.counts["created"] == 10
    again(bench, repeat.summary.run, bench.folder / "again.csv")
    assert (bench.folder / "again.csv").read_bytes() == Path(repeat.summary.output).read_bytes()


async def test_run_that_only_settled_is_written_again(bench: Bench) -> None:
    source = sheet(bench.folder / "customers.csv", "hitpay")
    failing = Faults(
        script=(None, Fault.CUT_AFTER, Fault.CUT_AFTER),
        probabilities={Fault.SERVER_ERROR: 1.0},
        calls=frozenset({Call.LOOK_UP}),
    )
    bench.simulator.set_faults(failing, provider="hitpay")
    assert (await run(bench, bench.job("hitpay", source), limit=4, concurrency=1)).counts["unknown"] == 2
    bench.simulator.set_faults(Faults(), provider="hitpay")
    job = replace(bench.job("hitpay", source), output=bench.folder / "settled.csv")
    clock = FakeClock(time.time() - 1000).clock
    settled = await carry_out(job, bench.simulator.environment(), settle_only=True, clock=clock)
    assert settled.counts == {"exists": 4, "duplicate": 1, "invalid": 1, "not_sent": 6}
    before = Path(settled.summary.output).read_bytes()
    await run(bench, bench.job("hitpay", source), later=A_DAY)
    again(bench, settled.summary.run, bench.folder / "again.csv")
    assert (bench.folder / "again.csv").read_bytes() == before


@pytest.mark.parametrize("found", ["kz_1", ""])
async def test_what_a_person_settled_is_written_again(bench: Bench, found: str) -> None:
    """Whatever became of the row later, and of those that wait for an answer still."""
    bench.simulator.set_faults(Faults(script=(None, *[Fault.CUT_AFTER] * 3)), provider="krezypay")
    source = sheet(bench.folder / "customers.csv", "krezypay")
    job = bench.job("krezypay", source)
    first = await run(bench, job, limit=4, concurrency=1)
    assert first.counts["unknown"] == 3
    bench.simulator.set_faults(Faults(), provider="krezypay")
    unknown = [result.row for result in first.results if result.status is Status.UNKNOWN]
    settled = replace(job, output=bench.folder / "settled.csv")
    with check(settled, variables=bench.simulator.environment()) as plan:
        await pipeline.record(plan, Assumption(frozenset(unknown[:1])))
    with check(settled, variables=bench.simulator.environment()) as plan:
        summary = await pipeline.record(plan, Assumption(frozenset(unknown[1:2]), found))
    assert summary.counts[Status.FAILED] == (1 if found else 2)
    before = Path(summary.output).read_bytes()
    again(bench, summary.run, bench.folder / "again.csv")
    assert (bench.folder / "again.csv").read_bytes() == before
    await run(bench, job, later=A_DAY)
    again(bench, summary.run, bench.folder / "again.csv")
    assert (bench.folder / "again.csv").read_bytes() == before


async def test_options_of_the_run_are_kept(bench: Bench) -> None:
    """How the sheet is read, what is in every row, what makes two rows one customer, what is repaired."""
    rows = "Sheet of May\nName;Email;Phone;Zip\n" + "".join(
        f"Ann Lee;a{n}@example.com;+1 202 555 010{n};2139\n" for n in range(4)
    )
    (bench.folder / "customers.csv").write_text(rows, encoding="cp1252")
    constants = {
        "address.street": "1 High St",
        "address.city": "Boston",
        "address.state": "MA",
        "address.country": "US",
    }
    outcome = await run(
        bench,
        bench.job("hitpay", bench.folder / "customers.csv"),
        constants=constants,
        identity=("name",),
        repair=True,
        read=ReadOptions(header_row=2, encoding="cp1252", delimiter=";"),
    )
    assert outcome.counts == {"created": 1, "duplicate": 3}
    again(bench, outcome.summary.run, bench.folder / "again.csv")
    assert (bench.folder / "again.csv").read_bytes() == Path(outcome.summary.output).read_bytes()


async def test_source_that_was_changed_is_refused_unless_asked_for(bench: Bench) -> None:
    outcome = await everything(bench, "hitpay")
    source = bench.folder / "customers.csv"
    copy = source.rename(bench.folder / "moved.csv")
    write_csv(source, [person("hitpay", 0), person("hitpay", 500)])
    with pytest.raises(SettingsError, match=r"not what it was.*--source.*--changed"):
        again(bench, outcome.summary.run, bench.folder / "again.csv")
    assert not (bench.folder / "again.csv").exists()
    written = again(bench, outcome.summary.run, bench.folder / "again.csv", changed=True)
    assert written.changed
    assert statuses(bench.folder / "again.csv") == ["created", "not_sent"]
    moved = again(bench, outcome.summary.run, bench.folder / "moved.results.csv", source=copy)
    assert not moved.changed
    assert (bench.folder / "moved.results.csv").read_bytes() == Path(outcome.summary.output).read_bytes()


async def test_source_that_is_gone_is_asked_for(bench: Bench) -> None:
    outcome = await bench.run("hitpay", range(2))
    (bench.folder / "customers.csv").unlink()
    with pytest.raises(SettingsError, match=r"not there any more.*--source"):
        again(bench, outcome.summary.run, bench.folder / "again.csv")


async def test_run_whose_process_is_gone_has_results_as_well(bench: Bench) -> None:
    """It never wrote any: what it was sending is unknown, and what it had not begun is not sent."""
    source = sheet(bench.folder / "customers.csv", "hitpay")
    job = bench.job("hitpay", source)
    with check(job, variables=bench.simulator.environment()) as plan:
        pipeline._begin(plan)
        first, second, *_ = plan.staging.pending(Pending.SEND)
        for staged in (first, second):
            await plan.ledger.claim(Claim(staged.identity, staged.key, staged.number, 1.0))
        made = Entry(first.identity, Status.CREATED, first.key, plan.run, first.number, 1, 1.0, 1.0, "cus_1")
        await plan.ledger.settle(made)
    again(bench, plan.run, bench.folder / "again.csv")
    lines = results_of(bench.folder / "again.csv")
    assert [line["import_status"] for line in lines[:4]] == ["created", "duplicate", "unknown", "not_sent"]
    assert lines[2]["import_code"] == "interrupted"
    assert "its process ended without a word" in lines[3]["import_message"]


async def test_row_that_was_claimed_when_the_run_stopped_is_not_sent_again_either(bench: Bench) -> None:
    """The ledger has it as failed; the results of that time did not, for it was never sent."""
    job = bench.job("hitpay", sheet(bench.folder / "customers.csv", "hitpay"))
    why = ("stopped", "The run stopped before this row: the time has come")
    with check(job, variables=bench.simulator.environment()) as plan:
        pipeline._begin(plan)
        first, *_ = plan.staging.pending(Pending.SEND)
        await plan.ledger.claim(Claim(first.identity, first.key, first.number, 1.0))
        left = Entry(first.identity, Status.FAILED, first.key, plan.run, first.number, 0, 1.0, 1.0)
        await plan.ledger.settle(replace(left, code=NEVER_LEFT, message="The run stopped before it was sent"))
        plan.ledger.end_run(exit_code=3, counts={}, stopped="the time has come", unsent=why)
    again(bench, plan.run, bench.folder / "again.csv")
    line = results_of(bench.folder / "again.csv")[0]
    assert (line["import_status"], line["import_code"], line["import_message"]) == ("not_sent", *why)


async def test_run_that_is_still_going_is_left_alone(bench: Bench) -> None:
    job = bench.job("hitpay", sheet(bench.folder / "customers.csv", "hitpay"))
    with check(job, variables={}) as plan:
        pipeline._begin(plan)
        with pytest.raises(SettingsError, match="still going"):
            again(bench, plan.run, bench.folder / "again.csv")


async def test_run_of_an_earlier_version_says_why_it_cannot(bench: Bench) -> None:
    outcome = await bench.run("hitpay", range(2))
    engine = sa.create_engine(bench.job("hitpay", bench.folder).ledger)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE run SET settings = NULL")
    engine.dispose()
    with pytest.raises(SettingsError, match=r"version that did not keep.*importer check"):
        again(bench, outcome.summary.run, bench.folder / "again.csv")


async def test_ledger_keeps_no_credential_for_it(bench: Bench) -> None:
    outcome = await bench.run("yativo", range(2))
    with Ledger.open(bench.job("yativo", bench.folder).ledger) as ledger:
        kept = json.dumps(dict(record_of(ledger, outcome.summary.run).settings or {}))
    assert "example.com" not in kept
    assert not any(secret in kept for secret in bench.simulator.environment().values())
