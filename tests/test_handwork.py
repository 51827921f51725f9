"""Rows that a person took out of a results file, put into it, or copied: told, and never made twice."""

import csv
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from importer.handwork import Handwork
from importer.planning import check
from importer.rows import Row, Status
from tests.support import Bench, carry_out, people_csv, person


def lines_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def put(path: Path, lines: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(lines)


async def results_of_six(bench: Bench) -> Path:
    """Five created, and one that is invalid."""
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(6))
    text = source.read_text(encoding="utf-8").replace("ed4@example.com", "ed4 at example")
    source.write_text(text, encoding="utf-8")
    outcome = await carry_out(bench.job("hitpay", source), bench.simulator.environment())
    assert outcome.counts == {"created": 5, "invalid": 1}
    return bench.folder / "customers.results.csv"


async def test_rows_taken_out_are_told_and_nothing_is_done_for_them(bench: Bench) -> None:
    results = await results_of_six(bench)
    lines = lines_of(results)
    put(results, [lines[0], *lines[2:5]])
    job = bench.job("hitpay", results)
    with check(job, variables=bench.simulator.environment()) as plan:
        (note,) = plan.notes
        assert "3 rows of the last results (2 created, 1 invalid)" in note
    outcome = await carry_out(job, bench.simulator.environment())
    assert outcome.counts == {"exists": 3}
    assert bench.created("hitpay") == 5
    with check(job, variables=bench.simulator.environment()) as plan:
        assert plan.notes == ()


async def test_rows_put_in_are_told_and_sent(bench: Bench) -> None:
    results = await results_of_six(bench)
    new = list(person("hitpay", 77).values())
    put(results, [*lines_of(results), new])
    job = bench.job("hitpay", results)
    with check(job, variables=bench.simulator.environment()) as plan:
        assert plan.notes == ("New in the sheet since the last results: 1 row",)
        assert plan.ready == 1
    outcome = await carry_out(job, bench.simulator.environment())
    assert outcome.counts == {"created": 1, "exists": 5, "invalid": 1}


@pytest.mark.parametrize("emptied", [False, True])
async def test_copied_row_is_another_customer_once_our_cells_of_it_are_emptied(
    bench: Bench, emptied: bool
) -> None:
    """With them it says that it was created, and a row that was created is never sent."""
    results = await results_of_six(bench)
    lines = lines_of(results)
    copied = list(lines[1])
    copied[:3] = person("hitpay", 77).values()
    if emptied:
        copied[3:] = [""] * len(copied[3:])
    put(results, [*lines, copied])
    outcome = await carry_out(bench.job("hitpay", results), bench.simulator.environment())
    assert outcome.statuses[-1] == ("created" if emptied else "exists")
    assert ("empty the import_ cells" in outcome.results[-1].message) is not emptied
    assert bench.created("hitpay") == 5 + emptied


async def test_edited_copy_of_a_created_row_makes_no_duplicate_of_the_customer_it_now_names(
    bench: Bench,
) -> None:
    """The copy is never sent, so the true row must be."""
    results = await results_of_six(bench)
    lines = lines_of(results)
    new = list(person("hitpay", 77).values())
    copied = [*new, *lines[1][3:]]
    put(results, [*lines, copied, new])
    outcome = await carry_out(bench.job("hitpay", results), bench.simulator.environment())
    assert outcome.statuses[-2:] == ["exists", "created"]
    assert bench.created("hitpay") == 6


async def test_results_under_another_name_keep_it(bench: Bench) -> None:
    results = (await results_of_six(bench)).rename(bench.folder / "done by Ann.csv")
    outcome = await carry_out(bench.job("hitpay", results), bench.simulator.environment())
    assert outcome.summary.output == str(results)


async def test_sheet_of_somebody_else_has_no_rows_put_in(bench: Bench) -> None:
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(3))
    with check(bench.job("hitpay", source), variables=bench.simulator.environment()) as plan:
        assert plan.notes == ()


@pytest.mark.parametrize("damaged", [None, "many", ["created"], {"created": "six"}, {"shipped": 3}])
def test_counts_that_somebody_damaged_say_nothing(damaged: object) -> None:
    handwork = Handwork()
    handwork.see(Row(2, ("Ann",), ("created", "id")))
    assert handwork.gone(damaged) == {}
    assert handwork.gone({"created": 3}) == {Status.CREATED: 2}


async def test_created_row_is_not_sent_though_its_cells_and_the_file_s_settings_are_changed(
    bench: Bench,
) -> None:
    results = await results_of_six(bench)
    lines = [line[:-1] if line[-1] == "" else line for line in lines_of(results)]
    lines[0] = [heading for heading in lines[0] if not heading.startswith("import_settings")]
    lines[1][:3] = person("hitpay", 77).values()
    put(results, lines)
    job = replace(bench.job("hitpay", results), output=bench.folder / "next.csv")
    outcome = await carry_out(job, bench.simulator.environment())
    assert outcome.statuses[0] == "exists"
    assert bench.created("hitpay") == 5


async def test_created_row_is_not_sent_though_its_status_is_gone(bench: Bench) -> None:
    """The column with the statuses was taken out, and a cell corrected: the id is enough."""
    results = await results_of_six(bench)
    lines = lines_of(results)
    place = lines[0].index("import_status")
    lines[1][:3] = person("hitpay", 77).values()
    put(results, [line[:place] + line[place + 1 :] for line in lines])
    outcome = await carry_out(bench.job("hitpay", results), bench.simulator.environment())
    assert outcome.statuses[0] == "exists"
    assert bench.created("hitpay") == 5


async def test_corrections_are_kept_when_the_sheet_is_run_instead_of_them(bench: Bench) -> None:
    results = await results_of_six(bench)
    lines = lines_of(results)
    lines[5][1] = "corrected@example.com"
    put(results, lines)
    later = time.time() + 60
    os.utime(results, (later, later))
    job = bench.job("hitpay", bench.folder / "customers.csv")
    with check(job, variables=bench.simulator.environment()) as plan:
        assert any("customers.results.csv was changed" in note for note in plan.notes)
    await carry_out(job, bench.simulator.environment())
    assert "corrected@example.com" in (bench.folder / "customers-2.results.csv").read_text("utf-8-sig")
    assert "corrected@example.com" not in results.read_text("utf-8-sig")
    await carry_out(job, bench.simulator.environment())
    assert len(list(bench.folder.glob("*.results.csv"))) == 2


async def test_draft_that_a_killed_process_left_is_gone_with_the_next_results(bench: Bench) -> None:
    left, fresh = bench.folder / ".importer-aa.tmp", bench.folder / ".importer-bb.tmp"
    for draft in (left, fresh):
        draft.write_text("Ann", encoding="utf-8")
    long_ago = time.time() - 7200
    os.utime(left, (long_ago, long_ago))
    await results_of_six(bench)
    assert not left.exists()
    assert fresh.exists()


async def test_total_that_somebody_wrote_below_the_results_is_nobody(bench: Bench) -> None:
    results = await results_of_six(bench)
    put(results, [*lines_of(results), ["Grand total", "", "6 customers"]])
    outcome = await carry_out(bench.job("hitpay", results), bench.simulator.environment())
    assert len(outcome.rows) == 6
    assert bench.created("hitpay") == 5
