"""`importer job check` and `importer job new`, as people use them."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from importer.simulator import Settings, Simulator, running_simulator
from tests.cli_support import Shell
from tests.night.servers import PASSWORD, ftp_server

posix = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with running_simulator(Settings(limits=False)) as simulator:
        yield simulator


@pytest.fixture
def shell(running: Simulator, tmp_path: Path) -> Shell:
    running.reset()
    return Shell(tmp_path, running)


def job(shell: Shell, more: str = "", provider: str = "hitpay", mode: int = 0o600) -> Path:
    address = shell.simulator.base_url(provider)
    path = shell.folder / "nightly.toml"
    text = (
        f'source = "a-{{date}}.csv"\nprovider = "{provider}"\nbase_url = "{address}"\nrate = "1000/s"\n{more}'
    )
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_job_that_can_run_is_shown_and_its_credentials_are_tried(shell: Shell) -> None:
    ended = shell.importer("job", "check", job(shell, 'stop_by = "06:00"\n[alarms]\nbusy = "off"\n'))
    assert ended.exit_code == 0, ended.err
    assert "nightly.toml can run." in ended.out
    for words in ("hitpay, sandbox, account default", "stops by 06:00", "off: busy", "HitPay took them"):
        assert words in ended.out
    assert shell.simulator.counts("hitpay").look_ups == 1
    assert shell.simulator.customers("hitpay") == []


def test_clock_is_shown_by_which_the_job_goes(shell: Shell) -> None:
    """A zone that is misspelt is UTC to the system, without a word."""
    path = job(shell, 'stop_by = "06:00"\n')
    for zone, offset in (("Asia/Singapore", "UTC+08:00"), ("Asia/Singapor", "UTC")):
        told = shell.importer("job", "check", "--offline", path, variables={"TZ": zone}).out
        assert re.search(
            rf"^  clock +\d{{4}}-\d\d-\d\d \d\d:\d\d, {re.escape(offset)}$", told, re.MULTILINE
        ), told


def test_json_holds_the_same(shell: Shell) -> None:
    ended = shell.importer("job", "check", job(shell), "--json")
    assert ended.exit_code == ended.json["exit_code"] == 0
    assert ended.json["faults"] == []
    assert ended.json["credentials"]["accepted"] is True
    assert ended.json["source"]["found"] == 0
    assert "can run" in ended.err


def test_every_fault_is_told_and_nothing_is_called(shell: Shell) -> None:
    ended = shell.importer("job", "check", job(shell, 'limit = "5"\n[alarms]\nsmaler = "off"\n'), "--json")
    assert ended.exit_code == 2
    assert [(each["line"], each["key"]) for each in ended.json["faults"]] == [
        (5, "limit"),
        (7, "alarms.smaler"),
    ]
    assert "line 7, alarms.smaler" in ended.err
    assert shell.simulator.counts("hitpay").requests == 0


def test_missing_credentials_are_named_with_the_line(shell: Shell) -> None:
    ended = shell.importer("job", "check", job(shell), bare=True)
    assert ended.exit_code == 2
    assert (
        "line 2, provider: The credentials for HitPay (sandbox) are missing. Set HITPAY_API_KEY" in ended.err
    )


def test_refused_credentials_exit_with_2_as_nothing_was_sent(shell: Shell) -> None:
    ended = shell.importer("job", "check", job(shell), variables={"HITPAY_API_KEY": "wrong4711"})
    assert ended.exit_code == 2
    assert "HitPay refused the account (HTTP 401)" in ended.err
    assert "4711" not in ended.out + ended.err


def test_offline_tries_nothing(shell: Shell) -> None:
    ended = shell.importer("job", "check", job(shell), "--offline")
    assert ended.exit_code == 0
    assert "not tried (--offline)" in ended.out
    assert shell.simulator.counts("hitpay").requests == 0


def test_addresses_of_messages_are_shown_without_their_secrets(shell: Shell) -> None:
    urls = "slack://tokenA4711/B4711/C4711\nmailtos://ann:4711@example.com"
    ended = shell.importer(
        "job", "check", job(shell, "[notify]\n"), "--offline", variables={"IMPORTER_NOTIFY_URLS": urls}
    )
    assert "of failure, degraded, recovery: slack://…, mailtos://…" in ended.out
    assert "4711" not in ended.out + ended.err


def test_address_that_nothing_understands_is_told_without_being_shown(shell: Shell) -> None:
    path, urls = job(shell, "[notify]\n"), "json://localhost\nslak://4711"
    ended = shell.importer("job", "check", path, "--json", variables={"IMPORTER_NOTIFY_URLS": urls})
    assert ended.exit_code == 2
    assert [each["key"] for each in ended.json["faults"]] == ["notify"]
    assert "Address 2 of IMPORTER_NOTIFY_URLS is none that apprise understands" in ended.err
    assert "4711" not in ended.out + ended.err


def test_inbox_is_shown_with_what_is_in_it(shell: Shell) -> None:
    path = job(shell, '[inbox]\nfolder = "in"\npattern = "*.csv"\n')
    path.write_text(path.read_text().replace('source = "a-{date}.csv"\n', ""), encoding="utf-8")
    assert "there is no such folder" in shell.importer("job", "check", path, "--offline").out
    (shell.folder / "in").mkdir()
    (shell.folder / "in" / "a.csv").touch()
    assert f"inbox {shell.folder / 'in' / '*.csv'} (1 there now)" in shell.importer("job", "check", path).out


def test_address_of_files_is_reached_and_shown_without_its_password(shell: Shell, tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    (served / "a.csv").touch()
    with ftp_server(served) as address:
        path = job(shell)
        path.write_text(path.read_text().replace("a-{date}.csv", f"{address}/*.csv"), encoding="utf-8")
        ended = shell.importer("job", "check", path, "--json")
        assert ended.json["source"] == {"file": f"ftp://{address.rpartition('@')[2]}/*.csv", "found": 1}
        assert PASSWORD not in ended.out + ended.err
    gone = shell.importer("job", "check", path, "--json")
    assert (gone.exit_code, [each["key"] for each in gone.json["faults"]]) == (2, ["source"])
    assert PASSWORD not in gone.out + gone.err
    assert shell.importer("job", "check", path, "--offline").exit_code == 0


# -- secrets


@posix
def test_credentials_file_that_others_may_read_is_refused_for_a_job(shell: Shell) -> None:
    key = shell.folder / "key"
    key.write_text("sk_4711", encoding="utf-8")
    key.chmod(0o644)
    variables = {"HITPAY_API_KEY": "", "HITPAY_API_KEY_FILE": str(key)}
    ended = shell.importer("job", "check", job(shell), "--offline", variables=variables)
    assert ended.exit_code == 2
    assert f"chmod 600 {key}" in ended.err
    assert "4711" not in ended.out + ended.err
    told = shell.importer(
        "job", "check", job(shell, '[credentials]\nexposed = "tell"\n'), "--offline", variables=variables
    )
    assert told.exit_code == 0
    assert f"chmod 600 {key}" in told.err


@posix
def test_night_with_such_a_file_sends_nothing(shell: Shell) -> None:
    key = shell.folder / "key"
    key.write_text(shell.simulator.environment()["HITPAY_API_KEY"], encoding="utf-8")
    key.chmod(0o644)
    sheet = shell.write("a.csv", [{"Name": "Ann", "Email": "ann@example.com", "Phone": "+65 8123 4567"}])
    words = ("run", "--job", job(shell), sheet)
    variables = {"HITPAY_API_KEY": "", "HITPAY_API_KEY_FILE": str(key)}
    assert shell.importer(*words, variables=variables).exit_code == 2
    assert shell.simulator.counts("hitpay").requests == 0
    key.chmod(0o600)
    assert shell.importer(*words, variables=variables).exit_code == 0
    assert len(shell.simulator.customers("hitpay")) == 1


def test_credentials_of_systemd_are_used(shell: Shell) -> None:
    folder = shell.folder / "credentials"
    folder.mkdir()
    (folder / "HITPAY_API_KEY").write_text(shell.simulator.environment()["HITPAY_API_KEY"], encoding="utf-8")
    (folder / "HITPAY_API_KEY").chmod(0o400)
    ended = shell.importer(
        "job", "check", job(shell), variables={"CREDENTIALS_DIRECTORY": str(folder)}, bare=True
    )
    assert ended.exit_code == 0, ended.err


def test_env_file_beside_the_job_comes_last(shell: Shell) -> None:
    key = shell.simulator.environment()["HITPAY_API_KEY"]
    beside = shell.folder / ".env"
    beside.write_text(f"# for development\nexport HITPAY_API_KEY='{key}'\n", encoding="utf-8")
    beside.chmod(0o600)
    assert shell.importer("job", "check", job(shell), bare=True).exit_code == 0
    ended = shell.importer("job", "check", job(shell), variables={"HITPAY_API_KEY": "wrong"})
    assert ended.exit_code == 2
    beside.chmod(0o644)
    assert f"chmod 600 {beside}" in shell.importer("job", "check", job(shell), bare=True).err


# -- a new one


def test_new_job_is_written_checked_filled_in_and_checked_again(shell: Shell) -> None:
    assert shell.importer("job", "new").exit_code == 0
    path = shell.folder / "nightly.toml"
    unfinished = shell.importer("job", "check", "nightly.toml")
    assert unfinished.exit_code == 2
    assert "source: is missing" in unfinished.err
    text = path.read_text(encoding="utf-8").replace('source = ""', 'source = "a.csv"')
    text = text.replace(
        'provider = ""', f'provider = "hitpay"\nbase_url = "{shell.simulator.base_url("hitpay")}"'
    )
    path.write_text(text, encoding="utf-8")
    assert shell.importer("job", "check", "nightly.toml").exit_code == 0


def test_new_job_takes_no_files_place(shell: Shell) -> None:
    path = job(shell)
    ended = shell.importer("job", "new", path)
    assert ended.exit_code == 2
    assert "exists" in ended.err
    assert "a-{date}" in path.read_text(encoding="utf-8")


def test_new_job_is_named_in_json(shell: Shell) -> None:
    ended = shell.importer("job", "new", "weekly.toml", "--json")
    assert json.loads(ended.out) == {"file": "weekly.toml", "exit_code": 0}


def test_wrong_word_after_job_is_told_in_a_line(shell: Shell) -> None:
    ended = shell.importer("job", "chek")
    assert ended.exit_code == 2
    assert "See: importer job --help" in ended.err
