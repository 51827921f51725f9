"""LibreOffice as the other implementation: what it shows of a workbook is what we read of it."""

import csv
import datetime as dt
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from importer.source import ReadOptions, open_source
from tests.workbooks import XLSB, xlsb

Convert = Callable[[Path, str], Path]

ROWS: list[tuple[str, object, str]] = [
    ("text", "00501", "@"),
    ("missing", "NA", "General"),
    ("spaces", " two  spaces ", "General"),
    ("lines", "one\ntwo", "General"),
    ("word", "Zoë 王伟 🗼", "General"),
    ("zip", 501, "00000"),
    ("zip and four", 123456789, "00000\\-0000"),
    ("social security", 12345678, "000-00-0000"),
    ("card", 1234567812345, "0000 0000 0000 0000"),
    ("phone", 6581234567, "General"),
    ("phone with plus", 6581234567, '"+"0'),
    ("phone in parts", 2125551234, "(000) 000-0000"),
    ("phone by length", 2125551234, "[<=9999999]###-####;(###) ###-####"),
    ("phone by length, short", 5551234, "[<=9999999]###-####;(###) ###-####"),
    ("with locale", 5, "[$-409]000-0000"),
    ("with colour", 7, "[Red]00000"),
    ("for text too", 12, "0000;-0000;0000;@"),
    ("days", 5, '0 "days"'),
    ("flag", 1, '"Yes";"Yes";"No"'),
    ("no flag", 0, '"Yes";"Yes";"No"'),
    ("code", 4, '"C-"000'),
    ("share", 0.15, "0%"),
    ("eighth", 0.125, "0%"),
    ("eighth, exactly", 0.125, "0.00%"),
    ("loss", -0.5, "0.0%"),
    ("dollars", 1234567.5, '"$"#,##0.00'),
    ("dollars lost", -1234.5, '"$"#,##0.00_);("$"#,##0.00)'),
    ("dollars of accountants", 1234.5, '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)'),
    ("euros", 1234.5, "#,##0.00\\ [$€-407]"),
    ("euros rounded", 1234.567, "[$€-2]\\ #,##0.00"),
    ("pounds, no decimals", 2.5, "[$£-809]#,##0"),
    ("weight", 1.5, '0.00" kg"'),
    ("day", dt.date(1987, 12, 3), "yyyy\\-mm\\-dd"),
    ("moment", dt.datetime(2024, 2, 29, 13, 5, 6), "yyyy\\-mm\\-dd hh:mm:ss"),  # noqa: DTZ001  sheets have no zone
    ("time", dt.time(3, 4, 5), "hh:mm:ss"),
    ("hours", dt.timedelta(hours=26, minutes=3), "[hh]:mm:ss"),
    ("not there", "#N/A", "General"),
    ("grouped", 1234567, "#,##0"),
    ("whole", 5.0, "General"),
    ("fraction", 1.5, "General"),
    ("small", 0.0001, "General"),
    ("negative", -7, "General"),
]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """Have LibreOffice open a file and save it as something else."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    home = tmp_path_factory.mktemp("office")

    def convert(path: Path, target: str) -> Path:
        command = [program, f"-env:UserInstallation={home.as_uri()}", "--headless", "--convert-to", target]
        subprocess.run(
            [*command, "--outdir", str(home), str(path)], check=True, capture_output=True, timeout=120
        )
        return home / f"{path.stem}.{target.split(':')[0]}"

    return convert


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with every kind of cell, written by openpyxl."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["Kind", "Value"])
    for number, (kind, value, number_format) in enumerate(ROWS, 2):
        sheet.append([kind, value])
        sheet.cell(number, 2).number_format = number_format
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    workbook.save(path)
    return path


def values(path: Path, options: ReadOptions = ReadOptions()) -> dict[str, str]:  # noqa: B008
    return {row.cells[0]: row.cells[1] for row in open_source(path, options).rows()}


def as_shown(path: Path) -> dict[str, str]:
    """What LibreOffice exports "as shown"."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row[0]: row[1] for row in csv.reader(file)}


AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true"

# A number is taken without the separators that only help the eye.
MORE_THAN_SHOWN = {"grouped": "1234567"}


def test_xlsx_reads_as_libreoffice_shows_it(office: Convert, book: Path) -> None:
    shown = {
        kind: text if kind == "spaces" else text.strip()
        for kind, text in as_shown(office(book, AS_SHOWN)).items()
    }
    shown |= MORE_THAN_SHOWN
    del shown["Kind"]
    assert values(book) == shown


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_the_same_workbook_reads_the_same_in_every_format(office: Convert, book: Path, suffix: str) -> None:
    assert values(office(book, suffix)) == values(book)


def test_xlsb_reads_as_libreoffice_shows_it(office: Convert, tmp_path: Path) -> None:
    path = xlsb(tmp_path / "binary.xlsb", XLSB)
    with office(path, AS_SHOWN).open(encoding="utf-8", newline="") as file:
        _, shown = csv.reader(file)
    assert shown[:5] == ["Ann", "00501", "09.09.1987", "2/29/2024", "6581234567"]
    [row] = open_source(path).rows()
    assert row.cells[:5] == ("Ann", "00501", "1987-09-09", "2024-02-29 12:00:00", "6581234567")


def test_sheets_hidden_in_libreoffice_come_last(office: Convert, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].title = "Hidden"
    workbook.worksheets[0].sheet_state = "hidden"
    sheet = workbook.create_sheet("Shown")
    for heading_or_cell in (["Name", "City"], ["Ann", "Oslo"]):
        workbook.worksheets[0].append(heading_or_cell)
        sheet.append(heading_or_cell)
    workbook.active = 1
    workbook.save(tmp_path / "sheets.xlsx")
    for suffix in ("ods", "xls"):
        source = open_source(office(tmp_path / "sheets.xlsx", suffix))
        assert (source.sheet, source.notes) == (
            "Shown",
            ("sheet 'Shown' of 2 (others: 'Hidden'; choose with --sheet)",),
        )


def test_repeated_cells_and_rows_of_ods_are_all_read(office: Convert, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    ann = ("Ann", None, "x", "x", "x")
    for row in (("Name", "", "A", "B", "C"), ann, ann, ann, (), (), ("Bob", None, None, None, "y")):
        sheet.append(list(row))
    workbook.save(tmp_path / "repeated.xlsx")
    found = list(open_source(office(tmp_path / "repeated.xlsx", "ods")).rows())
    assert [row.number for row in found] == [2, 3, 4, 7]
    assert [row.cells for row in found[2:]] == [("Ann", "", "x", "x", "x"), ("Bob", "", "", "", "y")]


@pytest.mark.parametrize(
    ("name", "filter_options"),
    [("utf8", "44,34,76"), ("latin", "59,34,1"), ("utf16", "9,34,65535"), ("quoted", "44,34,76,1,,0,true")],
)
def test_text_that_libreoffice_writes_reads_the_same(
    office: Convert, book: Path, tmp_path: Path, name: str, filter_options: str
) -> None:
    path = office(book, f"csv:Text - txt - csv (StarCalc):{filter_options}")
    read = values(path)
    assert read["zip"] == "00501"
    assert read["lines"] == "one\ntwo"
    assert read["phone"] == "6581234567"
    assert (read["word"] == "Zoë 王伟 🗼") is (name != "latin")
