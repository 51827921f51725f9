"""Makes the picture of a results workbook that the README shows: `python tests/make_picture.py`.

Runs the demo, prints the first columns of its results with LibreOffice and pdftoppm, and writes
`.github/results.png`. Needs both on the path.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import load_workbook
from openpyxl.worksheet.properties import PageSetupProperties

TARGET = Path(__file__).parent.parent / ".github" / "results.png"
LEFT_OUT = ("D", "E", "F", "K", "L", "N", "O")
ROWS = 17


def make_picture(target: Path = TARGET) -> None:
    """Print what a person sees first when they open the results."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-m", "importer", "demo", "-o", "."], cwd=folder, check=True)
        _print_area(folder / "customers.results.xlsx")
        subprocess.run(
            ["soffice", "--headless", "--convert-to", "pdf", "customers.results.xlsx"], cwd=folder, check=True
        )
        subprocess.run(
            [
                "pdftoppm",
                "-r",
                "330",
                "-H",
                "250",
                "-l",
                "1",
                "-png",
                "-singlefile",
                "customers.results.pdf",
                "page",
            ],
            cwd=folder,
            check=True,
        )
        target.write_bytes((folder / "page.png").read_bytes())


def _print_area(path: Path) -> None:
    """One page as wide as what is shown."""
    book = load_workbook(path)
    sheet = book["Results"]
    for letter in LEFT_OUT:
        sheet.column_dimensions[letter].hidden = True
    sheet.column_dimensions["I"].width = 60
    for number in range(ROWS + 1, sheet.max_row + 1):
        sheet.row_dimensions[number].hidden = True
    sheet.print_area = f"A1:P{ROWS}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperWidth, sheet.page_setup.paperHeight = "420mm", "125mm"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 1
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.1
    sheet.page_margins.top = sheet.page_margins.bottom = 0.1
    book.save(path)


if __name__ == "__main__":
    make_picture()
