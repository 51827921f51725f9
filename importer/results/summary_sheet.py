"""The Summary sheet: what became of the rows, why, who mends it, and what to type next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.causes import Standing
from importer.results.columns import timestamp
from importer.results.facts import SummaryFacts
from importer.results.sheetxml import legible
from importer.results.tally import CauseCount, Tally
from importer.rows import MADE_IT, TO_CORRECT, Environment, Status
from importer.sheetformat import RESULTS_SHEET, SUMMARY_SHEET

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.chart import BarChart
    from openpyxl.worksheet.worksheet import Worksheet


@dataclass(frozen=True, slots=True)
class Colour:
    """RRGGBB for a status: a cell's fill, the text on it, and a bar of the chart."""

    fill: str
    text: str
    bar: str


STATUS_COLOURS: Mapping[Status, Colour] = {
    Status.CREATED: Colour("C6EFCE", "006100", "4EA72E"),
    Status.EXISTS: Colour("E2EFDA", "375623", "A9D08E"),
    Status.DUPLICATE: Colour("EDEDED", "404040", "A6A6A6"),
    Status.INVALID: Colour("FFC7CE", "9C0006", "D64550"),
    Status.REJECTED: Colour("F8CBAD", "833C0B", "C55A11"),
    Status.FAILED: Colour("FFEB9C", "7F6000", "FFC000"),
    Status.UNKNOWN: Colour("E4DFEC", "403151", "7030A0"),
    Status.NOT_SENT: Colour("DDEBF7", "1F4E78", "5B9BD5"),
}

FONT = "Calibri"
_WIDTHS = {"A": 25, "B": 12, "C": 50, "D": 50, "E": 24, "F": 28}
_ROWS = "Rows"
_CHART_LINE = 5
_CHART_LINES = 15  # as high as the chart at 20 points a line


def add_summary(
    book: "Workbook",
    tally: Tally,
    facts: SummaryFacts,
    *,
    standings: Mapping[Status, Standing],
    command: str,
    limits: Mapping[str, str],
) -> None:
    """Append the sheet to `book`.

    `standings` says what each status means after this run or check, `command` what to type when rows
    are left to do, `limits` what of the Results sheet ends before its last row.
    """
    sheet = book.create_sheet(SUMMARY_SHEET)
    page = _Page(sheet)
    page.dress()
    _top(page, facts, _next_step(tally, command))
    _facts(page, facts, tally, limits)
    page.line = _CHART_LINE + _CHART_LINES
    first = _counts(page, tally, standings)
    sheet.add_chart(_chart(sheet, first), f"D{_CHART_LINE}")
    page.line += 1
    _causes(page, tally.causes())


class _Page:
    """A sheet that is written line by line. Text is text, whatever it looks like."""

    def __init__(self, sheet: "Worksheet") -> None:
        self.sheet = sheet
        self.line = 1

    def dress(self) -> None:
        """Column widths and the printed page."""
        from openpyxl.worksheet.properties import PageSetupProperties

        for letter, width in _WIDTHS.items():
            self.sheet.column_dimensions[letter].width = width
        self.sheet.sheet_view.showGridLines = False
        self.sheet.page_setup.orientation = "landscape"
        self.sheet.page_setup.fitToHeight = 0
        self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)

    def put(
        self,
        column: str,
        value: str | int,
        *,
        bold: bool = False,
        size: int = 11,
        text: str = "000000",
        fill: str = "",
        ruled: bool = False,
        number_format: str = "General",
    ) -> None:
        """Write one cell of the current line; a `ruled` one is a table's: wrapped, with a line below."""
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        cell = self.sheet[f"{column}{self.line}"]
        cell.value = legible(value) if isinstance(value, str) else value
        if isinstance(value, str):
            cell.data_type = "s"
        cell.number_format = number_format
        cell.font = Font(name=FONT, bold=bold, size=size, color=text)
        number = isinstance(value, int) or value == _ROWS
        cell.alignment = Alignment(
            "right" if number else "left", vertical="center", wrap_text=ruled, indent=int(number)
        )
        if fill:
            cell.fill = PatternFill("solid", fgColor=fill)
        if ruled:
            cell.border = Border(bottom=Side("thin", color="D9D9D9"))

    def band(self, text: str, *, fill: str, colour: str, height: int = 22) -> None:
        """One line across all columns."""
        for column in _WIDTHS:
            self.put(column, text if column == "A" else "", bold=True, fill=fill, text=colour)
        self.sheet.row_dimensions[self.line].height = height
        self.line += 1

    def heading(self, *names: str) -> None:
        """The first line of a table."""
        for column, name in zip(_WIDTHS, names, strict=False):
            self.put(column, name, bold=True, fill="E7E6E6", ruled=True)
        self.line += 1

    def wrap_beside_the_chart(self, text: str) -> None:
        """Give a long text in column B the next column, too, and as many lines as it needs."""
        from openpyxl.styles import Alignment

        room = _WIDTHS["B"] + _WIDTHS["C"]
        if len(text) > room:
            self.sheet.merge_cells(f"B{self.line}:C{self.line}")
            for column in "AB":
                self.sheet[f"{column}{self.line}"].alignment = Alignment(
                    "left", vertical="top", wrap_text=True
                )
            self.sheet.row_dimensions[self.line].height = 15 * -(-len(text) // room)

    def fit_height(self, **texts: str) -> None:
        """Make the current line as high as its wrapped texts need; programs do not do so by themselves."""
        lines = max(-(-len(text) // int(_WIDTHS[column] * 1.15)) for column, text in texts.items())
        self.sheet.row_dimensions[self.line].height = 5 + 15 * max(1, lines)


def _top(page: _Page, facts: SummaryFacts, next_step: str) -> None:
    """The file's name, which of the provider's two worlds it was, and what comes next."""
    page.put("A", f"{facts.source} → {facts.provider}", bold=True, size=16)
    page.sheet.row_dimensions[1].height = 28
    page.line += 1
    if facts.environment == Environment.LIVE:
        page.sheet.sheet_properties.tabColor = "C00000"
        page.band("LIVE: real customers", fill="C00000", colour="FFFFFF")
    else:
        page.sheet.sheet_properties.tabColor = "8EA9DB"
        world = facts.environment.upper()
        page.band(f"{world}: a rehearsal, no real customers", fill="D9E1F2", colour="1F3864")
    page.band(next_step, fill="FFF2CC", colour="000000")
    page.line += 1


def _next_step(tally: Tally, command: str) -> str:
    if not any(tally.counts[status] for status in Status if status not in MADE_IT):
        return "Next: nothing. Every row is done."
    if any(tally.counts[status] for status in TO_CORRECT):
        return (
            f"Next: correct the invalid and rejected rows in the sheet {RESULTS_SHEET}, save, type {command}"
        )
    return f"Next: type {command}"


def _facts(page: _Page, facts: SummaryFacts, tally: Tally, limits: Mapping[str, str]) -> None:
    told = {
        "Rows in all": f"{tally.lines - 1:,}",
        "Provider": facts.provider,
        "Environment": facts.environment,
        "Account": facts.account,
        "Address": facts.base_url,
        "Source": facts.source,
        "Run": facts.run,
        "Started": timestamp(facts.started),
        "Ended": timestamp(facts.ended),
        "Took": _took(facts),
        "Rate limit": facts.rate,
        "Stopped early": facts.stopped,
        "Order": facts.order,
        "Written again": facts.rewritten,
        **limits,
    }
    for name, value in told.items():
        if value:
            page.put("A", name, text="595959")
            page.put("B", value, bold=name == "Stopped early")
            page.wrap_beside_the_chart(value)
            page.line += 1


def _took(facts: SummaryFacts) -> str:
    if facts.started is None or facts.ended is None:
        return ""
    seconds = round((facts.ended - facts.started).total_seconds())
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"


def _counts(page: _Page, tally: Tally, standings: Mapping[Status, Standing]) -> int:
    """The table of statuses; returns the line of its first one."""
    page.heading("Status", _ROWS, "What it means", "What a later run does")
    first = page.line
    for status, standing in standings.items():
        colour = STATUS_COLOURS[status]
        page.put("A", status, bold=True, fill=colour.fill, text=colour.text, ruled=True)
        page.put("B", tally.counts[status], bold=True, ruled=True, number_format="#,##0")
        page.put("C", standing.meaning, ruled=True)
        page.put("D", standing.later, ruled=True)
        page.fit_height(C=standing.meaning, D=standing.later)
        page.line += 1
    return first


def _causes(page: _Page, causes: list[CauseCount]) -> None:
    """Why rows stand where they stand; the row numbers jump to the first of them."""
    from openpyxl.worksheet.hyperlink import Hyperlink

    if not causes:
        return
    page.heading("Cause", _ROWS, "What it means", "How to mend it", "Who mends it", "First rows (import_row)")
    for seen in causes:
        cause, colour = seen.cause, STATUS_COLOURS[seen.status]
        name = cause.code or f"({seen.status})"
        rows = ", ".join(map(str, seen.rows)) + (", …" if seen.count > len(seen.rows) else "")
        page.put("A", name, bold=True, fill=colour.fill, text=colour.text, ruled=True)
        page.put("B", seen.count, bold=True, ruled=True, number_format="#,##0")
        page.put("C", cause.meaning, ruled=True)
        page.put("D", cause.how, ruled=True)
        page.put("E", cause.who, ruled=True)
        page.put("F", rows, text="0563C1", ruled=True)
        place = f"F{page.line}"
        page.sheet[place].hyperlink = Hyperlink(ref=place, location=f"'{RESULTS_SHEET}'!A{seen.line}")
        page.fit_height(A=name, C=cause.meaning, D=cause.how, E=cause.who, F=rows)
        page.line += 1


def _chart(sheet: "Worksheet", first: int) -> "BarChart":
    """One bar for each status, in its colour, with its number."""
    from openpyxl.chart import BarChart, Reference
    from openpyxl.chart.label import DataLabelList
    from openpyxl.chart.marker import DataPoint

    last = first + len(STATUS_COLOURS) - 1
    chart = BarChart()
    chart.type = "bar"
    chart.title = "Rows by status"
    chart.legend = None
    chart.gapWidth = 40
    chart.height, chart.width = 7.4, 20
    chart.add_data(Reference(sheet, min_col=2, min_row=first, max_row=last))
    chart.set_categories(Reference(sheet, min_col=1, min_row=first, max_row=last))
    chart.x_axis.scaling.orientation = "maxMin"  # the first status on top
    chart.x_axis.delete = False
    chart.y_axis.delete = True
    chart.y_axis.majorGridlines = None
    (bars,) = chart.series
    bars.dLbls = DataLabelList(
        showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False
    )
    for place, colour in enumerate(STATUS_COLOURS.values()):
        point = DataPoint(idx=place)
        point.graphicalProperties.solidFill = colour.bar
        bars.dPt.append(point)
    return chart
