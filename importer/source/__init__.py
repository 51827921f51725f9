"""Read rows from a spreadsheet, as the person who made it sees them.

open_source ─▶ kind        what the file really is, and whether it is safe to open
             ├▶ text       csv, tsv, txt: `encoding` (by `codepage`) and delimiter found, then streamed
             └▶ workbook   which sheet
                 ├▶ excel  xlsx, xlsm, xlsb, xls: values by calamine; `xlsx`, `xlsb` and `xls` (out of its
                 │         `compound` file) tell the `looks` of cells, by their `numberformat`
                 └▶ ods    the text that was shown stands in the file
        both ─▶ header     which row holds the headings
              ▶ columns    which columns are the customer's, and which a results file added
"""

from pathlib import Path

from importer.errors import SourceError
from importer.source.archive import unpacked
from importer.source.document import find_document
from importer.source.kind import Kind, kind_of
from importer.source.model import ReadOptions, Source

__all__ = ["ReadOptions", "Source", "open_source"]


def open_source(path: Path, options: ReadOptions = ReadOptions()) -> Source:  # noqa: B008  frozen
    """The spreadsheet at `path`. Text is checked to its end; what reading rows may still raise, they tell.

    Raises:
        SourceError: The file is no spreadsheet, is damaged, or has no headings with rows below.
    """
    document, unpacking = unpacked(find_document(path))
    kind, naming = kind_of(document)
    if kind is Kind.TEXT:
        from importer.source.text import open_text

        return open_text(document, options, unpacking, naming)
    if options.encoding is not None or options.delimiter is not None:
        raise SourceError(
            f"{document.name} is a workbook: --encoding and --delimiter are for text files. Leave them out."
        )
    from importer.source.workbook import open_workbook

    return open_workbook(document.held(), kind, options, unpacking, naming)
