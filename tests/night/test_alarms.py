"""What is unlike other nights stops the night before anything is sent, with an exit status of its own."""

import shlex
from collections.abc import Callable

import pytest

from importer.jobfile import Alarms
from importer.ledger import Ledger, NightFile
from importer.night.alarms import Found, Past, raised
from tests.cli_support import statuses
from tests.night.support import Nightly, alarms, emails, way_out
from tests.support import person

WRONG = {"Name": "Ann", "Email": "nobody", "Phone": "+1 202 555 0101"}


def no_file(nightly: Nightly) -> None:
    """The file was not delivered."""


def empty(nightly: Nightly) -> None:
    (nightly.folder / "customers.csv").write_text("Name,Email,Phone\n")


def nothing_at_all(nightly: Nightly) -> None:
    (nightly.folder / "customers.csv").write_bytes(b"")


def smaller(nightly: Nightly) -> None:
    nightly.people("customers.csv", range(20, 24))


def same_file(nightly: Nightly) -> None:
    nightly.people("customers.csv", range(10))


def invalid(nightly: Nightly) -> None:
    people = [person("hitpay", number) for number in range(20, 27)]
    nightly.rows("customers.csv", [*people, WRONG, WRONG | {"Name": "Bo"}, WRONG | {"Name": "Cy"}])


def columns(nightly: Nightly) -> None:
    people = ({"Remark": "-", **person("hitpay", number)} for number in range(20, 30))
    nightly.rows("customers.csv", people)


def column_that_is_required(nightly: Nightly) -> None:
    people = (person("hitpay", number) for number in range(20, 30))
    nightly.rows(
        "customers.csv",
        ({"X" if k == "Email" else k: "-" if k == "Email" else v for k, v in one.items()} for one in people),
    )


CASES = [
    ("no_file", no_file, 10, "There is no file"),
    ("empty", empty, 11, "customers.csv is empty"),
    ("empty", nothing_at_all, 11, "customers.csv is empty"),
    ("smaller", smaller, 12, "4 rows, fewer than 50% of the usual 10"),
    ("same_file", same_file, 13, "byte for byte what was imported"),
    ("invalid", invalid, 14, "3 of 10 rows of customers.csv are invalid (30%), and 20% may be"),
    ("columns", columns, 15, '"Remark" is new'),
    ("columns", column_that_is_required, 15, '"Email" is now "X"'),
]


def night(*, rows: int) -> NightFile:
    """A file that was imported."""
    return NightFile(0, "nightly", 0.0, "a.csv", "", rows, None, 0.0, 0, "ok", "", 0)


@pytest.fixture
def after_a_night(nightly: Nightly) -> Nightly:
    """Yesterday ten customers came; today's file is not there yet."""
    nightly.write()
    nightly.people("customers.csv", range(10))
    assert nightly.night().exit_code == 0
    (nightly.folder / "customers.csv").unlink()
    return nightly


@pytest.mark.parametrize(("kind", "happen", "exit_code", "message"), CASES)
def test_alarm_stops_the_night_before_anything_is_sent(
    after_a_night: Nightly, kind: str, happen: Callable[[Nightly], None], exit_code: int, message: str
) -> None:
    nightly = after_a_night
    nightly.sections["alarms"] = {kind: "stop"}
    nightly.write()
    happen(nightly)
    before = nightly.shell.simulator.counts("hitpay").requests
    ended = nightly.night()
    assert ended.exit_code == ended.json["exit_code"] == exit_code, ended.err
    assert alarms(ended) == {kind: True}
    assert ended.json["state"] == "failed"
    assert message in ended.err
    assert "Nothing was sent." in ended.err
    assert nightly.shell.simulator.counts("hitpay").requests == before


@pytest.mark.parametrize(("kind", "happen", "exit_code", "message"), CASES[:-1])
def test_alarm_that_is_only_told_goes_on(
    after_a_night: Nightly, kind: str, happen: Callable[[Nightly], None], exit_code: int, message: str
) -> None:
    nightly = after_a_night
    nightly.sections["alarms"] = {kind: "tell"}
    nightly.write()
    happen(nightly)
    ended = nightly.night()
    assert ended.exit_code == (1 if kind == "invalid" else 0)
    assert alarms(ended) == {kind: False}
    assert ended.json["state"] == "degraded"
    assert message in ended.err
    assert ended.json["counts"]["not_sent"] == 0


@pytest.mark.parametrize(("kind", "happen", "exit_code", "message"), CASES[:-1])
def test_alarm_that_is_off_is_not_raised(
    after_a_night: Nightly, kind: str, happen: Callable[[Nightly], None], exit_code: int, message: str
) -> None:
    nightly = after_a_night
    nightly.sections["alarms"] = {kind: "off"}
    nightly.write()
    happen(nightly)
    ended = nightly.night()
    assert ended.exit_code == (1 if kind == "invalid" else 0)
    assert alarms(ended) == {}
    assert ended.json["state"] == ("degraded" if kind == "invalid" else "ok")
    assert message not in ended.err


def test_rows_of_a_file_that_an_alarm_stopped_say_so_and_the_command_shown_goes_on(
    after_a_night: Nightly,
) -> None:
    nightly = after_a_night
    invalid(nightly)
    ended = nightly.night()
    results = nightly.folder / "customers.results.csv"
    assert statuses(results) == ["not_sent"] * 7 + ["invalid"] * 3
    assert "may be" in results.read_text(encoding="utf-8-sig")
    again = nightly.importer(*way_out(ended), "--json")
    assert (again.exit_code, alarms(again)) == (1, {"invalid": False})
    everybody = emails([*range(10), *range(20, 27)])
    assert sorted(nightly.emails) == sorted(everybody)


def test_column_that_is_required_and_gone_has_a_way_out_that_goes_on(after_a_night: Nightly) -> None:
    nightly = after_a_night
    column_that_is_required(nightly)
    ended = nightly.night()
    message = ended.json["alarms"][0]["message"]
    assert ".." not in message
    assert message.count("Nothing was sent") == 1
    assert "?" not in message
    writing, _, rest = message.partition("Write a mapping with importer ")[2].partition(", add ")
    adding, _, going_on = rest.partition(" to the job file, then type: importer ")
    assert nightly.importer(*shlex.split(writing)).exit_code == 0
    assert adding == 'mapping = "nightly.mapping.toml"'
    mapping = nightly.folder / "nightly.mapping.toml"
    columns = '[columns]\nname = "Name"\nemail = "X"\nphone_number = "Phone"\n'
    mapping.write_text(f'provider = "hitpay"\n{columns}')
    nightly.write(mapping="nightly.mapping.toml")
    again = nightly.importer(*shlex.split(going_on), "--json")
    assert alarms(again) == {"columns": False, "invalid": True}, again.err  # it has no address in it


def test_other_order_of_the_columns_is_only_told(after_a_night: Nightly) -> None:
    nightly = after_a_night
    people = (person("hitpay", number) for number in range(20, 30))
    nightly.rows("customers.csv", (dict(reversed(one.items())) for one in people))
    ended = nightly.night()
    assert (ended.exit_code, alarms(ended)) == (0, {"columns": False})
    assert "another order" in ended.err


def test_night_that_an_alarm_stopped_is_not_what_the_next_one_is_measured_by(after_a_night: Nightly) -> None:
    nightly = after_a_night
    for _ in range(2):
        smaller(nightly)
        assert nightly.night().exit_code == 12
    nightly.people("customers.csv", range(20, 25))
    assert nightly.night().exit_code == 0


def test_usual_number_of_rows_is_the_median_of_the_last_seven_nights() -> None:
    """More nights had a thousand, but of the last seven the median is 10."""
    rows = (900, 14, 12, 10, 8, 6, 2, 1000, 1000, 1000, 1000)
    past = Past([night(rows=each) for each in rows])
    (raised_by_four,) = raised(Alarms(), Found("a.csv", 4, 0, ()), past)
    assert "usual 10 (the median of the last 7)" in raised_by_four.message
    assert raised(Alarms(), Found("a.csv", 5, 0, ()), past) == []


def test_files_of_one_night_are_not_measured_by_each_other(nightly: Nightly) -> None:
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(10))
    nightly.people("inbox/b.csv", range(10, 12))
    assert nightly.night().exit_code == 0
    nightly.people("inbox/c.csv", range(20, 22))
    assert nightly.night().exit_code == 12


def test_share_and_number_of_invalid_rows_are_both_heeded(after_a_night: Nightly) -> None:
    nightly = after_a_night
    nightly.sections["alarms"] = {"max_invalid": ["50%", 2]}
    nightly.write()
    invalid(nightly)
    ended = nightly.night()
    assert ended.exit_code == 14
    assert "and 2 may be" in ended.err


def test_second_night_at_the_same_time_does_nothing(nightly: Nightly) -> None:
    nightly.write()
    nightly.people("customers.csv", range(2))
    url = nightly.shell.environment["IMPORTER_LEDGER"]
    with Ledger.open(url) as ledger, ledger.nights.alone("nightly") as free:
        assert free
        ended = nightly.night()
        assert (ended.exit_code, alarms(ended)) == (16, {"busy": True})
        assert "still under way" in ended.err
        assert nightly.emails == []
        nightly.sections["alarms"] = {"busy": "off"}
        nightly.write()
        ended = nightly.night()
        assert (ended.exit_code, alarms(ended), nightly.emails) == (0, {}, [])
    assert nightly.night().exit_code == 0
    assert len(nightly.emails) == 2


def test_despite_takes_only_an_alarm(nightly: Nightly) -> None:
    nightly.write()
    ended = nightly.night("--despite", "everything")
    assert ended.exit_code == 2
    assert "smaller" in ended.err
