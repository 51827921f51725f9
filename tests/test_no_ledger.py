"""Looking for runs where there is no ledger says so, and makes none."""

import json
from pathlib import Path

import pytest

from importer.simulator import Simulator
from tests.cli_support import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A folder in which nothing was run; no request is made."""
    return Shell(tmp_path, Simulator())


@pytest.mark.parametrize(("words", "exit_code"), [((), 0), (("some-run",), 2)])
def test_ledger_that_is_not_there_is_named_and_not_made(
    shell: Shell, words: tuple[str, ...], exit_code: int
) -> None:
    ended = shell.importer("runs", *words, bare=True)
    assert ended.exit_code == exit_code, ended.err
    told = ended.out + ended.err
    assert f"There is no ledger at {shell.folder / 'state' / 'ledger.sqlite3'}." in told
    assert "--ledger" in told
    assert list(shell.folder.iterdir()) == []


def test_no_runs_in_json_are_an_empty_list(shell: Shell) -> None:
    ended = shell.importer("runs", "--json", bare=True)
    assert (ended.exit_code, json.loads(ended.out)) == (0, {"runs": []})
