"""What LibreOffice does to a sheet that it opens and saves is found."""

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from importer.planning import check
from tests import make_customers
from tests.damage.test_in_an_import import job

DOCUMENTS = ("1234567890123456789", "4111111111111111234", "12E45")
TEXT = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true"


@pytest.fixture
def opened_and_saved(tmp_path: Path) -> Path:
    """A sheet of documents, as somebody leaves it who only wanted to look at it."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    head = make_customers.headings("krezypay")
    at = head.index("ID number")
    rows = [
        [*row[:at], document, *row[at + 1 :]]
        for row, document in zip(make_customers.rows("krezypay", 3), DOCUMENTS, strict=True)
    ]
    source = tmp_path / "customers.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    for path, target in ((source, "xlsx"), (tmp_path / "office" / "customers.xlsx", TEXT)):
        command = [program, f"-env:UserInstallation={(tmp_path / 'home').as_uri()}", "--headless"]
        told = [*command, "--convert-to", target, "--outdir", str(tmp_path / "office"), str(path)]
        subprocess.run(told, check=True, capture_output=True, timeout=120)
    return tmp_path / "office"


def test_long_numbers_are_rounded_in_a_workbook_and_shortened_in_text(opened_and_saved: Path) -> None:
    book, text = opened_and_saved / "customers.xlsx", opened_and_saved / "customers.csv"
    assert of_documents(book) == ["rounded_number", "rounded_number", "scientific_notation"]
    assert of_documents(text) == ["scientific_notation"] * 3


def of_documents(source: Path) -> list[str]:
    """The codes of what is wrong with the document numbers, row by row."""
    with check(job(source, provider="krezypay"), variables={}) as plan:
        faults = [fault for _, result in plan.results() for fault in result.faults]
    return [fault.code for fault in faults if fault.field == "id_number" and fault.repair is None]
