"""A ledger or a disk that fails: a clear message, and nothing sent that could not be recorded."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from importer.errors import LedgerError, SettingsError
from importer.ledger import database
from importer.planning import check
from importer.simulator import Settings, Simulator, running_simulator
from tests.support import Bench, people_csv

ROWS = 400


def command(folder: Path, simulator: Simulator) -> list[str]:
    return [
        *(sys.executable, "-m", "importer", "run", str(folder / "customers.csv"), "-p", "hitpay", "--yes"),
        *("--base-url", simulator.base_url("hitpay"), "--ledger", f"sqlite:///{folder / 'ledger.sqlite3'}"),
        *("--rate", "10000/s", "--settle-after", "0"),
    ]


def no_file_above(size: int) -> None:
    """The disk is full at so many bytes a file; writing more is an error and no signal."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [150_000, 200_000, 300_000])
def test_full_disk_stops_the_run_and_the_next_one_goes_on(tmp_path: Path, size: int) -> None:
    people_csv(tmp_path / "customers.csv", "hitpay", range(ROWS))
    with running_simulator(Settings(limits=False)) as simulator:
        environment = {**os.environ, **simulator.environment()}
        full = subprocess.run(
            command(tmp_path, simulator),
            env=environment,
            capture_output=True,
            text=True,
            preexec_fn=lambda: no_file_above(size),
            check=False,
        )
        sent = len(simulator.customers("hitpay"))
        assert full.returncode == 3, full.stderr
        assert "Traceback" not in full.stderr
        assert "run the same command again" in full.stderr
        assert sent < ROWS
        after = subprocess.run(
            command(tmp_path, simulator), env=environment, capture_output=True, text=True, check=False
        )
        assert after.returncode == 0, after.stdout + after.stderr
        assert len(simulator.customers("hitpay")) == ROWS
        assert simulator.duplicates("hitpay") == 0


def test_ledger_in_a_place_that_cannot_be_is_told_before_anything_is_sent(bench: Bench) -> None:
    (bench.folder / "file").write_text("no folder")
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(2))
    job = replace(bench.job("hitpay", source), ledger=f"sqlite:///{bench.folder / 'file' / 'ledger.sqlite3'}")
    with pytest.raises(SettingsError, match="folder"):
        check(job, variables={})


def test_damaged_ledger_is_told_before_anything_is_sent(bench: Bench) -> None:
    (bench.folder / "ledger.sqlite3").write_bytes(b"SQLite format 3\0" + b"damaged" * 1000)
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(2))
    with pytest.raises(LedgerError, match="cannot be used"):
        check(bench.job("hitpay", source), variables={})


def test_ledger_that_somebody_keeps_locked_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0.05)
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(2))
    check(bench.job("hitpay", source), variables={}).close()
    holder = sqlite3.connect(bench.folder / "ledger.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(LedgerError, match="locked"):
            check(bench.job("hitpay", source), variables={})
    finally:
        holder.close()


def test_results_that_find_no_room_are_told_before_anything_is_sent(tmp_path: Path) -> None:
    """A disk that is full takes an empty file all the same."""
    people_csv(tmp_path / "customers.csv", "hitpay", range(8_000))
    with running_simulator(Settings(limits=False)) as simulator:
        full = subprocess.run(
            command(tmp_path, simulator),
            env={**os.environ, **simulator.environment()},
            capture_output=True,
            text=True,
            preexec_fn=lambda: no_file_above(1_500_000),
            check=False,
        )
        assert full.returncode == 2, full.stderr
        assert "customers.results.csv cannot be written: the disk is full" in full.stderr
        assert "Nothing was sent." in full.stderr
        assert simulator.counts("hitpay").requests == 0
    assert [path.name for path in tmp_path.glob(".*")] == []
