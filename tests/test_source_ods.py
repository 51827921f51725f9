"""Reading ods as LibreOffice and others write it, down to the rarer parts of the format."""

import zipfile
from pathlib import Path

import pytest

from importer.errors import SourceError
from importer.sheetformat import NOT_CALCULATED
from importer.source import open_source

SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
)
CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
HEADINGS = "<table:table-row>" + "".join(
    f"<table:table-cell office:value-type='string'><text:p>{name}</text:p></table:table-cell>"
    for name in ("Name", "Value")
)  # the row is closed by whoever uses it


def ods(folder: Path, rows: str, before: str = "", columns: str = "", quote: str = "'") -> Path:
    path = folder / "customers.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            (
                f"<office:document-content {SPACES} {CALC}><office:body><office:spreadsheet>{before}"
                f"<table:table table:name='Customers'>{columns}{HEADINGS}</table:table-row>{rows}"
                "</table:table></office:spreadsheet></office:body></office:document-content>"
            ).replace("'", quote),
        )
    return path


def cell(attributes: str, text: str = "") -> str:
    return f"<table:table-cell {attributes}>{text}</table:table-cell>"


NAME = cell("office:value-type='string'", "<text:p>Ann</text:p>")


def valued(kind: str, value: str, shown: str = "") -> str:
    """A cell of a type with a value, and the text that its format makes of it."""
    name = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}.get(kind, "value")
    text = f"<text:p>{shown}</text:p>" if shown else ""
    return cell(f"office:value-type='{kind}' office:{name}='{value}'", text)


def text(paragraphs: str) -> str:
    return cell("office:value-type='string'", paragraphs)


ERROR = cell(
    "office:value-type='float' office:value='0' calcext:value-type='error'", "<text:p>Err:502</text:p>"
)
REMARK = "<office:annotation><text:p>a remark</text:p></office:annotation>"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (valued("float", "501", "00501"), "00501"),
        (valued("float", "1234567", "1.234.567"), "1234567"),
        (valued("float", "6581234567", "6.58E+09"), "6581234567"),
        (valued("float", "2.5", "3"), "2.5"),
        (valued("float", "-5", "(5)"), "-5"),
        (valued("float", "0", "000"), "000"),
        (valued("float", "7"), "7"),
        (cell("office:value-type='float'", "<text:p>7</text:p>"), "7"),
        (ERROR, "Err:502"),
        (valued("boolean", "true", "WAHR"), "TRUE"),
        (valued("currency", "1234.5", "1.234,50 €"), "1.234,50 €"),
        (valued("currency", "1234.5"), "1234.5"),
        (valued("percentage", "0.125", "13%"), "13%"),
        (valued("percentage", "0.125"), "12.5%"),
        (valued("float", "1.5", "1.5 kg"), "1.5 kg"),
        (valued("float", "1500", "1.5E+03"), "1500"),
        (cell("table:formula='of:=[.A1]'"), NOT_CALCULATED),
        ("<table:table-cell table:formula='of:=[.A1]'/>", NOT_CALCULATED),
        (cell("table:formula='of:=[.A1]'", "<text:p/>"), ""),
        (cell("table:formula='of:=[.A1]'", "<text:p></text:p>"), ""),
        (cell("table:formula='of:=&quot;&quot;' office:value-type='string' office:string-value=''"), ""),
        (
            cell(
                "table:formula='of:=[.A1]' office:value-type='float' office:value='3'", "<text:p>3</text:p>"
            ),
            "3",
        ),
        (valued("date", "1987-12-03", "3.12.87"), "1987-12-03"),
        (valued("date", "2024-02-29T23:59:59.99"), "2024-03-01"),
        (valued("date", "2024-02-29T13:05:06"), "2024-02-29 13:05:06"),
        (valued("date", "-12", "odd"), "odd"),
        (valued("time", "PT26H03M00S", "2:03"), "26:03:00"),
        (cell("office:value-type='string' office:string-value='plain'"), "plain"),
        (text("<text:p>a<text:s text:c='2'/>b<text:tab/>c</text:p>"), "a  b\tc"),
        (text("<text:p>a<text:line-break/>b</text:p><text:p>c</text:p>"), "a\nb\nc"),
        (text("<text:p><text:span>a</text:span> <text:a>b</text:a>!</text:p>"), "a b!"),
        (text(f"{REMARK}<text:p>seen</text:p>"), "seen"),
        (text(f"<text:p>se{REMARK}en</text:p>"), "seen"),
    ],
)
@pytest.mark.parametrize("quote", ["'", '"'], ids=["parsed", "plain"])
def test_cells_read_as_they_are_shown(tmp_path: Path, value: str, shown: str, quote: str) -> None:
    path = ods(tmp_path, f"<table:table-row>{NAME}{value}</table:table-row>", quote=quote)
    [row] = open_source(path).rows()
    assert row.cells == ("Ann", shown)


def test_what_a_merged_cell_covers_is_not_read(tmp_path: Path) -> None:
    covered = (
        "<table:covered-table-cell office:value-type='string'><text:p>x</text:p></table:covered-table-cell>"
    )
    [row] = open_source(ods(tmp_path, f"<table:table-row>{NAME}{covered}</table:table-row>")).rows()
    assert row.cells == ("Ann", "")


def test_hidden_rows_and_columns_are_read_and_named(tmp_path: Path) -> None:
    rows = f"<table:table-row table:visibility='filter'>{NAME}</table:table-row>"
    columns = (
        "<table:table-column table:number-columns-repeated='1'/>"
        "<table:table-column table:visibility='collapse' table:number-columns-repeated='1000'/>"
    )
    source = open_source(ods(tmp_path, rows, columns=columns))
    assert [row.cells for row in source.rows()] == [("Ann", "")]
    assert source.notes == (
        "row 2 is hidden in the sheet; it is read like the others",
        "column B is hidden in the sheet; it is read like the others",
    )


def test_a_formula_that_was_never_calculated_is_told(tmp_path: Path) -> None:
    formula = cell("table:formula='of:=[.A1]'")
    source = open_source(ods(tmp_path, f"<table:table-row>{NAME}{formula}</table:table-row>"))
    assert source.notes[0].startswith('1 formula was never calculated and reads as "#NOT CALCULATED!"')


def test_a_cell_that_customers_share_is_told(tmp_path: Path) -> None:
    shared = cell("table:number-rows-spanned='2' office:value-type='string'", "<text:p>Oslo</text:p>")
    covered = "<table:covered-table-cell/>"
    source = open_source(
        ods(
            tmp_path,
            f"<table:table-row>{NAME}{shared}</table:table-row><table:table-row>{NAME}{covered}</table:table-row>",
        )
    )
    assert [row.cells for row in source.rows()] == [("Ann", "Oslo"), ("Ann", "")]
    assert source.notes[0].startswith("cells are merged across rows (B2:B3)")


def test_rows_in_groups_count_and_deleted_rows_do_not(tmp_path: Path) -> None:
    row = f"<table:table-row>{NAME}</table:table-row>"
    source = open_source(
        ods(
            tmp_path,
            f"<table:table-row-group><table:table-rows>{row}</table:table-rows></table:table-row-group>{row}",
            before=f"<table:tracked-changes><table:deletion>{row}</table:deletion></table:tracked-changes>",
        )
    )
    assert [row.number for row in source.rows()] == [2, 3]


def test_a_row_repeated_to_the_end_of_the_sheet_is_kept_once_in_memory(tmp_path: Path) -> None:
    rows = f"<table:table-row table:number-rows-repeated='1048575'>{NAME}</table:table-row>"
    source = open_source(ods(tmp_path, rows))
    *_, last = source.rows()
    assert (last.number, last.cells) == (1_048_576, ("Ann", ""))


def test_more_cells_than_memory_holds_are_refused(tmp_path: Path) -> None:
    wide = cell("office:value-type='string' table:number-columns-repeated='16384'", "<text:p>x</text:p>")
    with pytest.raises(SourceError, match=r"spans .* columns"):
        open_source(ods(tmp_path, f"<table:table-row>{wide}</table:table-row>" * 4000))
