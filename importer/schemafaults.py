"""What a provider's schema finds wrong with a row, in words for the person with the sheet (pure)."""

from collections.abc import Collection, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from importer.providers.base import Provider
from importer.providers.fields import Leaf
from importer.rows import FieldError


def schema_faults(
    error: ValidationError,
    wrong: Collection[str],
    provider: Provider,
    headings: Mapping[str, str | None],
    values: Mapping[str, object],
) -> list[FieldError]:
    """Each field at fault, but for those whose cell is known to be `wrong`.

    `headings` are the columns by field, `values` what the row has: both say which column is meant.
    """
    leaves = {leaf.path: leaf for leaf in provider.leaves}
    found = []
    for details in error.errors(include_url=False, include_input=False):
        path = ".".join(map(str, details["loc"]))
        missing = [leaves[path]] if path in leaves else _inside(path, provider)
        found += [
            _schema_fault(details, leaf, provider, headings, values)
            for leaf in missing
            if leaf.path not in wrong
        ]
    return found


def _schema_fault(
    details: ErrorDetails,
    leaf: Leaf,
    provider: Provider,
    headings: Mapping[str, str | None],
    values: Mapping[str, object],
) -> FieldError:
    code, message = _words(details, leaf, provider)
    column = headings[leaf.path]
    if code == "incomplete_group" and column is None:
        # the sheet has no such column: name the one that makes it needed
        column = next((headings[path] for path in values if path.startswith(f"{leaf.group}.")), None)
        message = f'needs "{leaf.column.title}" beside it, for which the sheet has no column'
    return FieldError(leaf.path, column, code, message)


def _inside(path: str, provider: Provider) -> list[Leaf]:
    """The required fields of a part that is missing as a whole."""
    return [leaf for leaf in provider.leaves if leaf.path.startswith(f"{path}.") and leaf.required]


def _words(details: ErrorDetails, leaf: Leaf, provider: Provider) -> tuple[str, str]:
    """The code and the sentence for a fault that the schema found."""
    limits = details.get("ctx", {})
    match details["type"]:
        case "missing" if leaf.group:
            return "incomplete_group", f"is empty, but the rest of the {leaf.group.split('.')[0]} is given"
        case "missing":
            return "missing_value", f"is empty; {provider.title} needs it"
        case "missing_for_id_card":
            return "missing_value", details["msg"]
        case "string_too_long":
            return "too_long", f"is longer than the {limits['max_length']} characters {provider.title} takes"
        case "string_pattern_mismatch":
            return "invalid_value", leaf.column.rule or f"has characters that {provider.title} does not take"
        case _:
            return "invalid_value", details["msg"]
