"""A night as a timer starts it: a process, its exit code, its one line."""

import time
from datetime import datetime

import pytest

from importer.jobfile import read_job_file
from importer.ledger import Ledger
from importer.night import importing
from importer.night.report import State
from importer.night.sequence import Orders, run_night
from tests.night.support import Nightly, alarms, emails


def test_job_is_carried_out_and_says_so_in_one_line(nightly: Nightly) -> None:
    nightly.write()
    nightly.people("customers.csv", range(3))
    ended = nightly.shell.importer("run", "--job", nightly.path)
    assert ended.exit_code == 0, ended.err
    assert ended.out.count("\n") == 1
    assert ended.out.startswith("nightly: ok, 3 created in ")
    assert ended.out.endswith(", exit 0 (results: customers.results.csv)\n")
    assert events(ended.err) == ["run_ended", "night_ended"]
    assert sorted(nightly.emails) == sorted(emails(range(3)))


def test_rows_are_in_a_log_that_somebody_asked_for(nightly: Nightly) -> None:
    each = ["run_started", "row", "row", "row", "run_ended", "night_ended"]
    nightly.write()
    nightly.people("customers.csv", range(3))
    assert events(nightly.night("--log", "-").err) == each
    nightly.sections["log"] = {"file": "night.log"}
    nightly.write()
    nightly.people("customers.csv", range(3, 6))
    assert nightly.night().err == ""
    assert events((nightly.folder / "night.log").read_text()) == each


def events(log: str) -> list[str]:
    return [line.split()[2] for line in log.splitlines()]


def test_summary_in_json_has_what_that_of_a_run_has_and_the_nights_own(nightly: Nightly) -> None:
    nightly.write()
    source = nightly.people("customers.csv", range(3))
    summary = nightly.night().json
    assert (summary["job"], summary["state"], summary["alarms"]) == ("nightly", "ok", [])
    assert (summary["provider"], summary["environment"]) == ("hitpay", "sandbox")
    assert summary["source"] == str(source)
    assert summary["output"] == str(source.with_name("customers.results.csv"))
    assert summary["counts"]["created"] == 3
    assert summary["exit_code"] == 0
    assert summary["run"]
    assert summary["seconds"] > 0


def test_option_on_the_command_line_wins_over_the_file(nightly: Nightly) -> None:
    nightly.write(limit=1, output="from-file.csv")
    nightly.people("customers.csv", range(3))
    ended = nightly.night("--limit", 2, "-o", "from-line.csv")
    assert ended.exit_code == 1
    assert len(nightly.emails) == 2
    assert nightly.files(".")[1:3] == ["from-line.csv", "nightly.toml"]


def test_source_on_the_command_line_is_imported_instead(nightly: Nightly) -> None:
    nightly.write(source="never-there.csv")
    nightly.people("given.csv", range(2))
    ended = nightly.night("given.csv")
    assert ended.exit_code == 0, ended.err
    assert sorted(nightly.emails) == sorted(emails(range(2)))


def test_date_in_the_path_is_that_of_the_night(nightly: Nightly) -> None:
    nightly.write(source="in/customers-{date:%Y-%m-%d}.csv")
    nightly.people("in/customers-2020-01-01.csv", range(5))
    nightly.people(f"in/customers-{datetime.now().astimezone():%Y-%m-%d}.csv", range(2))
    assert nightly.night().exit_code == 0
    assert sorted(nightly.emails) == sorted(emails(range(2)))


def test_pattern_takes_each_file_by_name_and_tomorrow_only_what_is_new(nightly: Nightly) -> None:
    nightly.write(source="in/customers-*.csv")
    nightly.people("in/customers-b.csv", range(2, 4))
    nightly.people("in/customers-a.csv", range(2))
    nightly.people("in/.customers-hidden.csv", range(9, 10))
    nightly.people("in/customers-c.csv.part", range(9, 10))
    ended = nightly.night()
    assert ended.exit_code == 0, ended.err
    assert [file["source"].rpartition("/")[2] for file in ended.json["files"]] == [
        "customers-a.csv",
        "customers-b.csv",
    ]
    assert ended.json["counts"]["created"] == 4
    assert sorted(nightly.emails) == sorted(emails(range(4)))
    checked = nightly.importer("job", "check", nightly.path)
    assert "(2 there now, 2 of them done by earlier nights)" in checked.out, checked.err
    nightly.people("in/customers-c.csv", range(4, 6))
    ended = nightly.night()
    assert [file["source"].rpartition("/")[2] for file in ended.json["files"]] == ["customers-c.csv"]
    assert sorted(nightly.emails) == sorted(emails(range(6)))
    ended = nightly.night()
    assert (ended.exit_code, alarms(ended)) == (10, {"no_file": True})
    assert "No new file matches" in ended.err


def test_exit_code_of_several_files_is_the_one_that_says_most(nightly: Nightly) -> None:
    nightly.write(source="in/*.csv")
    nightly.people("in/a.csv", range(2))
    (nightly.folder / "in" / "b.csv").write_bytes(b"\x89PNG no sheet")
    nightly.people("in/c.csv", range(2, 4))
    ended = nightly.night()
    assert (ended.exit_code, ended.json["state"]) == (1, "degraded"), "2 says that nothing was sent"
    assert [file["exit_code"] for file in ended.json["files"]] == [0, 2, 0]
    assert "b.csv is a picture" in ended.err
    assert sorted(nightly.emails) == sorted(emails(range(4)))


def test_night_in_which_nothing_was_sent_and_a_file_cannot_be_read_ends_with_2(nightly: Nightly) -> None:
    nightly.sections["alarms"] = {"invalid": "off"}
    nightly.write(source="in/*.csv")
    nightly.rows("in/a.csv", [{"Name": "X", "Email": "no", "Phone": ""}])
    (nightly.folder / "in" / "b.csv").write_bytes(b"\x89PNG no sheet")
    ended = nightly.night()
    assert (ended.exit_code, ended.json["state"]) == (2, "failed")
    assert nightly.emails == []


def test_neither_a_source_nor_a_job_is_a_usage_error(nightly: Nightly) -> None:
    ended = nightly.shell.importer("run")
    assert ended.exit_code == 2
    assert "SOURCE" in ended.err
    assert "--job" in ended.err


def test_job_that_names_no_file_says_what_to_give_it(nightly: Nightly) -> None:
    nightly.write(source="")
    ended = nightly.night()
    assert ended.exit_code == 2
    assert "source" in ended.err


def test_limit_of_a_night_is_gone_on_with_in_the_next(nightly: Nightly) -> None:
    nightly.write(inbox=True, limit=3)
    nightly.people("inbox/a.csv", range(7))
    for made in (3, 6):
        ended = nightly.night()
        assert (ended.exit_code, len(nightly.emails)) == (1, made)
        assert alarms(ended) == {}
    assert nightly.night().exit_code == 0
    assert nightly.files("done") == ["a.csv", "a.results.csv"]
    assert sorted(nightly.emails) == sorted(emails(range(7)))


# -- who is told


def test_night_is_told_with_how_the_one_before_it_went(nightly: Nightly) -> None:
    told: list[tuple[State, State | None]] = []
    orders = Orders(telling=[lambda report, previous: told.append((report.state, previous))])
    file = read_job_file(nightly.write())

    def night() -> None:
        run_night(file, orders)

    night()
    nightly.people("customers.csv", range(2))
    night()
    night()  # the same file again
    with Ledger.open(file.ledger) as ledger:
        ledger.nights.begin("nightly", started_at=time.time())  # it was killed
    (nightly.folder / "customers.csv").unlink()
    nightly.people("customers.csv", range(3))
    night()
    with Ledger.open(file.ledger) as ledger, ledger.nights.alone("nightly"):
        ledger.nights.begin("nightly", started_at=time.time())  # it is under way
        night()
    assert told == [
        (State.FAILED, None),
        (State.OK, State.FAILED),
        (State.DEGRADED, State.OK),
        (State.OK, State.FAILED),
        (State.FAILED, State.OK),
    ]


def test_fault_of_the_program_is_told_like_any_other(
    nightly: Nightly, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("ann0@example.com")

    monkeypatch.setattr(importing, "check", broken)
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(2))
    ended = nightly.night()
    assert ended.exit_code == 3
    assert "ZeroDivisionError" in ended.err
    assert "ann0@example.com" not in ended.err
    monkeypatch.undo()
    assert nightly.process().exit_code == 0
    assert nightly.files("done") == ["a.csv", "a.results.csv"]


def test_what_the_environment_says_of_a_run_is_not_meant_for_jobs(
    nightly: Nightly, monkeypatch: pytest.MonkeyPatch
) -> None:
    nightly.write()
    nightly.people("customers.csv", range(3))
    monkeypatch.setenv("IMPORTER_LIMIT", "1")
    monkeypatch.setenv("IMPORTER_AGAIN", "yes")
    assert nightly.night().exit_code == nightly.night().exit_code == 0
    assert sorted(nightly.emails) == sorted(emails(range(3)))


def test_alarm_can_be_overruled_in_a_job_only(nightly: Nightly) -> None:
    source = nightly.people("customers.csv", range(3))
    ended = nightly.importer("run", source, "-p", "hitpay", "--despite", "smaller")
    assert ended.exit_code == 2
    assert "--job" in ended.err
    assert nightly.emails == []
