"""One spreadsheet packed with gzip or zip, read without a copy on disk.

Whoever packed it may mean harm: it is unpacked once to its end, and counted, before it is read.
"""

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from importer.errors import EmptySourceError, SourceError
from importer.source.compound import SIGNATURE
from importer.source.document import Document
from importer.source.faults import damaged
from importer.source.kind import GZIP, ZIP, package_kind, refuse_bomb
from importer.source.place import printable

_NAMED = 6
"""Files that a message names; more make it unreadable."""

_LITTER = ("Thumbs.db", "desktop.ini")
_HEAD = 4096
_DAMAGED = (
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


def unpacked(document: Document) -> tuple[Document, str]:
    """The spreadsheet that is packed in the document, and a note; any other document as it is.

    Raises:
        SourceError: It is damaged or encrypted, holds not just one file, or unpacks without measure.
    """
    path = document.path
    if document.head.startswith(GZIP):
        inner = _measured(document, _gzip_name(document), lambda: _open_gzip(path))
    elif document.head.startswith(ZIP) and package_kind(document) is None:
        member = _only_member(document)
        name = PurePosixPath(member.filename.replace("\\", "/")).name
        inner = _measured(document, printable(name) or document.name, lambda: _open_member(path, member))
    else:
        return document, ""
    if inner.head.startswith((*ZIP, SIGNATURE)):
        inner = inner.held()
    return inner, f"{inner.name} unpacked from {document.name}" if inner.name != document.name else ""


def _measured(document: Document, name: str, open_inner: Callable[[], IO[bytes]]) -> Document:
    """What is packed in the document, once it was seen to its end."""
    inner = replace(document, name=name, open=lambda: cast(BinaryIO, open_inner()))
    packed = document.stamp.size
    size = 0
    head = b""
    try:
        for block in inner.blocks():
            head = head or block[:_HEAD]
            size += len(block)
            refuse_bomb(document, unpacked=size, packed=packed)
    except NotImplementedError:
        raise SourceError(
            f"{document.name} is packed in a way that cannot be undone here. "
            "Unpack it and name the spreadsheet."
        ) from None
    except _DAMAGED:
        raise damaged(document.name) from None
    if not size:
        raise EmptySourceError(f"{name} in {document.name} is empty. Pack the spreadsheet again.")
    return replace(inner, head=head)


def _gzip_name(document: Document) -> str:
    """The file's name before it was packed: that of the archive without its suffix."""
    return document.path.stem if document.suffix == ".gz" else document.name


def _open_gzip(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path))


def _open_member(path: Path, member: zipfile.ZipInfo) -> IO[bytes]:
    with zipfile.ZipFile(path) as archive:
        return archive.open(member)  # it keeps the file open for itself


def _only_member(document: Document) -> zipfile.ZipInfo:
    with document.open() as file, zipfile.ZipFile(file) as archive:
        members = [member for member in archive.infolist() if not _is_litter(member)]
    if not members:
        raise SourceError(f"{document.name} is a zip archive with no file in it. Pack the spreadsheet again.")
    if len(members) > 1:
        names = ", ".join(printable(member.filename) for member in members[:_NAMED])
        more = f" and {len(members) - _NAMED} more" if len(members) > _NAMED else ""
        raise SourceError(
            f"{document.name} holds {len(members)} files: {names}{more}. "
            "Unpack it and name the one with the customers."
        )
    if members[0].flag_bits & 1:
        raise SourceError(
            f"{document.name} is protected with a password. Unpack it and name the spreadsheet."
        )
    return members[0]


def _is_litter(member: zipfile.ZipInfo) -> bool:
    """Whether it is a folder, or what a Mac or Windows leaves in folders."""
    name = PurePosixPath(member.filename).name
    return (
        member.filename.endswith(("/", "\\"))
        or member.filename.startswith("__MACOSX/")
        or name.startswith(".")
        or name in _LITTER
    )
