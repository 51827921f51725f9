"""importer runs: what ran, what of it is still going or gone, and one run with its results once more."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from importer.cli.ages import parse_age, parse_since
from importer.errors import SettingsError
from importer.ledger import Ledger, RunState
from importer.ledger.tables import VERSION
from importer.rows import Status
from importer.simulator import Settings, Simulator, running_simulator
from tests.cli_support import Shell
from tests.support import people_csv
from tests.test_ledger import open_run

DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def simulators() -> Iterator[Simulator]:
    with running_simulator(Settings(limits=False)) as simulator:
        yield simulator


@pytest.fixture
def shell(simulators: Simulator, tmp_path: Path) -> Shell:
    simulators.reset()
    return Shell(tmp_path, simulators)


def version_2(path: Path) -> str:
    """A ledger as version 2 wrote it: four rows at Krezypay, of which a person settled one."""
    database = sqlite3.connect(path)
    database.executescript((DATA / "ledger-version-2.sql").read_text(encoding="utf-8"))
    database.close()
    return f"sqlite:///{path}"


def test_ledger_of_version_2_is_taken_over_with_its_runs_and_customers(tmp_path: Path) -> None:
    url = version_2(tmp_path / "ledger.sqlite3")
    for _ in range(2):  # taken over once, and as it is from then on
        with Ledger.open(url) as ledger:
            newest, first = ledger.runs()
            assert (first.state, first.counts["created"], first.counts["unknown"]) == (RunState.ENDED, 2, 2)
            assert (newest.settings, newest.stopped, newest.job) == (None, "", "")
            ledger.use_account(first.account)
    database = sqlite3.connect(tmp_path / "ledger.sqlite3")
    assert database.execute("SELECT max(version) FROM ledger_version").fetchone() == (VERSION,)
    assert database.execute("SELECT count(*), max(extra) FROM history").fetchone() == (1, "{}")
    assert database.execute("SELECT count(*) FROM customer").fetchone() == (4,)
    database.close()


def test_run_that_is_going_and_one_that_is_gone_are_told_apart(ledger_url: str) -> None:
    with open_run(ledger_url, "killed"):
        pass  # its lock goes, and it never said how it ended
    with open_run(ledger_url, "living"), open_run(ledger_url, "ended") as ended:
        ended.end_run(exit_code=1, counts={Status.CREATED: 3}, stopped="the time has come")
        with Ledger.open(ledger_url) as ledger:
            found = {each.id: each for each in ledger.runs()}
    assert {name: str(each.state) for name, each in found.items()} == {
        "killed": "gone",
        "living": "running",
        "ended": "ended",
    }
    assert found["ended"].stopped == "the time has come"


def test_runs_of_a_job_and_of_late_can_be_asked_for(ledger_url: str) -> None:
    with Ledger.open(ledger_url) as ledger:
        ledger.use_account("hitpay/sandbox/default")
        for name, job in (("a", ""), ("b", "nightly"), ("c", "nightly")):
            ledger.begin_run(name, source="s", output="o", job=job)
        ids = [[each.id for each in ledger.runs(**told)] for told in ({"job": "nightly"}, {"limit": 1})]
        assert ids == [["c", "b"], ["c"]]
        assert ledger.runs(since=ledger.runs()[0].started_at + 1) == []


def test_lines_of_the_list_stand_below_each_other(shell: Shell) -> None:
    shell.run(people_csv(shell.folder / "c.csv", "hitpay", range(2)))
    shell.run(people_csv(shell.folder / "a longer name.csv", "rapyd", range(12)), provider="rapyd")
    lines = shell.importer("runs", bare=True).out.splitlines()
    assert [line.index("12 created" if "rapyd" in line else "2 created") for line in lines] == [
        lines[0].index("12 created")
    ] * 2
    assert len(shell.importer("runs", "--limit", 1, bare=True).out.splitlines()) == 1
    listed = shell.importer("runs", "--json", "--since", "1d", bare=True).json["runs"]
    assert [each["state"] for each in listed] == ["ended", "ended"]


def test_one_run_tells_when_where_and_why_it_stopped_and_how_to_write_its_results(shell: Shell) -> None:
    source = people_csv(shell.folder / "c.csv", "hitpay", range(3))
    run = shell.run(source, "--limit", 2).json["run"]
    told = shell.importer("runs", run, bare=True).out
    for wanted in (str(source), "c.results.csv", "exit code 1", "2 created, 1 not_sent", "10000/s"):
        assert wanted in told
    command = told.splitlines()[-1].partition(": importer ")[2].split()
    written = shell.importer(*command, bare=True)
    assert (written.exit_code, "2 created, 1 not_sent" in written.out) == (0, True)
    assert (shell.folder / "again.csv").read_bytes() == (shell.folder / "c.results.csv").read_bytes()
    source.write_text("Name,Email,Phone\nX,x@example.com,+12025550199\n", encoding="utf-8")
    refused = shell.importer(*command, "--json", bare=True)
    assert (refused.exit_code, "--changed" in refused.json["error"]) == (2, True)


def test_word_after_runs_is_a_run_wherever_the_options_stand(shell: Shell) -> None:
    run = shell.run(people_csv(shell.folder / "c.csv", "hitpay", range(1))).json["run"]
    for words in (("runs", "--json", run), ("runs", run, "--json")):
        assert json.loads(shell.importer(*words, bare=True).out)["id"] == run
    assert shell.importer("runs", "--source", "c.csv", run, bare=True).exit_code == 2
    assert "behind it" in shell.importer("runs", "--json", "purge", bare=True).err
    assert shell.importer("runs", "--job", "nightly", bare=True).out.startswith("No run fits.")


@pytest.mark.parametrize(("text", "days"), [("90d", 90), ("12w", 84), ("1y", 365), (" 3 d ", 3)])
def test_age_is_days_weeks_or_years(text: str, days: int) -> None:
    assert parse_age(text, "--older-than").days == days


@pytest.mark.parametrize("text", ["6m", "90", "d", "-3d", "1.5y", ""])
def test_age_that_could_mean_two_things_is_none(text: str) -> None:
    with pytest.raises(SettingsError, match=r"--older-than takes days.*90d"):
        parse_age(text, "--older-than")


def test_since_is_a_date_or_an_age() -> None:
    assert parse_since("2026-11-01", NOW) == datetime(2026, 11, 1, tzinfo=UTC)
    assert parse_since("7d", NOW) == datetime(2026, 11, 14, 12, tzinfo=UTC)
    with pytest.raises(SettingsError, match="--since"):
        parse_since("yesterday", NOW)
