"""The rival that people write: openpyxl in, `requests.Session` one by one, openpyxl out.

``python -m tests.benchmarks.script SHEET.xlsx URL RESULTS.xlsx``
"""

import sys

import requests
from openpyxl import Workbook, load_workbook


def main(sheet: str, url: str, results: str) -> None:
    """Create each row's customer and write what became of it."""
    book, session = Workbook(), requests.Session()
    out = book.active
    assert out is not None
    rows = load_workbook(sheet, read_only=True).active.iter_rows(values_only=True)  # type: ignore[union-attr]
    headings = [str(cell) for cell in next(rows)]
    out.append([*headings, "status", "id"])
    for row in rows:
        customer = dict(zip(headings, row, strict=True))
        answer = session.post(url, json={name: str(value) for name, value in customer.items() if value})
        out.append([*row, answer.status_code, answer.json().get("id")])
    book.save(results)


if __name__ == "__main__":
    main(*sys.argv[1:4])
