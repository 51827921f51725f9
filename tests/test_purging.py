"""What `importer runs purge` removes is gone to the last byte, and still nobody is created twice."""

import os
import pty
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from importer.ledger import Claim, Entry, Ledger
from importer.ledger.tables import night_table
from importer.planning import check
from importer.rows import Status
from importer.simulator import Fault, Faults, ForCustomer, Settings, Simulator, running_simulator
from tests.cli_support import Shell, results_of
from tests.support import Bench, person, write_csv
from tests.test_ledger import open_run
from tests.test_runs import version_2

SAID = "Ann Lee of Rome is on a list"
LINK = "https://kyc.example.com/verify/ann-lee"
LONG_AGO = time.time() - 100 * 86_400.0
STATES = (Status.CREATED, Status.EXISTS, Status.REJECTED, Status.FAILED, Status.UNKNOWN)


@pytest.fixture(scope="module")
def simulators() -> Iterator[Simulator]:
    with running_simulator(Settings(limits=False)) as simulator:
        yield simulator


@pytest.fixture
def shell(simulators: Simulator, tmp_path: Path) -> Shell:
    simulators.reset()
    return Shell(tmp_path, simulators)


async def fill(url: str, run: str, *states: str, source: str = "/home/ann/lees.csv") -> None:
    """A run that left a customer in each state, each with words and a link of the provider's."""
    with Ledger.open(url) as ledger:
        ledger.use_account("hitpay/sandbox/default")
        ledger.begin_run(
            run, source=source, output=f"{source}.out", settings={"mapping": {"x": "Lee-Constant"}}
        )
        for number, state in enumerate(states):
            name = f"{run}-{state}"
            await ledger.claim(Claim(name, "body 1", number, LONG_AGO))
            made = Entry(
                name, state, "body 1", run, number, 1, LONG_AGO, LONG_AGO, f"cus_{name}", message=SAID
            )
            await ledger.settle(replace(made, extra={"kyc_link": LINK}))
        ledger.end_run(exit_code=1, counts={Status.CREATED: 1}, stopped=SAID)


def age(url: str, *runs: str) -> None:
    """These runs were 100 days ago."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for run in runs:
            connection.exec_driver_sql(
                f"UPDATE run SET started_at = {LONG_AGO}, ended_at = {LONG_AGO} WHERE id = '{run}'"
            )
    engine.dispose()


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = [tuple(line) for line in connection.exec_driver_sql(statement)]
    engine.dispose()
    return found


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_what_is_kept_of_people_goes_and_what_keeps_them_single_stays(ledger_url: str) -> None:
    await fill(ledger_url, "old", *STATES[:-1])
    await fill(ledger_url, "new", *STATES[:-1])
    age(ledger_url, "old")
    with Ledger.open(ledger_url) as ledger:
        before = time.time() - 90 * 86_400
        dry = ledger.purge(before=before, dry=True)
        assert rows(ledger_url, "SELECT count(*) FROM customer WHERE message <> ''") == [(8,)]
        assert (dry.runs, dry.messages, dry.links, dry.identities, dry.forgotten) == (1, 4, 4, 4, 0)
        assert ledger.purge(before=before) == dry
        assert ledger.purge(before=before) == replace(dry, runs=0, messages=0, links=0)
    kept = rows(
        ledger_url, "SELECT identity, state, customer_id, message, extra FROM customer WHERE run = 'old'"
    )
    assert sorted(kept) == sorted((f"old-{s}", str(s), f"cus_old-{s}", "", "{}") for s in STATES[:-1])
    assert rows(ledger_url, "SELECT count(*) FROM customer WHERE message <> ''") == [(4,)]
    with open_run(ledger_url, "next") as ledger:
        for state in (Status.CREATED, Status.EXISTS, Status.REJECTED):
            assert await ledger.claim(Claim(f"old-{state}", "body 1", 2, 1.0)) is not None


@pytest.mark.parametrize("forget", [False, True])
async def test_removed_bytes_are_in_no_file_of_the_ledger(tmp_path: Path, forget: bool) -> None:
    """Other processes have it open, so that its log of writes is there as well."""
    url = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    await fill(url, "old", *STATES[:-1])
    age(url, "old")
    with Ledger.open(url) as other:
        assert other.runs()
        assert SAID.encode() in bytes_of(tmp_path)
        with Ledger.open(url) as ledger:
            with ledger._engine.connect() as connection:  # as most builds of SQLite have it
                connection.exec_driver_sql("PRAGMA secure_delete = OFF")
            ledger.purge(before=time.time(), forget=forget)
            assert ledger.wipe() == ""
            found = bytes_of(tmp_path)
    for gone in (SAID, LINK, "lees.csv", "Lee-Constant"):
        assert gone.encode() not in found, gone
    assert (b"cus_old-created" in found) is not forget


async def test_ledger_that_is_in_use_says_that_bytes_may_be_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importer.ledger.database.BUSY_TIMEOUT", 0.05)
    url = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    await fill(url, "old", Status.CREATED)
    reader = sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT message FROM customer").fetchone() is not None
    with Ledger.open(url) as ledger:
        ledger.purge(before=time.time() + 1)
        assert "may still hold removed bytes" in ledger.wipe()
    reader.close()


async def test_name_of_the_file_of_a_night_goes_with_its_run(ledger_url: str) -> None:
    await fill(ledger_url, "old", Status.CREATED)
    age(ledger_url, "old")
    engine = sa.create_engine(ledger_url)
    with engine.begin() as connection:
        told = {"job": "nightly", "started_at": LONG_AGO, "source": "/home/ann/lees.csv"}
        connection.execute(night_table.insert(), [{**told, "run": "old"}, {**told, "run": "new"}])
    engine.dispose()
    with Ledger.open(ledger_url) as ledger:
        ledger.purge(before=time.time())
    assert rows(ledger_url, "SELECT source FROM night ORDER BY run") == [
        ("/home/ann/lees.csv",),
        ("purged:",),
    ]


async def test_what_is_unknown_stays_with_its_run_until_it_is_settled(ledger_url: str) -> None:
    await fill(ledger_url, "old", Status.CREATED, Status.UNKNOWN)
    age(ledger_url, "old")
    with Ledger.open(ledger_url) as ledger:
        found = ledger.purge(before=time.time(), forget=True)
        assert (found.runs, found.messages, found.forgotten, found.kept_runs) == (0, 0, 0, 1)
        assert ledger.runs()[0].source == "/home/ann/lees.csv"
    assert rows(ledger_url, "SELECT count(*) FROM customer WHERE message <> ''") == [(2,)]


async def test_run_that_is_still_going_is_left_alone(ledger_url: str) -> None:
    with open_run(ledger_url, "living") as living:
        await living.claim(Claim("ann", "body 1", 2, LONG_AGO))
        made = Entry(
            "ann", Status.CREATED, "body 1", "living", 2, 1, LONG_AGO, LONG_AGO, "cus_1", message=SAID
        )
        await living.settle(made)
        with Ledger.open(ledger_url) as ledger:
            assert ledger.purge(before=time.time() + 60).runs == 0
            assert ledger.purge(before=time.time() + 60).messages == 0


async def test_forgotten_customers_may_be_claimed_again(ledger_url: str) -> None:
    await fill(ledger_url, "old", *STATES[:-1])
    age(ledger_url, "old")
    with Ledger.open(ledger_url) as ledger:
        assert ledger.purge(before=time.time(), forget=True).forgotten == 4
        assert ("VACUUM" in ledger.wipe()) is ledger_url.startswith("postgresql")
    with open_run(ledger_url, "next") as ledger:
        assert await ledger.claim(Claim(f"old-{Status.CREATED}", "body 1", 2, 1.0)) is None


async def test_hand_corrected_results_and_unfinished_repeats_are_known_after_a_purge(ledger_url: str) -> None:
    with Ledger.open(ledger_url) as ledger:
        ledger.use_account("hitpay/sandbox/default")
        ledger.begin_run("old", source="/a.csv", output="/a.results.csv", again="salt")
    with Ledger.open(ledger_url) as ledger:
        ledger.use_account("hitpay/sandbox/default")
        assert ledger.purge(before=time.time() + 60).runs == 1
        assert ledger.runs()[0].purged
        assert ledger.unfinished_again("/a.csv") == "salt"
    age(ledger_url, "old")
    with Ledger.open(ledger_url) as ledger:
        assert ledger.last_written("/a.results.csv") == pytest.approx(LONG_AGO)
        assert ledger.last_written("/other.csv") is None


def test_ledger_of_version_2_can_be_purged(tmp_path: Path) -> None:
    url = version_2(tmp_path / "ledger.sqlite3")
    with Ledger.open(url) as ledger:
        found = ledger.purge(before=time.time() + 60, dry=True)
    assert (found.runs, found.kept_runs, found.history) == (1, 1, 0)


async def test_refused_row_says_so_though_its_words_are_gone(bench: Bench) -> None:
    refused = {person("rapyd", 0)["Email"]: ForCustomer(Fault.REJECTED_AFTER)}
    bench.simulator.set_faults(Faults(by_email=refused), provider="rapyd")
    first = await bench.run("rapyd", range(1))
    assert first.statuses == ["rejected"]
    job = bench.job("rapyd", bench.folder / "customers.csv")
    with Ledger.open(job.ledger) as ledger:
        ledger.purge(before=time.time() + 60)
    with check(job, variables=bench.simulator.environment()) as plan:
        (result,) = [result for _, result in plan.results()]
    assert (result.status, result.message[:24]) == (Status.REJECTED, "The provider refused it ")


# -- as a command


def test_command_shows_what_it_removes_asks_and_creates_nobody_twice(shell: Shell) -> None:
    source = write_csv(shell.folder / "c.csv", [person("hitpay", number) for number in range(3)])
    run = shell.run(source).json["run"]
    age(shell.environment["IMPORTER_LEDGER"], run)
    draft = shell.folder / ".importer-0123456789ab.tmp"
    draft.write_text("Ann Lee")
    os.utime(draft, (LONG_AGO, LONG_AGO))
    words = ("runs", "purge", "--older-than", "90d")
    unasked = shell.importer(*words, bare=True)
    assert (unasked.exit_code, "--yes" in unasked.err, draft.exists()) == (2, True, True)
    dry = shell.importer(*words, "--dry-run", bare=True)
    done = shell.importer(*words, "--yes", bare=True)
    assert dry.exit_code == done.exit_code == 0
    assert done.out == dry.out + "Removed.\n"
    assert not draft.exists()
    for wanted in ("1  runs: file names", "3 customers stay known by a hash", "1  unfinished results"):
        assert wanted in dry.out
    assert "(purged)" in shell.importer("runs", bare=True).out
    assert "was purged" in shell.importer("runs", run, "-o", "again.csv", bare=True).err
    assert shell.run(source).counts == {"exists": 3}
    assert shell.simulator.counts("hitpay").creates == 3


def test_forgetting_customers_is_told_for_what_it_is(shell: Shell) -> None:
    source = write_csv(shell.folder / "c.csv", [person("rapyd", number) for number in range(2)])
    age(shell.environment["IMPORTER_LEDGER"], shell.run(source, provider="rapyd").json["run"])
    words = ("runs", "purge", "--older-than", "12w", "--forget-customers")
    dry = shell.importer(*words, "--dry-run", "--json", bare=True)
    assert "created a second time" in dry.err
    assert (dry.json["forgotten"], dry.json["identities"], dry.json["dry_run"]) == (2, 0, True)
    assert shell.importer(*words, "--yes", bare=True).exit_code == 0
    assert shell.run(source, provider="rapyd").counts == {"created": 2}
    assert [line["import_status"] for line in results_of(shell.folder / "c.results.csv")] == ["created"] * 2


@pytest.mark.parametrize(("typed", "exit_code"), [(b"n\n", 2), (b"y\n", 0)])
def test_on_a_terminal_it_asks(shell: Shell, typed: bytes, exit_code: int) -> None:
    controller, terminal = pty.openpty()
    process = shell.start("runs", "purge", "--older-than", "90d", bare=True, stdin=terminal)
    os.write(controller, typed)
    _, told = process.communicate(timeout=60)
    os.close(controller)
    os.close(terminal)
    assert (process.returncode, "cannot be undone" in told) == (exit_code, True)


def test_age_is_asked_for(shell: Shell) -> None:
    assert shell.importer("runs", "purge", bare=True).exit_code == 2
    ended = shell.importer("runs", "purge", "--older-than", "6m", bare=True)
    assert (ended.exit_code, "Write months as days" in ended.err) == (2, True)
