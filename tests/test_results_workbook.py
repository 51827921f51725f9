"""The results as an Excel workbook, read back by openpyxl, by calamine, and after LibreOffice saved it."""

import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from importer import results
from importer.causes import STANDINGS
from importer.results import (
    ResultsError,
    ResultsHeader,
    SummaryFacts,
    columns,
    results_sheet,
    sheetxml,
    workbook,
)
from importer.rows import FieldError, Row, RowResult, Status

FACTS = SummaryFacts(
    "run-1",
    "HitPay",
    "sandbox",
    "default",
    "customers.xlsx",
    started=datetime(2026, 11, 21, 1, 48, 50, tzinfo=UTC),
    ended=datetime(2026, 11, 21, 3, 3, 1, tzinfo=UTC),
    rate="200/min",
)
CREATED = RowResult(2, Status.CREATED, customer_id="cus_1", http_status=201, attempts=1, run="run-1")

# U+FFFE, U+FFFF and half pairs are no characters in XML; LibreOffice alone is particular about \r
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=40)
TRICKY = st.one_of(
    TEXT,
    st.text("_x0415F='\r\n\t +-@<&>;\x00\x1f ", max_size=20),
    st.sampled_from(["=1+1", "+6591234567", "007", "1e5", "TRUE", "#N/A", "12345678901234567890", "'a"]),
)


def write(
    path: Path,
    rows: Iterable[tuple[Row, RowResult]],
    *,
    headings: Sequence[str] = ("Name", "Notes"),
    extra: Sequence[str] = (),
    carried: dict[str, object] | None = None,
    facts: SummaryFacts = FACTS,
) -> Path:
    results.write_results(
        path, ResultsHeader(tuple(headings), tuple(extra), carried or {}), rows, summary=facts
    )
    return path


def one(*cells: str, result: RowResult = CREATED) -> list[tuple[Row, RowResult]]:
    return [(Row(2, cells), result)]


def sheet(path: Path, name: str = "Results") -> Worksheet:
    found = openpyxl.load_workbook(path)[name]
    assert isinstance(found, Worksheet)
    return found


def with_openpyxl(path: Path, name: str = "Results") -> list[list[object]]:
    return [[cell.value for cell in line] for line in sheet(path, name).iter_rows()]


def with_calamine(path: Path, name: str = "Results") -> list[list[object]]:
    found = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name)
    return [list(line) for line in found.to_python(skip_empty_area=False)]


def xml(path: Path, part: str = "xl/worksheets/sheet1.xml") -> str:
    with ZipFile(path) as archive:
        return archive.read(part).decode()


def cell(found: Worksheet, place: str) -> Cell:
    value = found[place]
    assert isinstance(value, Cell)
    return value


# -- what comes back


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(cells=st.lists(TRICKY, min_size=3, max_size=3), headings=st.lists(TRICKY, min_size=3, max_size=3))
@example(["_x0041_", "_x005F_x0041_", "\x00\x01_x"], ["__x0041_x0041_", "_x_x0041_", "a\r\nb"])
def test_every_heading_and_cell_comes_back_byte_for_byte(
    tmp_path: Path, cells: list[str], headings: list[str]
) -> None:
    path = write(tmp_path / "r.xlsx", one(*cells), headings=headings)
    header, row = with_calamine(path)
    assert header[:3] == headings
    assert row[:3] == cells


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cells=st.lists(TRICKY, min_size=3, max_size=3))
def test_openpyxl_reads_the_same_once_escapes_are_undone(tmp_path: Path, cells: list[str]) -> None:
    path = write(tmp_path / "r.xlsx", one(*cells), headings="abc")
    row = with_openpyxl(path)[1]
    undone = [re.sub(r"_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), str(v or "")) for v in row[:3]]
    assert undone == cells


@pytest.mark.parametrize("text", ["a\ud800b", "\ufffe", "\uffff"])
def test_what_is_no_character_in_xml_does_not_make_the_file_unreadable(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "r.xlsx", one(text, "safe"))
    assert with_openpyxl(path)[1][1] == with_calamine(path)[1][1] == "safe"


def test_our_numbers_are_numbers_and_our_other_columns_text(tmp_path: Path) -> None:
    result = RowResult(
        17,
        Status.REJECTED,
        customer_id="00123",
        message="=cmd|'/c calc'!A1",
        code="too_long;invalid_email",
        http_status=422,
        attempts=3,
        sent_at=datetime(2026, 11, 21, 1, 48, 54, tzinfo=UTC),
        run="1",
    )
    path = write(tmp_path / "r.xlsx", one("Ann", "", result=result))
    expected = ["Ann", None, "rejected", "00123", "=cmd|'/c calc'!A1", "too_long;invalid_email"]
    expected_ours = [422, 3, "2026-11-21T01:48:54Z", 17, "1"]
    assert with_openpyxl(path)[1] == [*expected, *expected_ours]
    assert with_calamine(path)[1][6:] == [422.0, 3.0, "2026-11-21T01:48:54Z", 17.0, "1"]


# -- nothing can run, and edited text stays text


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1", "'=1"]
)
def test_no_text_becomes_a_formula(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "r.xlsx", one(text, ""), headings=(text, "b"))
    assert "<f>" not in xml(path)
    found = sheet(path)
    for place in ("A1", "A2"):
        assert cell(found, place).data_type == "s"
        assert cell(found, place).value == text
    if not text.startswith("\t"):
        assert cell(found, "A2").quotePrefix


def test_a_phone_number_shows_no_apostrophe_in_the_formula_bar(tmp_path: Path) -> None:
    found = sheet(write(tmp_path / "r.xlsx", one("+65 9123-4567", "+65x")))
    assert not cell(found, "A2").quotePrefix
    assert cell(found, "B2").quotePrefix


def test_what_is_typed_over_a_cell_or_into_an_empty_one_stays_text(tmp_path: Path) -> None:
    found = sheet(write(tmp_path / "r.xlsx", one("007", "")))
    assert cell(found, "A2").number_format == "@"
    assert found.column_dimensions["B"].number_format == "@"
    assert 'numberStoredAsText="1"' in xml(tmp_path / "r.xlsx")


# -- what does not fit


def test_text_at_the_limit_of_a_cell_is_whole(tmp_path: Path) -> None:
    text = "x" * 32_767
    path = write(tmp_path / "r.xlsx", one(text, "\U0001f600" * 16_383))
    assert with_calamine(path)[1][:2] == [text, "\U0001f600" * 16_383]
    assert with_calamine(path)[1][4] == ""


@pytest.mark.parametrize("text", ["x" * 32_768, "\U0001f600" * 16_384, "a" + "\U0001f600" * 30_000])
def test_text_that_no_cell_holds_is_cut_and_said_to_be(tmp_path: Path, text: str) -> None:
    path = write(
        tmp_path / "r.xlsx", one("Ann", text, result=RowResult(2, Status.INVALID, message="Name: bad"))
    )
    cut, message = with_calamine(path)[1][1], with_calamine(path)[1][4]
    assert len(str(cut).encode("utf-16-le")) // 2 <= 32_767
    assert str(cut).startswith(text[:16_000])
    assert str(cut).endswith(f" [cut here: the whole has {len(text):,} characters]")
    assert str(message).startswith("Notes: cut to what an Excel cell holds; a .csv")
    assert str(message).endswith("; Name: bad")


def test_a_message_that_no_cell_holds_is_cut_too(tmp_path: Path) -> None:
    result = RowResult(2, Status.INVALID, message="m" * 40_000)
    message = str(with_calamine(write(tmp_path / "r.xlsx", one("", "", result=result)))[1][4])
    assert len(message) <= 32_767
    assert "cut here" in message


def test_a_row_too_many_is_an_error_and_no_cut_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results_sheet, "MOST_ROWS", 4)
    rows = [(Row(number, ("Ann", "")), CREATED) for number in range(2, 6)]
    write(tmp_path / "three.xlsx", rows[:3])
    with pytest.raises(ResultsError, match=r"4 rows do not fit.*\.csv"):
        write(tmp_path / "four.xlsx", rows)
    assert [path.name for path in tmp_path.iterdir()] == ["three.xlsx"]


def test_more_columns_than_excel_holds_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="columns do not fit"):
        write(tmp_path / "r.xlsx", [], headings=["x"] * 16_380)


# -- what a person sees


def test_results_come_first_and_the_settings_are_out_of_sight(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write(tmp_path / "r.xlsx", one("Ann", "")))
    assert book.sheetnames == ["Results", "Summary", "import_settings"]
    assert book.active is book["Results"]
    assert [each.sheet_state for each in book.worksheets] == ["visible", "visible", "veryHidden"]


def test_the_header_is_frozen_and_filters_all_rows(tmp_path: Path) -> None:
    found = sheet(write(tmp_path / "r.xlsx", [*one("Ann", ""), *one("Bob", "")], extra=["kyc_link"]))
    assert found.freeze_panes == "A2"
    assert found.auto_filter.ref == "A1:L3"
    assert found.print_title_rows == "$1:$1"


def test_our_headings_look_unlike_theirs(tmp_path: Path) -> None:
    found = sheet(write(tmp_path / "r.xlsx", one("Ann", "")))
    theirs, ours = cell(found, "B1"), cell(found, "C1")
    assert theirs.font.b
    assert ours.font.b
    assert theirs.fill.fgColor.rgb != ours.fill.fgColor.rgb


def test_every_status_has_a_colour_of_its_own_that_follows_the_cell(tmp_path: Path) -> None:
    rows = [(Row(n, ("Ann", "")), RowResult(n, status)) for n, status in enumerate(Status, 2)]
    found = sheet(write(tmp_path / "r.xlsx", rows))
    (formatting,) = found.conditional_formatting
    assert str(formatting.sqref) == "C2:C9"
    fills = {rule.formula[0]: rule.dxf.fill.bgColor.rgb for rule in formatting.rules if rule.dxf}
    assert list(fills) == [f'"{status}"' for status in Status]
    assert len(set(fills.values())) == len(Status)


def test_the_cells_at_fault_are_marked_with_a_note(tmp_path: Path) -> None:
    faults = (
        FieldError("email", "E-mail", "invalid_email", "has no @"),
        FieldError("email", "E-mail", "too_long", "is longer than 10 characters"),
        FieldError("city", "City", "missing_value", "is empty"),
        FieldError("country", None, "missing_value", "is empty"),
    )
    result = RowResult(2, Status.INVALID, faults=faults)
    rows = [*one("=x", "", "E", result=result), *one("a@b.sg", "Bern", "F")]
    found = sheet(write(tmp_path / "r.xlsx", rows, headings=("E-mail", "City", "E-mail")))
    marked = {each.coordinate for line in found.iter_rows(min_row=2) for each in line if each.fill.fill_type}
    assert marked == {"A2", "B2"}
    notes = [found[place].comment for place in ("A2", "B2")]
    assert [note.text if note else None for note in notes] == [
        "has no @\nis longer than 10 characters",
        "is empty",
    ]
    assert cell(found, "A2").quotePrefix
    assert cell(found, "A2").number_format == "@"


def test_cells_beyond_the_last_note_are_marked_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_sheet, "MOST_NOTES", 1)
    fault = FieldError("name", "Name", "missing_value", "is \x00 empty")
    rows = 2 * one("", "", result=RowResult(2, Status.INVALID, faults=(fault,)))
    found = sheet(write(tmp_path / "r.xlsx", rows))
    assert [bool(found[place].comment) for place in ("A2", "A3")] == [True, False]
    assert [cell(found, place).fill.fill_type for place in ("A2", "A3")] == ["solid", "solid"]


def test_web_addresses_in_our_columns_can_be_clicked(tmp_path: Path) -> None:
    url = "https://kyc.example.com/a%20b?x=1&y=2#top"
    result = RowResult(2, Status.CREATED, extra={"kyc_link": url})
    path = write(tmp_path / "r.xlsx", one("https://sheet.example.com", "", result=result), extra=["kyc_link"])
    found = sheet(path)
    link = cell(found, "L2").hyperlink
    assert link is not None
    assert link.target == url
    assert cell(found, "L2").value == url
    assert cell(found, "A2").hyperlink is None


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https://a b",
        "https://a/%zz",
        "https://a/#x#y",
        "https://a/\x00",
        "https://a/" + "x" * 2_000,
        "pending",
    ],
)
def test_what_excel_might_choke_on_is_no_link(tmp_path: Path, text: str) -> None:
    result = RowResult(2, Status.CREATED, extra={"kyc_link": text})
    path = write(tmp_path / "r.xlsx", one("", "", result=result), extra=["kyc_link"])
    assert "<hyperlink" not in xml(path)
    assert with_calamine(path)[1][11] == text


def test_links_stop_where_excel_takes_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results_sheet, "MOST_LINKS", 1)
    result = RowResult(2, Status.CREATED, extra={"kyc_link": "https://a.example.com"})
    path = write(tmp_path / "r.xlsx", 2 * one("", "", result=result), extra=["kyc_link"])
    found = sheet(path)
    assert [bool(cell(found, place).hyperlink) for place in ("L2", "L3")] == [True, False]
    assert cell(found, "L3").value == "https://a.example.com"
    told = {line[0]: line[1] for line in with_openpyxl(path, "Summary")}
    assert told["Links"] == "the first 1 can be clicked; Excel takes no more in one sheet"


def test_columns_are_as_wide_as_their_text_within_reason(tmp_path: Path) -> None:
    found = sheet(write(tmp_path / "r.xlsx", one("x" * 20, "y" * 500), headings=("A", "B")))
    assert found.column_dimensions["A"].width == 22
    assert found.column_dimensions["B"].width == 40


def test_a_sheet_without_rows_is_a_workbook_all_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / "r.xlsx", [])
    assert len(with_openpyxl(path)) == len(with_calamine(path)) == 1
    assert sheet(path).auto_filter.ref == "A1:K1"


# -- the settings


@pytest.mark.parametrize("size", [0, 10, 70_000])
def test_settings_come_back_whole_however_long(tmp_path: Path, size: int) -> None:
    carried: dict[str, object] = {"provider": "hitpay", "note": "_x0041_ “é” =\x01" + "= _x0041_" * size}
    path = write(tmp_path / "r.xlsx", one("", ""), carried=carried)
    for lines in (with_calamine(path, "import_settings"), with_openpyxl(path, "import_settings")):
        assert {line[0] for line in lines} == {"settings"}
        assert max(len(str(line[1])) for line in lines) <= 32_767
        assert json.loads("".join(str(line[1]) for line in lines)) == carried


# -- the summary

MIXED = [
    RowResult(2, Status.CREATED),
    RowResult(4, Status.INVALID, code="invalid_email;missing_value"),
    *[RowResult(n, Status.INVALID, code="missing_value") for n in range(5, 12)],
    RowResult(12, Status.REJECTED, code="customer_email_taken"),
    *[RowResult(n, Status.EXISTS, code="already_created") for n in range(13, 23)],
]


def summary(path: Path, found: Sequence[RowResult], facts: SummaryFacts = FACTS) -> list[list[object]]:
    rows = [(Row(result.row, ("Ann", "")), result) for result in found]
    write(path, rows, facts=facts)
    assert with_calamine(path, "Summary")
    return [line for line in with_openpyxl(path, "Summary") if any(line)]


def column(lines: list[list[object]], name: str) -> dict[object, list[object]]:
    start = next(i for i, line in enumerate(lines) if line[0] == name)
    ours = [line for line in lines[start + 1 :] if line[0] != "Cause"]
    return {line[0]: line for line in ours}


def test_the_summary_counts_every_status(tmp_path: Path) -> None:
    found = column(summary(tmp_path / "r.xlsx", MIXED), "Status")
    counts = {status: found[status.value][1] for status in Status}
    made = {Status.CREATED: 1, Status.EXISTS: 10, Status.INVALID: 8, Status.REJECTED: 1}
    assert counts == {**dict.fromkeys(Status, 0), **made}
    assert found["unknown"][2] == STANDINGS[Status.UNKNOWN].meaning
    assert found["unknown"][3] == STANDINGS[Status.UNKNOWN].later


def test_the_cause_table_counts_each_code_names_rows_and_who_mends_it(tmp_path: Path) -> None:
    found = column(summary(tmp_path / "r.xlsx", MIXED), "Cause")
    assert list(found) == ["missing_value", "invalid_email", "customer_email_taken", "already_created"]
    assert [found["missing_value"][n] for n in (1, 4, 5)] == [8, "the sheet's owner", "4, 5, 6, 7, 8, …"]
    assert [found["invalid_email"][n] for n in (1, 5)] == [1, "4"]
    assert found["customer_email_taken"][5] == "12"


def test_the_rows_of_a_cause_lead_to_the_first_of_them(tmp_path: Path) -> None:
    summary(tmp_path / "r.xlsx", MIXED)
    found = sheet(tmp_path / "r.xlsx", "Summary")
    links = [each.hyperlink.location for line in found.iter_rows() for each in line if each.hyperlink]
    assert links == ["'Results'!A3", "'Results'!A3", "'Results'!A11", "'Results'!A12"]


def test_the_summary_says_what_to_type_next(tmp_path: Path) -> None:
    def said(name: str, found: list[RowResult]) -> str:
        lines = summary(tmp_path / name, found)
        return next(str(line[0]) for line in lines if str(line[0]).startswith("Next"))

    assert said("my r.xlsx", MIXED).endswith('type importer run "my r.xlsx"')
    assert "correct" in said("r.xlsx", MIXED)
    assert said("r.xlsx", [RowResult(2, Status.UNKNOWN)]) == "Next: type importer run r.xlsx"
    assert said("r.xlsx", MIXED[:1]) == "Next: nothing. Every row is done."


@pytest.mark.parametrize(("environment", "words"), [("live", "LIVE"), ("sandbox", "SANDBOX")])
def test_live_looks_unlike_sandbox(tmp_path: Path, environment: str, words: str) -> None:
    facts = SummaryFacts("r", "HitPay", environment, "default", "c.csv")
    lines = summary(tmp_path / "r.xlsx", MIXED, facts)
    assert str(lines[1][0]).startswith(words)
    fill = cell(sheet(tmp_path / "r.xlsx", "Summary"), "A2").fill.fgColor.rgb
    assert (fill == "00C00000") == (environment == "live")


def test_the_summary_tells_of_the_run(tmp_path: Path) -> None:
    told = {line[0]: line[1] for line in summary(tmp_path / "r.xlsx", MIXED)}
    assert told["Source"] == "customers.xlsx"
    assert told["Run"] == "run-1"
    assert told["Started"] == "2026-11-21T01:48:50Z"
    assert told["Took"] == "1 h 14 min"
    assert told["Rate limit"] == "200/min"
    assert told["Rows in all"] == "20"


def test_a_long_text_of_the_summary_is_wrapped_beside_the_chart(tmp_path: Path) -> None:
    why = "The account was refused: " + "the key is not valid any more, " * 5
    summary(tmp_path / "r.xlsx", MIXED, replace(FACTS, stopped=why))
    found = sheet(tmp_path / "r.xlsx", "Summary")
    line = next(c.row for c in found["A"] if c.value == "Stopped early")
    assert cell(found, f"B{line}").alignment.wrap_text
    assert f"B{line}:C{line}" in map(str, found.merged_cells.ranges)
    assert found.row_dimensions[line].height >= 45


def test_nothing_in_the_summary_can_run_or_break_it(tmp_path: Path) -> None:
    facts = SummaryFacts("=1", "=1", "=1", "=1", "=1\x00\ud800", rate="=1", base_url="=1", stopped="=1\x01")
    summary(tmp_path / "r.xlsx", [RowResult(2, Status.REJECTED, code="=1\x02")], facts)
    assert "<f>" not in xml(tmp_path / "r.xlsx", "xl/worksheets/sheet2.xml")


def test_the_chart_shows_the_counts_of_every_status(tmp_path: Path) -> None:
    summary(tmp_path / "r.xlsx", MIXED)
    chart = xml(tmp_path / "r.xlsx", "xl/charts/chart1.xml")
    first = next(c.row for c in sheet(tmp_path / "r.xlsx", "Summary")["A"] if c.value == "created")
    for letter in "AB":
        assert f"'Summary'!${letter}${first}:${letter}${first + 7}" in chart
    assert chart.count("<dPt>") == len(Status)


def test_a_report_explains_ready_rows_and_asks_nothing_of_them(tmp_path: Path) -> None:
    rows = [(Row(2, ("Ann",)), RowResult(2, Status.NOT_SENT))]
    results.write_report(tmp_path / "r.xlsx", ResultsHeader(("Name",)), rows, summary=FACTS)
    lines = [line for line in with_openpyxl(tmp_path / "r.xlsx", "Summary") if any(line)]
    assert column(lines, "Status")["not_sent"][2] == "Ready: nothing is wrong with the row."
    assert not any(line[0] == "Cause" for line in lines)


def test_codes_without_end_do_not_make_a_summary_without_end(tmp_path: Path) -> None:
    found = [RowResult(n, Status.REJECTED, code=f"code_{n}") for n in range(1_000)]
    causes = column(summary(tmp_path / "r.xlsx", found), "Cause")
    assert len(causes) <= 202
    assert causes["(rejected)"][1] == 800


# -- the file as such


def test_the_rows_are_asked_for_one_at_a_time(tmp_path: Path) -> None:
    class Source:
        alive = most = 0

    class Tracked(RowResult):
        def __init__(self, row: int) -> None:
            super().__init__(row, Status.CREATED)
            Source.alive += 1
            Source.most = max(Source.most, Source.alive)

        def __del__(self) -> None:
            Source.alive -= 1

    write(tmp_path / "r.xlsx", ((Row(n, ("Ann", "")), Tracked(n)) for n in range(5_000)))
    assert Source.most <= results_sheet.SAMPLE + 10


def test_every_part_is_well_formed_and_declared(tmp_path: Path) -> None:
    from xml.etree import ElementTree

    fault = FieldError("name", "Name", "missing_value", "is empty")
    result = RowResult(2, Status.INVALID, faults=(fault,), extra={"kyc_link": "https://a.example.com"})
    path = write(tmp_path / "r.xlsx", one("", "", result=result), extra=["kyc_link"])
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == len(set(archive.namelist()))
        declared = archive.read("[Content_Types].xml").decode()
        for name in archive.namelist():
            root = ElementTree.fromstring(archive.read(name))
            assert root is not None
            assert name in declared or name.endswith((".rels", ".vml", "[Content_Types].xml"))


def test_the_elements_of_the_sheet_stand_in_the_order_excel_insists_on(tmp_path: Path) -> None:
    from xml.etree import ElementTree

    fault = FieldError("name", "Name", "missing_value", "is empty")
    result = RowResult(2, Status.INVALID, faults=(fault,), extra={"kyc_link": "https://a.example.com"})
    path = write(tmp_path / "r.xlsx", one("", "", result=result), extra=["kyc_link"])
    found = [child.tag.partition("}")[2] for child in ElementTree.fromstring(xml(path))]
    # CT_Worksheet of ECMA-376 part 1, 18.3.1.99
    assert found == [
        "sheetPr",
        "sheetViews",
        "sheetFormatPr",
        "cols",
        "sheetData",
        "autoFilter",
        "conditionalFormatting",
        "hyperlinks",
        "pageMargins",
        "pageSetup",
        "ignoredErrors",
        "legacyDrawing",
    ]


# -- escapes


@given(TRICKY)
def test_escaped_text_is_legal_xml(text: str) -> None:
    from xml.etree import ElementTree

    read = ElementTree.fromstring(f"<t>{sheetxml.escape(text)}</t>").text or ""
    assert re.sub(r"_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), read) == text


def test_an_empty_layout_has_only_ours() -> None:
    file = io.BytesIO()
    layout = columns.results_layout(ResultsHeader(()))
    workbook.write_workbook(
        file, layout, "{}", [(Row(2, ()), CREATED)], FACTS, standings=STANDINGS, command="importer run"
    )
    assert openpyxl.load_workbook(file).active is not None
