"""The sheet Providers: what is missing for whom on top, and below what each provider says to each row."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from importer import results
from importer.comparison import compare
from importer.errors import SettingsError
from importer.planning import check
from importer.reporting import write_comparison, write_report
from importer.results import (
    Look,
    ProviderColumn,
    ProviderRow,
    ProvidersSheet,
    ResultsError,
    results_sheet,
    workbook,
)
from importer.source import open_source
from tests.office import saved_by_libreoffice
from tests.support import Bench, person, write_csv

PEOPLE = [
    person("hitpay", 1),
    {**person("hitpay", 2), "Email": "nobody"},
    {**person("hitpay", 3), "Name": "=1+1"},
]
TITLES = ["Krezypay", "Yativo", "JuicyWay", "Rapyd", "HitPay"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "customers.csv", PEOPLE)


def alone(source: Path) -> Path:
    path = source.with_name("all.xlsx")
    opened = open_source(source)
    write_comparison(path, opened, compare(opened.columns))
    return path


def sheet(path: Path) -> Worksheet:
    found = openpyxl.load_workbook(path)["Providers"]
    assert isinstance(found, Worksheet)
    return found


def texts(path: Path) -> list[list[object]]:
    return [list(line) for line in sheet(path).iter_rows(values_only=True)]


def test_on_top_stands_what_is_missing_for_whom(source: Path) -> None:
    lines = texts(alone(source))
    assert lines[0] == ["customers.csv", None, *TITLES]
    told = {str(line[0]): line[2:] for line in lines[1:6]}
    assert told["Rows that are ready"] == [0, 0, 0, 2, 2]
    assert told["Rows that lack nothing but a column"] == [2, 2, 2, 0, 0]
    assert told["Rows with faults"] == [1, 1, 1, 1, 1]
    assert told["Required, but the sheet has no column"][1:] == [
        "Customer country",
        "First name, Last name, Type, Address line 1, City, State, Zip code, Country",
        None,
        None,
    ]
    assert told["Most frequent faults"] == 5 * ["invalid_email 1"]
    assert str(lines[6][0]).startswith(
        "2 of 3 rows would be taken as they are by at least one provider, 1 by"
    )


def test_below_every_row_has_an_answer_of_each_provider(source: Path) -> None:
    head, *rows = texts(alone(source))[7:]
    assert head == ["Row", "Customer", *TITLES]
    lacking = ["columns missing"] * 3
    assert rows == [
        [2, "Bo Example bo1@example.com", *lacking, "ready", "ready"],
        [3, "Cy Example nobody", *["wrong: Email"] * 5],
        [4, "=1+1 di3@example.com", *lacking, "ready", "ready"],
    ]


def test_answers_have_the_colour_of_what_they_say_and_filter_below_their_own_headings(source: Path) -> None:
    found = sheet(alone(source))
    colours = {found[place].value: found[place].fill.fgColor.rgb for place in ("C9", "F9", "G10")}
    assert colours == {"columns missing": "00EDEDED", "ready": "00C6EFCE", "wrong: Email": "00FFC7CE"}
    assert found.auto_filter.ref == "A8:G11"
    assert found.freeze_panes == "C2"
    assert all(found.column_dimensions[letter].width >= 30 for letter in "BCDEFG")


def test_nothing_in_it_can_run(source: Path) -> None:
    with ZipFile(alone(source)) as archive:
        assert archive.testzip() is None
        assert not any(
            b"<f" + end in archive.read(name) for name in archive.namelist() for end in (b">", b" ")
        )


def test_other_programs_read_it_alike(source: Path) -> None:
    path = alone(source)
    with_calamine = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Providers").to_python()
    assert [[cell or None for cell in line] for line in with_calamine[8:]] == texts(path)[8:]


def test_libreoffice_reads_it_alike(source: Path) -> None:
    path = alone(source)
    assert texts(saved_by_libreoffice(path))[7:] == texts(path)[7:]


def test_in_a_report_it_stands_beside_the_annotated_sheet_which_stays_the_source(
    bench: Bench, source: Path
) -> None:
    path = bench.folder / "report.xlsx"
    with check(replace(bench.job("hitpay", source), output=path), variables={}) as plan:
        columns = plan.opened.source.columns
        write_report(plan, faults_first=True, comparison=compare(columns, known=[plan.opened.mapping]))
    assert openpyxl.load_workbook(path).sheetnames == ["Results", "Providers", "Summary", "import_settings"]
    assert [row[0] for row in texts(path)[8:]] == [2, 3, 4]
    again = open_source(path)
    assert (again.sheet, again.notes) == ("Results", ())
    assert [row.cells[1] for row in again.rows()] == ["nobody", "bo1@example.com", "di3@example.com"]


def test_a_csv_has_no_room_for_it(bench: Bench, source: Path) -> None:
    path = bench.folder / "report.csv"
    with (
        check(replace(bench.job("hitpay", source), output=path), variables={}) as plan,
        pytest.raises(SettingsError, match=r"cannot hold the sheet.*-o .*report\.xlsx"),
    ):
        write_report(plan, comparison=compare(plan.opened.source.columns))
    assert not path.exists()


# -- many rows


def write(path: Path, rows: Iterable[ProviderRow]) -> Path:
    column = ProviderColumn("Rapyd", 1, 0, 0, "", "")
    results.write_providers(path, ProvidersSheet("c.csv", rows, lambda: [column], lambda: "All."))
    return path


def test_rows_are_taken_one_batch_at_a_time_and_all_arrive(tmp_path: Path) -> None:
    class Tracked(ProviderRow):
        alive = most = 0

        def __init__(self, number: int) -> None:
            super().__init__(number, f"Ann {number}", [(Look.GOOD, "ready")])
            Tracked.alive += 1
            Tracked.most = max(Tracked.most, Tracked.alive)

        def __del__(self) -> None:
            Tracked.alive -= 1

    def rows() -> Iterator[ProviderRow]:
        yield from map(Tracked, range(2, 5_002))

    lines = texts(write(tmp_path / "p.xlsx", rows()))
    assert [line[0] for line in lines[8:]] == list(range(2, 5_002))
    assert Tracked.most <= 600


def test_a_sheet_without_rows_is_one_all_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / "p.xlsx", [])
    assert sheet(path).auto_filter.ref == "A8:C8"
    assert len(texts(path)) == 8


def test_what_no_cell_holds_is_cut(tmp_path: Path) -> None:
    row = ProviderRow(2, "x" * 40_000, [(Look.BAD, "y" * 40_000)])
    assert all(len(str(cell)) <= 32_767 for cell in texts(write(tmp_path / "p.xlsx", [row]))[8])


def test_more_rows_than_a_sheet_holds_are_told_and_leave_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_sheet, "MOST_ROWS", 10)
    with pytest.raises(ResultsError, match="do not fit into an Excel sheet"):
        write(tmp_path / "p.xlsx", [ProviderRow(n, "", [(Look.GOOD, "ready")]) for n in range(2, 6)])
    assert list(tmp_path.iterdir()) == []


def test_a_full_temporary_folder_is_told_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(tempfile.SpooledTemporaryFile[bytes]):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(workbook, "SpooledTemporaryFile", Full)
    with pytest.raises(ResultsError, match=r"temporary folder .* TMPDIR"):
        write(tmp_path / "p.xlsx", [ProviderRow(2, "", [(Look.GOOD, "ready")])])
    assert list(tmp_path.iterdir()) == []
