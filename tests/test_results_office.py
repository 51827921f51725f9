"""The results workbook after LibreOffice, as a colleague's program, has opened and saved it."""

import json
import re
from pathlib import Path

from importer.rows import FieldError, Row, RowResult, Status
from importer.source import open_source
from tests.office import saved_by_libreoffice
from tests.test_results_workbook import cell, one, sheet, with_calamine, write, xml


def test_cells_and_settings_survive_being_saved_by_libreoffice(tmp_path: Path) -> None:
    cells = [
        "=1+1",
        "+6591234567",
        "-1",
        "@a",
        "'q",
        "007",
        "12345678901234567890",
        "1e5",
        "TRUE",
        " lead and trail ",
        "\ttab",
        "two\nlines",
        "1990-12-31",
        "3/4",
        "\x01control",
        "_x0041_",
        "émoji \U0001f600",
        "<&>\"'",
        "#N/A",
    ]
    headings = [f"Column {n}" for n in range(len(cells))]
    carried: dict[str, object] = {"provider": "hitpay", "long": "_x0041_" * 10_000}
    path = write(tmp_path / "r.xlsx", one(*cells), headings=headings, carried=carried)
    saved = saved_by_libreoffice(path)
    header, row = with_calamine(saved)
    assert header[: len(cells)] == headings
    assert row[: len(cells)] == cells
    assert not re.search("<f[ >]", xml(saved))
    lines = with_calamine(saved, "import_settings")
    assert json.loads("".join(str(line[1]) for line in lines)) == carried


def test_libreoffice_shows_the_sheet_as_meant(tmp_path: Path) -> None:
    fault = FieldError("name", "Name", "missing_value", "is empty")
    result = RowResult(2, Status.INVALID, faults=(fault,), extra={"kyc_link": "https://a.example.com"})
    path = write(tmp_path / "r.xlsx", one("", "007", result=result), extra=["kyc_link"])
    found = sheet(saved_by_libreoffice(path))
    note = cell(found, "A2").comment
    assert note is not None
    assert note.text == "is empty"
    assert cell(found, "A2").fill.fill_type == "solid"
    assert cell(found, "B2").number_format == "@"
    link = cell(found, "L2").hyperlink
    assert link is not None
    assert str(link.target).rstrip("/") == "https://a.example.com"
    assert found.auto_filter.ref == "A1:L2"


def test_cells_come_back_however_often_libreoffice_saves_what_we_wrote(tmp_path: Path) -> None:
    cells = (
        "=1+1",
        "+6591234567",
        "+65 9123-4567",
        "'+65",
        "-1",
        "@a",
        "007",
        "1e5",
        "TRUE",
        "\ttab",
        "1990-12-31",
    )
    headings = tuple(f"={n}" for n in range(len(cells)))
    for number, kind in enumerate(("xlsx", "ods", "xlsx")):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = write(
            folder / "r.results.xlsx", one(*cells), headings=headings, carried={"provider": "hitpay"}
        )
        source = open_source(saved_by_libreoffice(path, kind))
        assert (source.columns, source.settings) == (headings, {"provider": "hitpay"})
        assert list(source.rows()) == [Row(2, cells, ("created", "cus_1"))]
