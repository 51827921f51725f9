"""The real command, killed with SIGKILL at random moments: nobody is created twice, no row is lost."""

import csv
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from importer.providers import PROVIDERS
from importer.simulator import Fault, Faults, Settings, Simulator, running_simulator
from tests.support import people_csv

ROWS = 40
FAULTS = {
    Fault.SERVER_ERROR: 0.03,
    Fault.CUT_BEFORE: 0.03,
    Fault.CUT_AFTER: 0.05,
    Fault.GARBLED: 0.03,
    Fault.ERROR_AFTER: 0.03,
}


def command(folder: Path, provider: str, simulator: Simulator) -> list[str]:
    return [
        *(sys.executable, "-m", "importer", "run", str(folder / "customers.csv"), "-p", provider),
        *("--base-url", simulator.base_url(provider), "--ledger", f"sqlite:///{folder / 'ledger.sqlite3'}"),
        *("--rate", "150/s", "--settle-after", "0", "--yes"),
    ]


def kill_somewhere(folder: Path, provider: str, simulator: Simulator, chance: random.Random) -> int | None:
    """Start the command, and kill it after some requests more; its exit code if it was done before."""
    process = subprocess.Popen(
        command(folder, provider, simulator),
        env=environment(folder, simulator),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    enough = simulator.counts(provider).requests + chance.randint(1, ROWS // 2)
    moment = chance.uniform(0, 0.03)
    while process.poll() is None and simulator.counts(provider).requests < enough:
        time.sleep(0.001)  # looking again, not waiting for time to pass
    until = time.monotonic() + moment
    while process.poll() is None and time.monotonic() < until:
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    return process.returncode if process.returncode >= 0 else None


def environment(folder: Path, simulator: Simulator) -> dict[str, str]:
    return {**simulator.environment(), "HOME": str(folder), "PATH": "/usr/bin:/bin"}


def statuses(folder: Path) -> list[str]:
    with (folder / "customers.results.csv").open(encoding="utf-8-sig", newline="") as file:
        return [line["import_status"] for line in csv.DictReader(file)]


def crash_and_recover(folder: Path, provider: str, *, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    people_csv(folder / "customers.csv", provider, range(ROWS))
    settings = Settings(
        seed=seed, limits=False, latency=0.005, jitter=0.02, faults={provider: Faults(probabilities=FAULTS)}
    )
    with running_simulator(settings) as simulator:
        for _ in range(kills):
            if kill_somewhere(folder, provider, simulator, chance) is not None:
                break
        simulator.set_faults(Faults())
        done = subprocess.run(
            command(folder, provider, simulator),
            env=environment(folder, simulator),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        ended = Counter(statuses(folder))
        emails = [
            next(value for name, value in customer.body.items() if "email" in name)
            for customer in simulator.customers(provider)
        ]
    assert sum(ended.values()) == ROWS, done.stderr
    assert len(set(emails)) == len(emails), "a customer was created twice"
    if provider == "krezypay":  # nobody can look it up: what was lost waits for a person, and is never resent
        assert set(ended) <= {"created", "exists", "unknown"}
        assert ended["created"] + ended["exists"] <= len(emails) <= ROWS
    else:
        assert set(ended) <= {"created", "exists"}, ended
        assert len(emails) == ROWS
        assert done.returncode == 0


@pytest.mark.parametrize("provider", PROVIDERS)
def test_killed_run_creates_nobody_twice_and_loses_no_row(tmp_path: Path, provider: str) -> None:
    crash_and_recover(tmp_path, provider, kills=3, seed=len(provider))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("provider", PROVIDERS)
def test_run_killed_again_and_again_creates_nobody_twice(tmp_path: Path, provider: str, seed: int) -> None:
    crash_and_recover(tmp_path, provider, kills=6, seed=seed)
