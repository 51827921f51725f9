"""Damage by chance: to the bytes of a file, or to one part of what is packed in it."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

from importer.source.compound import SIGNATURE, CompoundFile, wrapped

TOKENS = (
    b"<row", b"</row>", b"<c ", b"</c>", b"<v>", b"</v>", b"<f>", b"</f>", b"<f/>", b"<is><t>",
    b' r="A1048576"', b' r="XFD1"', b' r="A0"', b' r=""', b' t="s"', b' t="e"', b' t="d"', b' s="4294967295"',
    b' hidden="1"', b"&#0;", b"&#xD800;", b"&amp;", b"&x;", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x ?>",
    b"<!DOCTYPE x [", b"x:", b"_xD800_", b' table:number-columns-repeated="16384"', b"<table:table-row>",
    b' table:number-rows-repeated="1048576"', b' table:number-rows-repeated="-7"', b"</table:table-row>",
    b"<table:table-cell/>", b"<text:p>", b"</text:p>", b' office:value-type="date"', b' office:value="1e999"',
    b' office:value="nan"', b' office:date-value="9999-12-31T23:59:59.9"', b"1e999", b"-1e999", b"nan", b"-0",
    b' office:time-value="PT99999999999999999999H"', b"99999999999999999999", b"0x10", b"00000", b"0%;;;@",
    b'"', b"'", b"\\", b";", b",", b"\t", b"|", b"\r", b"\n", b"\0", b"\xff\xfe", b"\xef\xbb\xbf",
    b"\xed\xa0\x80", b"\xff", b"sep=\r\n", b'sep="\n', b"import_status", b"import_row", b"import_settings {",
    b"'=", b"Total", b"[$",
)  # fmt: skip
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


def mutated(content: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """The content with one to a dozen things changed, inside what is packed more often than not."""
    if content.startswith(b"PK") and chance.random() < 0.8:
        return _in_a_part(content, chance, others)
    if content.startswith(SIGNATURE) and chance.random() < 0.8:
        return _in_the_stream(content, chance, others)
    if content.startswith(b"\x1f\x8b") and chance.random() < 0.5:
        return content[:10] + zlib.compress(b"x")[2:-4] + content[-8:]
    return damaged(content, chance, others)


def damaged(content: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """The bytes with one to a dozen things changed."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 12))):
        chance.choice(CHANGES)(data, chance, others)
        if not data:
            return b"x"
    return bytes(data)


def _flip(data: bytearray, chance: random.Random, _: list[bytes]) -> None:
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _put_byte(data: bytearray, chance: random.Random, _: list[bytes]) -> None:
    data[chance.randrange(len(data))] = chance.randrange(256)


def _put_number(data: bytearray, chance: random.Random, _: list[bytes]) -> None:
    size = chance.choice((1, 2, 4, 8))
    at = chance.randrange(len(data))
    number = chance.choice(NUMBERS) & ((1 << 8 * min(size, 4)) - 1)
    data[at : at + size] = struct.pack("<Q", number)[:size]


def _put_token(data: bytearray, chance: random.Random, _: list[bytes]) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = chance.choice(TOKENS)


def _put_digits(data: bytearray, chance: random.Random, _: list[bytes]) -> None:
    """Another number in the place of one that is written in digits."""
    at = chance.randrange(len(data))
    end = at
    while end < len(data) and chr(data[end]).isdigit() and end < at + 20:
        end += 1
    data[at:end] = str(chance.choice((*NUMBERS, 16384, 16385, 1048577, 10**20))).encode()


def _leave_out(data: bytearray, chance: random.Random, _: list[bytes]) -> None:
    at = chance.randrange(len(data))
    del data[at : at + chance.choice((1, 2, 10, 200, 5000))]


def _say_twice(data: bytearray, chance: random.Random, _: list[bytes]) -> None:
    at, start = chance.randrange(len(data)), chance.randrange(len(data))
    data[at:at] = data[start : start + chance.choice((1, 10, 200, 5000))] * chance.choice((1, 1, 50))


def _break_off(data: bytearray, chance: random.Random, _: list[bytes]) -> None:
    del data[chance.randrange(len(data)) :]


def _splice(data: bytearray, chance: random.Random, others: list[bytes]) -> None:
    other = chance.choice(others)
    at, start = chance.randrange(len(data)), chance.randrange(len(other))
    data[at : at + chance.choice((0, 100))] = other[start : start + chance.choice((4, 100, 2000))]


CHANGES: tuple[Callable[[bytearray, random.Random, list[bytes]], None], ...] = (
    _flip, _put_byte, _put_number, _put_token, _put_token, _put_digits, _put_digits, _leave_out, _say_twice,
    _break_off, _splice,
)  # fmt: skip


def _in_a_part(content: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        names = archive.namelist()
        sheets = [name for name in names if "sheet" in name or "content" in name or "strings" in name.lower()]
        victim = chance.choice(sheets or names) if chance.random() < 0.7 else chance.choice(names)
        for name in names:
            data = archive.read(name)
            new.writestr(name, damaged(data or b"x", chance, others) if name == victim else data)
    return out.getvalue()


def _in_the_stream(content: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    container = CompoundFile(content)
    name = next((name for name in ("Workbook", "Book", "EncryptedPackage") if name in container), None)
    if name is None:
        return damaged(content, chance, others)
    return wrapped(name, damaged(container.stream(name), chance, others))
