"""Damage on its way through an import: told with plan and results, repaired only where that is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from importer.errors import MappingError
from importer.findings import FindingCount, Grade
from importer.jobs import Job
from importer.pipeline import follow, run
from importer.planning import Plan, check
from importer.rows import FieldError, Finding, Row, RowResult, Status
from importer.staging import Pending, Staging
from importer.validation import Checked
from tests import make_customers
from tests.support import Bench, carry_out, write_csv
from tests.test_sample_data import SAMPLES, Sample
from tests.test_validation import ANN, body, places
from tests.test_validation import check as check_row

HOME = {"Street": "1 High St", "City": "Boston", "State": "MA", "Zip": "02139", "Country": "USA"}


def job(source: Path, **changes: Any) -> Job:
    told = Job(
        source=source,
        provider="hitpay",
        base_url="https://provider.example",
        ledger=f"sqlite:///{source.parent / 'ledger.sqlite3'}",
    )
    return replace(told, **changes)


def sheet(folder: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """A sheet of people at home in Boston, each with some other cells."""
    whole = [ANN | {"Email": f"ann{n}@example.com"} | HOME | dict(row) for n, row in enumerate(rows)]
    return write_csv(folder / "customers.csv", whole)


def planned(folder: Path, *rows: Mapping[str, str], **changes: Any) -> Plan:
    return check(job(sheet(folder, rows), **changes), variables={})


def counted(plan: Plan) -> list[tuple[str, str, str, int, tuple[int, ...]]]:
    return [(each.grade, each.column, each.code, each.cells, each.rows) for each in plan.findings()]


# -- a row


def test_certain_damage_is_a_fault_that_says_what_was_meant() -> None:
    (fault,) = check_row({**ANN, **HOME, "Zip": "2139.0"}).faults
    assert (fault.column, fault.code, fault.repair) == ("Zip", "number_as_decimal", "02139")
    assert "02139" in str(fault)


def test_suspicion_keeps_no_row_from_being_sent() -> None:
    checked = check_row({**ANN, **HOME, "Zip": "2139"})
    (found,) = checked.findings
    assert (checked.faults, bool(checked.body)) == ((), True)
    assert (found.field, found.column, found.code) == ("address.postal_code", "Zip", "lost_zeros")
    assert (found.repair, found.repaired) == ("02139", False)


def test_nothing_is_repaired_unless_asked_for() -> None:
    assert body({**ANN, **HOME, "Zip": "2139"})["address"]["postal_code"] == "2139"
    assert body({**ANN, **HOME, "Zip": "2139"}, repair=True)["address"]["postal_code"] == "02139"


def test_repair_is_told_with_what_it_was() -> None:
    (found,) = check_row({**ANN, **HOME, "Zip": "2139"}, repair=True).findings
    assert found.repaired
    assert str(found) == 'Zip: repaired to "02139", was "2139"'


def test_repair_is_read_like_any_cell() -> None:
    damaged = {**ANN, "Birth date": "32874", "Phone": "+6581234567.0"}
    assert body(damaged, repair=True) == body({**ANN, "Birth date": "1990-01-01", "Phone": "+6581234567"})
    assert places(check_row({**ANN, "Phone": "12.0"}, repair=True).faults) == [
        ("phone_number", "Phone", "phone_needs_country")
    ]


def test_damage_that_cannot_be_repaired_stays_a_fault_with_repair() -> None:
    checked = check_row({**ANN, "Phone": "2.34803E+12"}, repair=True)
    assert places(checked.faults) == [("phone_number", "Phone", "phone_as_quantity")]


def test_postcode_is_read_with_the_country_of_its_row_wherever_its_column_stands() -> None:
    before = {"Zip": "2139", "Country": "USA", **ANN, **{k: HOME[k] for k in ("Street", "City", "State")}}
    after = {**ANN, **{k: HOME[k] for k in ("Street", "City", "State")}, "Country": "USA", "Zip": "2139"}
    assert [f.repair for f in check_row(before).findings] == ["02139"]
    assert [f.repair for f in check_row(after).findings] == ["02139"]


def test_country_for_all_rows_is_the_country_of_a_postcode() -> None:
    cells = {**ANN, **{k: v for k, v in HOME.items() if k != "Country"}, "Zip": "1067"}
    checked = check_row(cells, constants={"address.country": "Germany"})
    assert [found.repair for found in checked.findings] == ["01067"]


def test_constant_is_as_it_was_typed() -> None:
    cells = {**ANN, **{k: v for k, v in HOME.items() if k != "Zip"}}
    checked = check_row(cells, constants={"address.postal_code": "2139"}, repair=True)
    assert checked.findings == ()


def test_joined_columns_are_looked_at_as_one() -> None:
    cells = {"First name": "ZoÃ«", "Last name": "Lee", "Email": "zoe@example.com", "Phone": "+6581234567"}
    (fault,) = check_row(cells).faults
    assert (fault.column, fault.repair) == ("First name + Last name", "Zoë Lee")


def test_cells_are_in_no_repr_of_what_was_found() -> None:
    checked = check_row({**ANN, **HOME, "Zip": "2139", "Name": "ZoÃ« Secret"})
    assert "2139" not in repr(checked)
    assert "Secret" not in repr(checked)


# -- the staged rows


def test_findings_come_back_with_their_rows_as_they_went_in() -> None:
    """Halves of characters included, which no database takes as text."""
    look = Finding("name", "Na\ud800me", "wrong_column", 'holds "\ud800"')
    done = Finding("zip", None, "lost_zeros", "repaired", "0\udfff1", repaired=True)
    row = Row(2, ("\ud800",))
    with Staging() as staging:
        staging.load(
            [
                Checked(row, findings=(look, done), identity="a", key="k", body=b"{}"),
                Checked(Row(3, ("b",)), identity="b", key="l", body=b"{}"),
            ]
        )
        results = [result for _, result in staging.results()]
        counts = staging.findings.counts()
    assert [result.findings for result in results] == [(look, done), ()]
    assert results[0].message == 'Na\ud800me: holds "\ud800"; zip: repaired'
    assert [(each.grade, each.column) for each in counts] == [
        (Grade.LOOK, "Na\ud800me"),
        (Grade.REPAIRED, "zip"),
    ]


def test_fault_keeps_its_proposed_repair() -> None:
    fault = FieldError("zip", "Zip", "number_as_decimal", "is one", "02139")
    with Staging() as staging:
        staging.load([Checked(Row(2, ("",)), faults=(fault,))])
        ((_, result),) = staging.results()
    assert result.faults == (fault,)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.CREATED, "was sent; Zip: too short"),
        (Status.REJECTED, "was sent; Zip: too short"),
        (Status.EXISTS, "was sent"),
        (Status.DUPLICATE, "was sent"),
    ],
)
def test_what_was_found_is_told_with_what_became_of_the_row(status: Status, words: str) -> None:
    found = Finding("zip", "Zip", "lost_zeros", "too short")
    with Staging() as staging:
        staging.load([Checked(Row(2, ("",)), findings=(found,), identity="a", key="k", body=b"{}")])
        staging.update([(RowResult(2, status, message="was sent"), Pending.NOTHING)])
        ((_, result),) = staging.results()
    assert (result.message, result.findings) == (words, (found,))


# -- the plan


def test_plan_counts_what_was_found_by_column_and_code(tmp_path: Path) -> None:
    rows = [{"Zip": "2139"}, {}, {"Zip": "501"}, {"Name": "ann@example.com"}, {"Zip": "2139.0"}]
    with planned(tmp_path, *rows) as plan:
        assert counted(plan) == [
            ("look", "Zip", "lost_zeros", 2, (2, 4)),
            ("look", "Name", "wrong_column", 1, (5,)),
            ("fault", "Zip", "number_as_decimal", 1, (6,)),
        ]
        assert [each.repairs for each in plan.findings()] == [2, 0, 1]
        assert plan.ready == 4
    with planned(tmp_path, *rows, repair=True) as plan:
        assert counted(plan) == [
            ("repaired", "Zip", "lost_zeros", 2, (2, 4)),
            ("look", "Name", "wrong_column", 1, (5,)),
            ("repaired", "Zip", "number_as_decimal", 1, (6,)),
        ]
        assert plan.ready == 5


def test_only_the_first_rows_are_listed(tmp_path: Path) -> None:
    with planned(tmp_path, *[{"Zip": "2139"}] * 9) as plan:
        (found,) = plan.findings()
    assert (found.cells, found.rows) == (9, (2, 3, 4, 5, 6))
    assert "2139" in found.example
    assert "2139" not in repr(found)


def test_rows_that_are_not_sent_again_need_no_look(tmp_path: Path) -> None:
    with planned(tmp_path, {"Zip": "2139"}, {"Zip": "2139", "Email": "ann0@example.com"}) as plan:
        assert plan.counts[Status.DUPLICATE] == 1
        assert counted(plan) == [("look", "Zip", "lost_zeros", 1, (2,))]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_nothing_is_found_in_the_sample_sheets(sample: Sample, tmp_path: Path) -> None:
    told = replace(job(tmp_path / "x"), source=sample.path, provider=sample.provider)
    with check(told, variables={}) as plan:
        assert [*plan.findings(), *plan.troubles] == []


@pytest.mark.parametrize("provider", make_customers.SHEETS)
def test_nothing_is_found_in_made_up_sheets(provider: str, tmp_path: Path) -> None:
    make_customers.write_csv(tmp_path / "c.csv", provider, 400, columns=20)
    with check(job(tmp_path / "c.csv", provider=provider), variables={}) as plan:
        assert [*plan.findings(), *plan.troubles] == []


# -- files as spreadsheet programs damage them

DOCUMENTS = ("1234567890123456789", "2345678901234567891", "3456789012345678912")


def damaged_book(path: Path) -> Path:
    """Phones, postcodes, documents and dates typed into cells in General format."""
    book = Workbook()
    page = book.worksheets[0]
    page.append(["Name", "Email", "Phone", "Zip", "Country", "Street", "City", "State", "Birth date"])
    page.append(
        ["Ann Lee", "ann@example.com", 2348031234567.0, 2139, "USA", "1 High St", "Boston", "MA", 32874]
    )
    page.append(
        ["Bob Roe", "bob@example.com", 12025550102, 501, "USA", "1 High St", "Holtsville", "NY", 45000.0]
    )
    for row in page.iter_rows(min_row=2):
        for cell in row:
            cell.number_format = "General"
    book.save(path)
    return path


def test_numbers_in_a_workbook_are_read_whole_and_what_was_lost_is_found(tmp_path: Path) -> None:
    with check(job(damaged_book(tmp_path / "c.xlsx")), variables={}) as plan:
        assert sorted(counted(plan)) == [
            ("fault", "Birth date", "date_serial", 2, (2, 3)),
            ("look", "Zip", "lost_zeros", 2, (2, 3)),
        ]


def test_documents_that_excel_rounded_are_not_sent(tmp_path: Path) -> None:
    """Cells with numbers keep 15 digits, whatever was typed; text keeps all."""
    head, *rows = _krezypay(len(DOCUMENTS))
    at = head.index("ID number")
    for kept, cell in (("number", int), ("text", str)):
        book = Workbook()
        book.worksheets[0].append(head)
        for row, document in zip(rows, DOCUMENTS, strict=True):
            book.worksheets[0].append([*row[:at], cell(document), *row[at + 1 :]])
        book.save(tmp_path / f"{kept}.xlsx")
    with check(job(tmp_path / "number.xlsx", provider="krezypay"), variables={}) as plan:
        faults = [[fault.code for fault in result.faults] for _, result in plan.results()]
        assert faults == [["rounded_number"]] * 3
    with check(job(tmp_path / "text.xlsx", provider="krezypay"), variables={}) as plan:
        assert plan.ready == 3


def _krezypay(count: int) -> list[list[str]]:
    rows = [list(make_customers.headings("krezypay"))]
    return rows + [list(row) for row in make_customers.rows("krezypay", count)]


# -- a run


async def test_repaired_cell_is_sent_and_the_sheet_stays_as_it_was(bench: Bench) -> None:
    source = sheet(bench.folder, [{"Zip": "2139", "Name": "ZoÃ« Lee"}])
    told = replace(bench.job("hitpay", source), repair=True)
    outcome = await carry_out(told, bench.simulator.environment())
    (customer,) = bench.simulator.customers("hitpay")
    assert (customer.body["name"], customer.body["address"]["postal_code"]) == ("Zoë Lee", "02139")
    ((row, result),) = outcome.rows
    assert (result.status, row.cells[0], row.cells[6]) == (Status.CREATED, "ZoÃ« Lee", "2139")
    assert (
        result.message == 'Name: repaired to "Zoë Lee", was "ZoÃ« Lee"; Zip: repaired to "02139", was "2139"'
    )


async def test_results_file_goes_on_with_the_repairs_that_were_accepted(bench: Bench) -> None:
    source = sheet(bench.folder, [{"Zip": "2139"}, {"Zip": "501"}])
    told = replace(bench.job("hitpay", source), repair=True, limit=1)
    outcome = await carry_out(told, bench.simulator.environment())
    results = replace(bench.job("hitpay", Path(outcome.summary.output)), provider=None)
    await carry_out(results, bench.simulator.environment())
    zips = [customer.body["address"]["postal_code"] for customer in bench.simulator.customers("hitpay")]
    assert zips == ["02139", "00501"]
    with check(replace(results, repair=False), variables=bench.simulator.environment()) as plan:
        assert plan.opened.repair is False


def swapped(folder: Path, count: int = 40) -> Path:
    """Names under the heading of e-mail addresses and the other way round, but in a few rows."""
    rows = [ANN | {"Email": f"ann{n}@example.com"} for n in range(count)]
    turned = [r | {"Name": r["Email"], "Email": r["Name"]} if n > 1 else r for n, r in enumerate(rows)]
    return write_csv(folder / "customers.csv", turned)


def by_heading(folder: Path) -> Path:
    """A mapping that somebody wrote by the headings alone: without one the columns would be asked about."""
    path = folder / "mapping.toml"
    columns = '[columns]\nname = "Name"\nemail = "Email"\nphone_number = "Phone"\n'
    path.write_text(f'provider = "hitpay"\n{columns}', encoding="utf-8")
    return path


def swapped_job(bench: Bench) -> Job:
    return replace(bench.job("hitpay", swapped(bench.folder)), mapping=by_heading(bench.folder))


async def test_few_rows_of_swapped_columns_are_not_sent_by_accident(bench: Bench) -> None:
    credentials = bench.simulator.environment()
    with check(swapped_job(bench), variables=credentials) as plan:
        assert plan.ready == 2
        with pytest.raises(MappingError, match=r'"Email".*"Name".*swapped.*Nothing was sent'):
            await run(plan, variables=credentials)
        with pytest.raises(MappingError, match="swapped"):
            await anext(aiter(follow(plan, variables=credentials)))
    assert bench.created("hitpay") == 0


async def test_they_are_sent_if_a_person_agreed(bench: Bench) -> None:
    with check(swapped_job(bench), variables=bench.simulator.environment()) as plan:
        summary = await run(plan, agreed=True, variables=bench.simulator.environment())
    assert (summary.counts[Status.CREATED], bench.created("hitpay")) == (2, 2)


async def test_they_are_followed_if_a_person_agreed(bench: Bench) -> None:
    credentials = bench.simulator.environment()
    with check(swapped_job(bench), variables=credentials) as plan:
        async for _ in follow(plan, agreed=True, variables=credentials):
            pass
    assert bench.created("hitpay") == 2


async def test_column_with_nothing_that_fits_ends_as_usual_with_every_fault_marked(bench: Bench) -> None:
    """There is nothing to be sent by accident, and the results file is what helps."""
    rows = [ANN | {"Email": f"nobody {n}"} for n in range(40)]
    told = bench.job("hitpay", write_csv(bench.folder / "customers.csv", rows))
    outcome = await carry_out(told, bench.simulator.environment())
    assert (outcome.summary.exit_code, outcome.counts) == (1, {"invalid": 40})


def test_example_of_a_count_is_what_is_said_of_its_first_cell() -> None:
    count = FindingCount(Grade.LOOK, "Zip", "lost_zeros", 1, 1, (2,), '"2139" is too short')
    assert "2139" not in repr(count)
