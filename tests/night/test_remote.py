"""Files at an address: fetched from real servers, with the results beside them where these can be written."""

import builtins
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import pytest

from importer.night.remote import shown
from tests.cli_support import Ended, statuses
from tests.night.servers import PASSWORD, USER, ftp_server, http_server
from tests.night.support import Nightly, alarms, emails


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """The folder of another machine."""
    folder = tmp_path / "served"
    (folder / "in").mkdir(parents=True)
    return folder


@pytest.fixture
def ftp(served: Path) -> Iterator[str]:
    with ftp_server(served) as address:
        yield address


def told(ended: Ended) -> str:
    return ended.out + ended.err


def test_results_are_put_beside_a_file_that_was_fetched(nightly: Nightly, served: Path, ftp: str) -> None:
    nightly.people("served/in/customers.csv", range(3))
    nightly.write(source=f"{ftp}/in/customers.csv")
    nightly.path.chmod(0o600)
    ended = nightly.night()
    assert ended.exit_code == 0, ended.err
    assert sorted(nightly.emails) == sorted(emails(range(3)))
    assert sorted(path.name for path in (served / "in").iterdir()) == [
        "customers.csv",
        "customers.results.csv",
    ]
    assert statuses(served / "in" / "customers.results.csv") == ["created"] * 3
    place = f"ftp://{ftp.rpartition('@')[2]}/in"
    assert ended.json["source"] == f"{place}/customers.csv"
    assert ended.json["output"] == f"{place}/customers.results.csv"
    for secret in (USER, PASSWORD):
        assert secret not in told(ended)


def test_results_beside_a_file_are_never_overwritten(nightly: Nightly, served: Path, ftp: str) -> None:
    nightly.people("served/in/customers.csv", range(3))
    (served / "in" / "customers.results.csv").write_text("corrected by hand")
    nightly.write(source=f"{ftp}/in/customers.csv")
    assert nightly.night().exit_code == 0
    assert (served / "in" / "customers.results.csv").read_text() == "corrected by hand"
    dated = served / "in" / f"customers-{datetime.now().astimezone():%Y-%m-%d}.results.csv"
    assert statuses(dated) == ["created"] * 3


def test_pattern_and_date_at_an_address(nightly: Nightly, served: Path, ftp: str) -> None:
    today = f"{datetime.now().astimezone():%Y-%m-%d}"
    nightly.people(f"served/in/a-{today}.csv", range(2))
    nightly.people(f"served/in/b-{today}.csv", range(2, 4))
    nightly.people(f"served/in/b-{today}.results.csv", range(9))
    nightly.people("served/in/c-2020-01-01.csv", range(9))
    nightly.write(source=ftp + "/in/*-{date:%Y-%m-%d}.csv")
    ended = nightly.night()
    assert ended.exit_code == 0, ended.err
    assert sorted(nightly.emails) == sorted(emails(range(4)))


def test_what_cannot_be_written_to_needs_an_output_of_its_own(nightly: Nightly, served: Path) -> None:
    nightly.people("served/in/customers.csv", range(3))
    with http_server(served) as address:
        nightly.write(source=f"{address}/in/customers.csv?token={PASSWORD}")
        ended = nightly.night()
        assert ended.exit_code == 2, ended.err
        assert "output =" in ended.err
        assert PASSWORD not in told(ended)
        assert nightly.shell.simulator.counts("hitpay").requests == 0
        nightly.write(source=f"{address}/in/customers.csv", output="customers.results.csv")
        ended = nightly.night()
    assert ended.exit_code == 0, ended.err
    assert statuses(nightly.folder / "customers.results.csv") == ["created"] * 3


def test_file_that_is_not_there_is_the_alarm_of_any_other_night(
    nightly: Nightly, served: Path, ftp: str
) -> None:
    nightly.write(source=f"{ftp}/in/customers.csv")
    ended = nightly.night()
    assert (ended.exit_code, alarms(ended)) == (10, {"no_file": True})
    assert PASSWORD not in told(ended)


def test_file_that_a_web_server_does_not_have_is_told_from_one_it_does_not_give(
    nightly: Nightly, served: Path
) -> None:
    with http_server(served) as address:
        nightly.write(source=f"{address}/in/customers.csv", output="customers.results.csv")
        assert nightly.night().exit_code == 10
        nightly.write(source=f"{address}/forbidden.csv", output="customers.results.csv")
        ended = nightly.night()
    assert ended.exit_code == 2
    assert "it answers 403" in ended.err


@pytest.mark.parametrize("server", [ftp_server, http_server])
def test_server_that_cannot_be_reached_is_told(
    nightly: Nightly, served: Path, server: Callable[[Path], AbstractContextManager[str]]
) -> None:
    with server(served) as address:
        pass
    nightly.write(source=f"{address}/in/customers.csv")
    ended = nightly.night()
    assert ended.exit_code == 2
    assert "cannot be reached: " in ended.err
    assert PASSWORD not in told(ended)


def test_address_on_the_command_line(nightly: Nightly, served: Path, ftp: str) -> None:
    nightly.people("served/in/customers.csv", range(3))
    nightly.write(source="never-there.csv")
    assert nightly.night(f"{ftp}/in/customers.csv").exit_code == 0


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("s3://bucket/customers.csv", "pip install s3fs"),
        ("sftp://host/customers.csv", "pip install paramiko"),
        ("gopher://host/customers.csv", "no kind of address"),
    ],
)
def test_package_that_is_missing_is_named(nightly: Nightly, address: str, message: str) -> None:
    nightly.write(source=address)
    ended = nightly.night()
    assert ended.exit_code == 2
    assert message in ended.err


def test_without_fsspec_the_extra_is_named(nightly: Nightly, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name.startswith("fsspec"):
            raise ImportError(name)
        return real(name, *rest, **more)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(builtins, "__import__", without)
    nightly.write(source="ftp://host/customers.csv")
    ended = nightly.night()
    assert ended.exit_code == 2
    assert "pip install 'importer[remote]'" in ended.err


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sftp://me:secret@host:22/a.csv", "sftp://host:22/a.csv"),
        ("sftp://me:sec/ret@host/a.csv", "sftp://host/a.csv"),
        ("https://secret@host/a?secret=1#x", "https://host/a"),
        ("s3://bucket/to@day.csv", "s3://bucket/to@day.csv"),
        ("https://host:8080/to@day.csv", "https://host:8080/to@day.csv"),
    ],
)
def test_address_is_shown_without_its_secrets(url: str, told: str) -> None:
    assert shown(url) == told
