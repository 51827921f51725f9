"""The results file as an Excel workbook: the sheets Results and Summary, and the settings it carries.

openpyxl makes everything but the rows: those are streamed between what openpyxl writes before and after
``<sheetData>``, straight into the zip file, so that memory does not grow with them.
"""

import shutil
from collections.abc import Container, Iterable, Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from importer.causes import Standing
from importer.results import packaging
from importer.results.columns import Layout
from importer.results.facts import SummaryFacts
from importer.results.packaging import FIRST_RELATIONS, FIRST_SHEET
from importer.results.providers_sheet import ProvidersSheet
from importer.results.results_sheet import ResultsSheet, check_fits
from importer.results.summary_sheet import add_summary
from importer.rows import Row, RowResult, Status
from importer.sheetformat import SETTINGS_SHEET

if TYPE_CHECKING:
    from openpyxl import Workbook

_IN_MEMORY = 8 << 20
"""Bytes of rows that wait without a file."""

_SETTINGS_PART = 32_000  # characters in a cell, which holds 32,767


def write_workbook(
    file: BinaryIO,
    layout: Layout,
    settings_json: str,
    rows: Iterable[tuple[Row, RowResult]],
    facts: SummaryFacts,
    *,
    standings: Mapping[Status, Standing],
    command: str,
    providers: ProvidersSheet | None = None,
) -> None:
    """Write the whole workbook to `file`, which must be seekable.

    `standings` says what each status means here, `command` what to type when rows are left to do.
    """
    from openpyxl import Workbook

    check_fits(len(layout.headings), 0)
    book = Workbook()
    sheet = book.worksheets[0]
    results = ResultsSheet(layout, sheet, iter(rows))
    head, _ = packaging.around_rows(packaging.save_parts(book))
    with ZipFile(file, "w", ZIP_DEFLATED) as archive, SpooledTemporaryFile(_IN_MEMORY) as spool:
        with archive.open(FIRST_SHEET, "w", force_zip64=True) as part:
            part.write(head)
            for lines in results.lines():
                part.write(lines.encode())
            results.close()
            added = providers.add_to(book, spool) if providers is not None else ""
            add_summary(
                book, results.tally, facts, standings=standings, command=command, limits=results.limits
            )
            _add_settings(book, settings_json)
            saved = packaging.save_parts(book)
            _, tail = packaging.around_rows(saved)
            tail = packaging.with_links(tail, results.links)
            part.write(packaging.without_green_triangles(tail, sheet.auto_filter.ref))
        if results.links or FIRST_RELATIONS in saved.namelist():
            archive.writestr(FIRST_RELATIONS, packaging.relations(saved, results.links))
        _write_parts(archive, saved, added, spool, written={FIRST_SHEET, FIRST_RELATIONS})


def write_providers_alone(file: BinaryIO, providers: ProvidersSheet) -> None:
    """Write a workbook of this one sheet to `file`, which must be seekable."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    with ZipFile(file, "w", ZIP_DEFLATED) as archive, SpooledTemporaryFile(_IN_MEMORY) as spool:
        added = providers.add_to(book, spool)
        _write_parts(archive, packaging.save_parts(book), added, spool)


def _write_parts(
    archive: ZipFile, saved: ZipFile, added: str, spool: IO[bytes], written: Container[str] = ()
) -> None:
    """Copy what is not `written` yet; the part `added` has the rows in `spool` behind its own."""
    for name in saved.namelist():
        if name == added:
            head, tail = packaging.around_further_rows(saved, name)
            spool.seek(0)
            with archive.open(name, "w", force_zip64=True) as part:
                part.write(head)
                shutil.copyfileobj(spool, part)
                part.write(tail)
        elif name not in written:
            archive.writestr(name, saved.read(name))


def _add_settings(book: "Workbook", settings_json: str) -> None:
    """Key beside value; JSON longer than a cell holds goes on in further lines of the same key."""
    sheet = book.create_sheet(SETTINGS_SHEET)
    sheet.sheet_state = "veryHidden"
    text = settings_json.replace("_x", "_\\u0078")  # lest a reader takes _x0041_ for an escape
    for line, start in enumerate(range(0, len(text), _SETTINGS_PART), 1):
        sheet.cell(line, 1, "settings")
        cell = sheet.cell(line, 2, text[start : start + _SETTINGS_PART])
        cell.data_type = "s"
