"""The log: what its lines say, and what becomes of it when the disk does not do."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from importer.causes import CAUSES
from importer.progress import Phase, Progress
from importer.rows import Status
from importer.simulator import Settings, running_simulator
from importer.simulator.faults import Fault, Faults, ForCustomer
from importer.telling.lines import EVENTS, KEYS, Level, LogFormat, fragment, log_line
from importer.telling.logfile import Log
from importer.telling.runlog import RunLog
from tests.cli_support import Shell, results_of
from tests.support import person

GUIDE = (Path(__file__).parents[2] / "importer" / "telling" / "TELLING.md").read_text(encoding="utf-8")


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with running_simulator(Settings(limits=False)) as simulator:
        yield Shell(tmp_path, simulator)


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def mixed_sheet(shell: Shell) -> Path:
    """Rows 2 to 5: two good, one with a bad address, one twice."""
    rows = [person("hitpay", number) for number in (1, 2, 3, 1)]
    rows[2]["Email"] = "nobody"
    return shell.write("customers.csv", rows)


def test_log_has_each_row_as_the_results_have_it_between_begin_and_end(shell: Shell) -> None:
    log = shell.folder / "import.log"
    done = shell.run(mixed_sheet(shell), "--log", log, "--log-format", "json")
    begun, *rows, ended = lines_of(log)
    results = {line["import_row"]: line for line in results_of(shell.folder / "customers.results.csv")}
    assert (begun["event"], begun["rows"], ended["event"]) == ("run_started", 4, "run_ended")
    assert sorted(str(line["row"]) for line in rows) == sorted(results)
    for line in rows:
        result = results[str(line["row"])]
        assert line["event"] == "row"
        assert (line["status"], line["code"]) == (result["import_status"], result["import_code"])
        assert str(line["customer_id"]) == result["import_customer_id"]
        assert str(line["http_status"] or "") == result["import_http_status"]
        assert str(line["attempts"] or "") == result["import_attempts"].removesuffix("0")
        assert line["level"] == ("warning" if line["status"] == "invalid" else "info")
    for line in (begun, *rows, ended):
        assert (line["run"], line["provider"], line["environment"]) == (done.json["run"], "hitpay", "sandbox")
        moment = datetime.fromisoformat(str(line["time"]))
        assert moment.utcoffset() == timedelta(0)
    assert ended["counts"] == done.json["counts"]
    assert (ended["exit_code"], ended["level"]) == (1, "warning")


def test_last_line_of_a_row_that_was_settled_is_what_its_results_say(shell: Shell) -> None:
    rows = [person("rapyd", number) for number in (1, 2)]
    faults = Faults(by_email={rows[1]["Email"]: ForCustomer(Fault.CUT_AFTER, 1)})
    with running_simulator(Settings(limits=False, faults={"rapyd": faults})) as simulator:
        told = Shell(shell.folder, simulator)
        log = shell.folder / "import.log"
        sheet = told.write("customers.csv", rows)
        told.run(sheet, "--settle-after", "0", "--log", log, "--log-format", "json", provider="rapyd")
    statuses = [line["status"] for line in lines_of(log) if line.get("row") == 3]
    assert statuses == ["unknown", "created"]


def test_second_run_adds_to_the_log_and_names_what_was_there_already(shell: Shell) -> None:
    variables = {"IMPORTER_LOG": "import.log", "IMPORTER_LOG_FORMAT": "json"}
    sheet = shell.write("customers.csv", [person("hitpay", 1)])
    for _ in range(2):
        shell.run(sheet, **variables)
    lines = lines_of(shell.folder / "import.log")
    assert [line.get("status") for line in lines if line["event"] == "row"] == ["created", "exists"]
    assert len({line["run"] for line in lines}) == 2


def test_lines_as_text_have_the_same_keys(shell: Shell) -> None:
    done = shell.run(mixed_sheet(shell), "--log", "-")
    rows = [line for line in done.err.splitlines() if "Z info row " in line or "Z warning row " in line]
    assert len(rows) == 4
    for line in rows:
        assert re.match(r"\S+Z (info|warning) row run=\S+ provider=hitpay environment=sandbox ", line)
        assert set(re.findall(r" (\w+)=", line)) <= set(KEYS)
    assert any(" row=4 status=invalid code=invalid_email " in f"{line} " for line in rows)


def test_log_that_cannot_be_opened_stops_the_run_before_anything_is_sent(shell: Shell) -> None:
    done = shell.run(mixed_sheet(shell), "--log", shell.folder / "nowhere" / "import.log")
    assert done.exit_code == 2
    assert "import.log cannot be opened: No such file or directory" in done.err
    assert shell.simulator.customers("hitpay") == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_full_disk_never_stops_the_run_and_is_told_once(shell: Shell) -> None:
    done = shell.run(shell.write("customers.csv", [person("hitpay", 1)]), "--log", "/dev/full")
    assert done.exit_code == 0
    assert done.err.count("No space left on device") == 1
    assert "The log /dev/full lacks 3 lines" in done.err


def test_run_that_breaks_off_is_entered_with_its_kind(shell: Shell) -> None:
    log = shell.folder / "import.log"
    sheet = shell.write("customers.csv", [person("hitpay", 1)])
    shell.run(sheet, "--log", log, "--log-format", "json", HITPAY_API_KEY="wrong")
    *_, row, ended = lines_of(log)
    assert (row["status"], row["http_status"], row["level"]) == ("failed", 401, "warning")
    assert (ended["exit_code"], ended["level"]) == (3, "error")


def test_file_that_was_moved_away_is_made_anew(tmp_path: Path) -> None:
    path, moved = tmp_path / "import.log", tmp_path / "import.log.1"
    with Log(path) as log:
        log.write("row", Level.INFO, {"row": 1})
        path.rename(moved)
        log.write("row", Level.INFO, {"row": 2})
        path.unlink()
        log.write("row", Level.INFO, {"row": 3})
    assert moved.read_text().endswith(" info row row=1\n")
    assert path.read_text().endswith(" info row row=3\n")
    assert not log.complaint()


def test_folder_that_is_gone_loses_lines_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    with Log(folder / "import.log") as log:
        (folder / "import.log").unlink()
        folder.rmdir()
        log.write("row", Level.INFO, {"row": 1})
    assert log.complaint().endswith(
        "lacks 1 line: No such file or directory. The results file has every row."
    )


def test_torn_line_does_not_spoil_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with room for a part of a line, which then gets some more."""
    path, write = tmp_path / "import.log", os.write
    with Log(path) as log:
        with monkeypatch.context() as patched:
            patched.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:10]))
            log.write("row", Level.INFO, {"row": 1})
        log.write("row", Level.INFO, {"row": 2})
    assert path.read_text().splitlines()[1].endswith(" info row row=2")
    assert log.lost == 1


def test_value_cannot_pass_for_another_line_or_key() -> None:
    facts = {"code": 'x\n2026 error "row=7"\u2028'}
    told = {form: log_line(form, "row", Level.INFO, fragment(form, facts), time="t") for form in LogFormat}
    assert told[LogFormat.TEXT] == r't info row code="x\n2026 error \"row=7\"\u2028"'
    assert json.loads(told[LogFormat.JSON]) == {"time": "t", "level": "info", "event": "row", **facts}
    assert told[LogFormat.JSON].isascii()


def test_guide_lists_every_key_and_event() -> None:
    for name, meaning in {**KEYS, **EVENTS}.items():
        assert f"| `{name}` | {meaning} |\n" in GUIDE
    for status in Status:
        assert f"`{status}`" in GUIDE


def test_codes_in_the_log_are_those_of_the_results(shell: Shell) -> None:
    log = shell.folder / "import.log"
    shell.run(mixed_sheet(shell), "--log", log, "--log-format", "json")
    codes = {str(line.get("code") or "") for line in lines_of(log)} - {""}
    assert codes == {"invalid_email", "duplicate_row"}
    assert codes <= set(CAUSES)


def test_waiting_is_told_only_where_it_is_news(tmp_path: Path) -> None:
    with Log(tmp_path / "import.log") as log:
        seen: list[Progress] = []
        watch = RunLog(log, None, seen.append, "job=nightly")  # type: ignore[arg-type]  # no row, no plan
        pause = Progress(Phase.WAITING, 0, 5, wait=4.0)
        watch(pause)
        watch(replace(pause, wait=0.5))
    assert len(seen) == 2
    assert [line.split(" ", 1)[1] for line in (tmp_path / "import.log").read_text().splitlines()] == [
        "info waiting job=nightly seconds=4.0"
    ]
