"""What a file really is, by its first bytes, and whether it is safe to open."""

import re
import zipfile
import zlib
from enum import StrEnum

from importer.errors import SourceError
from importer.source.compound import SIGNATURE
from importer.source.document import Document
from importer.source.faults import damaged

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
BOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")

MAX_UNPACKED = 2 * 1024**3
"""Bytes. A sheet of 1,000,000 x 20 cells unpacks to about 1 GB."""

MAX_RATIO = 500
"""Unpacked : packed, above 100 MB. A million rows of empty, formatted cells come to about 100."""

PACKED_SUFFIXES = (".gz", ".zip")

ZIP, GZIP = (b"PK\x03\x04", b"PK\x05\x06"), b"\x1f\x8b"
"""What such a file begins with."""

_RESAVE = "Open it in your spreadsheet program and save it as .xlsx or as CSV."
_FOREIGN = (
    (re.compile(rb"%PDF"), "a PDF document"),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8"), "a picture"),
    (re.compile(rb"7z\xbc\xaf"), "a 7-Zip archive: unpack it first"),
    (re.compile(rb"Rar!\x1a"), "a RAR archive: unpack it first"),
    (re.compile(rb"BZh[1-9]1AY&SY|\xfd7zXZ\0|\x28\xb5\x2f\xfd"), "compressed: unpack it first"),
    (re.compile(rb".{257}ustar", re.DOTALL), "a tar archive: unpack it first"),
    (re.compile(rb"{\\rtf"), "a Word document"),
    (re.compile(rb"SQLite format 3\0"), "a database"),
)
_PAGE = re.compile(rb"<(?:!doctype|html|\?xml|table|head|meta)\b|mime-version:", re.IGNORECASE)


class Kind(StrEnum):
    """How a file is to be read, whatever its name says."""

    TEXT = "text"
    XLSX = "Excel workbook"
    XLSB = "Excel binary workbook"
    XLS = "Excel 97-2003 workbook"
    ODS = "OpenDocument spreadsheet"


_BY_SUFFIX = {
    **dict.fromkeys(TEXT_SUFFIXES, Kind.TEXT),
    ".xlsx": Kind.XLSX,
    ".xlsm": Kind.XLSX,
    ".xls": Kind.XLS,
    ".xlsb": Kind.XLSB,
    ".ods": Kind.ODS,
}


def kind_of(document: Document) -> tuple[Kind, str]:
    """How to read the document, and a note where its name says otherwise ("" where it does not).

    Raises:
        SourceError: It is nothing this package reads.
    """
    named = _BY_SUFFIX.get(document.suffix)
    if named is None and document.path.suffix.lower() not in PACKED_SUFFIXES:
        raise SourceError(
            f"{document.name} has a name that is no spreadsheet's. Save it as one of "
            f"{', '.join(TEXT_SUFFIXES + BOOK_SUFFIXES)}; one such file may be packed as .gz or .zip."
        )
    found = _by_content(document)
    if found is Kind.TEXT:
        _refuse_markup(document, _PAGE if named is Kind.TEXT else re.compile(b"<|mime-version:"))
    note = (
        "" if found is (named or found) else f"named {document.suffix} but is {_article(found)}: read as such"
    )
    return found, note


def _article(kind: Kind) -> str:
    return "plain text" if kind is Kind.TEXT else f"an {kind.value}"


def _by_content(document: Document) -> Kind:
    if document.head.startswith(ZIP):
        kind = package_kind(document)
        if kind is None:
            raise _packed_twice(document)
        return kind
    if document.head.startswith(GZIP):
        raise _packed_twice(document)
    if document.head.startswith(SIGNATURE):
        return Kind.XLS
    require_plausible(document.name, document.head)
    return Kind.TEXT


def require_plausible(name: str, head: bytes) -> None:
    """Make sure that a file called `name` with these first bytes is nothing that is surely no spreadsheet.

    Raises:
        SourceError: It is a document, a picture, or packed in a way that is not undone here.
    """
    for magic, what in _FOREIGN:
        if magic.match(head):
            raise SourceError(f"{name} is {what}, not a spreadsheet.")


def _packed_twice(document: Document) -> SourceError:
    return SourceError(f"{document.name} is packed twice. Unpack it once and name what comes out.")


def _refuse_markup(document: Document, markup: re.Pattern[bytes]) -> None:
    start = document.head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if markup.match(start.lower()):
        raise SourceError(
            f"{document.name} is a web page (HTML or XML) under a spreadsheet's name. {_RESAVE}"
        )


def package_kind(document: Document) -> Kind | None:
    """Which workbook a zip file is; None for an archive of other files.

    Raises:
        SourceError: It is damaged, or unpacks to more than any customer list needs.
    """
    try:
        with document.open() as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            refuse_bomb(
                document,
                unpacked=sum(member.file_size for member in members),
                packed=sum(member.compress_size for member in members),
            )
            return _package_kind(document, archive, {member.filename for member in members})
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, OSError, ValueError, NotImplementedError):
        raise damaged(document.name) from None


def refuse_bomb(document: Document, *, unpacked: int, packed: int) -> None:
    """Raise a SourceError where so many bytes come out of so few."""
    if unpacked > MAX_UNPACKED or (unpacked > 100 * 1024**2 and unpacked > MAX_RATIO * packed):
        raise SourceError(
            f"{document.name} unpacks to {unpacked / 1024**2:,.0f} MB or more, which no customer list needs. "
            "If it is yours, delete its empty formatted rows, or save the one sheet as CSV."
        )


def _package_kind(document: Document, archive: zipfile.ZipFile, names: set[str]) -> Kind | None:
    lower = {name.lower() for name in names}
    if "xl/workbook.bin" in lower:
        return Kind.XLSB
    if any(name.startswith("xl/") for name in lower):
        return Kind.XLSX
    if "mimetype" in names:
        with archive.open("mimetype") as file:
            if b"opendocument.spreadsheet" in file.read(200):
                return Kind.ODS
        raise SourceError(f"{document.name} is an OpenDocument file, but not a spreadsheet.")
    if "[content_types].xml" in lower:
        raise SourceError(f"{document.name} is an Office document without a workbook in it. {_RESAVE}")
    if any(name.endswith(".iwa") for name in lower):
        raise SourceError(
            f"{document.name} is an Apple Numbers document. Export it from Numbers to Excel or CSV."
        )
    return None
