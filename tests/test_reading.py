"""From a sheet as somebody sends it to what arrives, and back through the results."""

import gzip
from pathlib import Path

import pytest

from importer.errors import SourceError
from importer.planning import check
from importer.rows import Status
from importer.sheetformat import NOT_CALCULATED
from importer.source import open_source
from tests.support import Bench, Outcome, carry_out
from tests.workbooks import workbook


async def imported(bench: Bench, source: Path, provider: str = "rapyd") -> Outcome:
    return await carry_out(bench.job(provider, source), bench.simulator.environment())


async def test_a_formula_that_was_never_calculated_is_a_fault_however_often_the_file_goes_round(
    bench: Bench,
) -> None:
    rows = [("Name", "Email"), ("Ann", "ann@example.com"), ("=A2&B2", "bob@example.com")]
    source = workbook(bench.folder / "customers.xlsx", rows)
    outcome = await imported(bench, source)
    for again in (outcome, await imported(bench, Path(outcome.summary.output))):
        assert again.results[1].status is Status.INVALID
        assert again.results[1].code == "formula_not_calculated"
        assert again.results[1].message.startswith("Name: Is a formula that was never calculated.")
    assert bench.created("rapyd") == 1
    [_, row] = open_source(Path(outcome.summary.output)).rows()
    assert row.cells[0] == NOT_CALCULATED


async def test_a_formula_nobody_asks_for_is_no_fault(bench: Bench) -> None:
    source = workbook(bench.folder / "customers.xlsx", [("Name", "Sum"), ("Ann", "=1+1")])
    assert (await imported(bench, source)).counts == {"created": 1}


async def test_a_total_is_not_sent_though_it_has_a_name(bench: Bench) -> None:
    source = workbook(
        bench.folder / "customers.xlsx", [("Name", "Orders"), ("Ann", 5), ("Bo", 7), ("Total", 12)]
    )
    outcome = await imported(bench, source)
    assert outcome.counts == {"created": 2}
    assert outcome.summary.exit_code == 0


async def test_a_packed_sheet_has_its_results_beside_it(bench: Bench) -> None:
    source = bench.folder / "customers.csv.gz"
    source.write_bytes(gzip.compress(b"Name,Email\nAnn,ann@example.com\n"))
    outcome = await imported(bench, source)
    assert outcome.counts == {"created": 1}
    assert Path(outcome.summary.output) == bench.folder / "customers.results.csv"
    assert (await imported(bench, Path(outcome.summary.output))).counts == {"exists": 1}


@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
async def test_nothing_is_sent_of_a_file_that_changes_while_it_is_checked(bench: Bench, suffix: str) -> None:
    source = bench.folder / f"customers.{suffix}"

    def write(last: str) -> None:
        lines = [f"Person {i},p{i}@example.com" for i in range(20_000)]
        text = "\n".join(["Name,Email", *lines, last]).encode()
        source.write_bytes(gzip.compress(text) if suffix.endswith("gz") else text)

    write("Ann,ann@example.com")
    job = bench.job("rapyd", source)
    with pytest.raises(SourceError, match=r"was changed or removed while it was being read. Run the same"):
        check(
            job, variables=bench.simulator.environment(), on_progress=lambda _: write("Bob,bob@example.com")
        )
    assert bench.created("rapyd") == 0
