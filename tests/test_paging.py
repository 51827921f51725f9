"""Some rows of a plan at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from importer.jobs import Job
from importer.paging import Wanted
from importer.planning import Plan, check
from importer.results.tally import Tally
from importer.rows import Status
from tests.support import person, write_csv


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[Plan]:
    """Fifty rows: each fifth without a phone, each seventh with a wrong email, the last one repeated."""
    rows = [person("hitpay", number) for number in range(50)]
    for row in rows[::5]:
        row["Phone"] = ""
    for row in rows[::7]:
        row["Email"] = "wrong"
    rows += [rows[-1], rows[-1]]
    source = write_csv(tmp_path / "customers.csv", rows)
    with check(Job(source=source, provider="hitpay", ledger=f"sqlite:///{tmp_path / 'l.sqlite3'}")) as plan:
        yield plan


def test_pages_together_are_all_rows(plan: Plan) -> None:
    pages = [plan.staging.pages.page(Wanted(), offset=offset, size=20) for offset in (0, 20, 40)]
    assert [row for page in pages for row in page.rows] == list(plan.results())
    assert {page.total for page in pages} == {52}


def test_page_holds_what_is_asked_for(plan: Plan) -> None:
    wanted = Wanted(frozenset({Status.INVALID}), "invalid_email")
    page = plan.staging.pages.page(wanted, size=3)
    expected = [each for each in plan.results() if "invalid_email" in each[1].code.split(";")]
    assert list(page.rows) == expected[:3]
    assert page.total == len(expected)


def test_code_is_compared_whole(plan: Plan) -> None:
    assert plan.staging.pages.page(Wanted(code="invalid"), size=3).total == 0


def test_page_beyond_the_end_is_the_last_one(plan: Plan) -> None:
    page = plan.staging.pages.page(Wanted(), offset=4000, size=20)
    assert page.offset == 40
    assert len(page.rows) == 12


def test_causes_are_those_of_the_whole_pass(plan: Plan) -> None:
    tally = Tally()
    assert len(list(tally.watch(plan.results()))) == 52
    expected = {(seen.cause.code, seen.status): (seen.count, seen.rows) for seen in tally.causes()}
    found = plan.staging.pages.causes()
    assert {(seen.cause.code, seen.status): (seen.count, seen.rows) for seen in found} == expected


def test_column_gives_each_cell_with_its_row(plan: Plan) -> None:
    expected = [(row.number, result.status, row.cells[1]) for row, result in plan.results()]
    assert list(plan.staging.pages.column(1)) == expected
