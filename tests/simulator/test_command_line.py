"""python -m importer.simulator, as a process of its own."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from importer.simulator import Fault, Faults, Window, read_faults, read_rates
from importer.simulator.__main__ import main

COMMAND = [sys.executable, "-m", "importer.simulator"]


@contextmanager
def started(*options: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_announces_itself_in_one_line_and_stops_on_a_signal(number: signal.Signals) -> None:
    with started("--seed", "7", "--fault", "refused=1:hitpay") as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        with urllib.request.urlopen(f"{told['url']}/_simulator/") as response:
            assert json.load(response)["hitpay"]["requests"] == 0
        process.send_signal(number)
        output, errors = process.communicate(timeout=20)
        assert (process.returncode, output, errors) == (0, "", "")


def test_a_port_that_is_taken_is_told_and_exits_2() -> None:
    with started() as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["url"].rpartition(":")[2]
        second = subprocess.run(
            [*COMMAND, "--port", port], capture_output=True, text=True, timeout=20, check=False
        )
        assert second.returncode == 2
        assert "Choose another --port." in second.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["--fault", "sloth=1"],
        ["--fault", "slow=often"],
        ["--fault", "slow=1:stripe"],
        ["--fault", "slow=2"],
        ["--rate", "hitpay"],
        ["--rate", "hitpay=fast"],
        ["--rate", "stripe=1/s"],
    ],
)
def test_what_cannot_be_read_is_told_and_exits_2(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(options)
    assert stop.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_faults_for_all_are_part_of_each_providers_own() -> None:
    assert read_faults(["slow=0.1", "cut_after=0.5:hitpay", "slow=0.3:rapyd"]) == {
        "all": Faults(probabilities={Fault.SLOW: 0.1}),
        "hitpay": Faults(probabilities={Fault.SLOW: 0.1, Fault.CUT_AFTER: 0.5}),
        "rapyd": Faults(probabilities={Fault.SLOW: 0.3}),
    }


def test_several_rates_of_one_provider_are_several_windows() -> None:
    assert read_rates(["hitpay=25/s", "hitpay=100/min", "all=1/s"]) == {
        "hitpay": (Window(25, 1), Window(100, 60)),
        "all": (Window(1, 1),),
    }
