"""The Providers sheet: on top what is missing for whom, below what each provider says to each row.

What stands on top is known after the last row only, so the rows wait in a temporary file, as the XML they
become. openpyxl makes everything else.
"""

import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import IO, TYPE_CHECKING

from importer.results import packaging
from importer.results.results_sheet import check_fits, style_of
from importer.results.sheetxml import cut, legible, text_cell
from importer.results.summary_sheet import FONT
from importer.sheetformat import PROVIDERS_SHEET

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.worksheet.worksheet import Worksheet

_BATCH = 256
_HEADINGS = 8
"""The line above the first row."""

_WIDTHS = (9, 44)
_PROVIDER_WIDTH = 30
_LETTERS = string.ascii_uppercase[2:]
"""The columns of the providers."""


class Look(StrEnum):
    """How a cell about a provider and a row looks: its ground and its text."""

    GOOD = "C6EFCE 006100"
    BAD = "FFC7CE 9C0006"
    OPEN = "EDEDED 404040"


@dataclass(frozen=True, slots=True)
class ProviderColumn:
    """What stands on top of a provider's column; counts are rows.

    `almost` are those that lack nothing but the columns in `missing`.
    """

    title: str
    ready: int
    almost: int
    faulty: int
    missing: str
    causes: str


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A row of the source by its number, what a person knows it by, and what each provider says to it."""

    number: int
    label: str = field(repr=False)
    said: Sequence[tuple[Look, str]] = field(repr=False)


@dataclass(slots=True)
class ProvidersSheet:
    """The sheet to be. `columns`, and the sentence `verdict`, are asked for after the last of the `rows`.

    `source` is the name of the file that was checked.
    """

    source: str
    rows: Iterable[ProviderRow]
    columns: Callable[[], Sequence[ProviderColumn]]
    verdict: Callable[[], str]
    _lines: int = 0

    def add_to(self, book: "Workbook", spool: IO[bytes]) -> str:
        """Append the sheet to `book`, and its rows as XML to the empty `spool`; returns the part it will be.

        Raises:
            ResultsError: There are more rows than a sheet holds, or the temporary folder is full.
        """
        sheet = book.create_sheet(PROVIDERS_SHEET)
        self._spool(_RowWriter(sheet), spool)
        columns = self.columns()
        _dress(sheet, len(columns))
        _top(sheet, self.source, columns, self.verdict())
        _row_headings(sheet, columns, last=_HEADINGS + self._lines)
        return packaging.sheet_part(book.index(sheet) + 1)

    def _spool(self, writer: "_RowWriter", spool: IO[bytes]) -> None:
        rows = iter(self.rows)
        while batch := list(islice(rows, _BATCH)):
            first = _HEADINGS + self._lines + 1
            self._lines += len(batch)
            check_fits(0, _HEADINGS + self._lines)
            text = "".join(writer.row(line, row) for line, row in enumerate(batch, first))
            with packaging.temporary_folder():
                spool.write(text.encode())


class _RowWriter:
    """Turns rows into ``<row>`` elements."""

    def __init__(self, sheet: "Worksheet") -> None:
        self._number = style_of(sheet, _number_look())
        self._label = style_of(sheet, {})
        self._looks = {look: style_of(sheet, _look(look)) for look in Look}

    def row(self, line: int, row: ProviderRow) -> str:
        """One row of the source."""
        label = text_cell(f'<c r="B{line}', self._label, cut(row.label))
        said = "".join(
            text_cell(f'<c r="{letter}{line}', self._looks[look], cut(text))
            for letter, (look, text) in zip(_LETTERS, row.said, strict=False)
        )
        number = f'<c r="A{line}" s="{self._number}"><v>{row.number}</v></c>'
        return f'<row r="{line}">{number}{label}{said}</row>'


def _dress(sheet: "Worksheet", providers: int) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    for letter, width in zip("AB", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for letter in _LETTERS[:providers]:
        sheet.column_dimensions[letter].width = _PROVIDER_WIDTH
    sheet.freeze_panes = "C2"
    sheet.sheet_properties.tabColor = "548235"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _top(sheet: "Worksheet", source: str, columns: Sequence[ProviderColumn], verdict: str) -> None:
    """The table of what is missing for whom."""
    lines: list[tuple[str, Sequence[str | int]]] = [
        (source, [column.title for column in columns]),
        ("Rows that are ready", [column.ready for column in columns]),
        ("Rows that lack nothing but a column", [column.almost for column in columns]),
        ("Rows with faults", [column.faulty for column in columns]),
        ("Required, but the sheet has no column", [column.missing for column in columns]),
        ("Most frequent faults", [column.causes for column in columns]),
    ]
    for line, (name, values) in enumerate(lines, 1):
        _put(sheet, f"A{line}", name, bold=True, heading=line == 1)
        sheet.merge_cells(f"A{line}:B{line}")
        for letter, value in zip(_LETTERS, values, strict=False):
            _put(sheet, f"{letter}{line}", value, bold=line == 1 or isinstance(value, int), heading=line == 1)
        longest = max(len(str(value)) for value in values)
        sheet.row_dimensions[line].height = 5 + 15 * max(1, -(-longest // (_PROVIDER_WIDTH - 4)))
    _put(sheet, f"A{len(lines) + 1}", verdict, wrapped=False)


def _row_headings(sheet: "Worksheet", columns: Sequence[ProviderColumn], *, last: int) -> None:
    names = ["Row", "Customer", *(column.title for column in columns)]
    for letter, name in zip(("A", "B", *_LETTERS), names, strict=False):
        _put(sheet, f"{letter}{_HEADINGS}", name, bold=True, heading=True)
    sheet.auto_filter.ref = f"A{_HEADINGS}:{_LETTERS[len(columns) - 1]}{last}"


def _put(
    sheet: "Worksheet",
    place: str,
    value: str | int,
    *,
    bold: bool = False,
    heading: bool = False,
    wrapped: bool = True,
) -> None:
    from openpyxl.styles import Alignment, PatternFill

    cell = sheet[place]
    cell.value = legible(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
    cell.font = _font("FFFFFF" if heading else "000000", bold=bold)
    cell.alignment = Alignment("left", vertical="center" if heading else "top", wrap_text=wrapped)
    if heading:
        cell.fill = PatternFill("solid", fgColor="1F4E78")


def _number_look() -> Mapping[str, object]:
    from openpyxl.styles import Alignment

    return {"number_format": "0", "font": _font("595959"), "alignment": Alignment("center")}


def _look(look: Look) -> Mapping[str, object]:
    from openpyxl.styles import PatternFill

    ground, text = look.split()
    return {"fill": PatternFill("solid", fgColor=ground), "font": _font(text)}


def _font(colour: str, *, bold: bool = False) -> "Font":
    from openpyxl.styles import Font

    return Font(name=FONT, size=11, bold=bold, color=colour)
