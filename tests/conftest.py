"""Fixtures of all tests."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from importer.simulator import Settings, Simulator
from tests.support import Bench, FakeClock

OURS = ("IMPORTER_", "HITPAY_", "RAPYD_", "JUICYWAY_", "YATIVO_", "KREZYPAY_")


@pytest.fixture
def fake_clock() -> FakeClock:
    """A clock that nobody waits for."""
    return FakeClock()


@pytest.fixture(autouse=True)
def _no_ambient_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine's user leaks into a test, and no test writes into their ledger."""
    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A folder and a healthy simulator without limits; a test sets the faults it wants."""
    async with Simulator(Settings(limits=False)) as simulator:
        yield Bench(tmp_path, simulator)
