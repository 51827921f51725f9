"""Single rows checked anew: the plan is then the one of a whole check of the corrected sheet."""

import itertools
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.corrections import Correction, corrected_row, keep_corrections
from importer.errors import SettingsError
from importer.jobs import Job
from importer.pipeline import run
from importer.planning import Plan, check
from importer.rechecking import recheck
from importer.rows import Row, RowResult, Status
from tests.support import Bench, carry_out, people_csv, person, write_csv

EMAILS = ("ann@example.com", "bo@example.com", "wrong", "")
PHONES = ("+1 202 555 0101", "+1 202 555 0102", "nothing")

person_rows = st.lists(st.tuples(st.sampled_from(EMAILS), st.sampled_from(PHONES)), min_size=1, max_size=7)
edits = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from([(1, text) for text in EMAILS] + [(2, t) for t in PHONES])),
    min_size=1,
    max_size=6,
)


def shown(plan: Plan) -> list[tuple[Row, RowResult]]:
    return list(plan.results())


@pytest.mark.parametrize("provider", ["hitpay", "yativo", "rapyd"])
@settings(deadline=None, max_examples=40)
@given(rows=person_rows, changes=edits)
def test_recheck_of_rows_is_the_check_of_the_corrected_sheet(
    provider: str, rows: Sequence[tuple[str, str]], changes: Sequence[tuple[int, tuple[int, str]]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sheet = [person(provider, 1) | {"Email": email, "Phone": phone} for email, phone in rows]
        source = write_csv(folder / "customers.csv", sheet)
        job = Job(source=source, provider=provider, ledger=f"sqlite:///{folder / 'ledger.sqlite3'}")
        corrections = folder / "corrections"
        with check(job) as plan:
            for at, (column, text) in changes:
                if at >= len(rows):
                    continue
                keep_corrections(corrections, [Correction(at + 2, column, text)])
                found = plan.staging.pages.row(at + 2)
                assert found is not None
                recheck(plan, [corrected_row(found[0], {column: text})])
            with check(replace(job, corrections=corrections)) as anew:
                assert shown(plan) == shown(anew)
                assert (plan.counts, plan.ready) == (anew.counts, anew.ready)


async def test_corrected_row_that_the_ledger_knows_is_not_sent(bench: Bench) -> None:
    await bench.run("hitpay", range(3))
    rows = [person("hitpay", 1) | {"Email": "wrong"}, person("hitpay", 7)]
    job = bench.job("hitpay", write_csv(bench.folder / "more.csv", rows))
    with check(job) as plan:
        assert plan.ready == 1
        row, _ = next(iter(plan.results()))
        recheck(plan, [corrected_row(row, {1: person("hitpay", 1)["Email"]})])
        assert plan.ready == 1
        assert [result.status for _, result in plan.results()] == [Status.EXISTS, Status.NOT_SENT]


async def test_row_stays_done_whatever_is_written_into_it(bench: Bench) -> None:
    first = await bench.run("hitpay", range(2))
    with check(replace(bench.job("hitpay", Path(first.summary.output)))) as plan:
        rows = [corrected_row(row, {1: "another@example.com"}) for row, _ in plan.results()]
        recheck(plan, rows[:1])
        assert plan.ready == 0
        assert plan.counts[Status.EXISTS] == 2


async def test_findings_of_a_corrected_cell_are_gone(bench: Bench) -> None:
    rows = [person("hitpay", 1) | {"Name": "ann@example.com"}, person("hitpay", 2)]
    with check(bench.job("hitpay", write_csv(bench.folder / "c.csv", rows))) as plan:
        assert [each.code for each in plan.findings()] == ["wrong_column"]
        row, result = next(iter(plan.results()))
        assert result.findings
        recheck(plan, [corrected_row(row, {0: "Ann Example"})])
        assert plan.findings() == []
        assert not next(iter(plan.results()))[1].findings


async def test_plan_that_was_rechecked_is_sent_as_it_stands(bench: Bench) -> None:
    rows = [person("hitpay", number) for number in range(4)]
    rows[2]["Email"] = "wrong"
    job = bench.job("hitpay", write_csv(bench.folder / "c.csv", rows))
    with check(job) as plan:
        row = next(itertools.islice(plan.results(), 2, None))[0]
        recheck(plan, [corrected_row(row, {1: "mended@example.com"})])
        summary = await run(plan, variables=bench.simulator.environment())
    assert summary.counts[Status.CREATED] == 4


async def test_file_with_another_address_is_refused_where_only_the_own_one_counts(bench: Bench) -> None:
    sheet = people_csv(bench.folder / "customers.csv", "hitpay", range(2))
    done = await carry_out(bench.job("hitpay", sheet), bench.simulator.environment())
    results = Path(done.summary.output)
    own = Job(source=results, ledger=bench.job("hitpay", sheet).ledger, own_address=True)
    with pytest.raises(SettingsError, match="another address"):
        check(own)
    with check(replace(own, base_url=bench.simulator.base_url("hitpay"))) as plan:
        assert plan.counts[Status.EXISTS] == 2
