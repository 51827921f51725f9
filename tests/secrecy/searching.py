"""Search everything that the program wrote for what must not be in it."""

import base64
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

from tests.cli_support import Ended


@dataclass
class Written:
    """What was written, by the place it was written to."""

    places: dict[str, bytes] = field(default_factory=dict)

    def add(self, name: str, content: bytes | str) -> None:
        """One more place."""
        self.places[name] = content.encode() if isinstance(content, str) else content

    def ended(self, name: str, done: Ended) -> None:
        """What a command said."""
        self.add(f"{name}: standard output", done.out)
        self.add(f"{name}: standard error", done.err)

    def folder(self, folder: Path, *, but: Iterable[Path] = ()) -> None:
        """Every file below a folder."""
        left_out = set(but)
        for path in folder.rglob("*"):
            if path.is_file() and path not in left_out:
                self.add(str(path.relative_to(folder.parent)), path.read_bytes())

    def holding(self, needles: Iterable[str]) -> dict[str, list[str]]:
        """The places that hold one of the needles, in any letter case, with those that they hold."""
        told = {needle: needle.casefold().encode() for needle in needles}
        found = {
            place: [needle for needle, text in told.items() if any(text in part for part in _parts(content))]
            for place, content in self.places.items()
        }
        return {place: hits for place, hits in found.items() if hits}


def _parts(content: bytes) -> Iterator[bytes]:
    """The content in small letters; of a workbook, what is packed in it."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield from (_small(packed.read(name)) for name in packed.namelist())
    else:
        yield _small(content)


def _small(content: bytes) -> bytes:
    return content.decode("utf-8", "replace").casefold().encode()


def spellings_of_secrets(secrets: Iterable[str]) -> Iterator[str]:
    """Each secret as it is, and as it stands in JSON, addresses and headers."""
    for secret in secrets:
        yield secret
        yield json.dumps(secret)[1:-1]
        yield quote(secret, safe="")
        yield base64.b64encode(secret.encode()).decode().rstrip("=")
        yield base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=")


def spellings_of_cells(rows: Iterable[Mapping[str, str]], leave_out: Iterable[str] = ()) -> set[str]:
    """Each cell as it is, and as it is sent, quoted and escaped; but those of the headings to leave out."""
    cells = {cell for row in rows for heading, cell in row.items() if heading not in set(leave_out) and cell}
    phones = {cell.replace(" ", "").lstrip("+") for cell in cells if cell.startswith("+")}
    found = cells | phones
    return {form for cell in found for form in (cell, json.dumps(cell)[1:-1], quote(cell), quote_plus(cell))}
