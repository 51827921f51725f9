"""A saved workbook taken apart, so that the rows of its first sheet can be streamed in between.

Works on the parts of the file (ECMA-376), not on openpyxl's insides. Hyperlinks are added here as well:
as objects of openpyxl, all that Excel takes would cost 150 MB.
"""

import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr
from zipfile import ZipFile

from importer.errors import ResultsError

if TYPE_CHECKING:
    from openpyxl import Workbook

_SHEETS = "xl/worksheets/sheet"
FIRST_SHEET = _SHEETS + "1.xml"
FIRST_RELATIONS = "xl/worksheets/_rels/sheet1.xml.rels"

_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>.*</sheetData>", re.DOTALL)
_DIMENSION = re.compile(rb"<dimension [^>]*/>")
_AFTER_LINKS = re.compile(rb"<printOptions |<pageMargins ")
_AFTER_IGNORED = re.compile(rb"<drawing |<legacyDrawing |<tableParts |</worksheet>")
_NO_RELATIONS = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@contextmanager
def temporary_folder() -> Iterator[None]:
    """Say what to do when a file in the temporary folder cannot be written.

    Raises:
        ResultsError: Instead of the OSError.
    """
    try:
        yield
    except OSError as error:
        folder = tempfile.gettempdir()
        raise ResultsError(
            f"The temporary folder {folder} is full or cannot be written. Free some space there, or let "
            "TMPDIR name another, then run the same command again: nothing is sent twice."
        ) from error


def save_parts(book: "Workbook") -> ZipFile:
    """The workbook as openpyxl writes it, by way of files in the temporary folder."""
    stored = io.BytesIO()
    with temporary_folder():
        book.save(stored)
        saved = ZipFile(stored)
        for name in saved.namelist():
            if name.startswith(_SHEETS) and not saved.read(name).endswith(b"</worksheet>"):
                raise OSError("cut short")  # lxml does not say when its file is full
    return saved


def sheet_part(position: int) -> str:
    """The part that holds the sheet at that position, from 1."""
    return f"{_SHEETS}{position}.xml"


def around_further_rows(saved: ZipFile, part: str) -> tuple[bytes, bytes]:
    """The XML of a sheet up to the end of the rows it has, and from there on."""
    head, end, tail = saved.read(part).partition(b"</sheetData>")
    return _DIMENSION.sub(b"", head), end + tail


def around_rows(saved: ZipFile) -> tuple[bytes, bytes]:
    """The XML of the Results sheet up to its rows, and from there on."""
    head, tail = _DATA.split(saved.read(FIRST_SHEET), maxsplit=1)
    return _DIMENSION.sub(b"", head) + b"<sheetData>", b"</sheetData>" + tail


def with_links(tail: bytes, links: Sequence[tuple[str, str]]) -> bytes:
    """The XML behind the rows with links in these cells; their addresses are in `relations`."""
    if not links:
        return tail
    each = "".join(f'<hyperlink ref="{place}" r:id="link{n}"/>' for n, (place, _) in enumerate(links))
    return _AFTER_LINKS.sub(
        f'<hyperlinks xmlns:r="{_RELATED}">{each}</hyperlinks>'.encode() + rb"\g<0>", tail, count=1
    )


def relations(saved: ZipFile, links: Iterable[tuple[str, str]]) -> bytes:
    """What the first sheet refers to: what openpyxl put there, and the addresses of these links."""
    there = saved.read(FIRST_RELATIONS) if FIRST_RELATIONS in saved.namelist() else _NO_RELATIONS
    each = "".join(
        f'<Relationship Id="link{n}" Type="{_RELATED}/hyperlink" Target={quoteattr(address)} '
        'TargetMode="External"/>'
        for n, (_, address) in enumerate(links)
    )
    head, end, rest = there.rpartition(b"</Relationships>")
    return head + each.encode() + end + rest


def without_green_triangles(tail: bytes, places: str) -> bytes:
    """Have Excel not complain about digits stored as text, which is what they are here on purpose."""
    ignored = f'<ignoredErrors><ignoredError sqref="{places}" numberStoredAsText="1"/></ignoredErrors>'
    return _AFTER_IGNORED.sub(ignored.encode() + rb"\g<0>", tail, count=1)
