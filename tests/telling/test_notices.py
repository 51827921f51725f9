"""What a notification says, and when there is one."""

from itertools import product

import pytest

from importer.jobfile import Event
from importer.night.report import Alarm, AlarmKind, NightReport, State
from importer.telling.notices import Notice, event_of, notice
from tests.telling.nights import DEGRADED, GOOD, NO_FILE, STOPPED, night, summary

COMMAND = "importer run --job /etc/importer/nightly.toml"
AGAIN = f"{COMMAND} in/c.csv"


def told(report: NightReport, previous: State | None = None) -> Notice:
    found = notice(report, previous, on=tuple(Event), command=AGAIN, correcting=COMMAND, host="machine-7")
    assert found is not None
    return found


@pytest.mark.parametrize(("report", "previous"), list(product([GOOD, DEGRADED, STOPPED], [None, *State])))
def test_trouble_is_told_each_night_and_recovery_once(report: NightReport, previous: State | None) -> None:
    wanted = {State.FAILED: Event.FAILURE, State.DEGRADED: Event.DEGRADED}.get(report.state)
    if report.state is State.OK and previous in (State.FAILED, State.DEGRADED):
        wanted = Event.RECOVERY
    assert event_of(report, previous) == wanted


def test_kinds_that_are_left_out_are_not_told() -> None:
    assert notice(DEGRADED, None, on=(Event.FAILURE,), command=AGAIN, correcting=COMMAND, host="h") is None
    assert (
        notice(GOOD, State.FAILED, on=(Event.FAILURE,), command=AGAIN, correcting=COMMAND, host="h") is None
    )
    assert notice(STOPPED, None, on=(Event.FAILURE,), command=AGAIN, correcting=COMMAND, host="h") is not None


def test_night_that_stopped_early_says_why_where_and_what_to_type() -> None:
    found = told(STOPPED)
    assert found.title == "nightly failed (exit 3)"
    for part in (
        "c1.csv: exit 3, stopped early",
        "5 created, 1 failed, 1,200 not_sent",
        "Stopped early: HitPay refused the account (HTTP 401).",
        "Results: out/c.results.csv",
        "Job nightly on machine-7",
        f"To go on, which is always safe: {AGAIN}",
    ):
        assert part in found.body.splitlines() or part in found.body


def test_night_with_rows_to_correct_names_the_command_for_the_results_alone_with_the_job() -> None:
    body = told(DEGRADED).body
    assert f"Correct the marked cells in the results, then: {COMMAND} out/c.results.csv" in body
    assert AGAIN not in body


def test_results_with_a_space_in_their_name_can_be_typed() -> None:
    report = night(1, summary(1, output="out/my customers.results.csv", invalid=1))
    assert f"{COMMAND} 'out/my customers.results.csv'" in told(report).body


def test_alarm_and_file_that_cannot_be_read_are_told_in_their_own_words() -> None:
    assert "There is no in/customers-2026-11-21.csv." in told(NO_FILE).body
    assert (
        "broken.csv: exit 2, nothing was sent\nIt is no spreadsheet."
        in told(night(2, error="It is no spreadsheet.")).body
    )
    alarm = Alarm(AlarmKind.SAME_FILE, "It was imported on 2026-11-20 already.", False, "c1.csv")
    body = told(night(0, summary(exists=3), alarms=(alarm,))).body
    assert "c1.csv: It was imported on 2026-11-20 already." in body


def test_recovery_asks_for_nothing() -> None:
    found = told(GOOD, State.FAILED)
    assert (found.event, found.title) == (Event.RECOVERY, "nightly is well again (exit 0)")
    assert "importer run" not in found.body
