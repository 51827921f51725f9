"""Phones whose country nothing tells: no + in front, and no column that says it (pure)."""

from importer.mapping.draft import Draft
from importer.mapping.looks import FEW, is_international
from importer.mapping.model import Question
from importer.providers.fields import Phone


def homeless(draft: Draft) -> list[Question]:
    """What to say of phones that need a country which no column has."""
    found = []
    for leaf in draft.provider.leaves:
        kind, suggestion = leaf.column.kind, draft.suggestions.get(leaf.path)
        if not isinstance(kind, Phone) or suggestion is None or _has_country(draft, kind):
            continue
        cells = draft.cells(draft.columns.index(suggestion.columns[0]))
        local = sum(times for text, times in cells.counts.items() if not is_international(text))
        if cells.filled and local >= FEW * cells.filled:
            found.append(
                Question(
                    leaf.path,
                    f"{local} of {cells.filled} phones have no +, and no column says their country",
                    stops=False,
                    hint="default_country in a mapping does.",
                )
            )
    return found


def _has_country(draft: Draft, kind: Phone) -> bool:
    known = {*draft.suggestions, *draft.constants}
    return kind.country in known or kind.calling_code in known
