"""Which encoding a text file is in, decided by the whole file and not by its beginning."""

import codecs
import io
import re
from dataclasses import dataclass

from importer.errors import SourceError
from importer.source.codepage import LABELS, likely_code_pages
from importer.source.document import BLOCK, Document

EVIDENCE = 1 << 16
"""Bytes of non-ASCII lines that are enough to tell one code page from another."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


_HALF_PAIR = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
"""Half of a surrogate pair in the manner of UTF-8, which is no character."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """`name` is Python's; `label` what a person would call it; `guessed` when only statistics say so."""

    name: str
    label: str
    guessed: bool = False


def find_encoding(document: Document, asked: str | None) -> Encoding:
    """The encoding in which every byte of `path` is text.

    Raises:
        SourceError: There is none, or it is not the one asked for.
    """
    if asked is not None:
        return _asked_for(document, asked)
    with document.open() as file:
        head = file.read(BLOCK)
    for bom, name, label in _BOMS:
        if head.startswith(bom):
            return _must_decode(document, Encoding(name, label))
    wide = _without_bom(head)
    if wide is not None:
        return _must_decode(document, wide)
    if _is_binary(head):
        raise SourceError(
            f"{document.name} is no text: it holds binary data. Save the spreadsheet as .xlsx or CSV, "
            "or name its encoding with --encoding."
        )
    return Encoding("utf-8", "UTF-8") if first_fault(document, "utf-8") is None else _code_page(document)


def _asked_for(document: Document, asked: str) -> Encoding:
    try:
        name = codecs.lookup(asked).name
        io.TextIOWrapper(io.BytesIO(), encoding=asked).close()  # refuses codecs of other than text, as base64
    except (LookupError, ValueError):
        raise SourceError(
            f"There is no encoding {asked!r}. Usual ones: utf-8, utf-16, windows-1252, windows-1251, "
            "gb18030, shift_jis. Leave --encoding out to have it found."
        ) from None
    if name == "utf-8":
        name = "utf-8-sig"  # the same, less the mark that Excel puts first
    return _must_decode(document, Encoding(name, asked))


def _must_decode(document: Document, encoding: Encoding) -> Encoding:
    fault = first_fault(document, encoding.name)
    if fault is None:
        return encoding
    line = _line(document, fault)
    raise SourceError(
        f"{document.name} is not {encoding.label} throughout: what stands near line {line} is none. "
        'Save it anew as "CSV UTF-8", or name the right encoding with --encoding.'
    )


def first_fault(document: Document, encoding: str) -> int | None:
    """Where, within one block, the file's bytes stop being text in `encoding`; None if they never do."""
    decoder = codecs.getincrementaldecoder(encoding)()
    at = 0
    for block in document.blocks():
        try:
            decoder.decode(block)
        except UnicodeError as error:
            return at + getattr(error, "start", 0)
        at += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return at
    return None


def _line(document: Document, offset: int) -> int:
    """The line, from 1, that holds the byte at `offset`."""
    line, at = 1, 0
    for block in document.blocks():
        line += block[: max(0, offset - at)].count(b"\n")
        at += len(block)
    return line


def _without_bom(head: bytes) -> Encoding | None:
    """UTF-16 without its mark: every other byte of its ASCII characters is NUL, and so of its line ends."""
    half = len(head) // 2
    even, odd = head[::2].count(0), head[1::2].count(0)
    for name, here, there in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if here > 0.01 * half and there < 0.05 * here:
            text = head[: 2 * half].decode(name, "ignore")
            if "\n" in text or "\r" in text or here > 0.25 * half:
                return Encoding(name, "UTF-16")
    return None


def _is_binary(head: bytes) -> bool:
    """Whether more than one byte in a hundred is a control character that no text holds."""
    control = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
    return len(head) - len(head.translate(None, control)) > len(head) / 100


def _code_page(document: Document) -> Encoding:
    """The code page of a file that is not UTF-8."""
    evidence = _evidence(document)
    _refuse_damaged_utf8(document, evidence)
    for name in likely_code_pages(evidence):
        if first_fault(document, name) is None:
            return Encoding(name, LABELS[name], guessed=True)
    raise SourceError(
        f"{document.name} is text in no encoding that could be found. "
        'Save it anew as "CSV UTF-8", or name its encoding with --encoding.'
    )


def _evidence(document: Document) -> bytes:
    """Lines with other than ASCII characters, wherever they begin."""
    found: list[bytes] = []
    size = 0
    with document.open() as file:
        while size < EVIDENCE and (line := file.readline(BLOCK)):
            if not line.isascii():
                found.append(line)
                size += len(line)
    return b"".join(found)[:EVIDENCE]


def _refuse_damaged_utf8(document: Document, evidence: bytes) -> None:
    """A file that is UTF-8 but for a few bytes must not be read as something else."""
    text = _HALF_PAIR.sub(b"\xef\xbf\xbd", evidence).decode("utf-8", "surrogateescape")
    stray = sum(1 for character in text if "\udc80" <= character <= "\udcff")
    proper = sum(1 for character in text if character > "\x7f") - stray
    if proper > stray:
        line = _line(document, first_fault(document, "utf-8") or 0)
        raise SourceError(
            f"{document.name} is UTF-8 with damaged characters; the first is in line {line}. Correct it "
            'there and save as "CSV UTF-8". If the whole file looks wrong instead, name its encoding, '
            "such as --encoding windows-1252."
        )
