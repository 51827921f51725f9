"""The first rows of a source, by which its mapping is chosen."""

from pathlib import Path

from importer.choosing import first_rows, head_of
from importer.mapping import SAMPLE_ROWS
from importer.source import open_source
from tests.support import people_csv


def test_head_of_a_source_has_its_first_rows_and_reads_no_more(tmp_path: Path) -> None:
    sheet = people_csv(tmp_path / "customers.csv", "hitpay", range(SAMPLE_ROWS + 50))
    source = open_source(sheet)
    head = head_of(source)
    sheet.unlink()
    assert first_rows(head).rows == first_rows(head).rows
    assert len(list(head.rows())) == SAMPLE_ROWS + 1
    assert not first_rows(head).complete
