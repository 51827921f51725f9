"""With a date in the source the next night goes on with what was left of an earlier date."""

import json
import time
from datetime import datetime, timedelta
from signal import SIGKILL, SIGTERM, Signals

import pytest

from importer.jobfile import read_job_file
from importer.night.report import AlarmKind, NightReport
from importer.night.sequence import Orders, run_night
from importer.night.waiting import Clock
from importer.simulator import Fault, Faults
from tests.cli_support import results_of, until
from tests.night.support import PROVIDER, Nightly, emails

ROWS = 40
SLOWLY = Faults(script=(None, *(Fault.SLOW,) * 1000), slow_seconds=0.05)
DAY = 86_400
START = time.time()


def dated(nightly: Nightly, days: int, rows: range) -> str:
    """The name of the file that the night of so many days from now takes."""
    date = datetime.now().astimezone() + timedelta(days=days)
    return nightly.people(f"c-{date:%Y-%m-%d}.csv", rows).name


def night(nightly: Nightly, days: int = 0, **variables: str) -> NightReport:
    """One night so many days from now."""
    orders = Orders(
        path=nightly.path, clock=Clock(now=lambda: START + days * DAY), variables=told(nightly, **variables)
    )
    return run_night(read_job_file(nightly.path), orders)


def told(nightly: Nightly, **variables: str) -> dict[str, str]:
    return {**nightly.shell.environment, **variables}


def names(report: NightReport) -> list[str]:
    return [file.source for file in report.files]


@pytest.fixture
def by_date(nightly: Nightly) -> Nightly:
    nightly.sections["alarms"] = {"smaller": "off"}
    nightly.write(source="c-{date:%Y-%m-%d}.csv", output="out/{date:%Y-%m-%d}.results.csv")
    (nightly.folder / "out").mkdir()
    return nightly


@pytest.mark.parametrize("number", [SIGTERM, SIGKILL])
def test_file_of_yesterday_that_was_cut_short_is_finished_before_todays(
    by_date: Nightly, number: Signals
) -> None:
    first = dated(by_date, 0, range(ROWS))
    by_date.shell.simulator.set_faults(SLOWLY, provider=PROVIDER)
    process = by_date.shell.start("run", "--job", by_date.path, "--json", "--concurrency", 4)
    until(lambda: by_date.shell.simulator.counts(PROVIDER).creates >= 6)
    process.send_signal(number)
    process.communicate()
    assert 0 < len(by_date.emails) < ROWS
    by_date.shell.simulator.set_faults(Faults(), provider=PROVIDER)
    second = dated(by_date, 1, range(ROWS, ROWS + 5))
    report = night(by_date, 1)
    assert (names(report), report.exit_code) == ([first, second], 0)
    assert sorted(by_date.emails) == sorted(emails(range(ROWS + 5)))
    assert by_date.shell.simulator.duplicates(PROVIDER) == 0
    lengths = [len(results_of(by_date.folder / "out" / name)) for name in by_date.files("out")]
    assert lengths == [ROWS, 5], "each file has results of its own date"
    third = dated(by_date, 2, range(50, 52))
    assert names(night(by_date, 2)) == [third]


def test_file_of_tonight_that_was_not_reached_is_not_forgotten(by_date: Nightly) -> None:
    first = dated(by_date, 0, range(3))
    refused = night(by_date, 0, HITPAY_API_KEY="wrong")
    assert (names(refused), refused.exit_code) == ([first], 3)
    second = dated(by_date, 1, range(3, 6))
    assert names(night(by_date, 1, HITPAY_API_KEY="wrong")) == [first]
    third = dated(by_date, 2, range(6, 9))
    report = night(by_date, 2)
    assert (names(report), report.exit_code) == ([first, second, third], 0)
    assert sorted(by_date.emails) == sorted(emails(range(9)))


def test_file_that_was_left_and_is_gone_is_told_once(by_date: Nightly) -> None:
    gone = dated(by_date, 0, range(3))
    night(by_date, 0, HITPAY_API_KEY="wrong")
    (by_date.folder / gone).unlink()
    second = dated(by_date, 1, range(3, 6))
    report = night(by_date, 1)
    assert (names(report), report.exit_code, report.state) == ([second], 0, "degraded")
    (alarm,) = report.alarms
    assert (alarm.kind, alarm.stops) == (AlarmKind.NO_FILE, False)
    assert f"{gone} was not finished" in alarm.message
    dated(by_date, 2, range(6, 9))
    assert night(by_date, 2).alarms == ()


def test_missing_file_of_tonight_is_an_alarm_though_yesterdays_was_finished(by_date: Nightly) -> None:
    first = dated(by_date, 0, range(3))
    night(by_date, 0, HITPAY_API_KEY="wrong")
    report = night(by_date, 1)
    assert (names(report), report.exit_code) == ([first], 10)


def test_file_whose_rows_stopped_it_waits_for_a_person(by_date: Nightly) -> None:
    by_date.sections["alarms"] |= {"invalid": "off", "columns": "off"}
    by_date.write(source="c-{date:%Y-%m-%d}.csv", max_errors=1)
    first = dated(by_date, 0, range(3))
    by_date.rows(first, [{"Name": "X", "Email": "no", "Phone": ""}] * 3)
    assert night(by_date, 0).exit_code == 3
    second = dated(by_date, 1, range(3))
    assert names(night(by_date, 1)) == [second]


def test_file_that_a_person_named_and_stopped_is_not_gone_on_with(by_date: Nightly) -> None:
    by_date.people("given.csv", range(3))
    ended = by_date.shell.importer(
        "run", "--job", by_date.path, "--json", "given.csv", variables={"HITPAY_API_KEY": "wrong"}
    )
    assert json.loads(ended.out)["exit_code"] == 3
    second = dated(by_date, 1, range(3))
    assert names(night(by_date, 1)) == [second]


def test_pattern_with_a_date_goes_on_with_what_was_left(nightly: Nightly) -> None:
    nightly.sections["alarms"] = {"smaller": "off"}
    nightly.write(source="in/{date:%Y-%m-%d}-*.csv")
    today = f"{datetime.now().astimezone():%Y-%m-%d}"
    nightly.people(f"in/{today}-a.csv", range(3))
    nightly.people(f"in/{today}-b.csv", range(3, 6))
    assert night(nightly, 0, HITPAY_API_KEY="wrong").exit_code == 3
    report = night(nightly, 1)
    assert names(report) == [f"{today}-a.csv", f"{today}-b.csv"]
    assert sorted(nightly.emails) == sorted(emails(range(6)))
    assert (report.exit_code, names(night(nightly, 2))) == (10, [])
