"""What goes wrong inside a workbook, told to a person."""

from collections.abc import Iterator
from contextlib import contextmanager

from importer.errors import SourceError
from importer.source.place import printable

MAX_CELLS = 60_000_000
"""calamine keeps a sheet as a rectangle, 32 bytes a cell, and ends the process when it does not fit."""

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""Excel's and LibreOffice's."""

MAX_CELL = 1_000_000
"""Characters. Excel holds 32,767 in a cell; more are a missing quotation mark, or meant to do harm."""

MAX_TEXT = 2 << 30
"""Characters in all cells of a sheet. A text that a file holds once may stand in millions of cells."""


class BeyondBoundsError(Exception):
    """A sheet is larger than can be held. The message goes on after the sheet's name."""


def too_wide(rows: int, columns: int) -> BeyondBoundsError:
    """The error for cells that span a rectangle of more than `MAX_CELLS`."""
    return BeyondBoundsError(
        f"spans {rows:,} rows x {columns:,} columns, because of a cell far out. Delete the rows and "
        "columns after the last customer and save, or save the sheet as CSV."
    )


def too_long(row: int | None = None) -> BeyondBoundsError:
    """The error for a cell of more than `MAX_CELL`."""
    place = f" in row {row}" if row else ""
    return BeyondBoundsError(
        f"has a cell{place} of more than {MAX_CELL:,} characters, which no spreadsheet program holds. "
        "Shorten it and save."
    )


def too_much_text() -> BeyondBoundsError:
    """The error for cells that hold more than `MAX_TEXT` together."""
    return BeyondBoundsError("holds more text than any list of customers. Delete what is none, and save.")


def damaged(name: str) -> SourceError:
    """The error for a workbook that breaks off or cannot be understood."""
    return SourceError(
        f"{name} is damaged or incomplete. Fetch it again; "
        "or open it in your spreadsheet program, let it repair the file, and save it anew."
    )


def encrypted(name: str) -> SourceError:
    """The error for a workbook that wants a password."""
    return SourceError(
        f"{name} is protected with a password. Open it, remove the password "
        "(File > Info > Protect Workbook > Encrypt with Password), and save it."
    )


@contextmanager
def explained(name: str, sheet: str = "") -> Iterator[None]:
    """Whatever goes wrong inside becomes a `SourceError`; calamine even panics, which is no Exception."""
    try:
        yield
    except (SourceError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BeyondBoundsError as error:
        raise SourceError(
            f"Sheet {printable(sheet)!r} of {name} {error}" if sheet else f"{name} {error}"
        ) from None
    except MemoryError:
        raise SourceError(f"{name} is too large for this machine's memory. Save it as CSV.") from None
    except BaseException as error:  # noqa: BLE001  see above
        raise encrypted(name) if type(error).__name__ == "PasswordError" else damaged(name) from None
