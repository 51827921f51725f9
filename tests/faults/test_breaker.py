"""A run that cannot succeed ends early: a refused account, an outage, too many errors. Nobody is lost."""

import asyncio
import csv
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from importer.jobs import Job
from importer.pacing import Clock
from importer.progress import OnProgress, Phase, Progress
from importer.providers import PROVIDERS
from importer.rows import Summary
from importer.simulator import Fault, Faults, Settings, Simulator
from importer.stopping import PAUSES
from tests.faults.test_network import http, serving
from tests.support import FAST, Bench, FakeClock, carry_out, people_csv, person, write_csv

MANY = 64
"""As many requests at once as the importer makes of its own accord."""

WITH_LOGIN = ("yativo", "krezypay")


@pytest.fixture
async def slow_bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A simulator whose answers take so long that requests are under way together."""
    async with Simulator(Settings(limits=False, latency=0.02)) as simulator:
        yield Bench(tmp_path, simulator)


def result_lines(summary: Summary) -> list[dict[str, str]]:
    with Path(summary.output).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def once_there_are(bench: Bench, provider: str, customers: int, faults: Faults) -> OnProgress:
    """Lets things go wrong from then on."""
    begun: list[int] = []

    def watch(_: Progress) -> None:
        if not begun and bench.created(provider) >= customers:
            begun.append(bench.created(provider))
            bench.simulator.set_faults(faults, provider=provider)

    return watch


# -- a refused account


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_account_refused_at_the_first_request_costs_a_handful_of_them(
    slow_bench: Bench, provider: str, status: int
) -> None:
    """However many could be under way at once. Where there is a token, a 401 is worth a new one, once."""
    refused = Faults(script=(Fault.REFUSED,) * 500, refused_status=status)
    slow_bench.simulator.set_faults(refused, provider=provider)
    outcome = await slow_bench.run(provider, range(100), concurrency=MANY)
    counts = slow_bench.simulator.counts(provider)
    renewed = provider in WITH_LOGIN and status == 401
    assert (counts.creates, counts.logins) == (1 + renewed, (1 + renewed) * (provider in WITH_LOGIN))
    assert outcome.summary.exit_code == 3
    lines = result_lines(outcome.summary)
    assert [line["import_status"] for line in lines] == ["failed", *["not_sent"] * 99]
    assert (lines[0]["import_code"], lines[0]["import_http_status"]) == ("refused", str(status))
    assert "refused the account" in lines[0]["import_message"]
    assert lines[99]["import_code"] == "stopped"
    assert "refused the account" in lines[99]["import_message"]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_key_revoked_midway_stops_the_run_and_the_next_one_does_the_rest(
    slow_bench: Bench, provider: str
) -> None:
    """What is under way cannot be called back; nothing else is sent, and nobody tries to log in again."""
    revoked = Faults(probabilities={Fault.REFUSED: 1.0})
    watch = once_there_are(slow_bench, provider, 30, revoked)
    first = await slow_bench.run(provider, range(300), concurrency=MANY, watch=watch)
    counts = slow_bench.simulator.counts(provider)
    made, refused = slow_bench.created(provider), first.counts["failed"]
    assert first.summary.exit_code == 3
    assert refused == counts.creates - made <= MANY
    assert first.counts == {"created": made, "failed": refused, "not_sent": 300 - made - refused}
    assert made < 30 + 2 * MANY
    assert counts.logins <= (2 if provider in WITH_LOGIN else 0)
    slow_bench.simulator.set_faults(Faults(), provider=provider)
    again = await slow_bench.run(provider, range(300))
    assert again.summary.exit_code == 0
    assert slow_bench.created(provider) == 300
    assert slow_bench.simulator.duplicates(provider) == 0


async def test_account_refused_at_a_look_up_stops_the_others(bench: Bench) -> None:
    script = (Fault.SLOW, *(Fault.CUT_AFTER,) * 3)
    lost = Faults(script=script, slow_seconds=0, probabilities={Fault.REFUSED: 1.0})
    bench.simulator.set_faults(lost, provider="hitpay")
    outcome = await bench.run("hitpay", range(4))
    assert bench.simulator.counts("hitpay").look_ups == 1
    assert outcome.summary.exit_code == 3
    assert outcome.counts == {"created": 1, "unknown": 3}


@pytest.mark.parametrize("provider", WITH_LOGIN)
async def test_token_that_ends_midway_is_renewed_once_for_all_who_are_under_way(
    slow_bench: Bench, provider: str
) -> None:
    watch = once_there_are(slow_bench, provider, 40, Faults(script=(Fault.EXPIRED_TOKEN,)))
    outcome = await slow_bench.run(provider, range(200), concurrency=MANY, watch=watch)
    counts = slow_bench.simulator.counts(provider)
    assert counts.answered[401] > 5, "several were under way with the old one"
    assert counts.logins == 2
    assert (outcome.summary.exit_code, outcome.counts) == (0, {"created": 200})
    assert slow_bench.simulator.duplicates(provider) == 0


async def test_token_that_ends_before_a_look_up_is_renewed_for_it(bench: Bench) -> None:
    bench.simulator.set_faults(Faults(script=(None, Fault.CUT_AFTER)), provider="yativo")

    def end_it(progress: Progress) -> None:
        if progress.phase is Phase.SETTLING and progress.done < progress.total:
            bench.simulator.server("yativo").provider.revoke_tokens()

    outcome = await bench.run("yativo", range(3), watch=end_it)
    assert bench.simulator.counts("yativo").logins == 2
    assert (outcome.summary.exit_code, bench.created("yativo")) == (0, 3)


# -- an outage


@asynccontextmanager
async def simulator_on_one_port() -> AsyncIterator[Simulator]:
    """A simulator that comes back where it was when it is stopped and started again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with Simulator(Settings(limits=False, port=port)) as simulator:
        yield simulator


@dataclass
class Outage:
    """A provider that goes away after twenty customers, and is back ten seconds later by the run's clock."""

    bench: Bench
    time: FakeClock = field(default_factory=FakeClock)
    gone: asyncio.Task[None] | None = None
    ends: float = 0.0
    coming_back: asyncio.Lock = field(default_factory=asyncio.Lock)

    def watch(self, _: Progress) -> None:
        if self.gone is None and self.bench.created("hitpay") >= 20:
            self.gone = asyncio.create_task(self.bench.simulator.stop())
            self.ends = self.time.now() + 10

    def now(self) -> float:
        self.time.time += 1e-5  # no two moments are the same
        return self.time.now()

    async def sleep(self, seconds: float) -> None:
        await self.time.sleep(seconds)
        async with self.coming_back:  # no time passes on that clock until it is there
            if self.ends and self.time.now() >= self.ends:
                self.ends = 0.0
                await self.bench.simulator.start()


async def test_provider_that_comes_back_during_the_pauses_gets_the_rest(tmp_path: Path) -> None:
    async with simulator_on_one_port() as simulator:
        bench = Bench(tmp_path, simulator)
        outage = Outage(bench)
        clock = Clock(outage.now, outage.sleep)
        first = await bench.run("hitpay", range(80), concurrency=4, clock=clock, watch=outage.watch)
        waits = [progress.wait for progress in first.progress if progress.wait]
        assert waits[:2] == [2.0, 4.0]
        assert len(waits) < PAUSES
        assert first.summary.exit_code == 1, first.summary.stopped
        assert set(first.counts) == {"created", "failed"}
        assert first.counts["created"] == bench.created("hitpay") > 40
        again = await bench.run("hitpay", range(80))
        assert again.summary.exit_code == 0
        assert bench.created("hitpay") == 80
        assert simulator.duplicates("hitpay") == 0


async def test_provider_that_only_fails_is_left_alone_and_nobody_is_sent_twice(tmp_path: Path) -> None:
    """Each of its 5xx may have done something: those rows are unknown, and the others are not sent."""
    async with serving(http("503 Service Unavailable", "busy")) as (address, requests):
        source = people_csv(tmp_path / "customers.csv", "krezypay", range(200))
        job = Job(
            source=source,
            provider="krezypay",
            base_url=address,
            ledger=f"sqlite:///{tmp_path / 'ledger.sqlite3'}",
            limits=FAST,
            concurrency=8,
        )
        outcome = await carry_out(job, {"KREZYPAY_TOKEN": "token"}, clock=FakeClock().clock)
    assert [progress.wait for progress in outcome.progress if progress.wait] == [2.0, 4.0, 8.0, 16.0, 32.0]
    assert outcome.summary.exit_code == 3
    assert outcome.counts == {"unknown": len(requests), "not_sent": 200 - len(requests)}
    assert len(requests) < 60


# -- too many errors


def half_refused(folder: Path, rows: int, bad: int) -> Path:
    """A sheet where every other row is refused by Rapyd, as its wallet is another's; so many of them."""
    people = [
        person("rapyd", number) | {"eWallet": "ewallet_1" if number % 2 and number < 2 * bad else ""}
        for number in range(rows)
    ]
    return write_csv(folder / "customers.csv", people)


@pytest.fixture
async def wallet_taken(bench: Bench) -> Bench:
    """At Rapyd somebody has the wallet already."""
    owner = write_csv(bench.folder / "owner.csv", [person("rapyd", 999) | {"eWallet": "ewallet_1"}])
    await carry_out(bench.job("rapyd", owner), bench.simulator.environment())
    return bench


@pytest.mark.parametrize(("allowed", "errors"), [("3", 3), ("10%", 4), ("12.5%", 5), ("0", 0)])
async def test_one_error_more_than_allowed_stops_a_run_under_way(
    wallet_taken: Bench, allowed: str, errors: int
) -> None:
    """A share is of all rows: forty here."""
    source = half_refused(wallet_taken.folder, 40, bad=20)
    job = replace(wallet_taken.job("rapyd", source), max_errors=allowed, concurrency=1)
    outcome = await carry_out(job, wallet_taken.simulator.environment())
    assert outcome.summary.exit_code == 3
    made = errors + 1
    assert outcome.counts == {"created": made, "rejected": made, "not_sent": 40 - 2 * made}
    assert allowed.rstrip("%") in outcome.summary.stopped or str(errors) in outcome.summary.stopped


@pytest.mark.parametrize("allowed", ["5", "12.5%"])
async def test_as_many_errors_as_allowed_do_not_stop_it(wallet_taken: Bench, allowed: str) -> None:
    source = half_refused(wallet_taken.folder, 40, bad=5)
    job = replace(wallet_taken.job("rapyd", source), max_errors=allowed, concurrency=1)
    outcome = await carry_out(job, wallet_taken.simulator.environment())
    assert outcome.summary.exit_code == 1
    assert outcome.counts == {"created": 35, "rejected": 5}


async def test_errors_are_counted_however_many_are_under_way(wallet_taken: Bench) -> None:
    source = half_refused(wallet_taken.folder, 300, bad=150)
    job = replace(wallet_taken.job("rapyd", source), max_errors="10", concurrency=16)
    outcome = await carry_out(job, wallet_taken.simulator.environment())
    assert outcome.summary.exit_code == 3
    assert 11 <= outcome.counts["rejected"] <= 11 + 16
