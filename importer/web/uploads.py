"""A spreadsheet as it arrives: streamed to disk, measured and looked at on the way."""

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from aiohttp import BodyPartReader, web

from importer.errors import SourceError
from importer.source.kind import BOOK_SUFFIXES, PACKED_SUFFIXES, TEXT_SUFFIXES, require_plausible

ACCEPTED = TEXT_SUFFIXES + BOOK_SUFFIXES + PACKED_SUFFIXES
CHUNK = 1 << 16
MOST_FIELDS = 12
LONGEST_FIELD = 2000


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has arrived whole. `name` is what the person calls it, `file` what it is called here."""

    name: str
    file: str
    size: int


async def read_field(part: BodyPartReader) -> str:
    """A short text out of a form.

    Raises:
        HTTPBadRequest: It is longer than any of ours.
    """
    raw = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        raw += chunk
        if len(raw) > LONGEST_FIELD:
            raise web.HTTPBadRequest(text="A field of this form is longer than it can be. Nothing was kept.")
    return raw.decode("utf-8", "replace")


async def receive(part: BodyPartReader, folder: Path, *, largest: int) -> Upload:
    """Write a file to `folder` as it arrives.

    Raises:
        SourceError: Its name or first bytes are no spreadsheet's, it is empty, or it is larger than
            `largest` (bytes). What was written is the caller's to delete.
    """
    name = shown_name(_as_it_was(part.filename or ""))
    file = f"sheet{_suffix(name)}"
    path = folder / file
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while chunk := await part.read_chunk(CHUNK):
            if not size:
                require_plausible(name, chunk)
            size += len(chunk)
            if size > largest:
                raise too_large(name, largest)
            target.write(chunk)
    if not size:
        raise SourceError(f"{name} is empty. Save the spreadsheet again and look at its size.")
    return Upload(name, file, size)


def too_large(name: str, largest: int) -> SourceError:
    """The error for a file beyond the limit."""
    return SourceError(
        f"{name} is larger than {largest / (1 << 20):,.0f} MB, the most that is taken here. Remove what "
        "is not needed, save it as .xlsx, or split it."
    )


def _as_it_was(sent: str) -> str:
    """A name without what browsers put for the characters that would end it in a form.

    https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data (2026-11-21)
    """
    return sent.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def shown_name(given: str) -> str:
    """A file's name as it may be shown: without folders, on one line, not too long."""
    name = PureWindowsPath(PurePosixPath(given).name).name
    line = "".join(character for character in name if character.isprintable()).strip()
    stem, dot, suffix = line.rpartition(".")
    return f"{stem[:100]}{dot}{suffix[:10]}" if dot and stem else line[:100]


def _suffix(name: str) -> str:
    """The end of a name, both ends of a packed file's, of those that are taken.

    Raises:
        SourceError: It is no spreadsheet's.
    """
    suffixes = [each.lower() for each in PurePosixPath(name).suffixes]
    if not suffixes or suffixes[-1] not in ACCEPTED:
        raise SourceError(
            f"{name or 'The file'} has a name that is no spreadsheet's. Save it as one of "
            f"{', '.join(TEXT_SUFFIXES + BOOK_SUFFIXES)}; one such file may be packed as .gz or .zip."
        )
    inner = suffixes[-2] if suffixes[-1] in PACKED_SUFFIXES and len(suffixes) > 1 else ""
    return (inner if inner in ACCEPTED else "") + suffixes[-1]
