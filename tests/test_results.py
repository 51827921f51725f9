"""The results file whatever its kind: where it goes, its columns, its CSV, and how it replaces another."""

import csv
import errno
import io
import json
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from importer import results
from importer.errors import SettingsError
from importer.results import ResultsError, ResultsHeader, SummaryFacts, columns, csvfile
from importer.rows import FieldError, Row, RowResult, Status
from importer.sheetformat import SETTINGS_HEADING, guard, unguard
from importer.source import open_source

FACTS = SummaryFacts("run-1", "HitPay", "sandbox", "default", "customers.csv")
HEADER = ResultsHeader(("Name", "Notes"), ("kyc_link",), {"provider": "hitpay"})
RESULT = RowResult(
    7,
    Status.CREATED,
    customer_id="cus_1",
    http_status=201,
    attempts=2,
    sent_at=datetime(2026, 11, 21, 1, 48, 54, 999999, UTC),
    run="run-1",
    extra={"kyc_link": "https://kyc.example.com/1", "other": "not asked for"},
)
OURS = [
    "import_status",
    "import_customer_id",
    "import_message",
    "import_code",
    "import_http_status",
    "import_attempts",
    "import_sent_at",
    "import_row",
    "import_run",
    "import_kyc_link",
]
TEXT = st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.text("'=+-@\t\r\n,\"x", max_size=5))
NOT_READ = dict.fromkeys(map(ord, "\0\ufffe\uffff"))
"""A text file has no NUL, and an Excel file not the two others, so readers drop or spell them out."""


def lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def write(path: Path, rows: Iterable[tuple[Row, RowResult]], header: ResultsHeader = HEADER) -> None:
    results.write_results(path, header, rows, summary=FACTS)


def failing(error: BaseException) -> Iterator[tuple[Row, RowResult]]:
    yield Row(2, ("Ann", "")), RESULT
    raise error


# -- the columns


def test_original_columns_come_first_and_ours_follow_in_their_order(tmp_path: Path) -> None:
    write(tmp_path / "r.csv", [(Row(7, ("Ann", "likes tea")), RESULT)])
    header, row = lines(tmp_path / "r.csv")
    assert header[:-1] == ["Name", "Notes", *OURS]
    assert row == [
        "Ann",
        "likes tea",
        "created",
        "cus_1",
        "",
        "",
        "201",
        "2",
        "2026-11-21T01:48:54Z",
        "7",
        "run-1",
        "https://kyc.example.com/1",
        "",
    ]


def test_what_is_not_known_of_a_row_stays_empty(tmp_path: Path) -> None:
    write(tmp_path / "r.csv", [(Row(2, ("Ann", "")), RowResult(2, Status.NOT_SENT))])
    assert lines(tmp_path / "r.csv")[1][2:] == ["not_sent", "", "", "", "", "0", "", "2", "", "", ""]


def test_a_report_has_no_ids_and_no_requests(tmp_path: Path) -> None:
    rows = [
        (Row(2, ("Ann", "")), RowResult(2, Status.NOT_SENT)),
        (Row(3, ("", "")), RowResult(3, Status.INVALID, message="Name: is empty", code="missing_value")),
    ]
    results.write_report(tmp_path / "r.csv", HEADER, rows, summary=FACTS)
    header, ready, invalid = lines(tmp_path / "r.csv")
    assert header[2:-1] == ["import_status", "import_message", "import_code", "import_row"]
    assert ready[2:] == ["not_sent", "ready", "", "2", ""]
    assert invalid[2:] == ["invalid", "Name: is empty", "missing_value", "3", ""]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 21, 1, 48, 54, tzinfo=UTC),
        datetime(2026, 11, 21, 9, 48, 54, tzinfo=timezone(timedelta(hours=8))),
        datetime(2026, 11, 21, 1, 48, 54),  # noqa: DTZ001  on purpose: a moment without a zone is UTC
    ],
    ids=["UTC", "Singapore", "no zone"],
)
def test_moments_are_written_in_utc(moment: datetime) -> None:
    assert columns.timestamp(moment) == "2026-11-21T01:48:54Z"


def test_a_row_that_does_not_fit_the_headings_is_never_written_shifted(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="row 2 has 1 cells for 2 columns"):
        write(tmp_path / "r.csv", [(Row(2, ("Ann",)), RESULT)])
    assert list(tmp_path.iterdir()) == []


# -- CSV


@given(cells=st.lists(TEXT, min_size=2, max_size=2), headings=st.lists(TEXT, min_size=2, max_size=2))
def test_csv_gives_back_every_heading_and_cell_byte_for_byte(cells: list[str], headings: list[str]) -> None:
    layout = columns.results_layout(ResultsHeader(tuple(headings)))
    file = io.BytesIO()
    csvfile.write_csv(file, layout, "{}", [(Row(2, tuple(cells)), RESULT)])
    header, row = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline=""))
    assert [unguard(heading) for heading in header[:2]] == headings
    assert [unguard(cell) for cell in row[:2]] == cells


@given(TEXT)
def test_no_text_of_a_csv_can_run(text: str) -> None:
    layout = columns.results_layout(ResultsHeader((text,)))
    file = io.BytesIO()
    result = RowResult(2, Status.REJECTED, customer_id=text, message=text, code=text)
    csvfile.write_csv(file, layout, "{}", [(Row(2, (text,)), result)])
    header, row = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline=""))
    for cell in (header[0], row[0], row[2], row[3], row[4]):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert cell == guard(text)


def test_csv_opens_right_in_excel(tmp_path: Path) -> None:
    write(tmp_path / "r.csv", [(Row(2, ("Zoë", "a;b")), RESULT)])
    raw = (tmp_path / "r.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfName,Notes,import_status,")
    assert raw.endswith(b"\r\n")
    assert "Zoë,a;b,".encode() in raw


def test_csv_carries_the_settings_in_its_last_heading_over_empty_cells(tmp_path: Path) -> None:
    carried = {"provider": "hitpay", "mapping": {"name": "Name, “full”"}, "limit": None}
    write(tmp_path / "r.csv", [(Row(2, ("Ann", "")), RESULT)], ResultsHeader(("A", "B"), settings=carried))
    header, row = lines(tmp_path / "r.csv")
    assert header[-1].startswith(SETTINGS_HEADING + "{")
    assert json.loads(header[-1].removeprefix(SETTINGS_HEADING)) == carried
    assert row[-1] == ""


def test_half_a_surrogate_pair_does_not_stop_a_csv(tmp_path: Path) -> None:
    write(tmp_path / "r.csv", [(Row(2, ("a\ud800b", "")), RESULT)])
    assert lines(tmp_path / "r.csv")[1][0] == "a\\ud800b"


# -- the round trip

CELLS = st.lists(st.tuples(TEXT, TEXT).map(lambda pair: ("Ann", *pair)), min_size=1, max_size=4)


@pytest.mark.parametrize("name", ["r.results.csv", "r.results.xlsx"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(rows=CELLS)
def test_results_read_back_as_the_rows_they_came_from(
    tmp_path: Path, name: str, rows: list[tuple[str, ...]]
) -> None:
    rows = [tuple(cell.translate(NOT_READ) for cell in row) for row in rows]
    header = ResultsHeader(
        ("Name", "Notes", "E-mail"), ("kyc_link",), {"provider": "hitpay", "x": "=_x0041_"}
    )
    write(tmp_path / name, ((Row(n, cells), RESULT) for n, cells in enumerate(rows, 2)), header)
    source = open_source(tmp_path / name)
    assert source.columns == header.columns
    assert source.settings == header.settings
    assert [row.cells for row in source.rows()] == rows


FORMULA_LIKE = (
    "=1+1",
    "+6591234567",
    "+65 9123 4567",
    "-5",
    "@a",
    "'+65",
    "''=x",
    "\t=1",
    "_x0041_",
    "007",
    "1e5",
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    cells=st.lists(TEXT | st.sampled_from(FORMULA_LIKE), min_size=3, max_size=3),
    headings=st.lists(TEXT | st.sampled_from(FORMULA_LIKE), min_size=2, max_size=2, unique=True),
    rounds=st.lists(st.sampled_from(["csv", "xlsx"]), min_size=2, max_size=5),
    reports=st.booleans(),
)
@example(list(FORMULA_LIKE[:3]), ["+65", "=A1"], ["xlsx", "csv", "xlsx", "csv"], False)
@example(list(FORMULA_LIKE[5:8]), ["'+65", "_x0041_"], ["csv", "csv", "xlsx", "xlsx"], True)
def test_cells_and_headings_are_the_same_however_often_a_file_goes_round(
    tmp_path: Path, cells: list[str], headings: list[str], rounds: list[str], reports: bool
) -> None:
    given_cells = tuple(cell.translate(NOT_READ) for cell in cells)
    columns_of = ("Name", *(heading.translate(NOT_READ) for heading in headings))
    header, rows = (
        ResultsHeader(columns_of, ("kyc_link",), {"provider": "hitpay"}),
        [Row(2, ("Ann", *given_cells[:2]))],
    )
    for number, kind in enumerate(rounds):
        path = tmp_path / f"{number}.results.{kind}"
        made = [(row, RowResult(row.number, Status.INVALID, message=given_cells[2])) for row in rows]
        (results.write_report if reports else results.write_results)(path, header, made, summary=FACTS)
        source = open_source(path)
        rows = list(source.rows())
        header = ResultsHeader(source.columns, ("kyc_link",), source.settings or {})
        assert (source.columns, source.settings) == (columns_of, {"provider": "hitpay"})
        assert [row.cells for row in rows] == [("Ann", *given_cells[:2])]


# -- where it goes


@pytest.mark.parametrize(
    ("source", "is_text", "output"),
    [
        ("in/customers.xlsx", False, "in/customers.results.xlsx"),
        ("in/customers.csv", True, "in/customers.results.csv"),
        ("customers.ods", False, "customers.results.xlsx"),
        ("customers.tsv", True, "customers.results.csv"),
        ("Q3.final.xlsx", False, "Q3.final.results.xlsx"),
        ("customers.results.xlsx", False, "customers.results.xlsx"),
        ("customers.results.csv", True, "customers.results.csv"),
        ("customers.results.ods", False, "customers.results.xlsx"),
        ("customers", True, "customers.results.csv"),
        ("customers.csv.gz", True, "customers.results.csv"),
        ("customers.XLSX.zip", False, "customers.results.xlsx"),
        ("acme.2024.zip", True, "acme.2024.results.csv"),
        ("customers.results.csv.gz", True, "customers.results.csv"),
    ],
)
def test_results_go_beside_the_source(source: str, is_text: bool, output: str) -> None:
    assert results.default_output(Path(source), is_text=is_text) == Path(output)


@pytest.mark.parametrize("name", ["r.txt", "r", "r.xls", ".xlsx", "r.xlsx.gz"])
def test_an_unknown_ending_is_refused_before_the_run(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=r"does not end in \.xlsx or \.csv\. Add -o .*\.xlsx"):
        results.check_output(tmp_path / name, source=tmp_path / "s.csv", source_is_results=False)
    with pytest.raises(SettingsError):
        write(tmp_path / name, [])
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_can_be_written_passes_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("old")
    for name in ("NEW.XLSX", "new.csv", "old.csv"):
        results.check_output(tmp_path / name, source=tmp_path / "s.csv", source_is_results=False)
    assert [path.name for path in tmp_path.iterdir()] == ["old.csv"]
    assert (tmp_path / "old.csv").read_text() == "old"


def test_a_source_is_never_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "customers.csv"
    source.write_text("Name\nAnn\n")
    with pytest.raises(SettingsError, match=r"never overwritten\. Add -o .*customers\.results\.csv"):
        results.check_output(source, source=source, source_is_results=False)


def test_a_source_that_only_bears_the_name_of_a_results_file_is_not_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "customers.results.csv"
    source.write_text("Name\nAnn\n")
    with pytest.raises(SettingsError, match=r"Add -o .*customers-2\.results\.csv"):
        results.check_output(source, source=source, source_is_results=False)


def test_a_results_file_may_be_replaced_by_its_successor(tmp_path: Path) -> None:
    source = tmp_path / "customers.results.csv"
    source.write_text("Name\nAnn\n")
    results.check_output(source, source=source, source_is_results=True)
    assert source.read_text() == "Name\nAnn\n"


def test_a_folder_that_is_not_there_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no folder"):
        results.check_output(tmp_path / "gone" / "r.csv", source=tmp_path / "s.csv", source_is_results=False)


def test_a_folder_of_that_name_is_refused_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "r.csv").mkdir()
    with pytest.raises(SettingsError, match="is a folder"):
        results.check_output(tmp_path / "r.csv", source=tmp_path / "s.csv", source_is_results=False)


def test_a_name_the_disk_does_not_take_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"name is too long.*-o .*results\.csv"):
        results.check_output(
            tmp_path / f"{'n' * 300}.csv", source=tmp_path / "s.csv", source_is_results=False
        )


def test_a_file_another_program_holds_is_refused_with_a_name_that_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c.results.csv").write_text("held")
    (tmp_path / "c-2.results.csv").write_text("taken")
    real_open = Path.open

    def held(self: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if mode == "r+b":
            raise PermissionError(
                errno.EACCES, "Permission denied"
            )  # as Windows does while Excel has it open
        return real_open(self, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", held)
    with pytest.raises(SettingsError, match=r"open in another program.*-o .*c-3\.results\.csv"):
        results.check_output(tmp_path / "c.results.csv", source=tmp_path / "c.csv", source_is_results=False)


def test_more_rows_than_excel_holds_are_refused_before_the_run() -> None:
    results.check_fits(Path("r.xlsx"), columns=20, rows=1_048_575)
    results.check_fits(Path("r.csv"), columns=20, rows=5_000_000)
    with pytest.raises(SettingsError, match=r"1,048,576 rows do not fit.*\.csv"):
        results.check_fits(Path("r.xlsx"), columns=20, rows=1_048_576)


# -- replacing


@pytest.fixture(params=["r.xlsx", "r.csv"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path: Path = tmp_path / request.param
    path.write_text("the old results")
    return path


@pytest.mark.parametrize("error", [OSError("the source is gone"), KeyboardInterrupt(), RuntimeError("bug")])
def test_when_the_rows_fail_the_old_file_stays_and_no_other(old: Path, error: BaseException) -> None:
    with pytest.raises(type(error)) as raised:
        write(old, failing(error))
    assert raised.value is error
    assert old.read_text() == "the old results"
    assert list(old.parent.iterdir()) == [old]


def test_until_the_last_row_is_there_readers_see_the_old_file(old: Path) -> None:
    def rows() -> Iterator[tuple[Row, RowResult]]:
        for number in range(2, 3000):
            yield Row(number, ("Ann", "x" * 100)), RESULT
        assert old.read_text() == "the old results"

    write(old, rows())
    assert old.stat().st_size > 10_000
    assert list(old.parent.iterdir()) == [old]


@contextmanager
def files_hold_at_most(size: int) -> Iterator[None]:
    """Every file of this process is refused more bytes than that, as on a full disk."""
    resource = pytest.importorskip("resource", reason="no file size limit here to stand for a full disk")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize(
    ("old", "count", "size"),
    [("r.csv", 1, 100), ("r.csv", 20_000, 60_000), ("r.xlsx", 20_000, 60_000)],
    ids=["csv, at the end", "csv, on the way", "xlsx, on the way"],
    indirect=["old"],
)
def test_a_full_disk_is_told_with_the_way_out(old: Path, count: int, size: int) -> None:
    rows = ((Row(n, ("Ann", f"{n * 7919}")), RESULT) for n in range(count))
    with pytest.raises(ResultsError, match=r"disk is full.*-o.*same command again"), files_hold_at_most(size):
        write(old, rows)
    assert old.read_text() == "the old results"
    assert list(old.parent.iterdir()) == [old]


def test_a_full_temporary_folder_is_told_and_leaves_no_half_workbook(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"temporary folder .* is full"), files_hold_at_most(300):
        write(tmp_path / "r.xlsx", [(Row(2, ("Ann", "")), RESULT)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "open in another program.*-o .*r-2"),
        (errno.EROFS, "read-only"),
        (errno.ENOSPC, "disk is full"),
        (errno.EIO, "-o .*r-2"),
    ],
)
def test_a_target_that_cannot_be_replaced_is_told_with_the_way_out(
    old: Path, number: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ResultsError, match=words):
        write(old, [(Row(2, ("Ann", "")), RESULT)])
    assert old.read_text() == "the old results"
    assert list(old.parent.iterdir()) == [old]


def test_the_bytes_are_on_the_disk_before_the_name_is(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        events.append("folder synced" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file synced")
        fsync(descriptor)

    def replaced(self: Path, target: Path) -> Path:
        events.append("replaced")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    write(old, [(Row(2, ("Ann", "")), RESULT)])
    assert events[:2] == ["file synced", "replaced"]
    assert events[2:] == (["folder synced"] if hasattr(os, "O_DIRECTORY") else [])


def test_a_link_keeps_pointing_at_the_file_it_points_at(old: Path) -> None:
    link = old.with_name(f"link{old.suffix}")
    link.symlink_to(old)
    write(link, [(Row(2, ("Ann", "")), RESULT)])
    assert link.is_symlink()
    assert old.stat().st_size > 200


def test_permissions_are_those_of_the_old_file_or_of_any_new_one(old: Path) -> None:
    old.chmod(0o640)
    new = old.with_name(f"new{old.suffix}")
    for path in (old, new):
        write(path, [(Row(2, ("Ann", "")), RESULT)])
    plain = old.with_name("plain")
    plain.touch()
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert new.stat().st_mode == plain.stat().st_mode


def test_a_draft_is_no_more_readable_than_the_file_it_replaces(old: Path) -> None:
    def rows() -> Iterator[tuple[Row, RowResult]]:
        (draft,) = (path for path in old.parent.iterdir() if path != old)
        assert stat.S_IMODE(draft.stat().st_mode) == 0o600
        yield Row(2, ("Ann", "")), RESULT

    old.chmod(0o600)
    write(old, rows())


def test_faults_need_no_column_of_the_sheet(tmp_path: Path) -> None:
    fault = FieldError("address.city", None, "missing_value", "is empty")
    rows = [(Row(2, ("Ann", "")), RowResult(2, Status.INVALID, message=str(fault), faults=(fault,)))]
    for name in ("r.csv", "r.xlsx"):
        write(tmp_path / name, rows)
