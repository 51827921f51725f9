"""What to ask where the provider requires a field and no column was found for it (pure)."""

import itertools
import shlex

from importer.mapping.contents import wanted
from importer.mapping.draft import Draft
from importer.mapping.looks import Cells, Holds, surely_other
from importer.mapping.matching import is_called
from importer.mapping.model import Option, Question
from importer.providers import headings
from importer.providers.fields import Choice, Country, Leaf, Text, YesNo

LISTED = 12
"""Columns that are offered; more would be the whole sheet."""

_NOT_FOR_ALL = (headings.FULL_NAME, headings.FIRST_NAME, headings.LAST_NAME)


def ask(draft: Draft) -> None:
    """Ask for every required field that nothing feeds."""
    for leaf in draft.free_fields():
        if leaf.required:
            draft.ask(
                Question(
                    leaf.path,
                    f'which column is "{leaf.column.title}" ({leaf.path}), '
                    f"required by {draft.provider.title}",
                    tuple(_options(draft, leaf)),
                    hint=hint(leaf),
                )
            )


def _options(draft: Draft, leaf: Leaf) -> list[Option]:
    """The columns that nothing else speaks for and that do not plainly hold something else, parts first."""
    meant = wanted(leaf)
    free = draft.free_columns()
    parts = [at for words in leaf.column.parts for at, column in free.items() if is_called(column, words)]
    fitting = (
        at
        for at in dict.fromkeys([*parts, *free])
        if free[at] not in draft.repeated
        and (draft.cells(at).filled or not draft.sample.rows)
        and not _other_than(draft.cells(at), meant)
    )
    return [draft.column_option(leaf.path, at) for at in itertools.islice(fitting, LISTED)]


def _other_than(cells: Cells, meant: Holds | None) -> bool:
    """Whether the cells are of a kind that the field does not take; too few to be sure will do here."""
    kinds = (Holds.EMAILS, Holds.WEB_ADDRESSES, Holds.DATES, Holds.PHONES)
    if cells.plainly in kinds and cells.plainly is not meant:
        return True
    return meant is not None and surely_other(cells, meant) is not None


def hint(leaf: Leaf) -> str:
    """What to type to give every row one value, "" where no two customers have the same."""
    match leaf.column.kind:
        case Choice(words):
            first, *others = words
            also = f" (or {', '.join(others)})" if others else ""
            return f"--set {leaf.path}={first}{also} gives every row the same."
        case YesNo():
            return f"--set {leaf.path}=no (or yes) gives every row the same."
        case Country():
            return f"--set {shlex.quote(f'{leaf.path}={leaf.column.example}')} gives every row the same."
        case Text() if leaf.column.also not in _NOT_FOR_ALL:
            return f"--set {leaf.path}=VALUE gives every row the same."
        case _:
            return ""
