"""Who checks a row makes no difference, nor does a second process that is gone."""

import os
import signal
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from importer import Job, check, checking
from importer.checking import LARGE, OURS, THEIRS, Batch, Second, Terms, checked_rows
from importer.mapping import suggest
from importer.packed import line_of
from importer.providers import PROVIDERS
from importer.rows import Row
from importer.validation import Checked
from tests.test_validation import account

COLUMNS = ("Name", "Email", "Phone", "Country", "DOB")
ROWS = 3 * THEIRS + 17

terms = Terms(account(), suggest(COLUMNS, PROVIDERS["hitpay"]), COLUMNS)


def sheet() -> Iterator[Row]:
    for number in range(2, ROWS + 2):
        yield Row(
            number,
            (
                "bo@example.com" if number % 7 == 0 else f"Ann {number}",
                "nobody" if number % 5 == 0 else f"ann{number}@example.com",
                f"+65 8123 {number:04}",
                ("SG", "Atlantis", "Deutschland")[number % 3],
                "05/06/1990" if number % 11 == 0 else "1990-05-17",
            ),
        )


alone = list(map(terms.checker(), sheet()))
lines = list(map(line_of, alone))
of_note = [each for each in alone if each.faults or each.findings]


def joined(batches: Iterable[Batch]) -> tuple[list[object], list[Checked]]:
    found: tuple[list[object], list[Checked]] = ([], [])
    for batch in batches:
        found[0].extend(batch.lines)
        found[1].extend(batch.of_note)
    return found


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A source for which a second process is started."""
    path = tmp_path / "customers.csv"
    with path.open("wb") as file:
        file.truncate(LARGE)
    return path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[bytes]"]:
    """The second processes of a test, for whose answers it waits."""
    processes = []
    start = checking._start

    def kept() -> "subprocess.Popen[bytes] | None":
        process = start()
        assert process is not None
        processes.append(process)
        return process

    monkeypatch.setattr(checking, "PATIENCE", 30.0)
    monkeypatch.setattr(checking, "_start", kept)
    monkeypatch.setattr(checking, "_has_room", lambda: True)  # on a machine with one processor as well
    return processes


def test_two_processes_find_what_one_finds(started: list["subprocess.Popen[bytes]"], large: Path) -> None:
    with Second(large) as second:
        batches = list(checked_rows(sheet(), terms, second))
    assert joined(batches) == (lines, of_note)
    assert sum(len(batch.lines) for batch in batches if len(batch.lines) > OURS) > ROWS / 2  # theirs
    assert {bool(each.faults) for each in of_note} == {True, False}
    assert any(each.findings for each in of_note)
    assert [process.returncode is not None for process in started] == [True]


@pytest.mark.parametrize("after", [1, THEIRS + 1, 2 * THEIRS + 1])
def test_second_process_that_is_killed_loses_no_row(
    started: list["subprocess.Popen[bytes]"], large: Path, after: int
) -> None:
    found: list[Batch] = []
    with Second(large) as second:
        for batch in checked_rows(sheet(), terms, second):
            found.append(batch)
            if started[0].returncode is None and sum(len(each.lines) for each in found) >= after:
                started[0].kill()
                started[0].wait()
    assert joined(found) == (lines, of_note)


def test_second_process_that_never_answers_is_not_waited_for(
    started: list["subprocess.Popen[bytes]"], large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "MOST_LATER", THEIRS)
    found = []
    with Second(large) as second:
        for batch in checked_rows(sheet(), terms, second):
            found.append(batch)
            if len(found) == 1:  # it is ready, and about to be asked
                monkeypatch.setattr(checking, "PATIENCE", 0.0)
                os.kill(started[0].pid, signal.SIGSTOP)
    assert joined(found) == (lines, of_note)
    assert started[0].returncode == -signal.SIGKILL


def test_second_process_that_cannot_be_started_is_not_missed(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(large.with_name("nothing")))
    monkeypatch.setattr(checking, "_has_room", lambda: True)
    with Second(large) as second:
        assert joined(checked_rows(sheet(), terms, second)) == (lines, of_note)


def test_second_process_ends_with_a_reader_that_has_enough(
    started: list["subprocess.Popen[bytes]"], large: Path
) -> None:
    with Second(large) as second:
        next(checked_rows(sheet(), terms, second))
        assert started[0].returncode is None
    assert started[0].returncode is not None


def test_fault_of_the_source_ends_it_too(started: list["subprocess.Popen[bytes]"], large: Path) -> None:
    def breaking() -> Iterator[Row]:
        for row in sheet():
            if row.number > 2 * THEIRS:
                raise OSError("the file was removed")
            yield row

    with pytest.raises(OSError, match="removed"), Second(large) as second:
        list(checked_rows(breaking(), terms, second))
    assert started[0].returncode is not None


def test_small_sheet_is_checked_by_one_process(
    started: list["subprocess.Popen[bytes]"], large: Path, tmp_path: Path
) -> None:
    (tmp_path / "small.csv").write_text("Name,Email\n")
    for path in (tmp_path / "small.csv", tmp_path / "none.csv"):
        with Second(path) as second:
            assert joined(checked_rows(sheet(), terms, second)) == (lines, of_note)
    assert started == []


def test_second_process_that_was_begun_before_helps_with_a_check_and_ends_with_it(
    started: list["subprocess.Popen[bytes]"], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "LARGE", 1)
    sheet = tmp_path / "customers.csv"
    sheet.write_text("Name,Email,Phone\nAnn,ann@example.com,+65 8123 4567\n")
    job = Job(source=sheet, provider="hitpay", ledger=f"sqlite:///{tmp_path}/ledger")
    begun = Second(sheet)
    with check(job, variables={}, second=begun) as plan:
        assert plan.ready == 1
        assert [process.returncode is not None for process in started] == [True]
