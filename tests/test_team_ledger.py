"""A ledger in PostgreSQL, shared by processes: they split one file, and losing one loses nothing."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from importer.errors import LedgerError
from importer.ledger import Claim, Ledger, groupcommit
from importer.pacing import shared_clock
from importer.pipeline import run
from importer.planning import check
from importer.rows import Limit, Status
from importer.simulator import Settings, running_simulator
from tests.support import Bench, carry_out, people_csv

NOW = 1_800_000_000.0


def cut_connections(url: str, *, by: sa.Engine | None = None) -> None:
    """What a network or an administrator does: every other connection to the database ends."""
    engine = by or sa.create_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{url.rpartition('/')[2]}' AND pid <> pg_backend_pid()"
        )
    engine.dispose()


async def test_two_runs_on_two_connections_split_one_file(bench: Bench, postgres_url: str) -> None:
    source = people_csv(bench.folder / "customers.csv", "rapyd", range(200))
    jobs = [
        replace(
            bench.job("rapyd", source),
            ledger=postgres_url,
            output=bench.folder / f"{name}.csv",
            limits=(Limit(200, 1),),
        )
        for name in ("one", "two")
    ]
    variables = bench.simulator.environment()
    with check(jobs[0], variables=variables) as one, check(jobs[1], variables=variables) as two:
        summaries = await asyncio.gather(run(one, variables=variables), run(two, variables=variables))
    created = [summary.counts[Status.CREATED] for summary in summaries]
    assert sum(created) == bench.created("rapyd") == bench.simulator.counts("rapyd").creates == 200
    assert min(created) > 0
    assert [summary.exit_code for summary in summaries] == [0, 0]


def test_machines_whose_clocks_differ_go_by_the_servers(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the turns of the one would be minutes away from those of the other, and both sent at once."""
    now = time.time
    with Ledger.open(postgres_url) as ledger:
        monkeypatch.setattr(time, "time", lambda: now() + 300)
        clock = shared_clock(ledger)
        assert abs(clock.now() - now()) < 10
        first = clock.now()
        assert first <= clock.now()


async def test_connection_that_drops_is_made_anew(bench: Bench, postgres_url: str) -> None:
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(60))
    job = replace(bench.job("hitpay", source), ledger=postgres_url, concurrency=4)
    variables = bench.simulator.environment()
    cut: list[int] = []

    def cut_now_and_then(progress: object) -> None:
        if len(cut) < 3 and bench.created("hitpay") >= 10 + 15 * len(cut):
            cut.append(bench.created("hitpay"))
            cut_connections(postgres_url)

    with check(job, variables=variables) as plan:
        summary = await run(plan, on_progress=cut_now_and_then, variables=variables)
    assert cut
    assert summary.counts[Status.CREATED] == bench.created("hitpay") == 60


def test_lock_of_a_run_is_taken_again_after_its_connection_dropped(postgres_url: str) -> None:
    with Ledger.open(postgres_url) as owner, Ledger.open(postgres_url) as other:
        for ledger, name in ((owner, "first"), (other, "second")):
            ledger.use_account("hitpay/sandbox/default")
            ledger.begin_run(name, source="customers.csv", output="customers.results.csv")
        asyncio.run(owner.claim(Claim("ann", "key", 2, NOW)))
        cut_connections(postgres_url)
        asyncio.run(owner.claim(Claim("bob", "key", 3, NOW)))
        assert other.known(["ann"])["ann"].state == "sending"


async def test_ledger_that_cannot_be_reached_stops_the_run(
    bench: Bench, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent from then on, and the same command goes on once it is there again."""
    monkeypatch.setattr(groupcommit, "RECONNECT_AFTER", (0.0,))
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(40))
    job = replace(bench.job("hitpay", source), ledger=postgres_url, concurrency=2)
    variables = bench.simulator.environment()
    administrator = sa.create_engine(
        postgres_url.rpartition("/")[0] + "/postgres", isolation_level="AUTOCOMMIT"
    )
    database = postgres_url.rpartition("/")[2]

    def allow(connections: bool) -> None:
        with administrator.connect() as connection:
            connection.exec_driver_sql(f"ALTER DATABASE {database} ALLOW_CONNECTIONS {connections}")

    made_before = 0

    def lose_it(progress: object) -> None:
        nonlocal made_before
        if bench.created("hitpay") >= 5 and not made_before:
            made_before = bench.created("hitpay")
            allow(False)
            with administrator.connect() as connection:
                connection.exec_driver_sql(
                    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
                )

    with check(job, variables=variables) as plan, pytest.raises(LedgerError, match="same command again"):
        await run(plan, on_progress=lose_it, variables=variables)
    assert bench.created("hitpay") <= made_before + 2
    allow(True)
    administrator.dispose()
    outcome = await carry_out(job, variables)
    assert outcome.summary.exit_code == 0
    assert bench.created("hitpay") == 40
    assert bench.simulator.duplicates("hitpay") == 0


@pytest.mark.parametrize("provider", ["hitpay", "juicyway"])
def test_killed_process_loses_nothing_to_the_others(tmp_path: Path, postgres_url: str, provider: str) -> None:
    """Two commands on one file and one ledger; one is killed, the other ends with every row done."""
    people_csv(tmp_path / "customers.csv", provider, range(60))
    with running_simulator(Settings(limits=False, latency=0.01, jitter=0.02)) as simulator:

        def start(name: str) -> "subprocess.Popen[str]":
            words = ["run", str(tmp_path / "customers.csv"), "-p", provider, "--ledger", postgres_url]
            words += ["--base-url", simulator.base_url(provider), "-o", str(tmp_path / name)]
            words += ["--rate", "60/s", "--settle-after", "0", "--yes"]
            return subprocess.Popen(
                [sys.executable, "-m", "importer", *words],
                env={**os.environ, **simulator.environment()},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )

        doomed, survivor = start("one.csv"), start("two.csv")
        while simulator.counts(provider).creates < 20 and doomed.poll() is None:
            os.sched_yield()
        doomed.send_signal(signal.SIGKILL)
        doomed.communicate()
        _, told = survivor.communicate(timeout=120)
        assert survivor.returncode == 0, told
        assert len(simulator.customers(provider)) == 60
        assert simulator.duplicates(provider) == 0


async def test_server_that_restarts_is_waited_for(
    bench: Bench, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is gone for several attempts, claims, locks and all: the run pauses, and ends as if nothing was."""
    source = people_csv(bench.folder / "customers.csv", "rapyd", range(40))
    job = replace(bench.job("rapyd", source), ledger=postgres_url, concurrency=4)
    variables = bench.simulator.environment()
    address, _, database = postgres_url.rpartition("/")
    administrator = sa.create_engine(f"{address}/postgres", isolation_level="AUTOCOMMIT")
    waits: list[float] = []

    def allow(connections: bool) -> None:
        with administrator.connect() as connection:
            connection.exec_driver_sql(f"ALTER DATABASE {database} ALLOW_CONNECTIONS {connections}")

    def come_back_at_the_third(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            allow(True)

    def lose_it(progress: object) -> None:
        if bench.created("rapyd") >= 5 and not waits:
            allow(False)
            cut_connections(postgres_url, by=administrator)

    monkeypatch.setattr(time, "sleep", come_back_at_the_third)
    with check(job, variables=variables) as plan:
        summary = await run(plan, on_progress=lose_it, variables=variables)
    administrator.dispose()
    assert len(waits) >= 3
    assert summary.counts[Status.CREATED] == bench.created("rapyd") == 40
