"""The examples of the guide to deploying, and a machine that is set up by it.

They are taken as they stand. Where a path of theirs cannot be on the machine that tests, it is replaced, and
nothing else is.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from importer.simulator import Simulator
from tests.cli_support import PATIENCE, Ended
from tests.support import people_csv

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "importer" / "DEPLOYING.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
SERVICE = "importer-nightly.service"


def example(name: str) -> str:
    """A file as the guide shows it."""
    found = re.search(rf"<!-- file: {re.escape(name)} -->\n```\w*\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None, name
    return found[1]


def settings(unit: str) -> Mapping[str, list[str]]:
    """The settings of a unit of systemd, each with its values."""
    found: dict[str, list[str]] = {}
    for line in example(unit).splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def needs(program: str) -> str:
    """The path of a program without which a test means nothing."""
    path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"needs {program}")
    return path


def output_of(*command: object, **variables: str) -> str:
    """What a command says in all; it must end with 0."""
    done = subprocess.run(
        [*map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **variables},
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@dataclass(frozen=True)
class Machine:
    """A machine as the guide sets it up, in a folder: below it are the places that the guide names."""

    folder: Path
    simulator: Simulator

    def place(self, path: str) -> Path:
        """Where a path of the guide is."""
        return self.folder / path.lstrip("/")

    def moved(self, text: str) -> str:
        """A text of the guide with its places below the folder, and its program where it is."""
        text = text.replace("/opt/importer/bin", str(BIN))
        return re.sub(r"(?<![\w/])/(etc|srv|var|state|data)/", rf"{self.folder}/\1/", text).replace(
            "sqlite:////", f"sqlite:///{self.folder}/"
        )

    def set_up(self) -> "Machine":
        """The folders, the keys and the job."""
        for path in (
            "/etc/importer/keys", "/srv/importer/inbox", "/var/log/importer", "/var/lib/importer",
            "/var/lib/importer-metrics",
        ):  # fmt: skip
            self.place(path).mkdir(parents=True)
        for name, value in self.simulator.environment().items():
            self.key(name, value)
        self.key("IMPORTER_NOTIFY_URLS", "json://127.0.0.1:9/")  # nobody listens there
        # no test waits half a minute until a file is whole, or a second for each row
        text = self.moved(example("nightly.toml")).replace("[inbox]\n", "[inbox]\nquiet_for = 0.0\n")
        text = f'rate = ["10000/s"]\n{text}'
        self.place("/etc/importer/nightly.toml").write_text(text, encoding="utf-8")
        return self

    def key(self, name: str, value: str) -> None:
        """A secret, for its owner alone."""
        path = self.place("/etc/importer/keys") / name
        path.write_text(value, encoding="utf-8")
        path.chmod(0o600)

    def deliver(self, name: str, numbers: range) -> Path:
        """A sheet in the inbox."""
        return people_csv(self.place("/srv/importer/inbox") / name, "hitpay", numbers)

    def service_variables(self) -> dict[str, str]:
        """What systemd gives the service: hardly anything, and a folder with its credentials."""
        credentials = self.folder / "credentials"
        credentials.mkdir(exist_ok=True)
        for line in settings(SERVICE)["LoadCredential"]:
            name, _, path = line.partition(":")
            (credentials / name).unlink(missing_ok=True)
            shutil.copy(self.moved(path), credentials / name)
            (credentials / name).chmod(0o400)
        return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "CREDENTIALS_DIRECTORY": str(credentials)}

    def night(self) -> Ended:
        """A night as the service starts it."""
        (command,) = settings(SERVICE)["ExecStart"]
        return self.sh(f"exec {self.moved(command)}", self.service_variables())

    def sh(self, command: str, variables: Mapping[str, str]) -> Ended:
        """A command with these variables and no others, but for where the provider's stand-in is."""
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            env={**variables, "HITPAY_BASE_URL": self.simulator.base_url("hitpay")},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)
