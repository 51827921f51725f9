"""A nightly job to test with: its folder, its file, and the nights that are carried out."""

import json
import shlex
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from importer.cli import main
from tests.cli_support import Ended, Shell
from tests.support import people_csv, person, write_csv

PROVIDER = "hitpay"


@dataclass
class Nightly:
    """A job file in a folder of its own, and what it is carried out with."""

    shell: Shell
    lines: dict[str, object] = field(default_factory=dict)
    sections: dict[str, dict[str, object]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the job and its files are."""
        return self.shell.folder

    @property
    def path(self) -> Path:
        """The job file."""
        return self.folder / "nightly.toml"

    def write(self, *, inbox: bool = False, **lines: object) -> Path:
        """The job file, with a simulator that is reached as fast as it can be."""
        told = {
            "provider": PROVIDER,
            "base_url": self.shell.simulator.base_url(PROVIDER),
            "rate": ["10000/s"],
            "settle_after": 0.0,
            **self.lines,
            **lines,
        }
        sections = dict(self.sections)
        if inbox:
            (self.folder / "inbox").mkdir(exist_ok=True)
            sections = {"inbox": {"folder": "inbox", "quiet_for": 0.0}, **sections}
        else:
            told.setdefault("source", "customers.csv")
        text = _toml(told) + "".join(f"\n[{name}]\n{_toml(each)}" for name, each in sections.items())
        self.path.write_text(text, encoding="utf-8")
        self.path.chmod(0o600)  # as importer job new makes it: there may be a password in it
        return self.path

    def people(self, name: str, numbers: Iterable[int]) -> Path:
        """A sheet of made-up customers in the folder."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        return people_csv(path, PROVIDER, numbers)

    def rows(self, name: str, rows: Iterable[Mapping[str, str]]) -> Path:
        """A sheet of these rows in the folder."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        return write_csv(path, rows)

    def night(self, *options: object) -> Ended:
        """One night, to its end, in this process."""
        return self.importer("run", "--job", self.path, "--json", *options)

    def importer(self, *arguments: object) -> Ended:
        """A command to its end, in this process, whose environment and folder are the job's."""
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
            exit_code = main([*map(str, arguments)])
        return Ended(exit_code, out.getvalue(), err.getvalue())

    def process(self, *options: object) -> Ended:
        """One night, to its end, as a timer starts it."""
        return self.shell.importer("run", "--job", self.path, "--json", *options)

    @property
    def emails(self) -> list[str]:
        """Whom the simulator has, in the order of their creation."""
        return [json.loads(one.raw)["email"] for one in self.shell.simulator.customers(PROVIDER)]

    def files(self, folder: str) -> list[str]:
        """The files in a folder that a person sees."""
        return sorted(each.name for each in (self.folder / folder).iterdir() if not each.name.startswith("."))


def emails(numbers: Iterable[int]) -> list[str]:
    """The addresses of made-up customers."""
    return [person(PROVIDER, number)["Email"] for number in numbers]


def way_out(ended: Ended) -> list[str]:
    """The words of the command that goes on in spite of an alarm."""
    last = ended.err.splitlines()[-1]
    assert "If all is right: importer " in last, ended.err
    return shlex.split(last.rpartition("If all is right: importer ")[2])


def alarms(ended: Ended) -> dict[str, bool]:
    """The alarms of a night, and whether each stopped its file."""
    return {alarm["kind"]: alarm["stops"] for alarm in ended.json["alarms"]}


def _toml(table: Mapping[str, Any]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())
