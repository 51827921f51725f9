"""The values of a mapping: what feeds which field, why it is believed to, and what only a person can say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from importer.errors import MappingError
from importer.mapping.looks import Look
from importer.normalise import Order
from importer.providers.base import Provider

THRESHOLD = 0.5
"""Confidence below which a column feeds nothing until a person has said so."""

NOTHING: Mapping[str, str] = MappingProxyType({})


class Take(StrEnum):
    """Which part of a cell feeds a field: for names that stand in one column and are asked for in two."""

    FIRST_WORD = "first word"
    OTHER_WORDS = "other words"
    LAST_WORD = "last word"
    ALL_BUT_THE_LAST_WORD = "all but the last word"
    BEFORE_THE_COMMA = "before the comma"
    AFTER_THE_COMMA = "after the comma"

    def of(self, text: str) -> str:
        """That part of `text`, "" where there is none: a cell of one word has no other words."""
        words = text.split()
        match self:
            case Take.FIRST_WORD:
                return " ".join(words[:1])
            case Take.OTHER_WORDS:
                return " ".join(words[1:])
            case Take.LAST_WORD:
                return " ".join(words[-1:])
            case Take.ALL_BUT_THE_LAST_WORD:
                return " ".join(words[:-1])
            case Take.BEFORE_THE_COMMA:
                return text.partition(",")[0].strip()
            case Take.AFTER_THE_COMMA:
                return text.partition(",")[2].strip()


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Which column, or constant, feeds which field of a provider, and how its cells are read.

    `columns` maps a field's dotted path to headings as the sheet has them: several are joined by a
    space, and of these `takes` may want a part. `constants` maps a path to the text used for every row;
    a constant wins over a column. `values` replaces what the sheet says, whole cells without regard to
    case, by what is meant ("Männlich" -> "male"); `dates` says how ambiguous dates of a field are
    written; `default_country` (ISO alpha-2) is that of phones in rows without a country of their own.
    `looks` tells what the columns held when the mapping was made, by heading.
    """

    provider: str
    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str] = field(default_factory=dict, repr=False)
    takes: Mapping[str, Take] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    dates: Mapping[str, Order] = field(default_factory=dict)
    default_country: str = ""
    looks: Mapping[str, Look] = field(default_factory=dict)

    def unused(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The headings of `columns` that feed no field."""
        used = {name for names in self.columns.values() for name in names}
        return tuple(name for name in columns if name and name not in used)

    def column_of(self, path: str) -> str | None:
        """The heading that feeds a field (several joined by " + "), None for a constant or nothing."""
        if path in self.constants or path not in self.columns:
            return None
        return " + ".join(self.columns[path])

    def with_constants(self, constants: Mapping[str, str]) -> "FieldMapping":
        """The same with more constants."""
        return replace(self, constants={**self.constants, **constants})


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Why columns are believed to feed a field: `confidence` is 1 for the field's own name, less for less.

    `reason` says it in words, "" where the heading says it all.
    """

    columns: tuple[str, ...]
    confidence: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a question: what to add to the mapping.

    `words` tell a person what it means, `note` what speaks for it ("holds phones").
    """

    words: str
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    takes: Mapping[str, Take] = field(default_factory=dict)
    dates: Mapping[str, Order] = field(default_factory=dict)
    note: str = ""

    def chosen(self, mapping: FieldMapping) -> FieldMapping:
        """The mapping with this answer."""
        return replace(
            mapping,
            columns={**mapping.columns, **self.columns},
            takes={**mapping.takes, **self.takes},
            dates={**mapping.dates, **self.dates},
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person can say about a field.

    With `stops` nothing is sent before it is answered; without, the rows concerned are at fault or
    the field stays empty. `words` quote no cell. `hint` is what to do where no column will do. `rivals`
    tells that several columns want the field by their headings.
    """

    field: str
    words: str
    options: tuple[Option, ...] = ()
    stops: bool = True
    hint: str = ""
    rivals: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """All fields that an answer may concern."""
        return frozenset({self.field}.union(*(option.columns for option in self.options)))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping as far as it is clear, why (by field), and what is left to ask."""

    mapping: FieldMapping
    suggestions: Mapping[str, Suggestion] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()

    @property
    def pressing(self) -> tuple[Question, ...]:
        """The questions without whose answer nothing is sent."""
        return tuple(question for question in self.questions if question.stops)


def check_fields(paths: Sequence[str] | Mapping[str, object], provider: Provider) -> None:
    """Make sure that each path is a field of the provider.

    Raises:
        MappingError: One is not; the message names the nearest and lists those there are.
    """
    known = [leaf.path for leaf in provider.leaves]
    for path in paths:
        if path not in known:
            raise MappingError(
                f"{provider.title} has no field {path!r}.{did_you_mean(path, known)} "
                f"Its fields are: {', '.join(known)}. See them with: importer providers {provider.name}"
            )


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A sentence with the likeliest of `known`, with a space in front; "" where none is alike."""
    from rapidfuzz import fuzz, process, utils  # only when something is wrong

    found = process.extractOne(
        word, known, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=70
    )
    return f' Did you mean "{found[0]}"?' if found else ""
