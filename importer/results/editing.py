"""Put new texts into single cells of a results file; every other byte of a row stays as it is.

Not by way of writing the file anew: people work in it for weeks, with colours, notes and sheets of their own.
"""

import io
import re
import shutil
from collections.abc import Iterator, Mapping
from csv import QUOTE_ALL, QUOTE_MINIMAL, writer
from pathlib import Path
from typing import BinaryIO, Literal
from xml.sax.saxutils import quoteattr
from zipfile import ZipFile

from importer.errors import ResultsError, SettingsError
from importer.results.atomic import replacing
from importer.results.sheetxml import cut, text_cell
from importer.sheetformat import guard
from importer.source import Source
from importer.source.document import find_document
from importer.source.encoding import find_encoding
from importer.source.text import dialect_of
from importer.source.xlsx import sheet_parts, xml

Edits = Mapping[int, Mapping[int, str]]
"""By row number, then by column from 0."""

_EDITORS = (".csv", ".xlsx")


def check_editable(source: Source, output: Path) -> None:
    """Make sure that cells of a results file can be replaced, and that the output is a file like it.

    Raises:
        SettingsError: It is no results file, of another kind, or the output is to be.
    """
    suffix = source.path.suffix.lower()
    if "import_customer_id" not in source.ours:
        raise SettingsError(
            f"{source.path.name} is no results file: it has no column import_customer_id. Give the file that "
            "importer run wrote."
        )
    if suffix not in _EDITORS or source.is_text is not (suffix == ".csv"):
        raise SettingsError(f"{source.path.name} cannot be edited in place: save it as .xlsx or .csv.")
    if output.suffix.lower() != suffix:
        raise SettingsError(
            f"{output} must be a file of the same kind: give -o a name that ends in {suffix}."
        )


def edit(source: Source, output: Path, edits: Edits) -> None:
    """Write `source` with new texts in some cells to `output`, which may be the source itself, in one step.

    Raises:
        ResultsError: It could not be written; what was there is as it was.
    """
    with replacing(output) as file:
        if not edits:
            with source.path.open("rb") as old:
                shutil.copyfileobj(old, file)
        elif source.is_text:
            _edit_text(source, file, edits)
        else:
            _edit_workbook(source, file, edits)


# -- text


def _edit_text(source: Source, file: BinaryIO, edits: Edits) -> None:
    document = find_document(source.path)
    encoding = find_encoding(document, None).name
    dialect = dialect_of(document, encoding, None)
    if dialect.escaped:
        raise ResultsError(f"{source.path.name} has backslashes before quotation marks: save it as CSV anew.")
    data = source.path.read_bytes()
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    text = data.removeprefix(mark).decode(encoding.replace("-sig", ""), "surrogatepass")
    lines = io.StringIO(text, newline="")
    file.write(mark)
    if dialect.skip:
        file.write(_bytes(lines.readline(), encoding))
    kept: list[str] = []
    for number, cells in enumerate(dialect.records(_keeping(lines, kept)), 1):
        line = "".join(kept)
        kept.clear()
        if number in edits:
            line = _edited_line(line, cells, edits[number], dialect.delimiter, dialect.quote, dialect.spaced)
        file.write(_bytes(line, encoding))


def _bytes(text: str, encoding: str) -> bytes:
    return text.encode(encoding.replace("-sig", ""), "surrogatepass" if "utf" in encoding else "strict")


def _keeping(lines: io.StringIO, kept: list[str]) -> Iterator[str]:
    for line in lines:
        kept.append(line)
        yield line


def _edited_line(
    line: str, cells: list[str], new: Mapping[int, str], delimiter: str, quote: str, spaced: bool
) -> str:
    end = line[len(line.rstrip("\r\n")) :]
    changed = [*cells, *[""] * (max(new) + 1 - len(cells))]
    for place, text in new.items():
        changed[place] = guard(text)
    out = io.StringIO(newline="")
    how: Literal[0, 1] = (
        QUOTE_ALL if spaced else QUOTE_MINIMAL
    )  # a blank after a delimiter would be no part of its cell
    writer(out, delimiter=delimiter, quotechar=quote, quoting=how, lineterminator=end).writerow(changed)
    return out.getvalue()


# -- workbooks

_ROW = re.compile(rb'<row\b[^>]*?\sr="(\d+)"[^>]*(?<!/)>.*?</row>', re.DOTALL)
_CELL = re.compile(rb'<c\b[^>]*?\sr="([A-Z]+)\d+"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
_STYLE = re.compile(rb'^<c\b[^>]*?\ss="(\d+)"')
_LINK = re.compile(rb"<hyperlink\b[^>]*/>|<hyperlink\b[^>]*>\s*</hyperlink>")
_ID = re.compile(rb'\sr:id="([^"]*)"')
_NO_LINKS = re.compile(rb"<hyperlinks\b[^>]*>\s*</hyperlinks>")


def _edit_workbook(source: Source, file: BinaryIO, edits: Edits) -> None:
    with ZipFile(source.path) as old, ZipFile(file, "w") as new:
        part = sheet_parts(old, xml(old, "xl/workbook.xml"))[source.sheet]
        sheet, addresses = _edited_sheet(old.read(part), edits, source.path.name)
        relations = re.sub(r"([^/]+)$", r"_rels/\1.rels", part)
        for member in old.infolist():
            content = sheet if member.filename == part else old.read(member)
            if member.filename == relations and addresses:
                content = _redirected(content, addresses)
            new.writestr(member, content, member.compress_type)


def _edited_sheet(sheet: bytes, edits: Edits, name: str) -> tuple[bytes, dict[bytes, str]]:
    """The XML of the sheet, and the new addresses of its links by the id of their relation."""
    done = set()

    def row(found: re.Match[bytes]) -> bytes:
        number = int(found[1])
        if number not in edits:
            return found[0]
        done.add(number)
        return _edited_row(found[0], number, edits[number])

    edited = _ROW.sub(row, sheet)
    if done != edits.keys():
        raise ResultsError(
            f"{name} was saved by a program whose sheets cannot be edited in place: save it once with Excel "
            "or LibreOffice."
        )
    texts = {
        f"{_letters(place)}{n}".encode(): text for n, new in edits.items() for place, text in new.items()
    }
    addresses: dict[bytes, str] = {}

    def link(found: re.Match[bytes]) -> bytes:
        place = re.search(rb'\sref="([^"]*)"', found[0])
        text = texts.get(place[1]) if place else None
        if text is None:
            return found[0]
        relation = _ID.search(found[0])
        if relation is None or not text.startswith(("https://", "http://")):
            return b""  # it would lead to where it led before
        addresses[relation[1]] = text
        return found[0]

    return _NO_LINKS.sub(b"", _LINK.sub(link, edited)), addresses


def _edited_row(row: bytes, number: int, new: Mapping[int, str]) -> bytes:
    left = {_letters(place): text for place, text in new.items()}

    def cell(found: re.Match[bytes]) -> bytes:
        letters = found[1].decode()
        before = [each for each in left if _order(each) < _order(letters)]
        inserted = b"".join(_cell(each, number, left.pop(each), b"0") for each in sorted(before, key=_order))
        if letters not in left:
            return inserted + found[0]
        style = _STYLE.search(found[0])
        return inserted + _cell(letters, number, left.pop(letters), style[1] if style else b"0")

    edited = _CELL.sub(cell, row)
    rest = b"".join(_cell(each, number, left[each], b"0") for each in sorted(left, key=_order))
    return edited.removesuffix(b"</row>") + rest + b"</row>"


def _cell(letters: str, number: int, text: str, style: bytes) -> bytes:
    return text_cell(f'<c r="{letters}{number}', int(style), cut(text)).encode()


def _letters(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(place + 1)


def _order(letters: str) -> tuple[int, str]:
    return len(letters), letters


def _redirected(relations: bytes, addresses: Mapping[bytes, str]) -> bytes:
    """The relations with these addresses, by id."""

    def relation(found: re.Match[bytes]) -> bytes:
        identifier = re.search(rb'\sId="([^"]*)"', found[0])
        address = addresses.get(identifier[1]) if identifier else None
        if address is None:
            return found[0]
        before, _, after = re.split(rb'(\sTarget="[^"]*")', found[0], maxsplit=1)
        return before + f" Target={quoteattr(address)}".encode() + after

    return re.sub(rb"<Relationship\b[^>]*>", relation, relations)
