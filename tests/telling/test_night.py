"""A night is told everywhere at once, and whatever fails in that changes nothing else."""

import io
import json
import logging
from pathlib import Path

import pytest

from importer.errors import SettingsError
from importer.night.report import NightReport, State
from importer.telling import delivering
from importer.telling.night import check_telling, tell
from tests.telling.nights import GOOD, NO_FILE, STOPPED, job
from tests.telling.receivers import webhook


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "PAUSE", 0.0)


def told(
    folder: Path, report: NightReport, *urls: str, previous: State | None = None, **sections: object
) -> tuple[str, str]:
    """What stands on standard output, and on standard error, after a night."""
    out, err = io.StringIO(), io.StringIO()
    variables = {"IMPORTER_NOTIFY_URLS": "\n".join(urls)}
    log = {"log": {"file": str(folder / "night.log"), "format": "json"}}
    described = job(folder, **log | {"metrics": {"file": str(folder / "n.prom")}} | sections)
    tell(report, previous, described, variables, out, err=err, command="importer run --job n.toml")
    return out.getvalue(), err.getvalue()


def test_night_is_told_by_line_log_metrics_and_notification(tmp_path: Path) -> None:
    with webhook() as received:
        out, err = told(tmp_path, STOPPED, f"json://127.0.0.1:{received.port}")
    assert (out.count("\n"), err) == (1, "")
    assert out.startswith("nightly: failed, ")
    assert received.documents[0]["message"].startswith(out.strip())
    assert "importer run --job n.toml" in received.documents[0]["message"]
    (line,) = (json.loads(line) for line in (tmp_path / "night.log").read_text().splitlines())
    assert (line["event"], line["level"], line["status"]) == ("night_ended", "error", "failed")
    assert (line["exit_code"], line["counts"]["not_sent"], line["job"]) == (3, 1200, "nightly")
    metrics = (tmp_path / "n.prom").read_text()
    assert 'importer_exit_code{job="nightly",provider="hitpay",environment="sandbox"} 3.0' in metrics


def test_good_night_after_a_good_one_is_quiet(tmp_path: Path) -> None:
    with webhook() as received:
        told(tmp_path, GOOD, f"json://127.0.0.1:{received.port}", previous=State.OK)
        assert received.bodies == []
        told(tmp_path, GOOD, f"json://127.0.0.1:{received.port}", previous=State.FAILED)
    assert received.documents[0]["type"] == "success"


def test_notification_that_fails_is_told_logged_and_counted(tmp_path: Path) -> None:
    with webhook(500, 500) as received:
        out, err = told(tmp_path, NO_FILE, f"json://user:hunter2@127.0.0.1:{received.port}")
    assert err == (
        "importer: The notification did not get through to address 1 of IMPORTER_NOTIFY_URLS (JSON).\n"
    )
    assert out.startswith("nightly: failed, alarm no_file")
    lines = [json.loads(line) for line in (tmp_path / "night.log").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["notification_failed", "night_ended"]
    assert lines[1]["code"] == "no_file"
    metrics = (tmp_path / "n.prom").read_text()
    assert "importer_notifications_failed{" in metrics
    assert metrics.rstrip().endswith(" 1.0")


def test_nothing_that_fails_stops_the_rest(tmp_path: Path) -> None:
    """No folder for the metrics, none for the log, an address that is none, and nobody reads the output."""
    out, err = io.StringIO(), io.StringIO()
    described = job(
        tmp_path,
        log={"file": str(tmp_path / "a" / "night.log")},
        metrics={"file": str(tmp_path / "b" / "n.prom")},
    )
    complaints = tell(NO_FILE, None, described, {"IMPORTER_NOTIFY_URLS": "nonsense"}, out, err=err)
    assert len(complaints) == 3
    assert [line.partition("The ")[2].split(" ")[0] for line in err.getvalue().splitlines()[1:]] == [
        "metrics",
        "log",
    ]
    assert out.getvalue().startswith("nightly: failed")
    out.close()
    tell(NO_FILE, None, job(tmp_path), {}, out, err=err)


def test_fault_of_ours_is_told_and_not_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr("importer.telling.night.write_metrics", broken)
    out, err = told(tmp_path, GOOD)
    assert err == "importer: The metrics failed: ZeroDivisionError.\n"
    assert out


def test_check_finds_addresses_and_folders_that_are_none(tmp_path: Path) -> None:
    good = {"IMPORTER_NOTIFY_URLS": "json://127.0.0.1"}
    assert len(check_telling(job(tmp_path), good)) == 1
    with pytest.raises(SettingsError, match=r"\[metrics\] file: there is no folder .*nowhere"):
        check_telling(job(tmp_path, metrics={"file": str(tmp_path / "nowhere" / "n.prom")}), good)
    with pytest.raises(SettingsError, match="Address 1"):
        check_telling(job(tmp_path), {"IMPORTER_NOTIFY_URLS": "nonsense"})


def test_apprise_stays_silent_whatever_the_level(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with webhook(500, 500) as received:
        told(tmp_path, NO_FILE, f"json://user:hunter2@127.0.0.1:{received.port}/hunter2")
    assert "hunter2" not in caplog.text
