"""The report of a check: the sheet with its faults marked, which, corrected, is a source as it stands."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from importer.jobs import Job
from importer.planning import check
from importer.reporting import write_report
from importer.results import results_sheet
from importer.source import open_source
from tests.office import saved_by_libreoffice
from tests.support import Bench, carry_out, person, write_csv

SHEET = [
    person("hitpay", 1),
    {**person("hitpay", 2), "Phone": "+1 202"},
    {**person("hitpay", 1), "Name": "Ann Again"},
    {**person("hitpay", 3), "Email": "nobody", "Name": ""},
    person("hitpay", 4),
]
"""Rows 2 to 6: ready, wrong phone, the same as row 2, two faults, ready."""

CORRECTED = {"+1 202": "+1 202 555 0002", "nobody": "di3@example.com", "": "Di Example"}


def report(bench: Bench, name: str, *, faults_first: bool = False) -> Path:
    path = bench.folder / name
    source = write_csv(bench.folder / "customers.csv", SHEET)
    with check(replace(bench.job("hitpay", source), output=path), variables={}) as plan:
        write_report(plan, faults_first=faults_first)
    return path


def sheet(path: Path, name: str = "Results") -> Worksheet:
    found = openpyxl.load_workbook(path)[name]
    assert isinstance(found, Worksheet)
    return found


def column(path: Path, heading: str) -> list[object]:
    head, *rows = sheet(path).iter_rows(values_only=True)
    return [row[head.index(heading)] for row in rows]


def with_openpyxl(path: Path) -> Path:
    """Correct the marked cells, and save the same workbook."""
    book = openpyxl.load_workbook(path)
    for line in book["Results"].iter_rows(min_row=2):
        for cell in line:
            if cell.comment is not None:
                cell.value = CORRECTED[str(cell.value or "")]
    book.save(path)
    return path


def with_another_program(path: Path) -> Path:
    """Correct the marked cells, and save values alone: no styles, no notes, blank cells left out."""
    book, bare = openpyxl.load_workbook(with_openpyxl(path)), openpyxl.Workbook()
    for found in book.worksheets:
        copy = bare.create_sheet(found.title)
        copy.sheet_state = "hidden" if found.sheet_state != "visible" else "visible"
        for line in found.iter_rows():
            for cell in line:
                if cell.value is not None:
                    copy.cell(cell.row, cell.column or 1, cell.value).data_type = cell.data_type
    bare.remove(bare.worksheets[0])
    bare.save(path)
    return path


def with_libreoffice(path: Path) -> Path:
    return saved_by_libreoffice(with_openpyxl(saved_by_libreoffice(path)), "ods")


@pytest.mark.parametrize("correct", [with_openpyxl, with_another_program, with_libreoffice])
@pytest.mark.parametrize("faults_first", [False, True], ids=["sheet order", "faults first"])
async def test_corrected_it_is_a_source_without_options(
    bench: Bench, correct: Callable[[Path], Path], faults_first: bool
) -> None:
    path = correct(report(bench, "report.xlsx", faults_first=faults_first))
    job = bench.job("hitpay", path)
    outcome = await carry_out(
        Job(source=path, ledger=job.ledger, limits=job.limits), bench.simulator.environment()
    )
    assert outcome.counts == {"created": 4, "duplicate": 1}
    assert outcome.summary.exit_code == 0
    created = {each.body["email"]: each.body["name"] for each in bench.simulator.customers("hitpay")}
    assert created == {
        "bo1@example.com": "Bo Example",
        "cy2@example.com": "Cy Example",
        "di3@example.com": "Di Example",
        "ed4@example.com": "Ed Example",
    }


def test_every_marked_cell_has_a_note_that_says_what_is_wrong_and_what_is_wanted(bench: Bench) -> None:
    found = sheet(report(bench, "report.xlsx"))
    notes = {
        cell.coordinate: cell.comment.text
        for line in found.iter_rows(min_row=2)
        for cell in line
        if cell.comment is not None
    }
    marked = {
        cell.coordinate
        for line in found.iter_rows(min_row=2)
        for cell in line
        if cell.fill.fill_type is not None
    }
    assert marked == set(notes) == {"C3", "A5", "B5"}
    assert notes["A5"] == "is empty; HitPay needs it"
    assert '"nobody"' in notes["B5"]
    assert "+1 202" in notes["C3"]


@pytest.mark.parametrize("name", ["report.xlsx", "report.csv"])
def test_rows_to_correct_come_first_and_the_others_keep_their_order(bench: Bench, name: str) -> None:
    path = report(bench, name, faults_first=True)
    with path.open("rb") as file:
        text = name.endswith("csv") and file.read().decode("utf-8-sig")
    found = open_source(path)
    assert [row.cells[1].partition("@")[0] for row in found.rows()] == ["cy2", "nobody", "bo1", "bo1", "ed4"]
    if text:
        assert [line.split(",")[-2] for line in text.splitlines()[1:]] == ["3", "5", "2", "4", "6"]
    else:
        assert column(path, "import_row") == [3, 5, 2, 4, 6]
        told = {line[0]: line[1] for line in sheet(path, "Summary").iter_rows(values_only=True)}
        assert told["Order"] == "rows to correct first; import_row is the row in customers.csv"


@pytest.mark.parametrize("name", ["report.xlsx", "report.csv"])
def test_no_row_of_a_report_is_said_to_be_missing_from_it(bench: Bench, name: str) -> None:
    path = report(bench, name, faults_first=True)
    with check(replace(bench.job("hitpay", path), provider=None), variables={}) as plan:
        assert plan.notes == ()


async def test_a_run_of_the_sorted_report_counts_the_rows_of_the_report(bench: Bench) -> None:
    path = with_openpyxl(report(bench, "report.xlsx", faults_first=True))
    outcome = await carry_out(replace(bench.job("hitpay", path)), bench.simulator.environment())
    assert [result.row for result in outcome.results] == [2, 3, 4, 5, 6]
    (repeated,) = (result for result in outcome.results if result.status == "duplicate")
    assert (repeated.row, repeated.message) == (5, "The same customer as row 4; only that one is sent")
    assert column(Path(outcome.summary.output), "import_row") == [2, 3, 4, 5, 6]


def test_beyond_the_last_note_the_summary_says_where_the_rest_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(name: str) -> dict[object, object]:
        lines = sheet(report(bench, name), "Summary").iter_rows(values_only=True)
        return {line[0]: line[1] for line in lines}

    assert "Notes" not in told("all.xlsx")
    monkeypatch.setattr(results_sheet, "MOST_NOTES", 2)
    assert told("some.xlsx")["Notes"] == (
        "on the first 2 marked cells; 1 more are marked without one: import_message tells the same"
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(faulty=st.lists(st.booleans(), min_size=1, max_size=12))
def test_sorting_loses_no_row_and_keeps_the_order_within_both_groups(
    tmp_path: Path, faulty: list[bool]
) -> None:
    source = tmp_path / "customers.csv"
    people = [person("hitpay", n) | ({"Phone": "1"} if wrong else {}) for n, wrong in enumerate(faulty)]
    write_csv(source, people)
    path = tmp_path / "report.csv"
    job = Job(source=source, provider="hitpay", output=path, ledger=f"sqlite:///{tmp_path / 'l'}")
    with check(job, variables={}) as plan:
        write_report(plan, faults_first=True)
    first = [each["Email"] for each, wrong in zip(people, faulty, strict=True) if wrong]
    then = [each["Email"] for each, wrong in zip(people, faulty, strict=True) if not wrong]
    assert [row.cells[1] for row in open_source(path).rows()] == first + then


def test_cell_to_look_at_has_a_colour_and_a_note_of_its_own(bench: Bench) -> None:
    """It keeps no row from being sent, so it is not marked as one at fault is."""
    suspicious = person("hitpay", 1) | {"Name": "ann@example.com"}
    source = write_csv(
        bench.folder / "customers.csv", [suspicious, person("hitpay", 2) | {"Email": "nobody"}]
    )
    path = bench.folder / "report.xlsx"
    with check(replace(bench.job("hitpay", source), output=path), variables={}) as plan:
        write_report(plan)
    doubted, wrong = sheet(path)["A2"], sheet(path)["B3"]
    assert doubted.comment is not None
    assert (doubted.fill.fgColor.rgb, wrong.fill.fgColor.rgb) == ("00FFEB9C", "00FFC7CE")
