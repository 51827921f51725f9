"""Which sheet of a workbook holds the customers, and its rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

from importer.errors import EmptySourceError, SourceError
from importer.rows import Row
from importer.sheetformat import PROVIDERS_SHEET, RESULTS_SHEET, SETTINGS_SHEET, SUMMARY_SHEET
from importer.source.columns import parse_settings, read_headings
from importer.source.document import Document
from importer.source.faults import MAX_COLUMNS
from importer.source.header import NoTableError, filled_width, find_header, first_rows, promise
from importer.source.kind import Kind
from importer.source.merged import merged_note, with_merged_headings
from importer.source.model import ReadOptions, Source
from importer.source.place import Span, printable
from importer.source.totals import LeftOut

_MANY = 200
_NAMED = 12
"""Sheets that a message names; more make it unreadable."""


class Sheet(Protocol):
    """The cells of one sheet, as text."""

    @property
    def width(self) -> int:
        """Columns up to the last that may hold something."""

    @property
    def merged(self) -> Iterable[Span]:
        """Cells that are merged."""

    def notes(self, header: int, width: int) -> Iterable[str]:
        """What a person should know of the rows below `header` and the first `width` columns."""

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Rows by number from the first column on; blank rows and blank cells at the end may be missing."""


class Book(Protocol):
    """A workbook.

    `hidden` has its sheets in order: 0 for one that is shown, 1 hidden, 2 very hidden.
    """

    @property
    def hidden(self) -> Mapping[str, int]: ...

    def sheet(self, name: str) -> Sheet: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sheet with headings. `rivals` are other sheets that may be the one that is meant."""

    name: str
    sheet: Sheet
    header: Row
    rivals: tuple[str, ...] = ()


def open_workbook(document: Document, kind: Kind, options: ReadOptions, *notes: str) -> Source:
    """The workbook, which is held in memory; `notes` are handed on.

    Raises:
        SourceError: It is damaged or encrypted, or no sheet has headings with rows below.
    """
    with closing(_open_book(document, kind)) as book:
        names = [name for name in book.hidden if name not in _our_own(book)]
        if options.sheet is not None:
            chosen = _examine(document, book, _named(document, names, options.sheet), options.header_row)
        else:
            chosen = _likeliest(document, book, names, options.header_row)
        settings = _settings(book)
        sheet_note = _sheet_note(book, names, chosen)
    header, sheet = chosen.header, chosen.sheet
    width = _width(sheet, header)
    headings = read_headings(header, width, is_text=False)
    left_out = LeftOut()
    header_note = f"header found in row {header.number}" if header.number > 1 else ""
    told = (*sheet.notes(header.number, width), merged_note(sheet.merged, header.number, width))
    return Source(
        path=document.path,
        columns=headings.columns,
        sheet=chosen.name,
        header_row=header.number,
        is_text=False,
        settings=headings.settings if headings.settings is not None else settings,
        ours=headings.ours,
        _found=tuple(filter(None, (*notes, _template_note(settings), sheet_note, header_note, *told))),
        _left_out=left_out,
        _read=lambda: headings.rows(sheet.rows(), left_out),
        _read_ours=lambda: headings.our_cells(sheet.rows()),
    )


def _open_book(document: Document, kind: Kind) -> Book:
    if kind is Kind.ODS:
        from importer.source.ods import open_ods

        return open_ods(document)
    from importer.source.excel import open_excel

    return open_excel(document, kind)


def _our_own(book: Book) -> frozenset[str]:
    """Sheets that `importer.results` adds and that hold no customers."""
    ours = {SETTINGS_SHEET, SUMMARY_SHEET, PROVIDERS_SHEET}
    return frozenset(ours if SETTINGS_SHEET in book.hidden else ())


def _settings(book: Book) -> Mapping[str, object] | None:
    """What our hidden sheet carries: JSON beside the key `settings`, continued beside the same key."""
    if SETTINGS_SHEET not in book.hidden:
        return None
    lines = (cells for _, cells in book.sheet(SETTINGS_SHEET).rows())
    return parse_settings("".join(cells[1] for cells in lines if cells[0] == "settings" and len(cells) > 1))


def _template_note(settings: Mapping[str, object] | None) -> str:
    """Which template the workbook is, by the tag in it."""
    tag = settings.get("template") if settings else None
    return f"filled in on the template {tag}" if isinstance(tag, str) else ""


def _named(document: Document, names: list[str], asked: str) -> str:
    exact = [name for name in names if name == asked]
    alike = [name for name in names if name.strip().casefold() == asked.strip().casefold()]
    if exact or len(alike) == 1:
        return (exact or alike)[0]
    raise SourceError(
        f"{document.name} has no sheet {printable(asked)!r}. Its sheets are: {_listed(names)}. "
        "Give one with --sheet."
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(repr(printable(name)) for name in names[:_NAMED]) + more


def _examine(document: Document, book: Book, name: str, header_row: int | None) -> _Candidate:
    """The sheet with its headings found; an error where it has none, or no row below them."""
    sheet = book.sheet(name)
    if sheet.width > MAX_COLUMNS:
        raise SourceError(
            f"Sheet {printable(name)!r} of {document.name} has {sheet.width:,} columns, more than the "
            f"{MAX_COLUMNS:,} of a spreadsheet program. Delete those after the last heading and save."
        )
    first = with_merged_headings(first_rows(sheet.rows(), header_row), sheet.merged)
    return _Candidate(
        name, sheet, find_header(first, header_row, f"Sheet {printable(name)!r} of {document.name}")
    )


def _likeliest(document: Document, book: Book, names: list[str], header_row: int | None) -> _Candidate:
    """The first sheet with the most promising headings; hidden sheets only if no other will do."""
    if RESULTS_SHEET in names and SETTINGS_SHEET in book.hidden:
        return _examine(document, book, RESULTS_SHEET, header_row)
    if len(names) > _MANY:
        raise SourceError(
            f"{document.name} has {len(names):,} sheets, too many to look through. Name one with --sheet."
        )
    problems: list[NoTableError] = []
    for level in (0, 1, 2):
        found: list[_Candidate] = []
        for name in names:
            if book.hidden[name] == level:
                try:
                    found.append(_examine(document, book, name, header_row))
                except NoTableError as problem:
                    problems.append(problem)
        if found:
            return _best(found)
    if len(problems) == 1:
        raise problems[0]
    empty = bool(problems) and all(isinstance(problem, EmptySourceError) for problem in problems)
    raise (EmptySourceError if empty else SourceError)(
        f"None of the sheets of {document.name} has headings with rows below: {_listed(names)}. "
        "Add the customers, or name the sheet with --sheet and the row of headings with --header-row."
    )


def _best(candidates: list[_Candidate]) -> _Candidate:
    """The most promising one, with those that promise at least half as much."""
    promises = [promise(candidate.header.cells) for candidate in candidates]
    best = max(promises)
    chosen = candidates[promises.index(best)]
    rivals = (
        candidate.name
        for candidate, (familiar, _) in zip(candidates, promises, strict=True)
        if candidate is not chosen and familiar * 2 >= best[0] > 0
    )
    return replace(chosen, rivals=tuple(rivals))


def _width(sheet: Sheet, header: Row) -> int:
    """How many columns hold something, headings included."""
    width = filled_width(header.cells)
    if sheet.width > width:
        for number, cells in sheet.rows():
            if number > header.number and len(cells) > width:
                width = max(width, filled_width(cells))
    return width


def _sheet_note(book: Book, names: list[str], chosen: _Candidate) -> str:
    others = [name for name in names if name != chosen.name]
    if not others:
        return ""
    hidden = ", hidden" if book.hidden[chosen.name] else ""
    rivals = chosen.rivals
    look = "looks" if len(rivals) == 1 else "look"
    read = "is" if len(rivals) == 1 else "are"
    more = f"; {_listed(rivals)} {look} like customers, too, and {read} not read" if rivals else ""
    return (
        f"sheet {printable(chosen.name)!r}{hidden} of {len(names)} (others: {_listed(others)}; "
        f"choose with --sheet){more}"
    )
