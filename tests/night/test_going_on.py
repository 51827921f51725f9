"""A night that ended early: the next one goes on, nobody is created twice, no file is lost."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM, Signals

import pytest

from importer.simulator import Fault, Faults
from tests.cli_support import PATIENCE, Ended, results_of, until
from tests.faults.test_disk import no_file_above
from tests.night.support import PROVIDER, Nightly, alarms, emails

ROWS = 40
SLOWLY = Faults(script=(None, *(Fault.SLOW,) * 1000), slow_seconds=0.05)


def start(nightly: Nightly, *options: object) -> subprocess.Popen[str]:
    """A night with requests under way: each answer takes a while, four at once."""
    return nightly.shell.start("run", "--job", nightly.path, "--json", "--concurrency", 4, *options)


def when_sent(nightly: Nightly, rows: int) -> Callable[[], bool]:
    return lambda: nightly.shell.simulator.counts(PROVIDER).creates >= rows


def ended(process: subprocess.Popen[str]) -> Ended:
    out, err = process.communicate(timeout=PATIENCE)
    return Ended(process.returncode, out, err)


def processing(nightly: Nightly) -> list[str]:
    folder = nightly.folder / "inbox" / ".processing"
    return sorted(path.name for path in folder.glob("*/*") if not path.name.startswith("."))


def ended_line(err: str) -> str:
    """The line of the log at the end of the first run, which is on standard error."""
    return next(line for line in err.splitlines() if " run_ended " in line)


def test_everybody_is_there_once(nightly: Nightly) -> None:
    """What the tests below ask for at their end can be false."""
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(2))
    nightly.night()
    with pytest.raises(AssertionError):
        everybody_once(nightly, 3)


def everybody_once(nightly: Nightly, rows: int) -> None:
    """The simulator is the witness."""
    assert sorted(nightly.emails) == sorted(emails(range(rows)))
    assert nightly.shell.simulator.duplicates(PROVIDER) == 0


@pytest.mark.parametrize("seed", range(3))
def test_file_of_a_night_that_was_killed_is_the_first_of_the_next(nightly: Nightly, seed: int) -> None:
    chance = random.Random(seed)
    nightly.write(inbox=True)
    nightly.people("inbox/b.csv", range(ROWS))
    nightly.shell.simulator.set_faults(SLOWLY, provider=PROVIDER)
    process = start(nightly)
    until(when_sent(nightly, chance.randint(1, ROWS - 5)))
    process.send_signal(SIGKILL)
    process.communicate()
    assert processing(nightly) == ["b.csv"]
    checked = nightly.importer("job", "check", "--offline", nightly.path)
    assert "(0 there now; taken up first: b.csv)" in checked.out, checked.err
    nightly.people("inbox/a.csv", range(ROWS, ROWS + 30))
    nightly.shell.simulator.set_faults(Faults(), provider=PROVIDER)
    after = nightly.process()
    assert after.exit_code == 0, after.err
    assert [Path(file["source"]).name for file in after.json["files"]] == ["b.csv", "a.csv"]
    everybody_once(nightly, ROWS + 30)
    assert nightly.files("done") == ["a.csv", "a.results.csv", "b.csv", "b.results.csv"]
    assert processing(nightly) == nightly.files("inbox") == []
    assert len(results_of(nightly.folder / "done" / "b.results.csv")) == ROWS


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
def test_nights_killed_at_any_moment_lose_no_file_and_create_nobody_twice(
    nightly: Nightly, seed: int
) -> None:
    chance = random.Random(seed)
    nightly.sections["alarms"] = {"smaller": "off", "same_file": "off"}
    nightly.write(inbox=True)
    for number in range(4):
        nightly.people(f"inbox/{number}.csv", range(number * 10, number * 10 + 10))
    nightly.shell.simulator.set_faults(SLOWLY, provider=PROVIDER)
    for _ in range(6):
        process = start(nightly)
        began = time.monotonic()
        moment = chance.uniform(0.4, 1.6)
        until(lambda: process.poll() is not None or time.monotonic() > began + moment)  # noqa: B023
        process.kill()
        process.communicate()
    nightly.shell.simulator.set_faults(Faults(), provider=PROVIDER)
    last = nightly.process()
    assert last.exit_code in (0, 10), last.err
    everybody_once(nightly, 40)
    assert {name[0] for name in nightly.files("done") if ".results." not in name} == set("0123")
    assert processing(nightly) == nightly.files("inbox") == nightly.files("attention") == []


JUMPING = """
import os, sys, time
real = time.time
ahead = 30 - real() % 60
time.time = lambda: real() + ahead + (60 if os.path.exists("jump") else 0)
from importer.cli import main
sys.exit(main())
"""
"""The program with its clock in the middle of a minute, from where it jumps one ahead when it is told to."""


def test_time_to_stop_leaves_the_rest_and_the_next_night_goes_on_by_itself(nightly: Nightly) -> None:
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(ROWS))
    nightly.people("inbox/b.csv", range(ROWS, 2 * ROWS))
    slow = Faults(script=(None, *(Fault.SLOW,) * 1000), slow_seconds=0.3)
    nightly.shell.simulator.set_faults(slow, provider=PROVIDER)
    soon = datetime.now().astimezone() + timedelta(minutes=1)
    words = ["run", "--job", str(nightly.path), "--json", "--concurrency", "2", "--stop-by", f"{soon:%H:%M}"]
    process = subprocess.Popen(
        [sys.executable, "-c", JUMPING, *words],
        cwd=nightly.folder,
        env=nightly.shell.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(when_sent(nightly, 4))
    (nightly.folder / "jump").touch()
    first = ended(process)
    assert first.exit_code == 3, first.err
    counts = first.json["counts"]
    assert counts["created"] > 0
    assert counts["not_sent"] > 0
    assert "importer: a.csv: Stopped early: the time given with the job's key stop_by has come." in first.err
    assert "code=time_is_up" in ended_line(first.err)
    assert nightly.files("inbox") == ["b.csv"], "no further file is taken"
    assert nightly.files("done") == nightly.files("attention") == []
    assert Path(first.json["output"]).parent.parent == nightly.folder / "inbox" / ".processing"
    nightly.shell.simulator.set_faults(Faults(), provider=PROVIDER)
    second = nightly.night()
    assert second.exit_code == 0, second.err
    assert alarms(second) == {}
    everybody_once(nightly, 2 * ROWS)
    assert len(nightly.files("done")) == 4


@pytest.mark.parametrize(("number", "exit_code"), [(SIGINT, 130), (SIGTERM, 143)])
def test_signal_drains_and_no_further_file_is_taken(
    nightly: Nightly, number: Signals, exit_code: int
) -> None:
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(ROWS))
    nightly.people("inbox/b.csv", range(ROWS, 2 * ROWS))
    nightly.shell.simulator.set_faults(SLOWLY, provider=PROVIDER)
    process = start(nightly)
    until(when_sent(nightly, 6))
    process.send_signal(number)
    first = ended(process)
    assert first.exit_code == first.json["exit_code"] == exit_code, first.err
    assert "Traceback" not in first.err
    assert f"importer: a.csv: Stopped early: {first.json['stopped']}." in first.err
    assert f"code={'interrupted' if number is SIGINT else 'told_to_end'}" in ended_line(first.err)
    made = first.json["counts"]["created"]
    assert made == len(nightly.emails)
    assert first.json["counts"]["not_sent"] == ROWS - made > 0
    assert nightly.files("inbox") == ["b.csv"]
    nightly.shell.simulator.set_faults(Faults(), provider=PROVIDER)
    assert nightly.process().exit_code == 0
    everybody_once(nightly, 2 * ROWS)


def test_second_signal_ends_at_once_and_the_next_night_settles(nightly: Nightly) -> None:
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(ROWS))
    slow = Faults(script=(None, *(Fault.SLOW,) * 1000), slow_seconds=30.0)
    nightly.shell.simulator.set_faults(slow, provider=PROVIDER)
    process = start(nightly)
    until(when_sent(nightly, 5))
    began = time.monotonic()
    process.send_signal(SIGTERM)
    process.send_signal(SIGTERM)
    until(lambda: process.poll() is not None or time.monotonic() > began + 0.2)
    process.send_signal(SIGTERM)
    first = ended(process)
    assert time.monotonic() - began < 15
    assert first.exit_code == 143
    assert processing(nightly) == ["a.csv"]
    nightly.shell.simulator.set_faults(Faults(), provider=PROVIDER)
    assert nightly.process().exit_code == 0
    everybody_once(nightly, ROWS)


def test_signal_while_waiting_for_a_file_to_be_whole_ends_the_night(nightly: Nightly) -> None:
    nightly.sections["inbox"] = {"folder": "inbox", "quiet_for": 600.0}
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(2))
    process = start(nightly)
    until((nightly.folder / "attention").exists)
    process.send_signal(SIGTERM)
    first = ended(process)
    assert first.exit_code == 143, first.err
    assert nightly.files("inbox") == ["a.csv"]


def test_account_that_is_refused_leaves_the_files_for_the_next_night(nightly: Nightly) -> None:
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(2))
    nightly.people("inbox/b.csv", range(2, 4))
    first = nightly.shell.importer(
        "run", "--job", nightly.path, "--json", variables={"HITPAY_API_KEY": "wrong"}
    )
    assert first.exit_code == 3, first.err
    assert len(first.json["files"]) == 1, "every file would fare alike"
    assert "importer: a.csv: Stopped early: HitPay refused" in first.err
    assert "code=account_refused" in ended_line(first.err)
    assert nightly.files("inbox") == ["b.csv"]
    assert nightly.night().exit_code == 0
    everybody_once(nightly, 4)


@pytest.mark.parametrize("fault", [Fault.CUT_BEFORE, Fault.SERVER_ERROR])
def test_small_file_of_a_night_without_any_answer_stays_for_the_next_one(
    nightly: Nightly, fault: Fault
) -> None:
    """Fewer rows than it takes to call it an outage half way."""
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(4))
    nightly.people("inbox/b.csv", range(4, 8))
    nightly.shell.simulator.set_faults(Faults(script=(fault,) * 1000), provider=PROVIDER)
    first = nightly.night()
    assert (first.exit_code, first.json["state"]) == (3, "failed"), first.err
    assert "cannot be reached" in first.json["stopped"]
    assert nightly.files("inbox") == ["b.csv"]
    assert nightly.files("attention") == nightly.files("done") == []
    nightly.shell.simulator.set_faults(Faults(), provider=PROVIDER)
    assert nightly.night().exit_code == 0
    everybody_once(nightly, 8)


def test_file_whose_rows_stopped_the_run_waits_for_a_person_and_the_others_do_not(nightly: Nightly) -> None:
    nightly.sections["alarms"] = {"invalid": "off", "columns": "off"}
    nightly.write(inbox=True, max_errors=1)
    rows = [{"Name": "X", "Email": "no", "Phone": ""}] * 3
    nightly.rows("inbox/a.csv", rows)
    nightly.people("inbox/b.csv", range(2))
    ended = nightly.night()
    assert ended.exit_code == 3
    assert [file["exit_code"] for file in ended.json["files"]] == [3, 0]
    assert nightly.files("attention") == ["a.csv", "a.results.csv"]
    everybody_once(nightly, 2)


# -- disks


@pytest.mark.parametrize("size", [150_000, 250_000])
def test_disk_that_fills_half_way_loses_nothing(nightly: Nightly, size: int) -> None:
    rows = 400
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(rows))
    full = subprocess.run(
        [sys.executable, "-m", "importer", "run", "--job", str(nightly.path), "--json"],
        env=nightly.shell.environment,
        capture_output=True,
        text=True,
        preexec_fn=lambda: no_file_above(size),
        check=False,
    )
    assert full.returncode == 3, full.stderr
    assert "Traceback" not in full.stderr
    assert len(nightly.emails) < rows
    assert processing(nightly)[0] == "a.csv"
    after = nightly.night()
    assert after.exit_code == 0, after.err
    everybody_once(nightly, rows)
    assert nightly.files("done") == ["a.csv", "a.results.csv"]
