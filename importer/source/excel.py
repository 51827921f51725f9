"""Cells of Excel workbooks as text, values by calamine.

calamine directly and not through `pandas.read_excel`: pandas builds a table of Python objects from
the very rows that calamine hands out, which costs half as much time again and twice the memory,
and takes part of what a person sees with it.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

from importer.source.document import Document
from importer.source.faults import damaged, explained
from importer.source.kind import Kind
from importer.source.looks import HIDDEN_ROWS, Looks, Mark
from importer.source.numberformat import number_text

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook


class ExcelSheet:
    """One sheet; its values stay in calamine's memory and become text as they are asked for."""

    def __init__(self, sheet: "CalamineSheet", looks: Looks) -> None:
        self._sheet = sheet
        self._left = sheet.start[1] if sheet.start else 0
        self._looks = looks
        self.width = sheet.end[1] + 1 if sheet.end else 0
        self.notes = _notes(looks)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every row by number, blank ones included."""
        left = [""] * self._left
        marks_in = self._looks.reader() if self._looks else None
        for number, values in enumerate(self._sheet.iter_rows(), 1):
            cells = [value if type(value) is str else _TEXT[type(value)](value) for value in values]
            if left:
                cells = left + cells
            if marks_in is not None:
                for column, mark in marks_in(number):
                    self._show(cells, column, mark, values)
            yield number, cells

    def _show(self, cells: list[str], column: int, mark: Mark, values: Sequence[object]) -> None:
        at = column - self._left
        if not 0 <= at < len(values):
            return
        value = values[at]
        if isinstance(mark, str):
            cells[column] = mark
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            cells[column] = mark(value) or cells[column]


def _notes(looks: Looks) -> tuple[str, ...]:
    notes = []
    if looks.hidden_rows:
        notes.append(HIDDEN_ROWS)
    if looks.uncomputed:
        notes.append(
            f"{looks.uncomputed} formulas have no stored result and read as blank; "
            "open the workbook in your spreadsheet program and save it"
        )
    return tuple(notes)


class ExcelBook:
    """A workbook that calamine reads. Sheets are parsed when asked for, and not kept."""

    def __init__(
        self, name: str, book: "CalamineWorkbook", hidden: Mapping[str, int], looks: Callable[[str], Looks]
    ) -> None:
        self._name = name
        self._book = book
        self._looks = looks
        self.hidden = hidden

    def sheet(self, name: str) -> ExcelSheet:
        """The sheet by that name.

        Raises:
            SourceError: It is damaged, or larger than can be held.
        """
        with explained(self._name, name):
            looks = self._looks(name)
            return ExcelSheet(self._book.get_sheet_by_name(name), looks)

    def close(self) -> None:
        """Let go of the file; sheets that were read stay."""
        self._book.close()


def open_excel(document: Document, kind: Kind) -> ExcelBook:
    """The workbook in the document.

    Raises:
        SourceError: It is damaged, or encrypted.
    """
    with explained(document.name):
        import python_calamine as calamine

        looks, content = _examined(document, kind)
        book = calamine.load_workbook(content)
        hidden = {
            sheet.name: _HIDDEN.get(str(sheet.visible), 0)
            for sheet in book.sheets_metadata
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet
        }
        if not hidden:
            raise damaged(document.name)
        return ExcelBook(document.name, book, hidden, looks)


_HIDDEN = {"SheetVisibleEnum.Hidden": 1, "SheetVisibleEnum.VeryHidden": 2}


def _examined(document: Document, kind: Kind) -> tuple[Callable[[str], Looks], BinaryIO]:
    """What tells the looks of a sheet, and what to give calamine."""
    if kind is Kind.XLS:
        from importer.source.xls import XlsLooks

        xls = XlsLooks(document)
        return xls.of, BytesIO(xls.workbook())
    if kind is Kind.XLSB:
        from importer.source.xlsb import XlsbLooks

        return XlsbLooks(document).of, document.open()
    from importer.source.xlsx import XlsxLooks

    return XlsxLooks(document).of, document.open()


def _moment_text(value: datetime.datetime) -> str:
    """ISO, with the time only where there is one; sheets count in fractions of a day, hence the rounding."""
    value += datetime.timedelta(seconds=value.microsecond >= 500_000)
    text = value.isoformat(" ", "seconds")
    return text.removesuffix(" 00:00:00")


def _time_text(value: datetime.time) -> str:
    return _duration_text(
        datetime.timedelta(
            hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
        )
    )


def _duration_text(value: datetime.timedelta) -> str:
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    minutes, seconds = divmod(abs(seconds), 60)
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


_TEXT: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "TRUE" if value else "FALSE",
    int: number_text,
    float: number_text,
    datetime.datetime: _moment_text,
    datetime.date: datetime.date.isoformat,
    datetime.time: _time_text,
    datetime.timedelta: _duration_text,
}
"""What a person sees of a value that is no text: no ``.0``, no exponent, ISO dates."""
