"""Making customers again on purpose: once each, whatever comes between."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from importer.errors import SettingsError
from importer.jobs import Job
from importer.pipeline import run
from importer.planning import check
from importer.simulator import Fault, Faults, Settings, Simulator
from tests.support import Bench, carry_out, people_csv, person, write_csv


@pytest.fixture
async def job(bench: Bench) -> Job:
    """A finished import of five customers, to be made again."""
    await bench.run("rapyd", range(5))
    return replace(bench.job("rapyd", bench.folder / "customers.csv"), again=True)


async def test_repeat_that_was_cut_short_goes_on_from_its_results_file(bench: Bench, job: Job) -> None:
    """With or without --again: the file knows what it is about."""
    for again in (True, False):
        before = bench.created("rapyd")
        bench.simulator.set_faults(Faults(script=(None, None, Fault.REFUSED)), provider="rapyd")
        cut = await carry_out(replace(job, concurrency=1), bench.simulator.environment())
        assert cut.counts == {"created": 2, "failed": 1, "not_sent": 2}
        bench.simulator.set_faults(Faults(), provider="rapyd")
        results = replace(job, source=bench.folder / "customers.results.csv", again=again)
        done = await carry_out(results, bench.simulator.environment())
        assert done.counts == {"created": 3, "exists": 2}
        assert bench.created("rapyd") == before + 5


async def test_repeat_with_a_row_that_only_its_owner_can_mend_is_over(bench: Bench) -> None:
    source = write_csv(
        bench.folder / "customers.csv", [person("rapyd", 1), person("rapyd", 2) | {"Name": ""}]
    )
    job = replace(bench.job("rapyd", source), again=True)
    for made in (1, 2):
        await carry_out(job, bench.simulator.environment())
        assert bench.created("rapyd") == made


async def test_second_repeat_joins_the_one_under_way(tmp_path: Path) -> None:
    async with Simulator(Settings(limits=False, latency=0.1)) as simulator:
        bench = Bench(tmp_path, simulator)
        source = people_csv(tmp_path / "customers.csv", "rapyd", range(4))
        job = replace(bench.job("rapyd", source), again=True)
        await asyncio.gather(*(carry_out(job, simulator.environment()) for _ in range(2)))
        assert bench.created("rapyd") == 4


async def test_of_two_repeats_planned_at_once_one_is_refused(bench: Bench) -> None:
    """Each would set its customers apart by itself, and make all of them."""
    source = people_csv(bench.folder / "customers.csv", "rapyd", range(4))
    job = replace(bench.job("rapyd", source), again=True)
    variables = bench.simulator.environment()
    with check(job, variables=variables) as one, check(job, variables=variables) as two:
        first = asyncio.create_task(run(one, variables=variables))
        await asyncio.sleep(0)
        with pytest.raises(SettingsError, match="again just now"):
            await run(two, variables=variables)
        await first
    assert bench.created("rapyd") == 4
    third = await carry_out(job, variables)
    assert third.counts == {"created": 4}
