"""Small real files of each kind, to start from."""

import gzip
import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl

from tests.workbooks import XLSB, xlsb

DATA = Path(__file__).parent.parent / "data"
SAMPLES = Path(__file__).parent.parent.parent / "sample_data"

TEXT = (
    'Name;Email;Phone;Città\r\n"Ann; A";ann@example.com;+4711111111;Oslo\r\n'
    'Zoë;z@example.com;;"two\r\nlines"\r\nTotal;;;2\r\n'
)


def seeds() -> dict[str, bytes]:
    """The content of each by its name."""
    found = {path.name: path.read_bytes() for path in sorted(DATA.glob("*.[xo]*")) if path.suffix != ".json"}
    found["openpyxl.xlsx"] = _openpyxl()
    with TemporaryDirectory() as folder:
        found["binary.xlsb"] = xlsb(Path(folder) / "binary.xlsb", XLSB).read_bytes()
    found["utf8.csv"] = TEXT.encode("utf-8-sig")
    found["western.csv"] = TEXT.encode("cp1252")
    found["wide.txt"] = TEXT.replace(";", "\t").encode("utf-16")
    found["japanese.csv"] = "氏名,都市\n山田太郎,東京\n鈴木花子,大阪\n".encode("shift_jis")
    found["quoted.csv"] = b"'Name','City'\n'Ann','Oslo'\n'Bob, B','Rome'\n"
    found["results.csv"] = (
        b'Name,import_status,import_customer_id,import_row,"import_settings {}"\n\'=A,created,1,2,\n'
    )
    found["customers.csv.gz"] = gzip.compress(TEXT.encode(), mtime=0)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("customers.csv", TEXT.encode())
    found["customers.zip"] = out.getvalue()
    return found


def _openpyxl() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (("Name", "Zip", "Sum"), ("Ann", 501, "=B2+1"), ("Bob", 99501, None), ("Total", None, 5)):
        sheet.append(list(row))
    for number in (2, 3):
        sheet.cell(number, 2).number_format = "00000"
    sheet.merge_cells("C2:C3")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
