"""What the tests of the guide to deploying share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from importer.simulator import Settings, running_simulator
from tests.deploying.guide import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine that is set up."""
    with running_simulator(Settings(limits=False)) as simulator:
        yield Machine(tmp_path / "machine", simulator).set_up()
