"""Corrected cells: kept apart from the sheet, and read in its place."""

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from importer.corrections import Correction, corrected, keep_corrections, read_corrections
from importer.source import open_source
from tests.support import Bench, carry_out, people_csv, person, write_csv

ANY_TEXT = st.text(st.characters(codec=None), max_size=8)


def test_corrected_cells_are_read_and_the_sheet_keeps_its_bytes(tmp_path: Path) -> None:
    sheet = people_csv(tmp_path / "customers.csv", "hitpay", range(3))
    before = sheet.read_bytes()
    keep_corrections(tmp_path / "corrections", [Correction(3, 1, "new@example.com")])
    source = corrected(open_source(sheet), read_corrections(tmp_path / "corrections"))
    assert [row.cells[1] for row in source.rows()] == [
        "ann0@example.com",
        "new@example.com",
        "cy2@example.com",
    ]
    assert [row.cells[1] for row in source.rows()][1] == "new@example.com", "as often as it is read"
    assert sheet.read_bytes() == before


def test_last_correction_of_a_cell_holds(tmp_path: Path) -> None:
    path = tmp_path / "corrections"
    keep_corrections(path, [Correction(2, 0, "one"), Correction(2, 1, "kept")])
    keep_corrections(path, [Correction(2, 0, "two")])
    assert read_corrections(path) == {2: {0: "two", 1: "kept"}}


def test_column_that_the_sheet_does_not_have_is_left_out(tmp_path: Path) -> None:
    sheet = people_csv(tmp_path / "customers.csv", "hitpay", range(1))
    source = corrected(open_source(sheet), {2: {99: "beyond"}})
    assert [len(row.cells) for row in source.rows()] == [3]


def test_no_file_is_no_correction(tmp_path: Path) -> None:
    assert read_corrections(tmp_path / "nothing") == {}
    assert not (tmp_path / "nothing").exists()


@given(texts=st.lists(ANY_TEXT, min_size=1, max_size=5))
def test_every_text_comes_back_as_it_was(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corrections"
        keep_corrections(path, [Correction(row, 0, text) for row, text in enumerate(texts)])
        assert read_corrections(path) == {row: {0: text} for row, text in enumerate(texts)}


async def test_run_sends_and_reports_the_corrected_cells(bench: Bench) -> None:
    rows = [person("hitpay", 1), person("hitpay", 2) | {"Email": "wrong"}]
    source = write_csv(bench.folder / "customers.csv", rows)
    corrections = bench.folder / "corrections"
    job = bench.job("hitpay", source)
    keep_corrections(corrections, [Correction(3, 1, "right@example.com")])
    done = await carry_out(replace(job, corrections=corrections), bench.simulator.environment())
    assert done.counts == {"created": 2}
    assert [row.cells[1] for row, _ in done.rows] == ["bo1@example.com", "right@example.com"]
    assert "right@example.com" in {str(each.body["email"]) for each in bench.simulator.customers("hitpay")}
