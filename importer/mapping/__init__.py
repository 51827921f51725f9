"""Which column of a sheet feeds which field of a provider: found, asked, kept, applied.

suggesting ─▶ matching    the field that a heading names
           ├▶ contents    what the cells say for or against it (`looks`: what cells look like)
           ├▶ names       whole names and halves: joined, or asked about
           ├▶ dates       how a column's dates are written
           └▶ missing     what is asked where nothing was found
tomlfile   ─▶ settings    the mapping as a person edits it, and as a results file carries it
fitting                   whether a kept mapping still fits a sheet
applying                  from the cells of a row to the text of a field
telling                   notes for the plan, questions for a message
All speak in the values of `model`.
"""

from importer.mapping.applying import Read, positions_of, reader
from importer.mapping.fitting import require_columns, require_looks
from importer.mapping.looks import SAMPLE_ROWS, Sample
from importer.mapping.model import (
    THRESHOLD,
    FieldMapping,
    Option,
    Proposal,
    Question,
    Suggestion,
    Take,
    check_fields,
)
from importer.mapping.settings import from_settings, to_settings
from importer.mapping.suggesting import NO_SAMPLE, looks_of, propose, suggest
from importer.mapping.tomlfile import load, provider_of, save, to_toml
from importer.mapping.values import not_understood

__all__ = [
    "NO_SAMPLE",
    "SAMPLE_ROWS",
    "THRESHOLD",
    "FieldMapping",
    "Option",
    "Proposal",
    "Question",
    "Read",
    "Sample",
    "Suggestion",
    "Take",
    "check_fields",
    "from_settings",
    "load",
    "looks_of",
    "not_understood",
    "positions_of",
    "propose",
    "provider_of",
    "reader",
    "require_columns",
    "require_looks",
    "save",
    "suggest",
    "to_settings",
    "to_toml",
]
