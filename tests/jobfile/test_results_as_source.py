"""A results file that a job is given says nothing of where its customers and credentials go."""

from datetime import UTC, datetime
from pathlib import Path

from importer.jobfile import read_job_file
from importer.jobs import Job
from importer.opening import open_job
from tests.support import Bench

KEY = {"HITPAY_API_KEY": "k"}
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def test_address_that_a_results_file_carries_gets_no_credentials_of_a_job(
    bench: Bench, tmp_path: Path
) -> None:
    """Else whoever may put a file into the inbox could have them sent anywhere."""
    await bench.run("hitpay", range(2))
    results = tmp_path / "customers.results.csv"
    elsewhere = bench.simulator.base_url("hitpay")
    assert open_job(Job(source=results), variables=KEY).account.base_url == elsewhere
    path = tmp_path / "nightly.toml"
    path.write_text('source = "*.csv"\nprovider = "hitpay"\n', encoding="utf-8")
    opened = open_job(read_job_file(path, variables=KEY).job(results, NOW, variables=KEY), variables=KEY)
    assert opened.account.base_url == "https://api.sandbox.hit-pay.com"
    assert not opened.continues
