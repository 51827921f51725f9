"""Notifications on their way: to a real web server and a real mail server on this machine."""

import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import pytest

from importer.errors import SettingsError
from importer.jobfile import Event, Notify
from importer.telling.delivering import Address, deliver, read_addresses
from importer.telling.notices import Notice
from tests.telling.receivers import mailbox, webhook

NOTICE = Notice(
    Event.FAILURE, "nightly failed (exit 3)", "5 created, 1 failed\n\nType: importer run ü <&> *x*"
)
SECRET = "correct-horse-battery"


def addresses_of(*urls: str) -> tuple[Address, ...]:
    return read_addresses(Notify(), {"IMPORTER_NOTIFY_URLS": "\n".join(urls)})


def undelivered(*urls: str, deadline: float = 20.0) -> list[str]:
    found = addresses_of(*urls)
    return [str(each) for each in deliver(NOTICE, found, deadline=deadline, pause=0.0)]


def test_webhook_gets_the_notice_as_json() -> None:
    with webhook() as received:
        assert undelivered(f"json://127.0.0.1:{received.port}/hook") == []
    (document,) = received.documents
    assert (document["title"], document["message"]) == (NOTICE.title, NOTICE.body)
    assert document["type"] == "failure"


def test_mail_gets_the_notice() -> None:
    with mailbox() as received:
        url = f"mailto://127.0.0.1:{received.port}?from=importer@example.com&to=ops@example.com&mode=insecure"
        assert undelivered(url) == []
    (mail,) = received.mails
    assert received.recipients == ["ops@example.com"]
    assert mail["Subject"] == NOTICE.title
    text = "".join(
        part.get_payload(decode=True).decode()  # type: ignore[union-attr]  # a text part has bytes
        for part in mail.walk()
        if part.get_content_maintype() == "text"
    )
    assert "5 created, 1 failed" in text
    assert "importer run ü" in text


def test_slack_gets_the_notice_as_its_webhook_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """All but Slack itself and TLS to it: its address is the one thing that is replaced."""
    token = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
    (address,) = addresses_of(f"slack://{token}/#ops")
    assert getattr(address.service, "webhook_url", "") == "https://hooks.slack.com/services"
    with webhook() as received:
        monkeypatch.setattr(address.service, "webhook_url", f"http://127.0.0.1:{received.port}/services")
        deliver(NOTICE, [address], pause=0.0)
    assert received.paths == [f"/services/{token}"]
    (document,) = received.documents
    assert (document["channel"], document["attachments"][0]["title"]) == ("#ops", NOTICE.title)
    assert document["attachments"][0]["text"].startswith("5 created, 1 failed")


def test_address_that_fails_once_is_tried_again_and_not_more() -> None:
    with webhook(500) as once, webhook(500, 500) as twice:
        missed = undelivered(f"json://127.0.0.1:{once.port}", f"json://127.0.0.1:{twice.port}")
    assert (len(once.bodies), len(twice.bodies)) == (2, 2)
    assert missed == ["address 2 of IMPORTER_NOTIFY_URLS (JSON)"]


def test_address_without_an_end_holds_up_neither_the_others_nor_the_night() -> None:
    with webhook(None, None) as endless, webhook() as other:
        started = time.monotonic()
        missed = undelivered(
            f"json://127.0.0.1:{endless.port}", f"json://127.0.0.1:{other.port}", deadline=1.0
        )
        assert time.monotonic() - started < 10
    assert missed == ["address 1 of IMPORTER_NOTIFY_URLS (JSON)"]
    assert len(other.bodies) == 1


def test_process_ends_though_a_service_does_not() -> None:
    """A thread that nobody can stop must not keep a night from ending."""
    program = """
from importer.jobfile import Event, Notify
from importer.telling.delivering import deliver, read_addresses
from importer.telling.notices import Notice
found = read_addresses(Notify(), {"IMPORTER_NOTIFY_URLS": "json://127.0.0.1:%PORT%/?rto=300"})
print(len(deliver(Notice(Event.FAILURE, "t", "b"), found, deadline=0.5)))
"""
    with webhook(None) as endless:
        done = subprocess.run(
            [sys.executable, "-c", program.replace("%PORT%", str(endless.port))],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.parametrize("url", ["nonsense", f"nonsense://{SECRET}", f"slack://{SECRET}", "json://"])
def test_address_that_is_not_understood_is_told_by_its_line_and_not_shown(
    url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SettingsError, match="Address 2 of IMPORTER_NOTIFY_URLS") as told:
        addresses_of("json://127.0.0.1", url)
    assert SECRET not in str(told.value)
    assert capfd.readouterr() == ("", "")


def test_address_never_shows_its_secret(capfd: pytest.CaptureFixture[str]) -> None:
    found = addresses_of(f"json://user:{SECRET}@127.0.0.1:1/{SECRET}")
    assert SECRET not in repr(found) + "".join(map(str, found))
    assert undelivered(f"json://user:{SECRET}@127.0.0.1:1/{SECRET}") == [
        "address 1 of IMPORTER_NOTIFY_URLS (JSON)"
    ]
    assert capfd.readouterr() == ("", "")


def test_addresses_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "addresses"
    file.write_text("json://127.0.0.1:1\n\n  json://127.0.0.1:2  \n", encoding="utf-8")
    file.chmod(0o600)
    found = read_addresses(Notify(), {"IMPORTER_NOTIFY_URLS_FILE": str(file)})
    assert [each.line for each in found] == [1, 2]


def test_without_addresses_apprise_is_not_needed() -> None:
    with mock.patch.dict(sys.modules, {"apprise": None}):
        assert addresses_of("") == ()
        with pytest.raises(SettingsError, match=r"pip install 'importer\[notify\]'"):
            addresses_of("json://127.0.0.1")
