"""The entry for cron says nothing of a good night, and enough of any other."""

from tests.cli_support import Ended
from tests.deploying.guide import Machine, example
from tests.support import person, write_csv


def cron_job(machine: Machine) -> Ended:
    """The night as cron starts it: with the variables of the file, those of cron, and no others."""
    text = machine.moved(example("importer.cron"))
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    *assignments, entry = lines
    variables = dict(line.split("=", 1) for line in assignments)
    *_, user, command = entry.split(maxsplit=6)
    assert user == "importer"
    assert "%" not in command, "cron would take it for the end of a line"
    return machine.sh(command, {"HOME": "/var/lib/importer", "LOGNAME": user, **variables})


def test_cron_has_nothing_to_mail_of_a_good_night(machine: Machine) -> None:
    machine.deliver("customers.csv", range(2))
    assert cron_job(machine) == Ended(0, "", "")
    assert machine.place("/srv/importer/done/customers.csv").is_file()


def test_cron_mails_the_line_of_a_night_in_which_rows_did_not_make_it(machine: Machine) -> None:
    rows = [person("hitpay", number) for number in range(30)]
    rows[3]["Email"] = "nobody"
    write_csv(machine.place("/srv/importer/inbox/customers.csv"), rows)
    ended = cron_job(machine)
    assert "29 created, 1 invalid" in ended.out
    assert "exit 1" in ended.out


def test_cron_mails_what_an_alarm_says(machine: Machine) -> None:
    ended = cron_job(machine)
    assert "alarm no_file" in ended.out
    assert "exit 10" in ended.out
    assert "There is no file in" in ended.err


def test_cron_mails_what_is_wrong_with_the_job(machine: Machine) -> None:
    machine.place("/etc/importer/nightly.toml").write_text("provder = 1\n", encoding="utf-8")
    assert "line 1" in cron_job(machine).err
