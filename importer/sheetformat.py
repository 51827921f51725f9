"""What a results file looks like from outside: its sheets, its headings, its guard against formulas.

`importer.results` writes the format, `importer.source` reads it back; both take its names from here.
And what stands in a cell that has no value to read.
"""

import re

PREFIX = "import_"
"""Every heading of ours starts with this; the reader leaves such columns out."""

RESULTS_SHEET = "Results"
SUMMARY_SHEET = "Summary"
SETTINGS_SHEET = "import_settings"
"""Very hidden; two columns, key and value; the value beside the key `settings` is JSON."""

SETTINGS_HEADING = "import_settings "
"""In CSV: start of the last heading, with compact JSON after it. The column's cells are empty."""

NOT_CALCULATED = "#NOT CALCULATED!"
"""What the reader puts into a cell whose formula no program has calculated."""

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guard(text: str) -> str:
    """`text` so that no spreadsheet program takes it for a formula: one more ``'`` in front if it might.

    Text that already looks guarded gets another one, so that `unguard` always gives back `text`.
    """
    return "'" + text if _DANGEROUS.match(text) else text


def unguard(text: str) -> str:
    """What `guard` was given. Only for cells and headings of a CSV that `importer.results` wrote."""
    return text[1:] if _GUARDED.match(text) else text
