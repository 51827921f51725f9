"""What goes wrong inside a workbook, told to a person."""

from collections.abc import Iterator
from contextlib import contextmanager

from importer.errors import SourceError

MAX_CELLS = 60_000_000
"""calamine keeps a sheet as a rectangle, 32 bytes a cell, and ends the process when it does not fit."""

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""Excel's and LibreOffice's."""


class TooLargeError(Exception):
    """A sheet's cells span a rectangle of more than `MAX_CELLS`."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__(f"{rows:,} rows x {columns:,} columns")


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
    except TooLargeError as error:
        place = f"Sheet {sheet!r} of {name}" if sheet else name
        raise SourceError(
            f"{place} spans {error}, because of a cell far out. Delete the rows and "
            "columns after the last customer and save, or save the sheet as CSV."
        ) from None
    except MemoryError:
        raise SourceError(f"{name} is too large for this machine's memory. Save it as CSV.") from None
    except BaseException as error:  # noqa: BLE001  see above
        raise encrypted(name) if type(error).__name__ == "PasswordError" else damaged(name) from None
