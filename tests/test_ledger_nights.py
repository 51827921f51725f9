"""What the ledger keeps of nights: enough to know tomorrow what is unusual."""

import sqlite3
from pathlib import Path

import pytest

from importer.ledger import Ledger

DATA = Path(__file__).parent / "data"


def test_night_is_kept_from_its_beginning_to_its_end(ledger_url: str) -> None:
    with Ledger.open(ledger_url) as ledger:
        number = ledger.nights.begin("nightly", started_at=1000.0, source="a.csv")
        (under_way,) = ledger.nights.latest("nightly")
        assert (under_way.source, under_way.exit_code, under_way.state) == ("a.csv", None, None)
        ledger.nights.note(number, content="abc", rows=3, headings=("Name", "Größe"), run="r", unfinished=1)
        ledger.nights.end(number, exit_code=1, state="degraded")
        (ended,) = ledger.nights.latest("nightly")
    assert (ended.content, ended.rows, ended.headings) == ("abc", 3, ("Name", "Größe"))
    assert (ended.run, ended.unfinished) == ("r", 1)
    assert (ended.exit_code, ended.state, ended.imported) == (1, "degraded", True)
    assert ended.ended_at is not None


def test_nights_come_newest_first_and_by_job(ledger_url: str) -> None:
    with Ledger.open(ledger_url) as ledger:
        for at, job in enumerate(("a", "b", "a", "a")):
            ledger.nights.begin(job, started_at=float(at))
        assert [night.started_at for night in ledger.nights.latest("a", most=2)] == [3.0, 2.0]


@pytest.mark.parametrize(("exit_code", "imported"), [(0, True), (1, True), (3, False), (14, False)])
def test_content_counts_as_seen_once_it_was_imported(ledger_url: str, exit_code: int, imported: bool) -> None:
    with Ledger.open(ledger_url) as ledger:
        number = ledger.nights.begin("nightly", started_at=1.0)
        ledger.nights.note(number, content="abc")
        assert ledger.nights.with_content("nightly", "abc") is None
        ledger.nights.end(number, exit_code=exit_code, state="")
        assert (ledger.nights.with_content("nightly", "abc") is not None) is imported
        assert ledger.nights.with_content("another", "abc") is None


def test_ledger_of_the_second_version_gets_a_history_of_nights(tmp_path: Path) -> None:
    """As that version left it."""
    database = sqlite3.connect(tmp_path / "ledger.sqlite3")
    database.executescript((DATA / "ledger-version-2.sql").read_text(encoding="utf-8"))
    database.close()
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite3'}") as ledger:
        assert ledger.nights.latest("nightly") == []
