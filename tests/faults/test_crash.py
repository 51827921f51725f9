"""The real command, killed with SIGKILL at random moments: nobody is created twice, no row is lost."""

import csv
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from importer.providers import PROVIDERS
from importer.simulator import Fault, Faults, Settings, Simulator, running_simulator
from tests.support import people_csv, person

ROWS = 40
FAULTS = {
    Fault.SERVER_ERROR: 0.03,
    Fault.CUT_BEFORE: 0.03,
    Fault.CUT_AFTER: 0.05,
    Fault.GARBLED: 0.03,
    Fault.ERROR_AFTER: 0.03,
}
LONGEST_LIFE = 1.5
"""Seconds within which a run of so few rows is at any of its moments."""


@dataclass
class Crashes:
    """A sheet, a provider and a ledger, and how often the command over them was killed."""

    folder: Path
    provider: str
    ledger: str
    simulator: Simulator
    chance: random.Random
    killed: int = 0

    def start(self) -> subprocess.Popen[str]:
        words = ["run", str(self.folder / "customers.csv"), "-p", self.provider, "--ledger", self.ledger]
        words += ["--base-url", self.simulator.base_url(self.provider)]
        words += ["--rate", "150/s", "--settle-after", "0", "--yes"]
        return subprocess.Popen(
            [sys.executable, "-m", "importer", *words],
            env={**self.simulator.environment(), "HOME": str(self.folder), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def kill(self, moment: Callable[[], bool]) -> bool:
        """Start the command and kill it at a moment; False if it ended by itself before."""
        process = self.start()
        while process.poll() is None and not moment():
            time.sleep(0.001)  # looking again, not waiting for time to pass
        process.kill()
        process.communicate()
        self.killed += process.returncode < 0
        return process.returncode < 0

    def while_sending(self) -> Callable[[], bool]:
        """After some more requests, and a little later."""
        enough = self.simulator.counts(self.provider).requests + self.chance.randint(1, ROWS // 2)
        later = self.chance.uniform(0, 0.03)
        reached = list[float]()

        def now() -> bool:
            if not reached and self.simulator.counts(self.provider).requests >= enough:
                reached.append(time.monotonic())
            return bool(reached) and time.monotonic() >= reached[0] + later

        return now

    def while_writing_results(self) -> Callable[[], bool]:
        return lambda: any(self.folder.glob(".importer-*.tmp"))

    def whenever(self) -> Callable[[], bool]:
        end = time.monotonic() + self.chance.uniform(0, LONGEST_LIFE)
        return lambda: time.monotonic() >= end

    def some_moment(self) -> Callable[[], bool]:
        kinds = (self.while_sending, self.while_writing_results, self.whenever)
        return self.chance.choices(kinds, weights=(6, 1, 2))[0]()

    def struck(self) -> int:
        """How many rows a kill found on their way, as the ledger remembers it."""
        engine = sa.create_engine(self.ledger)
        with engine.connect() as connection:
            count = sum(
                int(
                    connection.exec_driver_sql(
                        f"SELECT count(*) FROM {table} WHERE code = 'interrupted'"
                    ).scalar_one()
                )
                for table in ("history", "customer")
            )
        engine.dispose()
        return count

    def results(self) -> list[dict[str, str]]:
        path = self.folder / "customers.results.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


def crash_and_recover(folder: Path, provider: str, *, ledger: str = "", kills: int, seed: int) -> Crashes:
    """Kill the command so often, let it end once, and look at what the provider and the results say."""
    people_csv(folder / "customers.csv", provider, range(ROWS))
    faults = {provider: Faults(probabilities=FAULTS)}
    settings = Settings(seed=seed, limits=False, latency=0.005, jitter=0.02, faults=faults)
    with running_simulator(settings) as simulator:
        url = ledger or f"sqlite:///{folder / 'ledger.sqlite3'}"
        crashes = Crashes(folder, provider, url, simulator, random.Random(seed))
        going_on = crashes.kill(crashes.while_sending())
        for _ in range(kills - 1):
            going_on = going_on and crashes.kill(crashes.some_moment())
        simulator.set_faults(Faults())
        process = crashes.start()
        _, told = process.communicate(timeout=300)
    assert crashes.killed, "it was done before it could be killed"
    check_provider(crashes)
    check_results(crashes, process.returncode, told)
    return crashes


def check_provider(crashes: Crashes) -> None:
    """Nobody is there twice, and whoever was there was never sent again, not even to be refused."""
    emails = [email_in(customer.raw) for customer in crashes.simulator.customers(crashes.provider)]
    assert len(set(emails)) == len(emails), "a customer was created twice"
    made: dict[str, str] = {}
    for request in crashes.simulator.requests(crashes.provider):
        if request.method == "POST" and request.body and (email := email_in(request.body)):
            key = request.headers.get("Idempotency-Key", "")
            protected = crashes.provider == "juicyway" and made.get(email) == key
            assert email not in made or protected, f"{email} was there, and was sent again"
            if request.customer_id:
                made[email] = key


def check_results(crashes: Crashes, exit_code: int, told: str) -> None:
    """Every row has a line, in order, with its own customer's id."""
    lines = crashes.results()
    expected = [person(crashes.provider, number)["Email"] for number in range(ROWS)]
    assert [line["Email"] for line in lines] == expected, told
    customers = {one.id: email_in(one.raw) for one in crashes.simulator.customers(crashes.provider)}
    for line in lines:
        assert not line["import_customer_id"] or customers[line["import_customer_id"]] == line["Email"]
    ended = Counter(line["import_status"] for line in lines)
    if crashes.provider == "krezypay":  # nobody can look it up: what was lost waits for a person
        assert set(ended) <= {"created", "exists", "unknown"}, ended
        assert ended["created"] + ended["exists"] <= len(customers) <= ROWS
        assert exit_code == (1 if ended["unknown"] else 0)
    else:
        assert set(ended) <= {"created", "exists"}, ended
        assert len(customers) == ROWS
        assert exit_code == 0, told


def email_in(body: bytes) -> str:
    return next((str(value) for name, value in json.loads(body).items() if "email" in name), "")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_killed_run_creates_nobody_twice_and_loses_no_row(tmp_path: Path, provider: str) -> None:
    crash_and_recover(tmp_path, provider, kills=3, seed=len(provider))


@pytest.mark.parametrize("provider", ["rapyd", "juicyway"])
def test_killed_run_with_a_teams_ledger_creates_nobody_twice_and_loses_no_row(
    tmp_path: Path, postgres_url: str, provider: str
) -> None:
    """Rapyd refuses no duplicate itself, and JuicyWay is sent lost requests again."""
    crash_and_recover(tmp_path, provider, ledger=postgres_url, kills=2, seed=len(provider))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("provider", PROVIDERS)
def test_run_killed_again_and_again_creates_nobody_twice(tmp_path: Path, provider: str, seed: int) -> None:
    crashes = crash_and_recover(tmp_path, provider, kills=6, seed=seed)
    assert crashes.struck(), "no kill struck a row on its way"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("provider", PROVIDERS)
def test_run_with_a_teams_ledger_killed_again_and_again_creates_nobody_twice(
    tmp_path: Path, postgres_url: str, provider: str, seed: int
) -> None:
    crashes = crash_and_recover(tmp_path, provider, ledger=postgres_url, kills=5, seed=seed)
    assert crashes.struck(), "no kill struck a row on its way"
