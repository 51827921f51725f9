"""What our files look like from outside: sheets, headings, the example row, the guard against formulas.

`importer.results` and `importer.template` write them, `importer.source` reads them back; all take the names
from here. And what stands in a cell that has no value to read.
"""

import re

PREFIX = "import_"
"""Every heading of ours starts with this; the reader leaves such columns out."""

CUSTOMERS_SHEET = "Customers"
"""The sheet of a template to fill in."""

RESULTS_SHEET = "Results"
SUMMARY_SHEET = "Summary"
PROVIDERS_SHEET = "Providers"
"""What each provider says to each row; no customers stand in it."""

SETTINGS_SHEET = "import_settings"
"""Very hidden; two columns, key and value; the value beside the key `settings` is JSON. In a template, whose
settings have a `template`, the countries to choose from stand there as well."""

SETTINGS_HEADING = "import_settings "
"""In CSV: start of the last heading, with compact JSON after it. The column's cells are empty."""

EXAMPLE = "Example row: not imported"
"""A row with exactly this in a cell is the example of a template: the reader leaves it out, wherever it was
moved to. Whoever types a customer over the row types over this text, too."""

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
