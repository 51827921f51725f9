"""The template as an Excel workbook: one sheet to fill in, and one out of sight with what it carries."""

import io
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from importer.normalise import country_names
from importer.providers.base import Provider
from importer.results import packaging
from importer.sheetformat import CUSTOMERS_SHEET, SETTINGS_SHEET
from importer.template.columns import Need, TemplateColumn

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.worksheet.worksheet import Worksheet

LAST_ROW = 1_048_576
"""Of an Excel sheet."""

_LONGEST_TITLE, _LONGEST_ERROR = 32, 225
"""Characters that Excel takes in the message of a drop-down; a file with more it calls damaged."""

_FONT = "Calibri"
_AS_TEXT = "@"
_MARKED = '@" *"'
"""Shows a star behind the heading without being part of it."""

_LOOKS = {
    Need.ALWAYS: ("FFFFFF", "1F4E78"),
    Need.WITH_OTHERS: ("1F3864", "BDD0E9"),
    Need.NEVER: ("262626", "E7E6E6"),
}
"""Colours of a heading's text and ground."""


def template_workbook(provider: Provider, columns: Sequence[TemplateColumn], tag: str) -> bytes:
    """The whole file. `tag` says what it was made from."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.title = f"{CUSTOMERS_SHEET} for {provider.title}"
    book.properties.creator = "importer"
    book.properties.version = tag
    sheet = book.worksheets[0]
    sheet.title = CUSTOMERS_SHEET
    _dress(sheet)
    countries = _carry(book, provider, tag)
    for place, column in enumerate(columns, 1):
        _add(sheet, place, column, countries)
    return _without_green_triangles(book)


def _dress(sheet: "Worksheet") -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = 24
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.sheet_properties.tabColor = "1F4E78"


def _carry(book: "Workbook", provider: Provider, tag: str) -> str:
    """The provider, for the reader, and the countries, for drop-downs; returns where these stand."""
    sheet = book.create_sheet(SETTINGS_SHEET)
    sheet.sheet_state = "veryHidden"
    sheet.append(["settings", json.dumps({"version": 1, "provider": provider.name, "template": tag})])
    names = country_names()
    for name in names:
        sheet.append(["country", name])
    return f"{SETTINGS_SHEET}!$B$2:$B${len(names) + 1}"


def _add(sheet: "Worksheet", place: int, column: TemplateColumn, countries: str) -> None:
    """Heading, example and everything below, down to the last row a sheet has."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    letter = get_column_letter(place)
    dimension = sheet.column_dimensions[letter]
    dimension.number_format = _AS_TEXT
    dimension.width = min(40, max(16, len(column.heading) + 5, len(column.example) + 2))
    text, ground = _LOOKS[column.need]
    heading = sheet.cell(1, place, column.heading)
    heading.font = Font(name=_FONT, bold=True, color=text)
    heading.fill = PatternFill("solid", fgColor=ground)
    heading.alignment = Alignment(vertical="center")
    heading.number_format = _MARKED if column.need is Need.ALWAYS else _AS_TEXT
    heading.comment = _note(column.note)
    example = sheet.cell(2, place, column.example)
    example.font = Font(name=_FONT, italic=True, color="7F7F7F")
    example.number_format = _AS_TEXT
    example.data_type = "s"
    _offer(sheet, f"{letter}2:{letter}{LAST_ROW}", column, countries)


def _note(text: str) -> "Comment":
    from openpyxl.comments import Comment

    lines = sum(1 + len(line) // 38 for line in text.splitlines())
    return Comment(text, "importer", height=20 + 18 * lines, width=280)


def _offer(sheet: "Worksheet", cells: str, column: TemplateColumn, countries: str) -> None:
    """A drop-down. Countries have more names than the list, so another one only makes Excel ask."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if not column.words and not column.countries:
        return
    offered = countries if column.countries else f'"{",".join(column.words)}"'
    rule = DataValidation(
        "list",
        formula1=offered,
        allow_blank=True,
        showErrorMessage=True,
        errorStyle="warning" if column.countries else "stop",
        errorTitle=column.heading[:_LONGEST_TITLE],
        error="This is not in the list. It is taken if it is another name or the code of a country."
        if column.countries
        else f"Choose one of: {', '.join(column.words)}."[:_LONGEST_ERROR],
    )
    rule.add(cells)
    sheet.add_data_validation(rule)


def _without_green_triangles(book: "Workbook") -> bytes:
    """The file, with Excel told not to complain about phones and dates that are text."""
    saved = packaging.save_parts(book)
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name in saved.namelist():
            part = saved.read(name)
            if name == packaging.FIRST_SHEET:
                part = packaging.without_green_triangles(part, f"A1:XFD{LAST_ROW}")
            archive.writestr(name, part)
    return file.getvalue()
