"""How ``tests/data/libreoffice.*`` was made: ``python -m tests.make_office_data FOLDER``.

It writes ``libreoffice.xlsx`` with openpyxl, formulas without results and all. That was opened, calculated
and saved in each format by LibreOffice 7.4 (``soffice --convert-to``), as were ``encrypted.*``, with the
password ``secret``.
"""

import datetime as dt
import sys
from pathlib import Path

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

HEADINGS = (
    "Name", "Phone", "Zip", "Born", "Since", "Share", "Paid", "Member", "Greeting", "Lookup", "Note",
)  # fmt: skip
BLANK = (None,) * len(HEADINGS)


def rows() -> list[tuple[object, ...]]:
    """Customers with all that a cell may hold."""
    day, moment = dt.date, dt.datetime  # sheets have no zone
    rich = CellRichText("rich ", TextBlock(InlineFont(b=True), "text"))
    return [
        ("Ann Lee", 6581234567, 501, day(1987, 12, 3), moment(2024, 2, 29, 13, 5, 6), 0.125, 1234.5, True,
         '="Dear "&A4', "=NA()", "plain"),
        ("Zoë 王伟", 6581234568, 99501, day(1900, 3, 1), moment(1999, 12, 31, 23, 59, 59), 1, -5, False,
         '="Dear "&A5', "=1/0", "two\nlines"),
        ("Bob Ray", "+65 8123 4569", "00502", day(2000, 2, 29), moment(2024, 7, 1), 0.5, 0, True,
         '=IF(1=1,"","x")', "=B4+1", rich),
        BLANK,
        ("Cid", "NA", 12345, day(2024, 1, 31), moment(2024, 1, 1, 6), 0.333, 99.999, False,
         "=A99", "=TRUE()", " spaced "),
        ("Hidden Hal", "NULL", 7, day(1970, 1, 1), moment(1970, 1, 1, 0, 0, 1), 0, 1e6, True,
         "None", "=2^40", "=1+1"),
        ("Total", None, None, None, None, None, "=SUM(G4:G9)", None, None, None, None),
    ]  # fmt: skip


def main(folder: Path) -> None:
    """Write the workbook into `folder`."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Customers"
    for row in (("Customers of Acme", *BLANK[1:]), BLANK, HEADINGS, *rows()):
        sheet.append(list(row))
    sheet.merge_cells("A1:K1")
    sheet["K9"].data_type = "s"
    formats = {3: "00000", 4: "yyyy\\-mm\\-dd", 5: "yyyy\\-mm\\-dd hh:mm:ss", 6: "0.0%",
               7: "[$$-409]#,##0.00;\\-[$$-409]#,##0.00"}  # fmt: skip
    for number in range(4, 11):
        for column, code in formats.items():
            sheet.cell(number, column).number_format = code
    sheet.row_dimensions[9].hidden = True
    sheet.column_dimensions["K"].hidden = True
    book.create_sheet("Notes").append(["Do not edit"])
    old = book.create_sheet("Old")
    old.sheet_state = "hidden"
    for customer in (["Name", "Phone"], ["Old Olga", "1"]):
        old.append(customer)
    book.save(folder / "libreoffice.xlsx")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
