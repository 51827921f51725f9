"""What a person at a terminal, and a job without one, are told of damaged cells, and what they can do."""

import os
import pty
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from importer.simulator import Settings, Simulator, running_simulator
from tests.cli_support import Shell, results_of
from tests.damage.test_in_an_import import HOME, by_heading, swapped
from tests.support import person

ZIP = '  lost_zeros in "Zip": 2 cells (2, 4)'


@pytest.fixture(scope="module")
def simulators() -> Iterator[Simulator]:
    """The one simulator of all these tests, without limits."""
    with running_simulator(Settings(limits=False)) as simulator:
        yield simulator


@pytest.fixture
def shell(simulators: Simulator, tmp_path: Path) -> Shell:
    """A new folder, and a simulator that has forgotten everything."""
    simulators.reset()
    return Shell(tmp_path, simulators)


def people(shell: Shell, *rows: Mapping[str, str]) -> Path:
    """A sheet of people at home in Boston, each with some other cells."""
    return shell.write("c.csv", [person("hitpay", n) | HOME | dict(row) for n, row in enumerate(rows)])


def in_a_terminal(shell: Shell, *arguments: object, answer: str = "") -> tuple[int, str, str]:
    """Exit code, what it shows, and what it asks, of a command whose input and output are a terminal."""
    terminal, inside = pty.openpty()
    process = shell.start(*arguments, stdin=inside, stdout=inside)
    os.close(inside)
    if answer:
        os.write(terminal, f"{answer}\n".encode())
    shown = b"".join(_read(terminal))
    os.close(terminal)
    _, asked = process.communicate(timeout=60)
    return process.returncode, shown.decode().replace("\r\n", "\n"), asked


def _read(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            block = os.read(terminal, 4096)
        except OSError:  # the other side is closed
            return
        if not block:
            return
        yield block


def check(shell: Shell, source: Path, *more: object) -> Sequence[object]:
    return ("check", source, "-p", "hitpay", "--base-url", shell.simulator.base_url("hitpay"), *more)


def test_plan_has_what_to_look_at_before_sending(shell: Shell) -> None:
    source = people(shell, {"Zip": "2139"}, {}, {"Zip": "501"}, {"Phone": "+12025550109.0"})
    told = shell.importer(*check(shell, source))
    assert told.exit_code == 1
    assert "Look at these before sending; they keep no row from being sent:\n" + ZIP in told.out
    assert (
        '  With --repair, 2 cells of "Zip", 1 cell of "Phone" would be sent as what was probably meant.'
        in told.out
    )


def test_clean_sheet_has_nothing_to_look_at(shell: Shell) -> None:
    told = shell.importer(*check(shell, people(shell, {}, {})))
    assert told.exit_code == 0
    assert "Look at" not in told.out
    assert "repair" not in told.out
    assert "Is the mapping right?" not in told.out


def test_cells_are_shown_on_a_terminal_and_in_no_log(shell: Shell) -> None:
    source = people(shell, {"Zip": "2139"}, {}, {"Zip": "501"}, {"Phone": "+12025550109.0"})
    in_a_log = shell.importer(*check(shell, source))
    _, on_a_terminal, _ = in_a_terminal(shell, *check(shell, source))
    for cell in ('"2139"', "02139", "+12025550109"):
        assert cell not in in_a_log.out + in_a_log.err
        assert cell in on_a_terminal
    assert f'{ZIP}\n      Row 2: "2139" is too short' in on_a_terminal


def test_json_counts_what_was_found_without_a_cell(shell: Shell) -> None:
    told = shell.importer(*check(shell, people(shell, {"Zip": "2139"}), "--json"))
    assert told.json["findings"] == [
        {"grade": "look", "code": "lost_zeros", "column": "Zip", "cells": 1, "repairs": 1, "rows": [2]}
    ]
    assert told.json["columns"] == []
    assert "2139" not in told.out


@pytest.mark.parametrize("by", ["option", "variable"])
def test_repairs_are_sent_and_told(shell: Shell, by: str) -> None:
    source = people(shell, {"Zip": "2139"}, {})
    options = ["--repair"] if by == "option" else []
    variables = {"IMPORTER_REPAIR": "1"} if by == "variable" else {}
    ended = shell.run(source, *options, **variables)
    assert ended.exit_code == 0
    assert "Repaired in what is sent (--repair)" in ended.err
    assert '  lost_zeros in "Zip": 1 cell (2)' in ended.err
    sent = [customer.body["address"]["postal_code"] for customer in shell.simulator.customers("hitpay")]
    assert sorted(sent) == ["02139", "02139"]
    first, second = results_of(shell.folder / "c.results.csv")
    assert (first["Zip"], first["import_message"]) == ("2139", 'Zip: repaired to "02139", was "2139"')
    assert (second["Zip"], second["import_message"]) == ("02139", "")


def test_without_the_option_the_cell_is_sent_as_it_is_and_its_row_says_so(shell: Shell) -> None:
    ended = shell.run(people(shell, {"Zip": "2139"}))
    assert ended.counts == {"created": 1}
    (customer,) = shell.simulator.customers("hitpay")
    assert customer.body["address"]["postal_code"] == "2139"
    (line,) = results_of(shell.folder / "c.results.csv")
    assert "Probably meant: 02139" in line["import_message"]


def test_job_without_a_terminal_sends_nothing_of_swapped_columns_whatever_it_says(shell: Shell) -> None:
    """A nightly job always says --yes: that is no look at the columns."""
    ended = shell.run(swapped(shell.folder), "--yes", "-m", by_heading(shell.folder))
    assert ended.exit_code == 2
    assert "Is the mapping right?" in ended.err
    assert "are the two swapped? Nothing was sent." in ended.err
    assert shell.simulator.customers("hitpay") == []
    assert not (shell.folder / "customers.results.csv").exists()


@pytest.mark.parametrize(("answer", "exit_code", "made"), [("y", 1, 2), ("n", 2, 0)])
def test_person_at_a_terminal_is_asked_about_swapped_columns(
    shell: Shell, answer: str, exit_code: int, made: int
) -> None:
    url = shell.simulator.base_url("hitpay")
    command = ("run", swapped(shell.folder), "-p", "hitpay", "--base-url", url, "--rate", "100/s", "-m")
    code, shown, asked = in_a_terminal(shell, *command, by_heading(shell.folder), answer=answer)
    assert "Is the mapping right?" in shown
    assert "A column looks wrong, see above. Create 2 customers at HitPay (SANDBOX)?" in asked
    assert (code, len(shell.simulator.customers("hitpay"))) == (exit_code, made)
