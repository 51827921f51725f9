"""What the guide tells an operator to type is run, on a machine that is set up by it."""

import re
import shlex
import shutil
import sqlite3
from pathlib import Path

import pytest

from importer.jobfile import Alarms
from importer.night.report import ALARM_EXIT_CODES
from tests.deploying.guide import BIN, GUIDE, ROOT, SERVICE, Machine, example, needs, output_of, settings
from tests.support import person, write_csv


def test_every_exit_code_has_something_to_do() -> None:
    table = GUIDE.partition("<!-- exit codes -->")[2].partition("\n\n")[0]
    cells = re.findall(r"^\| (\d+(?:, \d+)*)", table, re.MULTILINE)
    told = [int(code) for cell in cells for code in cell.split(",")]
    assert told == [0, 1, 2, 3, *ALARM_EXIT_CODES.values(), 130, 143, 137]
    assert Alarms().same_file == "tell"  # as it says of 13


def test_links_lead_somewhere() -> None:
    headings = {}
    for path in (ROOT / "importer").rglob("*.md"):
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        words = (line.lstrip("# ").lower() for line in text.splitlines() if line.startswith("#"))
        headings[path] = {re.sub(r"[^\w\s-]", "", each).replace(" ", "-") for each in words}
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        name, _, heading = target.partition("#")
        path = (ROOT / "importer" / (name or "DEPLOYING.md")).resolve()
        assert path in headings, target
        assert not heading or heading in headings[path], target


def typed(machine: Machine, name: str) -> str:
    """A command of the guide as it is typed, with its places below the folder."""
    return machine.moved(example(name)).replace("\\\n", " ").replace("\nimporter ", f"\n{BIN}/importer ")


def test_alarm_that_is_all_right_is_gone_on_with_by_hand(machine: Machine) -> None:
    machine.deliver("yesterday.csv", range(30))
    assert machine.night().exit_code == 0
    machine.deliver("customers.csv", range(30, 33))
    assert machine.night().exit_code == 12
    by_hand = shlex.split(typed(machine, "by-hand.sh"))
    program = by_hand.index(f"{BIN}/importer")
    credentials = [word.partition("=")[2] for word in by_hand if "LoadCredential" in word]
    assert credentials == [f"LoadCredential={machine.moved(e)}" for e in settings(SERVICE)["LoadCredential"]]
    ended = machine.sh(shlex.join(by_hand[program:]), machine.service_variables())
    assert ended.exit_code == 0, ended.err
    assert "3 created" in ended.out


@pytest.mark.parametrize(("rows", "wrong", "exit_code"), [(30, 1, 1), (30, 10, 14)])
def test_results_that_were_corrected_go_through_the_inbox(
    machine: Machine, rows: int, wrong: int, exit_code: int
) -> None:
    """What the table says of exit codes 1 and 14."""
    people = [person("hitpay", number) for number in range(rows)]
    broken = [{**one, "Email": one["Email"].replace("@", "-at-")} for one in people[:wrong]]
    inbox = machine.place("/srv/importer/inbox")
    write_csv(inbox / "customers.csv", [*broken, *people[wrong:]])
    assert machine.night().exit_code == exit_code
    results = machine.place("/srv/importer/attention/customers.results.csv")
    corrected = results.read_text(encoding="utf-8-sig").replace("-at-", "@")
    results.unlink()
    (inbox / results.name).write_text(corrected, encoding="utf-8-sig")
    ended = machine.night()
    assert ended.exit_code == 0, ended.err
    assert len(machine.simulator.customers("hitpay")) == rows


def test_backup_is_whole_and_made_by_the_service(machine: Machine) -> None:
    """Also while another process writes."""
    needs("sqlite3")
    machine.deliver("customers.csv", range(3))
    machine.night()
    (_, _, command) = example("backup.conf").rstrip().partition("ExecStopPost=")
    ledger = machine.place("/var/lib/importer/ledger.sqlite3")
    with sqlite3.connect(ledger) as writer:
        writer.execute("UPDATE night SET job = job")
        ended = machine.sh(machine.moved(command), {"PATH": "/usr/bin:/bin"})
        writer.rollback()
    assert (ended.exit_code, ended.err) == (0, "")
    with sqlite3.connect(ledger.with_name("backup.sqlite3")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM customer").fetchone() == (3,)


def test_systemd_takes_the_backup_as_a_part_of_the_service(tmp_path: Path) -> None:
    verify = needs("systemd-analyze")
    (tmp_path / f"{SERVICE}.d").mkdir()
    (tmp_path / SERVICE).write_text(example(SERVICE).replace("/opt/importer/bin", str(BIN)), encoding="utf-8")
    drop_in = tmp_path / f"{SERVICE}.d" / "backup.conf"
    drop_in.write_text(example("backup.conf"), encoding="utf-8")
    (tmp_path / "importer-failed@.service").write_text(example("importer-failed@.service"), encoding="utf-8")
    assert output_of(verify, "verify", tmp_path / SERVICE) == ""
    drop_in.write_text(example("backup.conf").replace("=/usr/bin/sqlite3", "=/no/such"), encoding="utf-8")
    with pytest.raises(AssertionError, match="/no/such"):
        output_of(verify, "verify", tmp_path / SERVICE)


def test_results_that_a_restored_ledger_does_not_know_send_nobody_and_teach_it_nothing(
    machine: Machine,
) -> None:
    """Why the guide says to keep their people out of other sheets."""
    machine.deliver("first.csv", range(3))
    machine.night()
    ledger = machine.place("/var/lib/importer/ledger.sqlite3")
    shutil.copy(ledger, machine.folder / "backup")
    machine.deliver("second.csv", range(3, 6))
    machine.night()
    for left in ledger.parent.glob("ledger.sqlite3*"):
        left.unlink()
    shutil.copy(machine.folder / "backup", ledger)
    results = machine.place("/srv/importer/done/second.results.csv")
    command = f"{BIN}/importer run {results} --ledger sqlite:///{ledger}"
    ran = machine.sh(command, {"PATH": "/usr/bin:/bin"})  # no key either: there is nothing to send
    assert (ran.exit_code, "3 exists" in ran.out) == (0, True), ran.err
    with sqlite3.connect(ledger) as record:
        assert record.execute("SELECT count(*) FROM customer").fetchone() == (3,)
    assert len(machine.simulator.customers("hitpay")) == 6


def test_purge_is_run_as_it_is_told(machine: Machine) -> None:
    machine.deliver("customers.csv", range(2))
    machine.night()
    ended = machine.sh(typed(machine, "purge.sh"), {"PATH": f"{BIN}:/usr/bin:/bin"})
    assert ended.exit_code == 0, ended.err
    assert "Removed." in ended.out


def test_job_is_looked_over_with_what_the_service_has(machine: Machine) -> None:
    path = machine.place("/etc/importer/nightly.toml")
    ended = machine.sh(f"{BIN}/importer job check {path}", machine.service_variables())
    assert ended.exit_code == 0, ended.err
