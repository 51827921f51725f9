"""The units are read by systemd, and their service and what speaks up for it are run."""

import os
import re
import shlex
import subprocess
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest

from importer.jobfile import JobFile
from importer.telling.delivering import DEADLINE
from tests.cli_support import PATIENCE
from tests.deploying.guide import BIN, SERVICE, Machine, example, needs, output_of, settings

TIMER, FAILED = "importer-nightly.timer", "importer-failed@.service"


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units in a folder, with a program that is there; the one that tells as an instance."""
    files = []
    for name in (SERVICE, TIMER, FAILED):
        file = tmp_path / name.replace("@.", "@importer-nightly.")
        file.write_text(example(name).replace("/opt/importer/bin", str(BIN)), encoding="utf-8")
        files.append(file)
    return files


def test_systemd_finds_nothing_wrong_with_the_units(units: list[Path]) -> None:
    assert output_of(needs("systemd-analyze"), "verify", *units) == ""


def test_systemd_finds_little_that_the_service_is_exposed_to(units: list[Path]) -> None:
    """0 is safe, 10 is not confined at all. What is left: it has the network, and folders to write to."""
    if int(output_of(needs("systemd-analyze"), "--version").split()[1]) < 250:
        pytest.skip("needs systemd 250, which looks at units that are not loaded")
    told = output_of("systemd-analyze", "security", "--offline=true", "--threshold=15", units[0])
    assert re.search(r"exposure level for .*: [01]\.\d OK", told), told


def test_stop_is_no_failure_and_all_else_is_one() -> None:
    """What the guide says of a stop, and of starting again at once."""
    service = settings(SERVICE)
    assert service["SuccessExitStatus"] == ["143 SIGTERM"]
    assert service["Restart"] == ["no"]
    assert service["OnFailure"] == ["importer-failed@%N.service"]


def test_time_to_stop_is_enough_for_a_request_and_the_notifications() -> None:
    (minutes,) = re.findall(r"^(\d+)min$", settings(SERVICE)["TimeoutStopSec"][0])
    assert int(minutes) * 60 > 2 * (JobFile.model_fields["timeout"].default + DEADLINE)


def test_hour_of_the_timer_is_there_once_on_every_day_everywhere() -> None:
    hour, minute = map(int, settings(TIMER)["OnCalendar"][0].split()[1].split(":")[:2])
    assert example("importer.cron").splitlines()[-1].startswith(f"{minute} {hour} ")
    names = sorted(available_timezones())
    if not names:
        pytest.skip("needs the time zones of the system")
    for name in names:
        zone = ZoneInfo(name)
        midnights = [datetime(2026, 1, 1, tzinfo=zone) + timedelta(days) for days in range(3 * 365)]
        for before, after in pairwise(midnights):
            if before.utcoffset() != after.utcoffset():  # the clock is put forward, or back
                when = before.replace(hour=hour, minute=minute)
                assert when.replace(fold=1).utcoffset() == when.utcoffset(), (name, when)


def test_systemd_starts_the_timer_each_night_where_summer_time_begins() -> None:
    """And would not in an hour that is skipped, of which the guide warns."""
    program = needs("systemd-analyze")
    nights = [
        output_of(program, "calendar", "--base-time=2026-03-28 12:00", when, TZ="Europe/Berlin")
        for when in (settings(TIMER)["OnCalendar"][0], "*-*-* 02:30:00")
    ]
    assert "2026-03-29 04:15:00" in nights[0]
    assert "2026-03-30 02:30:00" in nights[1]


def test_service_imports_what_is_in_the_inbox(machine: Machine) -> None:
    machine.deliver("customers.csv", range(2))
    ended = machine.night()
    assert (ended.exit_code, ended.err) == (0, "")
    done = machine.place("/srv/importer/done")
    assert sorted(each.name for each in done.iterdir()) == ["customers.csv", "customers.results.csv"]
    assert machine.place("/var/lib/importer/ledger.sqlite3").is_file()
    assert "night_ended" in machine.place("/var/log/importer/nightly.log").read_text(encoding="utf-8")


def test_service_may_write_wherever_its_job_does() -> None:
    """ProtectSystem=strict leaves nothing else."""
    service = settings(SERVICE)
    writable = [
        *service["ReadWritePaths"][0].split(),
        *(f"/var/lib/{name}" for name in service["StateDirectory"]),
        *(f"/var/log/{name}" for name in service["LogsDirectory"]),
    ]
    places = re.findall(r'"(?:sqlite:///)?(/[^"]+)"', example("nightly.toml"))
    assert len(places) == 6
    for place in places:
        assert any(place.startswith(f"{folder}/") for folder in writable), place


def test_whoever_is_told_of_a_failure_reads_the_exit_code_and_what_was_said(tmp_path: Path) -> None:
    """As systemd starts it: %i and %H filled in, $$ for $, and what it says of the unit that failed."""
    (command,) = settings(FAILED)["ExecStart"]
    for program, text in (("sendmail", 'cat > mail; echo "$1" > to'), ("journalctl", 'echo "journal of $*"')):
        stub = tmp_path / program
        stub.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        stub.chmod(0o755)
    words = shlex.split(command.replace("%i", "importer-nightly").replace("%H", "host").replace("$$", "$"))
    variables = {
        "MONITOR_SERVICE_RESULT": "exit-code",
        "MONITOR_EXIT_STATUS": "12",
        "MONITOR_INVOCATION_ID": "abc",
    }
    path = f"{tmp_path}:/usr/bin:/bin"
    subprocess.run(words, env={"PATH": path, **variables}, cwd=tmp_path, check=True, timeout=PATIENCE)
    mail = (tmp_path / "mail").read_text(encoding="utf-8")
    assert mail.startswith("Subject: importer-nightly on host: exit-code, exit code 12\n\n")
    assert "_SYSTEMD_INVOCATION_ID=abc" in mail


def test_systemd_makes_the_user_and_the_folders(tmp_path: Path) -> None:
    """In a folder that stands for the root of the machine."""
    if os.geteuid() != 0:
        pytest.skip("only root gives folders to another user")
    for name, program in (("sysusers", "systemd-sysusers"), ("tmpfiles", "systemd-tmpfiles")):
        file = tmp_path / f"etc/{name}.d/importer.conf"
        file.parent.mkdir(parents=True)
        file.write_text(example(f"importer.{name}.conf"), encoding="utf-8")
        create = ["--create"] if name == "tmpfiles" else []
        output_of(needs(program), f"--root={tmp_path}", *create)
    assert re.search(r"^importer:", (tmp_path / "etc/passwd").read_text(encoding="utf-8"), re.MULTILINE)
    inbox = (tmp_path / "srv/importer/inbox").stat()
    assert (oct(inbox.st_mode), inbox.st_uid != 0) == ("0o42770", True)
