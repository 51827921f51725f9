"""The command line as people and jobs use it: a process, its exit code, and what it wrote where."""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from importer.simulator import NAMES, Simulator

COMMAND = (sys.executable, "-m", "importer")
PATIENCE = 120
"""Seconds after which a command hangs, on the slowest machine."""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it wrote."""

    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document

    @property
    def counts(self) -> dict[str, int]:
        """The counts of the summary that are not zero."""
        return {status: count for status, count in self.json["counts"].items() if count}


@dataclass
class Shell:
    """A folder to work in, with a simulator that can be reached and its credentials in the environment."""

    folder: Path
    simulator: Simulator

    @property
    def environment(self) -> dict[str, str]:
        """What a command sees: this process's own variables, the dummy credentials, a ledger of its own."""
        state = self.folder / "state"
        return {
            **os.environ,
            **self.simulator.environment(),
            "IMPORTER_LEDGER": f"sqlite:///{state / 'ledger.sqlite3'}",
            "XDG_STATE_HOME": str(state),
            "COLUMNS": "110",
        }

    @property
    def addresses(self) -> dict[str, str]:
        """Variables with the simulator's address for each provider that has one of its own."""
        own = (name for name in NAMES if name != "yativo")
        return {f"{name.upper()}_BASE_URL": self.simulator.base_url(name) for name in own}

    def write(self, name: str, rows: Sequence[Mapping[str, str]]) -> Path:
        """A CSV with these rows."""
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        return path

    def importer(
        self, *arguments: object, variables: Mapping[str, str] | None = None, bare: bool = False
    ) -> Ended:
        """Run a command to its end, in the folder. `bare` leaves the credentials out."""
        process = self.start(*arguments, variables=variables, bare=bare)
        out, err = process.communicate(timeout=PATIENCE)
        return Ended(process.returncode, out, err)

    def run(self, source: Path, *arguments: object, provider: str = "hitpay", **variables: str) -> Ended:
        """`importer run SOURCE --json` at the simulator, as fast as it can."""
        told = ("run", source, "-p", provider, "--base-url", self.simulator.base_url(provider), "--json")
        rate = () if "--rate" in arguments else ("--rate", "10000/s")
        return self.importer(*told, *rate, *arguments, variables=variables)

    def go_on(self, results: Path, **variables: str) -> Ended:
        """`importer run RESULTS` with no option that says where the customers go."""
        return self.importer("run", results, "--json", "--rate", "10000/s", variables=variables)

    def start(
        self,
        *arguments: object,
        variables: Mapping[str, str] | None = None,
        bare: bool = False,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.PIPE,
    ) -> subprocess.Popen[str]:
        """A command under way; whoever starts it also ends it."""
        environment = self.environment | dict(variables or {})
        if bare:
            environment = {n: v for n, v in environment.items() if n not in self.simulator.environment()}
        return subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )


def until(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.005)


def results_of(path: Path) -> list[dict[str, str]]:
    """The lines of a CSV results file, by heading."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def statuses(path: Path) -> list[str]:
    """The statuses in a CSV results file, in sheet order."""
    return [line["import_status"] for line in results_of(path)]
