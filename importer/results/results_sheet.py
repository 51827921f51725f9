"""The Results sheet: its looks, and its rows with faults marked and links that can be clicked."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING

from importer.errors import ResultsError
from importer.results import sheetxml
from importer.results.columns import Layout
from importer.results.summary_sheet import FONT, STATUS_COLOURS
from importer.results.tally import Tally
from importer.rows import FieldError, Finding, Row, RowResult
from importer.sheetformat import RESULTS_SHEET

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
MOST_LINKS = 65_530
"""Excel's limits for one sheet (Microsoft, "Excel specifications and limits")."""

MOST_NOTES = 5_000
"""Each note is a drawing. LibreOffice 7 takes five seconds more to open so many, and minutes for 100,000;
the message column has them all."""

SAMPLE = 300
"""So many rows decide how wide the columns are."""

_LONGEST_LINK = 2_000  # Excel: 2,083 characters
_BATCH = 256
_AS_TEXT = "@"
_LINK = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*(?:#[A-Za-z0-9._~/-]*)?"
)


def check_fits(columns: int, rows: int) -> None:
    """Raise ResultsError if a sheet of Excel cannot hold that many columns and rows, header not counted."""
    if rows >= MOST_ROWS:
        raise ResultsError(
            f"{rows:,} rows do not fit into an Excel sheet, which holds {MOST_ROWS - 1:,} below the header. "
            "Add -o with a file that ends in .csv."
        )
    if columns > MOST_COLUMNS:
        raise ResultsError(
            f"{columns:,} columns do not fit into an Excel sheet, which holds {MOST_COLUMNS:,}. "
            "Add -o with a file that ends in .csv."
        )


@dataclass(slots=True)
class ResultsSheet:
    """The Results sheet while its rows stream by. `links` are cell and address, in the order of rows."""

    layout: Layout
    sheet: "Worksheet"
    rows: Iterator[tuple[Row, RowResult]]
    tally: Tally = field(default_factory=Tally)
    links: list[tuple[str, str]] = field(default_factory=list)
    _notes: int = 0
    _beyond: int = 0
    _writer: sheetxml.RowWriter = field(init=False)
    _places: dict[str, int] = field(init=False)
    _link_places: list[int] = field(init=False)

    def __post_init__(self) -> None:
        theirs = self.layout.theirs
        self._places = {heading: place for place, heading in reversed([*enumerate(theirs)])}
        self._link_places = [len(theirs) + n for n, column in enumerate(self.layout.ours) if column.links]
        self._writer = sheetxml.RowWriter(self.layout, _styles(self.sheet))
        sample = list(islice(self.rows, SAMPLE))
        self.rows = chain(sample, self.rows)
        _dress(self.sheet, self.layout, sample)

    def lines(self) -> Iterator[str]:
        """The rows as XML, header first, several at a time."""
        batch = [self._writer.headings([sheetxml.cut(heading) for heading in self.layout.headings])]
        for row, result in self.tally.watch(self.rows):
            check_fits(0, self.tally.lines - 1)
            batch.append(self._line(row, result))
            if len(batch) >= _BATCH:
                yield "".join(batch)
                batch.clear()
        yield "".join(batch)

    def close(self) -> None:
        """Filter and colours, which go down to the last row."""
        from openpyxl.formatting.rule import CellIsRule
        from openpyxl.styles import Font, PatternFill
        from openpyxl.utils import get_column_letter

        last = max(self.tally.lines, 2)
        self.sheet.auto_filter.ref = f"A1:{get_column_letter(len(self.layout.headings))}{self.tally.lines}"
        status = get_column_letter(len(self.layout.theirs) + 1)
        for name, colour in STATUS_COLOURS.items():
            rule = CellIsRule(  # type: ignore[no-untyped-call]  # untyped in types-openpyxl
                operator="equal",
                formula=[f'"{name}"'],
                font=Font(color=colour.text),
                fill=PatternFill("solid", fgColor=colour.fill, bgColor=colour.fill),
            )
            self.sheet.conditional_formatting.add(f"{status}2:{status}{last}", rule)

    @property
    def limits(self) -> dict[str, str]:
        """What ended before the last row, and what tells the rest."""
        told = {}
        if self._beyond:
            told["Notes"] = (
                f"on the first {MOST_NOTES:,} marked cells; {self._beyond:,} more are marked without one: "
                "import_message tells the same"
            )
        if len(self.links) == MOST_LINKS:
            told["Links"] = f"the first {MOST_LINKS:,} can be clicked; Excel takes no more in one sheet"
        return told

    def _line(self, row: Row, result: RowResult) -> str:
        values = self.layout.values(row, result)
        if any(len(value) > sheetxml.CELL_LIMIT // 2 for value in values if isinstance(value, str)):
            self._fit(values)
        faulty = self._mark(result.faults) if result.faults else ()
        wrong = {fault.column for fault in result.faults}
        doubted = self._mark([each for each in result.findings if each.column not in wrong])
        linked = [place for place in self._link_places if self._link(place, values[place])]
        return self._writer.row(self.tally.lines, values, faulty, doubted, linked)

    def _fit(self, values: list[str | int]) -> None:
        """Cut what no cell holds, and say so in the message."""
        cut: list[str] = []
        for place, value in enumerate(values):
            if isinstance(value, str) and (short := sheetxml.cut(value)) is not value:
                values[place] = short
                cut.append(self.layout.headings[place])
        message = self.layout.message
        if cut:
            remark = (
                f"{', '.join(cut)}: cut to what an Excel cell holds; a .csv results file (-o) keeps it whole"
            )
            values[message] = sheetxml.cut("; ".join(filter(None, (remark, str(values[message])))))

    def _mark(self, faults: Sequence[FieldError | Finding]) -> Sequence[int]:
        """Where the cells concerned stand; the first ones of a sheet get a note as well."""
        from openpyxl.comments import Comment

        said: dict[int, list[str]] = {}
        for fault in faults:
            if fault.column is not None and (place := self._places.get(fault.column)) is not None:
                said.setdefault(place, []).append(fault.message)
        for place, messages in said.items():
            if self._notes == MOST_NOTES:
                self._beyond += 1
            else:
                self._notes += 1
                note = sheetxml.legible("\n".join(messages))
                lines = sum(1 + len(line) // 36 for line in note.splitlines())
                cell = self.sheet.cell(self.tally.lines, place + 1)
                cell.comment = Comment(note, "importer", height=20 + 18 * min(lines, 12), width=260)
        return list(said)

    def _link(self, place: int, value: str | int) -> bool:
        """Whether this is to be clickable: a web address. Anything Excel might find fault with stays text."""
        if not isinstance(value, str) or len(self.links) >= MOST_LINKS:
            return False
        if len(value) > _LONGEST_LINK or not _LINK.fullmatch(value):
            return False
        self.links.append((self._writer.place(self.tally.lines, place), value))
        return True


def _styles(sheet: "Worksheet") -> sheetxml.Styles:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    line = Side("thin", color="C00000")
    fault = {
        "fill": PatternFill("solid", fgColor="FFC7CE"),
        "border": Border(left=line, right=line, top=line, bottom=line),
    }
    doubt = {"fill": PatternFill("solid", fgColor="FFEB9C")}
    first_line = {"alignment": Alignment(vertical="top")}
    heading = {"alignment": Alignment(vertical="center", wrap_text=True)}
    theirs = {"font": Font(name=FONT, size=11, bold=True), "fill": PatternFill("solid", fgColor="E7E6E6")}
    ours = {
        "font": Font(name=FONT, size=11, bold=True, color="FFFFFF"),
        "fill": PatternFill("solid", fgColor="1F4E78"),
    }
    return sheetxml.Styles(
        text=style_of(sheet, first_line),
        guarded=style_of(sheet, {**first_line, "quotePrefix": True}),
        fault=style_of(sheet, {**first_line, **fault}),
        fault_guarded=style_of(sheet, {**first_line, **fault, "quotePrefix": True}),
        doubt=style_of(sheet, {**first_line, **doubt}),
        doubt_guarded=style_of(sheet, {**first_line, **doubt, "quotePrefix": True}),
        number=style_of(sheet, {"alignment": Alignment("center", vertical="top"), "number_format": "0"}),
        link=style_of(
            sheet, {**first_line, "font": Font(name=FONT, size=11, color="0563C1", underline="single")}
        ),
        their_heading=style_of(sheet, {**heading, **theirs}),
        our_heading=style_of(sheet, {**heading, **ours}),
    )


def style_of(sheet: "Worksheet", look: Mapping[str, object]) -> int:
    """The number of a cell style. Unless `look` says otherwise, what is typed over such a cell stays text."""
    from openpyxl.cell import Cell

    cell = Cell(sheet, 1, 1)
    cell.number_format = _AS_TEXT
    for name, value in look.items():
        setattr(cell, name, value)
    return cell.style_id


def _dress(sheet: "Worksheet", layout: Layout, sample: Sequence[tuple[Row, RowResult]]) -> None:
    """Everything about the sheet that does not depend on how many rows there are."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.title = RESULTS_SHEET
    sheet.freeze_panes = "A2"
    sheet.sheet_view.tabSelected = True
    sheet.sheet_properties.tabColor = "1F4E78"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for place, width in enumerate(_widths(layout, sample), 1):
        column = sheet.column_dimensions[get_column_letter(place)]
        column.width = width
        column.number_format = _AS_TEXT  # empty cells, too, keep what is typed into them as text


def _widths(layout: Layout, sample: Sequence[tuple[Row, RowResult]]) -> list[int]:
    """Column widths in characters, by the headings and the first rows."""
    widest = [40] * len(layout.theirs) + [column.widest for column in layout.ours]
    widths = [_width(heading) + 3 for heading in layout.headings]  # 3: the filter's arrow
    for row, result in sample:
        found = [_width(str(value)) for value in layout.values(row, result)]
        widths = [max(pair) for pair in zip(widths, found, strict=True)]
    return [min(max(width + 2, 8), most) for width, most in zip(widths, widest, strict=True)]


def _width(text: str) -> int:
    longest = max(text[:1000].splitlines(), key=len, default="")
    return len(longest) + sum(unicodedata.east_asian_width(char) in "WF" for char in longest)
