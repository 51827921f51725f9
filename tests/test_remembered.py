"""Rows of one source that were sent stay the customers they were, whatever is made of their cells later."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from importer.corrections import Correction, keep_corrections
from importer.jobs import Job
from importer.pipeline import record
from importer.planning import check
from importer.rows import Status
from importer.settling import Assumption
from importer.simulator import Fault, Faults
from importer.source import ReadOptions
from importer.stopping import Stop, StopReason
from tests.support import Bench, carry_out, people_csv, person, write_csv

KREZYPAY = tuple(person("krezypay", 0))
PEOPLE = [{"Name": f"Ann Roe {letter}", "Notes": f"{letter}@example.com"} for letter in "abcdef"]


def job_of(bench: Bench, people: list[dict[str, str]] = PEOPLE) -> Job:
    source = write_csv(bench.folder / "customers.csv", people)
    return replace(
        bench.job("rapyd", source),
        remembered=bench.folder / "sent.sqlite3",
        mapping=mapped(bench, name="Name"),
    )


def mapped(bench: Bench, **columns: str) -> Path:
    path = bench.folder / f"{'-'.join(columns)}.toml"
    lines = (f'{field} = "{heading}"\n' for field, heading in columns.items())
    path.write_text(f'provider = "rapyd"\n[columns]\n{"".join(lines)}')
    return path


async def test_other_columns_make_no_other_customers(bench: Bench) -> None:
    job, variables = job_of(bench), bench.simulator.environment()
    first = await carry_out(job, variables)
    other = replace(job, mapping=mapped(bench, name="Name", email="Notes"))
    again = await carry_out(other, variables)
    assert again.counts == {"created": 6}
    assert [each.customer_id for each in again.results] == [each.customer_id for each in first.results]
    assert (await carry_out(replace(job, mapping=mapped(bench, name="Notes")), variables)).counts == {
        "created": 6
    }
    assert bench.created("rapyd") == 6


async def test_rows_are_remembered_where_the_results_were_never_written(bench: Bench) -> None:
    """As after SIGKILL: the ledger has what became of the rows, the file only whom they were sent as."""
    job, variables = job_of(bench), bench.simulator.environment()
    await carry_out(job, variables)
    with sqlite3.connect(bench.folder / "sent.sqlite3") as database:
        database.execute("UPDATE sent SET status = '', customer_id = ''")
    database.close()
    again = await carry_out(replace(job, mapping=mapped(bench, name="Name", email="Notes")), variables)
    assert again.counts == {"created": 6}


async def test_rows_are_remembered_with_another_ledger(bench: Bench) -> None:
    job, variables = job_of(bench), bench.simulator.environment()
    await carry_out(job, variables)
    elsewhere = replace(job, ledger=f"sqlite:///{bench.folder / 'other.sqlite3'}")
    assert (await carry_out(elsewhere, variables)).counts == {"created": 6}


async def test_unknown_row_is_not_sent_as_another_customer(bench: Bench) -> None:
    source = people_csv(bench.folder / "customers.csv", "krezypay", range(1))
    job = replace(bench.job("krezypay", source), remembered=bench.folder / "sent.sqlite3")
    variables, corrections = bench.simulator.environment(), bench.folder / "corrections"
    bench.simulator.set_faults(Faults(probabilities={Fault.CUT_AFTER: 1.0}))
    assert (await carry_out(job, variables)).counts == {"unknown": 1}
    bench.simulator.set_faults(Faults())
    keep_corrections(corrections, [Correction(2, KREZYPAY.index("ID number"), "00999999")])
    again = await carry_out(replace(job, corrections=corrections), variables)
    assert (again.counts, again.results[0].code) == ({"unknown": 1}, "unknown_elsewhere")
    with check(job, variables=variables) as plan:
        await record(plan, Assumption(frozenset({2})))
    assert (await carry_out(replace(job, corrections=corrections), variables)).counts == {"created": 1}


async def test_row_that_was_not_sent_is_sent_as_it_is_now(bench: Bench) -> None:
    job, variables = job_of(bench), bench.simulator.environment()
    stop = Stop()
    stop.request(StopReason("enough"))
    assert (await carry_out(job, variables, stop=stop)).counts == {"not_sent": 6}
    other = replace(job, mapping=mapped(bench, name="Name", email="Notes"))
    assert (await carry_out(other, variables)).counts == {"created": 6}


@pytest.mark.parametrize("fault", ["", "ZoÃ« Roe"])
async def test_row_at_fault_now_is_still_the_customer_it_was(bench: Bench, fault: str) -> None:
    job, variables = job_of(bench, [{"Name": "ZoÃ« Roe", "Notes": ""}]), bench.simulator.environment()
    assert (await carry_out(replace(job, repair=True), variables)).counts == {"created": 1}
    corrections = bench.folder / "corrections"
    keep_corrections(corrections, [Correction(2, 0, fault)])
    with check(replace(job, corrections=corrections), variables=variables) as plan:
        assert {status: count for status, count in plan.counts.items() if count} == {Status.CREATED: 1}


async def test_row_is_remembered_by_its_number_where_the_headings_are_elsewhere(bench: Bench) -> None:
    people = [{"Name": "Ann", "Notes": ""}, {"Name": "Name", "Notes": "E-mail"}, *PEOPLE]
    job, variables = job_of(bench, people), bench.simulator.environment()
    assert (await carry_out(job, variables)).counts == {"created": 8}
    lower = replace(job, read=ReadOptions(header_row=3), mapping=mapped(bench, name="Name", email="E-mail"))
    assert (await carry_out(lower, variables)).counts == {"created": 6}


async def test_row_that_an_earlier_run_of_the_source_made_stays_created(bench: Bench) -> None:
    """Whoever reports how many were made is told of all, and each has its own answer as before."""
    job, variables = job_of(bench), bench.simulator.environment()
    first = await carry_out(replace(job, limit=4), variables)
    assert first.counts == {"created": 4, "not_sent": 2}
    again = await carry_out(job, variables)
    assert again.counts == {"created": 6}
    assert again.results[:4] == first.results[:4]
    for _ in range(2):
        assert (await carry_out(job, variables)).results == again.results
    assert bench.created("rapyd") == 6


async def test_rows_that_somebody_else_made_were_there_before(bench: Bench) -> None:
    """Another source, or a terminal: what they made is theirs, in every run that follows."""
    job, variables = job_of(bench), bench.simulator.environment()
    await carry_out(replace(job, remembered=None, limit=2), variables)
    for _ in range(3):
        assert (await carry_out(job, variables)).statuses == ["exists"] * 2 + ["created"] * 4


async def test_results_of_another_source_count_nothing_as_made_here(bench: Bench) -> None:
    job, variables = job_of(bench), bench.simulator.environment()
    first = await carry_out(job, variables)
    results = replace(job, source=Path(first.summary.output), remembered=bench.folder / "other")
    for _ in range(2):
        assert (await carry_out(results, variables)).counts == {"exists": 6}


async def test_another_account_has_its_own_memory(bench: Bench) -> None:
    job = job_of(bench)
    await carry_out(job, bench.simulator.environment())
    variables = {f"ACME_{name}": value for name, value in bench.simulator.environment().items()}
    assert (await carry_out(replace(job, account="acme"), variables)).counts == {"created": 6}
