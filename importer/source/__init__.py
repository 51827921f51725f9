"""Read rows from a spreadsheet, as the person who made it sees them.

open_source ─▶ kind      what the file really is, and whether it is safe to open
             ├▶ text     csv, tsv, txt: `encoding` and delimiter found, then streamed
             ├▶ excel    xlsx, xlsm, xls, xlsb: values by calamine, looks by `marks`
             └▶ ods      the text that LibreOffice shows is in the file itself
                  └────▶ header   which row holds the headings, which columns are whose
"""

from pathlib import Path

from importer.errors import SourceError
from importer.source.kind import Kind, kind_of
from importer.source.model import ReadOptions, Source

__all__ = ["ReadOptions", "Source", "open_source"]


def open_source(path: Path, options: ReadOptions = ReadOptions()) -> Source:  # noqa: B008  frozen
    """The spreadsheet at `path`, checked to its end: reading its rows afterwards raises nothing.

    The one exception is a text file that somebody changes meanwhile.

    Raises:
        SourceError: The file is no spreadsheet, is damaged, or has no headings with rows below.
    """
    kind, note = kind_of(path)
    if kind is Kind.TEXT:
        from importer.source.text import open_text

        return open_text(path, options, note)
    if options.encoding is not None or options.delimiter is not None:
        raise SourceError(
            f"{path.name} is a workbook: --encoding and --delimiter are for text files. Leave them out."
        )
    from importer.source.workbook import open_workbook

    return open_workbook(path, kind, options, note)
