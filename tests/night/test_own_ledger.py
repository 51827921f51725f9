"""A job with a ledger of its own: what its nights tell a person to type goes through the job."""

import re
import shlex
from pathlib import Path

import openpyxl
import pytest

from importer.ledger import Ledger
from importer.sheetformat import SUMMARY_SHEET
from tests.night.support import Nightly, emails
from tests.support import person
from tests.telling.receivers import webhook


def after_a_night(nightly: Nightly, output: str = "{name}.results.csv") -> Path:
    """The results of a night with one row to correct, and a list that has it right for the next."""
    nightly.write(source="in*.csv", ledger="sqlite:///own.sqlite3", output=output)
    wrong = person("hitpay", 4) | {"Email": "?"}
    nightly.rows("in1.csv", [*(person("hitpay", number) for number in range(4)), wrong])
    assert nightly.night().exit_code == 1
    (results,) = nightly.folder.glob("in1.results.*")
    nightly.people("in2.csv", range(5))
    return results


def correct(results: Path) -> None:
    results.write_text(results.read_text(encoding="utf-8-sig").replace("?", emails([4])[0]), "utf-8-sig")


def test_corrected_row_is_sent_by_the_command_of_the_notification_and_not_again_by_the_next_night(
    nightly: Nightly, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook() as received:
        monkeypatch.setenv("IMPORTER_NOTIFY_URLS", f"json://127.0.0.1:{received.port}")
        results = after_a_night(nightly)
        told = received.documents[0]["message"]
        typed = told.partition("then: importer ")[2].splitlines()[0]
        correct(results)
        assert nightly.importer(*shlex.split(typed)).exit_code == 0
    assert sorted(nightly.emails) == sorted(emails(range(5)))
    assert nightly.night().exit_code == 0
    assert sorted(nightly.emails) == sorted(emails(range(5)))


def test_summary_of_a_nights_workbook_names_the_command_with_the_job(nightly: Nightly) -> None:
    results = after_a_night(nightly, output="{name}.results.xlsx")
    summary = openpyxl.load_workbook(results)[SUMMARY_SHEET]
    told = [str(cell) for line in summary.iter_rows(values_only=True) for cell in line if cell]
    assert any(f"type importer run --job {nightly.path} in1.results.xlsx" in each for each in told), told


def test_corrected_row_is_not_sent_under_another_ledger_than_that_of_its_job(nightly: Nightly) -> None:
    results = after_a_night(nightly)
    correct(results)
    before = results.read_bytes()
    ended = nightly.importer("run", results, "--yes")
    assert ended.exit_code == 2
    assert "another ledger" in ended.err
    assert "importer run --job FILE in1.results.csv" in ended.err
    assert results.read_bytes() == before
    assert len(nightly.emails) == 4
    own = f"sqlite:///{nightly.folder / 'own.sqlite3'}"
    assert nightly.importer("run", results, "--yes", "--ledger", own).exit_code == 0
    assert nightly.night().exit_code == 0
    assert sorted(nightly.emails) == sorted(emails(range(5)))


def test_results_from_before_ledgers_had_marks_are_taken_by_any(nightly: Nightly) -> None:
    results = after_a_night(nightly)
    correct(results)
    text = results.read_text(encoding="utf-8-sig")
    bare = re.sub(r',""ledger"":""[0-9a-f]+""', "", text)
    assert bare != text
    results.write_text(bare, encoding="utf-8-sig")
    assert nightly.importer("run", results, "--yes").exit_code == 0


def test_ledger_keeps_its_mark_wherever_it_is_moved(tmp_path: Path) -> None:
    first, moved = tmp_path / "a.sqlite3", tmp_path / "b.sqlite3"
    with Ledger.open(f"sqlite:///{first}") as ledger:
        mark = ledger.mark
    first.rename(moved)
    with Ledger.open(f"sqlite:///{moved}") as ledger, Ledger.open(f"sqlite:///{first}") as other:
        assert ledger.mark == mark != other.mark
