"""What the tests of the nightly job share: a simulator that answers at once, and a job."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from importer.simulator import Settings, Simulator, running_simulator
from tests.cli_support import Shell
from tests.night.support import Nightly


@pytest.fixture(scope="package")
def simulators() -> Iterator[Simulator]:
    """The one simulator of these tests. It does not wait for hanging answers when it ends."""
    with running_simulator(Settings(limits=False, drain_seconds=0.01)) as simulator:
        yield simulator


@pytest.fixture
def nightly(simulators: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nightly:
    """A job without a file so far."""
    simulators.reset()
    shell = Shell(tmp_path, simulators)
    for name, value in shell.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return Nightly(shell)
