"""Who checks a row makes no difference, nor does a second process that is gone."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from importer import checking
from importer.checking import STRETCH, Terms, checked_rows
from importer.mapping import suggest
from importer.providers import PROVIDERS
from importer.rows import Row
from tests.test_validation import account

COLUMNS = ("Name", "Email", "Phone", "Country", "DOB")
ROWS = 3 * STRETCH + 17

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


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[bytes]"]:
    """The second processes of a test, for whose start it waits."""
    processes = []
    start = checking._start

    def kept(told: Terms) -> "subprocess.Popen[bytes] | None":
        process = start(told)
        assert process is not None
        processes.append(process)
        return process

    monkeypatch.setattr(checking, "PATIENCE", 30.0)
    monkeypatch.setattr(checking, "_start", kept)
    monkeypatch.setattr(checking, "_has_room", lambda: True)  # on a machine with one processor as well
    return processes


alone = list(checked_rows(sheet(), terms, alone=ROWS))


def test_two_processes_find_what_one_finds(started: list["subprocess.Popen[bytes]"]) -> None:
    taken = []
    original = checking._Second.take

    def take(self: Any, rows: Any) -> Any:
        found = original(self, rows)
        taken.append(len(found))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checking._Second, "take", take)
        together = list(checked_rows(sheet(), terms, alone=10))
    assert together == alone
    assert sum(taken) > ROWS / 2
    assert {bool(each.faults) for each in together} == {True, False}
    assert any(each.findings for each in together)
    assert [process.returncode is not None for process in started] == [True]


@pytest.mark.parametrize("after", [1, STRETCH + 1, 2 * STRETCH + 1])
def test_second_process_that_is_killed_loses_no_row(
    started: list["subprocess.Popen[bytes]"], after: int
) -> None:
    found = []
    for checked in checked_rows(sheet(), terms, alone=0):
        found.append(checked)
        if len(found) == after:
            started[0].kill()
            started[0].wait()
    assert found == alone


def test_second_process_ends_with_the_reader_that_has_enough(
    started: list["subprocess.Popen[bytes]"],
) -> None:
    rows = checked_rows(sheet(), terms, alone=0)
    next(rows)
    rows.close()
    assert started[0].returncode is not None


def test_fault_of_the_source_ends_it_too(started: list["subprocess.Popen[bytes]"]) -> None:
    def breaking() -> Iterator[Row]:
        for row in sheet():
            if row.number > 2 * STRETCH:
                raise OSError("the file was removed")
            yield row

    with pytest.raises(OSError, match="removed"):
        list(checked_rows(breaking(), terms, alone=0))
    assert started[0].returncode is not None


def test_small_sheet_is_checked_by_one_process(started: list["subprocess.Popen[bytes]"]) -> None:
    rows = [row for row in sheet() if row.number < 100]
    assert list(checked_rows(rows, terms)) == alone[: len(rows)]
    assert started == []
