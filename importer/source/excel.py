"""Cells of Excel workbooks as text, values by calamine.

calamine directly and not through `pandas.read_excel`: pandas builds a table of Python objects from
the very rows that calamine hands out, which costs half as much time again and twice the memory,
and takes part of what a person sees with it.
"""

import datetime
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from importer.errors import SourceError
from importer.source.document import Document
from importer.source.faults import damaged, explained
from importer.source.kind import Kind
from importer.source.looks import ColumnLooks, Looks
from importer.source.numberformat import number_text
from importer.source.place import Span, printable
from importer.source.quiet import quiet

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook


class ExcelSheet:
    """One sheet; its values stay in calamine's memory and become text as they are asked for."""

    def __init__(self, sheet: "CalamineSheet", looks: Looks, place: str) -> None:
        self._sheet = sheet
        self._place = place
        self._left = sheet.start[1] if sheet.start else 0
        self._looks = looks
        self.width = sheet.end[1] + 1 if sheet.end else 0

    @property
    def merged(self) -> Iterator[Span]:
        """The cells that are merged."""
        yield from self._looks.merged
        for (top, left), (bottom, right) in self._sheet.merged_cell_ranges or ():
            yield Span(top + 1, left, bottom + 1, right)

    def notes(self, header: int, width: int) -> Iterator[str]:
        """What a person should know of the rows below the headings."""
        return self._looks.notes(header, width)

    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Every row by number, blank ones included.

        Raises:
            SourceError: A cell holds a time that is none.
        """
        looks = self._looks.columns()
        rows = self._sheet.iter_rows()
        size = max(32, min(512, 100_000 // max(1, self.width)))
        first = 1
        while chunk := self._next(itertools.islice(rows, size), first):
            yield from enumerate(self._seen(chunk, first, looks), first)
            first += len(chunk)

    def _seen(
        self, chunk: Sequence[Sequence[object]], first: int, looks: Mapping[int, ColumnLooks]
    ) -> Iterable[tuple[str, ...]]:
        """Rows of values from the row `first` on, as text."""
        if (
            not self._left
            and not looks
            and set(map(type, itertools.chain.from_iterable(chunk))) == _ONLY_TEXT
        ):
            return map(tuple, cast(Sequence[Sequence[str]], chunk))
        columns = [
            _texts(values, first, looks.get(column))
            for column, values in enumerate(zip(*chunk, strict=True), self._left)
        ]
        blank = [("",) * len(chunk)] * self._left
        return zip(*blank, *columns, strict=True)

    def _next(self, rows: Iterable[Sequence[object]], first: int) -> list[Sequence[object]]:
        """The next values; calamine panics at a time of more hours than it can count."""
        chunk: list[Sequence[object]] = []
        try:
            with quiet():
                chunk.extend(rows)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: BLE001  a panic is no Exception
            raise SourceError(
                f"{self._place} has a time in row {first + len(chunk)} that no clock counts to. "
                "Correct the cell, or format it as a number."
            ) from None
        return chunk


def _texts(values: Sequence[object], first: int, looks: ColumnLooks | None) -> Sequence[str]:
    """The cells of a column in rows from `first` on, as text."""
    kinds = set(map(type, values))
    if kinds == _ONLY_TEXT and looks is None:
        return cast(Sequence[str], values)
    if len(kinds) == 1:
        texts = list(map(_TEXT[kinds.pop()], values))
    else:
        texts = [value if type(value) is str else _TEXT[type(value)](value) for value in values]
    if looks is not None:
        looks.show(first, values, texts)
    return texts


_ONLY_TEXT = {str}


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
            with quiet():
                sheet = self._book.get_sheet_by_name(name)
            return ExcelSheet(sheet, looks, f"Sheet {printable(name)!r} of {self._name}")

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
        with quiet():
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
    if value.microsecond:
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
    str: str,
    bool: lambda value: "TRUE" if value else "FALSE",
    int: number_text,
    float: number_text,
    datetime.datetime: _moment_text,
    datetime.date: datetime.date.isoformat,
    datetime.time: _time_text,
    datetime.timedelta: _duration_text,
}
"""What a person sees of a value that is no text: no ``.0``, no exponent, ISO dates."""
