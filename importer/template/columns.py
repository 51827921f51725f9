"""What the template says in each of its columns. (pure)"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from importer.normalise import choice
from importer.providers.base import Provider
from importer.providers.fields import (
    CallingCode,
    Choice,
    Column,
    Country,
    Date,
    Email,
    Kind,
    Leaf,
    Phone,
    Url,
    YesNo,
)
from importer.sheetformat import EXAMPLE

_HOW = "One customer a row; the example may stay. A star marks what every row needs."


class Need(StrEnum):
    """Which rows need a cell of the column, in the words of its note."""

    ALWAYS = "Required."
    WITH_OTHERS = "Required where a row has any part of the {}."
    NEVER = "Optional."


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """One column. `words` are what its drop-down offers, empty for none; `countries` that it offers those."""

    heading: str
    need: Need
    note: str
    example: str
    words: tuple[str, ...] = ()
    countries: bool = False


def template_columns(provider: Provider, tag: str) -> tuple[TemplateColumn, ...]:
    """The columns in the order of the provider's schema. The first one shows the mark of the example row,
    and in its note the `tag` that says what the template was made from."""
    first, *others = map(_column, provider.leaves)
    told = f"{first.note}\n\n{_HOW}\nTemplate {tag}"
    return (replace(first, note=told, example=EXAMPLE), *others)


def _column(leaf: Leaf) -> TemplateColumn:
    need, words = _need(leaf), _words(leaf.column.kind)
    example = _example(leaf.column, words)
    part = leaf.group.split(".")[0].replace("_", " ")
    lines = (need.format(part), " ".join(_rules(leaf, words)), f"Example: {example}")
    return TemplateColumn(
        heading=leaf.column.title,
        need=need,
        note="\n".join(filter(None, lines)),
        example=example,
        words=words,
        countries=isinstance(leaf.column.kind, Country),
    )


def _need(leaf: Leaf) -> Need:
    if leaf.required:
        return Need.ALWAYS
    return Need.WITH_OTHERS if leaf.required_in_group else Need.NEVER


def _words(kind: Kind) -> tuple[str, ...]:
    """A closed set in the words of people: "id card" for what is sent as ID_CARD."""
    match kind:
        case Choice(words):
            return tuple(also[0] if also else sent for sent, also in words.items())
        case YesNo():
            return ("yes", "no")
        case _:
            return ()


def _example(column: Column, words: tuple[str, ...]) -> str:
    """The example, if need be as the word in the drop-down that means the same."""
    if not isinstance(column.kind, Choice):
        return column.example
    meant = choice(column.example, column.kind.words)
    return next(word for word in words if choice(word, column.kind.words) == meant)


def _rules(leaf: Leaf, words: tuple[str, ...]) -> Iterator[str]:
    yield from filter(None, [_form(leaf, words)])
    if leaf.longest is not None and not isinstance(leaf.column.kind, Phone):
        yield f"At most {leaf.longest} characters."
    yield from filter(None, [leaf.column.rule])


def _form(leaf: Leaf, words: tuple[str, ...]) -> str:
    """How to write it, in a sentence; "" where it is plain text, or a rule of the provider says so."""
    match leaf.column.kind:
        case Choice() | YesNo():
            return f"One of: {', '.join(words)}."
        case Country():
            return "Choose from the list; a two-letter code like SG does as well."
        case Phone():
            return "" if leaf.column.rule else "With + and the country's calling code in front."
        case CallingCode():
            return "The country's calling code in digits, where the phone has none."
        case Date():
            return "Year-month-day."
        case Email():
            return "One e-mail address."
        case Url():
            return "An address that starts with https://."
        case _:
            return ""
