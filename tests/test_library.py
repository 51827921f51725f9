"""The package as a library: the same plan and run as the commands."""

import importlib
import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace

import importer
from importer import Job, Progress, Status, Stop, Summary, check, follow
from tests.support import Bench, people_csv


async def test_run_can_be_followed_as_an_asynchronous_iterator(bench: Bench) -> None:
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(5))
    with check(bench.job("hitpay", source), variables=bench.simulator.environment()) as plan:
        news = [item async for item in follow(plan, variables=bench.simulator.environment())]
    told = [item.result.status for item in news if isinstance(item, Progress) and item.result is not None]
    assert told == [Status.CREATED] * 5
    assert isinstance(news[-1], Summary)
    assert news[-1].exit_code == 0


async def test_follower_that_leaves_stops_the_run_and_loses_nothing(bench: Bench) -> None:
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(200))
    job = replace(bench.job("hitpay", source), concurrency=4)
    with check(job, variables=bench.simulator.environment()) as plan:
        stop = Stop()
        steps = follow(plan, stop=stop, variables=bench.simulator.environment())
        assert isinstance(steps, AsyncGenerator)
        async for item in steps:
            if isinstance(item, Progress) and item.done >= 3:
                break
        await steps.aclose()
        counts = plan.counts
    assert stop.wished
    assert counts[Status.CREATED] == bench.created("hitpay") < 200
    assert counts[Status.UNKNOWN] == 0


def test_every_public_name_is_there_and_documented() -> None:
    for name in importer.__all__:
        assert getattr(importer, name, None) is not None, name
        if name not in ("PROVIDERS", "__version__"):
            assert getattr(importer, name).__doc__, name


def test_importing_the_package_loads_no_heavy_library() -> None:
    heavy = ("aiohttp", "sqlalchemy", "pandas", "openpyxl", "pydantic")
    code = f"import sys, importer; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_version_is_that_of_the_distribution() -> None:
    from importlib.metadata import version

    assert importer.__version__ == version("importer")
    assert importlib.import_module("importer").Job is Job
