"""What a file really is, by its first bytes, and whether it is safe to open."""

import stat
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path

from importer.errors import SourceError
from importer.source.compound import SIGNATURE
from importer.source.faults import damaged

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
BOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")

MAX_UNPACKED = 2 * 1024**3
"""Bytes. A sheet of 1,000,000 x 20 cells unpacks to about 1 GB."""

MAX_RATIO = 500
"""Unpacked : packed, above 100 MB. A million rows of empty, formatted cells come to about 100."""

_RESAVE = "Open it in your spreadsheet program and save it as .xlsx or as CSV."
_FOREIGN = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "compressed with gzip: unpack it first",
    b"7z\xbc\xaf": "a 7-Zip archive: unpack it first",
    b"Rar!": "a RAR archive: unpack it first",
    b"{\\rtf": "a Word document",
    b"SQLite format 3\x00": "a database",
}


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


def kind_of(path: Path) -> tuple[Kind, str]:
    """How to read `path`, and a note where its name says otherwise ("" where it does not).

    Raises:
        SourceError: It cannot be opened, or is nothing this package reads.
    """
    head = _head(path)
    named = _BY_SUFFIX.get(path.suffix.lower())
    if named is None:
        raise SourceError(
            f"{path.name} has a name that is no spreadsheet's. "
            f"Save it as one of {', '.join(TEXT_SUFFIXES + BOOK_SUFFIXES)}."
        )
    found = _by_content(path, head)
    if found is Kind.TEXT and named is not Kind.TEXT:
        _refuse_markup(path, head)
    note = "" if found is named else f"named {path.suffix} but is {_article(found)}: read as such"
    return found, note


def _article(kind: Kind) -> str:
    return "plain text" if kind is Kind.TEXT else f"an {kind.value}"


def _head(path: Path) -> bytes:
    """The first 4 KB."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise SourceError(f"{path} is a folder. Name the spreadsheet in it.")
        if not stat.S_ISREG(mode):
            raise SourceError(f"{path} is no ordinary file. Save it to disk and name that file.")
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise SourceError(f"There is no file {path}. Check the name and the folder.") from None
    except PermissionError:
        raise SourceError(
            f"{path} may not be read by this user. Close it elsewhere, or ask for its permissions."
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SourceError(
            f"{path} cannot be read: {reason}. Copy it to this machine and try again."
        ) from None
    if not head:
        raise SourceError(f"{path.name} is empty. Save the spreadsheet again and look at its size.")
    if path.name.startswith(("~$", ".~lock.")):
        raise SourceError(
            f"{path.name} is only a lock that marks an open workbook. Name the workbook itself."
        )
    return head


def _by_content(path: Path, head: bytes) -> Kind:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path)
    if head.startswith(SIGNATURE):
        return Kind.XLS
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            raise SourceError(f"{path.name} is {name}, not a spreadsheet.")
    return Kind.TEXT


def _refuse_markup(path: Path, head: bytes) -> None:
    start = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith((b"<", b"mime-version:")):
        raise SourceError(f"{path.name} is a web page (HTML or XML) under a workbook's name. {_RESAVE}")


def _zip_kind(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _refuse_bomb(path, members)
            return _package_kind(path, archive, {member.filename for member in members})
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, OSError, ValueError, NotImplementedError):
        raise damaged(path) from None


def _refuse_bomb(path: Path, members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > MAX_UNPACKED or (unpacked > 100 * 1024**2 and unpacked > MAX_RATIO * packed):
        raise SourceError(
            f"{path.name} would unpack to {unpacked / 1024**2:,.0f} MB, which no customer list needs. "
            "If it is yours, delete its empty formatted rows, or save the one sheet as CSV."
        )


def _package_kind(path: Path, archive: zipfile.ZipFile, names: set[str]) -> Kind:
    lower = {name.lower() for name in names}
    if "xl/workbook.bin" in lower:
        return Kind.XLSB
    if any(name.startswith("xl/") for name in lower):
        return Kind.XLSX
    if "mimetype" in names and b"opendocument.spreadsheet" in archive.read("mimetype")[:200]:
        return Kind.ODS
    if any(name.endswith(".iwa") for name in lower):
        raise SourceError(
            f"{path.name} is an Apple Numbers document. Export it from Numbers to Excel or CSV."
        )
    raise SourceError(
        f"{path.name} is a zip archive without a workbook in it. Unpack it and name the spreadsheet."
    )
