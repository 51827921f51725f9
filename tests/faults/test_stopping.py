"""A run that is told to stop finishes what it has begun, says how to go on, and leaves a ledger that does."""

import asyncio
import json
import os
import shlex
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from signal import SIGINT, SIGTERM, Signals

import pytest

from importer.pacing import Clock, system_clock
from importer.simulator import Call, Fault, Faults, Settings, Simulator, running_simulator
from importer.stopping import Deadline, Stop, StopReason
from tests.cli_support import PATIENCE, Ended, Shell, results_of, until
from tests.make_customers import write_csv
from tests.support import Bench, carry_out, people_csv

SOURCE, RESULTS = "o'brien & sons.csv", "o'brien & sons.results.csv"
ROWS = 24
AT_ONCE = 4
AT_LAST = 30.0
"""Seconds that a hanging answer takes; nobody must wait for it."""


@pytest.fixture(scope="module")
def simulators() -> Iterator[Simulator]:
    """The one simulator of these tests. It does not wait for hanging answers when it ends."""
    with running_simulator(Settings(limits=False, drain_seconds=0.01)) as simulator:
        yield simulator


@pytest.fixture
def shell(simulators: Simulator, tmp_path: Path) -> Shell:
    simulators.reset()
    return Shell(tmp_path, simulators)


def start(shell: Shell, provider: str, *options: object, slow: float) -> subprocess.Popen[str]:
    """A run with requests under way: the first answer comes at once, each further after `slow` seconds."""
    source = people_csv(shell.folder / SOURCE, provider, range(ROWS))
    faults = Faults(script=(None, *(Fault.SLOW,) * ROWS), slow_seconds=slow)
    shell.simulator.set_faults(faults, provider=provider)
    told = ("run", source, "-p", provider, "--base-url", shell.simulator.base_url(provider))
    process = shell.start(*told, "--rate", "500/s", "--concurrency", AT_ONCE, *options)
    until(lambda: shell.simulator.counts(provider).creates == 1 + AT_ONCE or process.poll() is not None)
    return process


def type_it(shell: Shell, line: str) -> Ended:
    """What a person gets who copies that line into a shell."""
    variables = {**shell.environment, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        line, shell=True, cwd=shell.folder, env=variables, capture_output=True, text=True, timeout=PATIENCE
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def finish_by_the_last_line(shell: Shell, provider: str, text: str) -> None:
    """The last line is the command to go on: as it stands it finishes the job, and makes nobody twice."""
    shell.simulator.set_faults(Faults(), provider=provider)
    last = text.splitlines()[-1]
    assert last.startswith("To go on: importer run ")
    ended = type_it(shell, last.removeprefix("To go on: "))
    assert ended.exit_code == 0, ended.err
    assert len(shell.simulator.customers(provider)) == ROWS
    assert shell.simulator.duplicates(provider) == 0


# -- the first signal drains


@pytest.mark.parametrize(
    ("number", "exit_code", "provider", "options"),
    [(SIGINT, 130, "rapyd", []), (SIGTERM, 143, "juicyway", ["--json"])],
)
def test_signal_lets_what_is_under_way_finish_and_the_last_line_goes_on(
    shell: Shell, number: Signals, exit_code: int, provider: str, options: list[str]
) -> None:
    process = start(shell, provider, *options, slow=0.5)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == exit_code
    assert "Stopping: no new row is sent" in err
    assert "Traceback" not in err
    assert shell.simulator.counts(provider).creates == 1 + AT_ONCE, "a row was taken after the signal"
    lines = results_of(shell.folder / RESULTS)
    made = [line["import_customer_id"] for line in lines if line["import_status"] == "created"]
    assert sorted(made) == sorted(customer.id for customer in shell.simulator.customers(provider))
    assert [line["import_status"] for line in lines].count("not_sent") == ROWS - len(made) > 0
    if options:  # what people read goes to standard error then
        assert json.loads(out)["exit_code"] == exit_code
    finish_by_the_last_line(shell, provider, err if options else out)


def test_interrupted_while_checking_says_that_the_same_command_goes_on(shell: Shell) -> None:
    source = shell.folder / SOURCE
    write_csv(source, "hitpay", 20_000)
    process = shell.start("run", source, "-p", "hitpay", "--base-url", shell.simulator.base_url("hitpay"))
    until(lambda: (shell.folder / "state" / "ledger.sqlite3").exists())
    process.send_signal(SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (130, "")
    assert "To go on: importer run " in err
    assert shell.simulator.counts("hitpay").requests == 0


def test_signal_ends_the_wait_for_a_provider_to_have_had_its_time(shell: Shell) -> None:
    """ "Not found" does not count yet: the row stays unknown, and the next run settles it."""
    source = people_csv(shell.folder / "customers.csv", "hitpay", range(2))
    shell.simulator.set_faults(Faults(script=(None, Fault.CUT_BEFORE)), provider="hitpay")
    url = shell.simulator.base_url("hitpay")
    told = ("run", source, "-p", "hitpay", "--base-url", url, "--rate", "500/s", "--settle-after")
    process = shell.start(*told, AT_LAST)
    until(lambda: shell.simulator.counts("hitpay").look_ups == 1)
    began = time.monotonic()
    process.send_signal(SIGINT)
    out, _ = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - began < AT_LAST / 2
    assert process.returncode == 130
    assert "1 created, 1 unknown" in out
    ended = shell.importer(*told, 0)
    assert (ended.exit_code, len(shell.simulator.customers("hitpay"))) == (0, 2)


# -- the second ends at once


def stop_twice(process: subprocess.Popen[str], number: Signals) -> None:
    """A person or a supervisor loses patience: the answers that hang are not waited for."""
    began = time.monotonic()
    process.send_signal(number)
    assert process.stderr is not None
    assert any("Once more stops at once" in line for line in process.stderr)
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - began < AT_LAST / 2
    assert "Traceback" not in err
    assert "To go on: importer run " in err


@pytest.mark.parametrize("provider", ["hitpay", "juicyway", "krezypay", "rapyd"])
def test_second_signal_ends_at_once_and_the_same_command_settles_and_finishes(
    shell: Shell, provider: str
) -> None:
    """The requests that hung had been done; at Krezypay nobody can find that out."""
    process = start(shell, provider, "--settle-after", "0", slow=AT_LAST)
    stop_twice(process, SIGINT)
    assert process.returncode == 130
    shell.simulator.set_faults(Faults(), provider=provider)
    ended = type_it(shell, shlex.join(["importer", *map(str, typed(process))]))
    assert len(shell.simulator.customers(provider)) == ROWS
    assert shell.simulator.duplicates(provider) == 0
    left = Counter(line["import_status"] for line in results_of(shell.folder / RESULTS))
    lost = AT_ONCE if provider == "krezypay" else 0
    assert left["unknown"] == lost
    assert left["created"] + left["exists"] == ROWS - lost
    assert ended.exit_code == (1 if lost else 0)


def test_second_sigterm_exits_143_as_the_first_would_have(shell: Shell) -> None:
    process = start(shell, "hitpay", slow=AT_LAST)
    stop_twice(process, SIGTERM)
    assert process.returncode == 143


def typed(process: subprocess.Popen[str]) -> Sequence[object]:
    """What stands behind `python -m importer`."""
    assert isinstance(process.args, list)
    return process.args[3:]


# -- a stop does not wait for what is not under way


def stopping_where_it_waits(stop: Stop) -> Clock:
    """The real time; whoever begins to wait for more than a minute is told to stop."""
    real = system_clock()

    async def sleep(seconds: float) -> None:
        if seconds > 60:
            stop.request(StopReason("interrupted", 130))
        await asyncio.sleep(seconds)

    return replace(real, sleep=sleep)


WAITS = {
    "a row that was refused with 429": Faults(script=(None, Fault.RATE_LIMITED), retry_after=3600.0),
    "a look-up that was refused with 429": Faults(
        script=(None, Fault.CUT_AFTER),
        probabilities={Fault.RATE_LIMITED: 1.0},
        calls=frozenset({Call.LOOK_UP}),
        retry_after=3600.0,
    ),
}


@pytest.mark.parametrize("waiting", WAITS)
async def test_stop_does_not_wait_until_a_pause_is_over(bench: Bench, waiting: str) -> None:
    """Nothing of it is under way: it certainly had no effect, and the next run sends it."""
    bench.simulator.set_faults(WAITS[waiting], provider="hitpay")
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(4))
    job, stop = replace(bench.job("hitpay", source), concurrency=1), Stop()
    async with asyncio.timeout(2):
        first = await carry_out(
            job, bench.simulator.environment(), clock=stopping_where_it_waits(stop), stop=stop
        )
    assert first.summary.exit_code == 130
    bench.simulator.set_faults(Faults(), provider="hitpay")
    database = sqlite3.connect(bench.folder / "ledger.sqlite3")
    database.execute("UPDATE account SET held_until = 0, next_turn = 0")  # the pause is over
    database.commit()
    database.close()
    assert (await carry_out(job, bench.simulator.environment())).summary.exit_code == 0
    assert bench.created("hitpay") == 4


async def test_time_to_stop_lets_what_is_under_way_finish(bench: Bench) -> None:
    bench.simulator.set_faults(Faults(script=(None, *(Fault.SLOW,) * 20), slow_seconds=0.4))
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(20))
    job = replace(bench.job("hitpay", source), concurrency=2, stop_at=time.time() + 0.6)
    outcome = await carry_out(job, bench.simulator.environment())
    assert outcome.summary.exit_code == 3
    assert set(outcome.counts) == {"created", "not_sent"}
    assert outcome.counts["created"] == bench.created("hitpay") < 20
    assert "--stop-by" in outcome.summary.stopped


async def test_time_to_stop_is_that_of_the_clock_on_the_wall_however_it_jumps() -> None:
    """Of a machine that slept, or whose clock was set: hours pass in no time."""
    clock, stop = [1000.0], Stop()
    with Deadline(stop, 1000.0 + 6 * 3600, now=lambda: clock[0]):
        await asyncio.sleep(0)
        assert not stop.wished
        clock[0] += 6 * 3600
        async with asyncio.timeout(10):
            await stop.unless_stopped(lambda: asyncio.sleep(60))
    assert stop.reason is not None
    assert "--stop-by" in stop.reason.message
