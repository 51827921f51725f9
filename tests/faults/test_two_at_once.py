"""Two real processes on one ledger: no customer twice, one limit kept together, and nobody robbed alive."""

import asyncio
import random
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from importer.progress import Phase, Progress
from importer.simulator import Fault, Faults, ForCustomer, Settings, Window, running_simulator
from tests.cli_support import PATIENCE, Shell, results_of, until
from tests.support import Bench, FakeClock, carry_out, people_csv, person

PROVIDER = "rapyd"
"""It refuses no duplicate: whoever is sent twice is there twice."""


def start(shell: Shell, name: str, numbers: Iterable[int], *options: object) -> subprocess.Popen[str]:
    source = people_csv(shell.folder / f"{name}.csv", PROVIDER, numbers)
    url = shell.simulator.base_url(PROVIDER)
    return shell.start("run", source, "-p", PROVIDER, "--base-url", url, "--settle-after", 0, *options)


def end_well(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, out + err


def test_two_over_overlapping_files_make_nobody_twice_and_keep_the_limit_together(tmp_path: Path) -> None:
    """Look-ups of lost answers draw on it as well. The provider enforces its window strictly."""
    lost = {person(PROVIDER, number)["Email"]: ForCustomer(Fault.CUT_AFTER) for number in (3, 9, 15, 45, 51)}
    faults = {PROVIDER: Faults(by_email=lost)}
    settings = Settings(rates={PROVIDER: (Window(45, 3.0),)}, faults=faults)
    shuffled = random.Random(0).sample
    with running_simulator(settings) as simulator:
        shell = Shell(tmp_path, simulator)
        one = start(shell, "one", shuffled(range(40), 40), "--rate", "45/3s")
        two = start(shell, "two", shuffled(range(20, 60), 40), "--rate", "45/3s")
        end_well(one, two)
        counts = simulator.counts(PROVIDER)
        assert counts.rate_limited == counts.answered[429] == 0
        assert counts.look_ups >= 1
        assert len(simulator.customers(PROVIDER)) == counts.creates == 60
        assert simulator.duplicates(PROVIDER) == 0
        arrived = [request.arrived for request in simulator.requests(PROVIDER)]
        assert len([time for time in arrived if time < arrived[0] + 3.0]) > 22, "they waited for each other"
    for name in ("one", "two"):
        ended = [line["import_status"] for line in results_of(tmp_path / f"{name}.results.csv")]
        assert ended.count("created") >= 20
        assert ended.count("created") + ended.count("exists") == 40


def test_killed_process_loses_nothing_to_the_other_one(tmp_path: Path) -> None:
    with running_simulator(Settings(limits=False, latency=0.01, jitter=0.02)) as simulator:
        shell = Shell(tmp_path, simulator)
        doomed = start(shell, "one", range(60), "--rate", "60/s")
        survivor = start(shell, "two", range(60), "--rate", "60/s")
        until(lambda: simulator.counts(PROVIDER).creates >= 20)
        doomed.kill()
        doomed.communicate()
        assert doomed.returncode == -signal.SIGKILL
        end_well(survivor)
        assert len(simulator.customers(PROVIDER)) == 60
        assert simulator.duplicates(PROVIDER) == 0


@dataclass
class Onlooker:
    """Watches a run that waits for another one's row, and does something to that one every third time."""

    owner: subprocess.Popen[str]
    bench: Bench
    looked: int = 0

    def __call__(self, progress: Progress) -> None:
        if progress.phase is not Phase.WAITING:
            return
        assert self.bench.simulator.counts(PROVIDER).look_ups == 0, "it was taken over from a living process"
        self.looked += 1
        if self.looked == 3:
            self.owner.send_signal(signal.SIGSTOP)  # as a laptop that is closed: silent, and alive
        elif self.looked == 6:
            self.owner.kill()
            self.owner.communicate()


def test_row_is_taken_over_once_its_owner_is_gone_and_not_while_it_is_silent(
    tmp_path: Path, ledger_url: str
) -> None:
    email = person(PROVIDER, 1)["Email"]
    hanging = Faults(by_email={email: ForCustomer(Fault.SLOW, times=1)}, slow_seconds=PATIENCE)
    settings = Settings(limits=False, faults={PROVIDER: hanging}, drain_seconds=0.01)
    with running_simulator(settings) as simulator:
        shell, bench = Shell(tmp_path, simulator), Bench(tmp_path, simulator)
        owner = start(shell, "one", range(3), "--rate", "100/s", "--ledger", ledger_url)
        try:
            until(lambda: simulator.counts(PROVIDER).creates == 3)
            source = people_csv(tmp_path / "two.csv", PROVIDER, range(1, 5))
            job = replace(bench.job(PROVIDER, source), ledger=ledger_url)
            onlooker, clock = Onlooker(owner, bench), FakeClock(time.time()).clock
            outcome = asyncio.run(carry_out(job, simulator.environment(), clock=clock, watch=onlooker))
        finally:
            owner.kill()
            owner.communicate()
        assert onlooker.looked >= 6
        assert outcome.summary.exit_code == 0
        assert outcome.statuses == ["created", "exists", "created", "created"]
        assert simulator.counts(PROVIDER).look_ups == 1
        assert len(simulator.customers(PROVIDER)) == simulator.counts(PROVIDER).creates == 5
