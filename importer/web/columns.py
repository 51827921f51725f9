"""The mapping as a form, and back: which column, part, constant, order of dates and words for each field."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from importer import mapping as mappings
from importer.describing import form
from importer.errors import MappingError
from importer.mapping import FieldMapping, Proposal, Question, Sample, Take
from importer.normalise import Order
from importer.providers.base import Provider
from importer.providers.fields import Choice, Country, Date, Leaf, Phone, YesNo
from importer.source import Source

SAMPLES = 3
MOST_WORDS = 50
LISTED = 4

SAME_HEADING = (
    "Columns with the same heading cannot be told apart, so none of them can be chosen: give each a heading "
    "of its own in the file, and upload it again."
)

ORDERS: Mapping[Order, str] = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One answer to "which column?": its value in the form, its label, and some of its cells."""

    value: str
    label: str = field(repr=False)
    samples: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Word:
    """A word that a field does not take, in so many of the rows looked at, and what is meant by it."""

    said: str = field(repr=False)
    rows: int
    meant: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the provider on the form. `number` is its place in the schema; `form` how it is sent."""

    number: int
    leaf: Leaf
    form: str
    choices: tuple[ColumnChoice, ...]
    chosen: str
    confidence: float | None = None
    reason: str = ""
    take: str = ""
    constant: str = field(default="", repr=False)
    order: str = ""
    words: tuple[Word, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def is_date(self) -> bool:
        """Whether the order of dates can be chosen."""
        return isinstance(self.leaf.column.kind, Date)

    @property
    def answers(self) -> tuple[str, ...]:
        """What the field takes, where that is a short list."""
        match self.leaf.column.kind:
            case Choice(words):
                return tuple(words)
            case YesNo():
                return ("yes", "no")
            case _:
                return ()

    @property
    def is_missing(self) -> bool:
        """Whether it is required and nothing feeds it."""
        return self.leaf.required and not self.chosen and not self.constant

    @property
    def is_open(self) -> bool:
        """Whether a person has to answer before the sheet can be checked."""
        return self.is_missing

    @property
    def is_asked(self) -> bool:
        """Whether there is a question that may be left: rows are at fault then, or the field stays empty."""
        return bool(self.questions) and not self.is_missing

    @property
    def asks_order(self) -> bool:
        """Whether it is the order of the dates that a person has to say."""
        return self.is_date and bool(self.chosen and self.questions)

    @property
    def is_shown(self) -> bool:
        """Whether it is shown from the start, and not folded away."""
        return bool(self.leaf.required or self.chosen or self.constant or self.questions)

    @property
    def is_special(self) -> bool:
        """Whether more is said of it than a column, or has to be."""
        same = self.answers or isinstance(self.leaf.column.kind, Country)
        return bool(self.take or self.constant or (self.is_missing and same))

    @property
    def samples(self) -> str:
        """Some cells of the chosen column."""
        return next((each.samples for each in self.choices if each.value == self.chosen), "")


def form_fields(
    source: Source, provider: Provider, proposal: Proposal, sample: Sample
) -> tuple[FormField, ...]:
    """The fields of a provider with what is proposed for each, the required ones first."""
    mapping = proposal.mapping
    single = tuple(_choices(source.columns, sample))
    strange = mappings.not_understood(mapping, source.columns, provider, sample)
    found = [
        _field(number, leaf, single, proposal, strange.get(leaf.path, {}), source.columns)
        for number, leaf in enumerate(provider.leaves)
    ]
    return tuple(sorted(found, key=lambda each: (not each.leaf.required, each.number)))


def _choices(columns: Sequence[str], sample: Sample) -> list[ColumnChoice]:
    found = []
    for at, name in enumerate(columns):
        if name and columns.count(name) == 1:
            found.append(ColumnChoice(f"c{at}", name, _samples(sample, at)))
    return found


def repeated(columns: Sequence[str]) -> dict[str, int]:
    """The headings that several columns have, with how many: none of them can be chosen."""
    return {name: count for name, count in Counter(columns).items() if name and count > 1}


def _samples(sample: Sample, at: int) -> str:
    cells = dict.fromkeys(row[at].strip() for row in sample.rows if row[at].strip())
    return " · ".join(cell if len(cell) <= 40 else f"{cell[:39]}…" for cell in list(cells)[:SAMPLES])


def _field(
    number: int,
    leaf: Leaf,
    single: tuple[ColumnChoice, ...],
    proposal: Proposal,
    strange: Mapping[str, int],
    columns: Sequence[str],
) -> FormField:
    mapping, path = proposal.mapping, leaf.path
    names = mapping.columns.get(path, ())
    chosen = "+".join(f"c{columns.index(name)}" for name in names if name in columns)
    choices = single
    if len(names) > 1:
        joined = [each for name in names for each in single if each.label == name]
        choices = (ColumnChoice(chosen, " + ".join(names), " + ".join(j.samples for j in joined)), *single)
    suggestion = proposal.suggestions.get(path)
    kept = mapping.values.get(path, {})
    words = [Word(said, strange.get(said, 0), meant) for said, meant in kept.items()]
    words += [Word(said, rows, "") for said, rows in strange.items() if said not in kept]
    return FormField(
        number,
        leaf,
        form(leaf),
        choices,
        chosen,
        confidence=suggestion.confidence if suggestion else None,
        reason=suggestion.reason if suggestion else "",
        take=str(mapping.takes.get(path, "")),
        constant=mapping.constants.get(path, ""),
        order=mapping.dates.get(path, ""),
        words=tuple(words[:MOST_WORDS]),
        questions=tuple(_asked(each, leaf) for each in proposal.questions if path == each.field),
    )


def _asked(question: Question, leaf: Leaf) -> str:
    """A question as the form puts it: what to type on a terminal is left out."""
    title, answers = leaf.column.title, " or ".join(each.words for each in question.options[:LISTED])
    if any(each.dates for each in question.options):
        return f"{question.words}: say below which it is."
    if question.rivals and not question.options:  # their headings are the same
        return f"{question.words.replace(f'the field {leaf.path}', title)}. {SAME_HEADING}"
    if question.words.startswith("which column"):
        return f"{title} is required, and no heading says so." + (f" Perhaps {answers}?" if answers else "")
    asked = question.words.replace(f"the field {leaf.path}", title)
    return f"{asked[:1].upper()}{asked[1:]}" + (f": {answers}." if answers else ".")


def read_form(given: Form, source: Source, provider: Provider, sample: Sample) -> FieldMapping:
    """The mapping that a filled form says.

    Raises:
        MappingError: It lacks what the provider requires, or says what it cannot say.
    """
    mapping = read_choices(given, source, provider)
    _require_all(mapping, provider)
    mappings.require_columns(mapping, source.columns, provider, sample)
    return mapping


def read_choices(given: Form, source: Source, provider: Provider) -> FieldMapping:
    """The same, though something may be missing.

    Raises:
        MappingError: It says what it cannot say.
    """
    columns: dict[str, object] = {}
    constants: dict[str, str] = {}
    dates: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    for number, leaf in enumerate(provider.leaves):
        names = _names(given.get(f"column.{number}", ""), source.columns)
        take = given.get(f"take.{number}", "")
        if names:
            columns[leaf.path] = {"column": names, "take": take} if take else names
        if constant := given.get(f"constant.{number}", "").strip():
            constants[leaf.path] = constant
        if (order := given.get(f"order.{number}", "")) in get_args(Order):
            dates[leaf.path] = order
        if words := _words(given, number):
            values[leaf.path] = words
    country = given.get("default_country", "").strip()
    document = {"columns": columns, "constants": constants, "dates": dates, "values": values}
    return mappings.from_settings({**document, "default_country": country}, provider)


def _require_all(mapping: FieldMapping, provider: Provider) -> None:
    """The same as the library requires, in the words of this page."""
    known = {*mapping.columns, *mapping.constants}
    missing = [leaf.column.title for leaf in provider.leaves if leaf.required and leaf.path not in known]
    if missing:
        raise MappingError(
            f"{provider.title} requires these: {', '.join(missing)}. Choose a column for each, or write "
            "what is the same for every row."
        )


def _names(value: str, columns: Sequence[str]) -> list[str]:
    """The headings that a choice stands for; none for no column.

    Raises:
        MappingError: It stands for no column of this sheet.
    """
    try:
        places = [int(each.removeprefix("c")) for each in value.split("+")] if value else []
        if min(places, default=0) < 0:
            raise IndexError
        return [columns[at] for at in places]
    except (ValueError, IndexError):
        raise MappingError(
            "The form names a column that this sheet does not have: it is of another upload. Reload the page."
        ) from None


def _words(given: Form, number: int) -> dict[str, str]:
    found = {}
    for place in range(MOST_WORDS):
        said, meant = given.get(f"said.{number}.{place}", ""), given.get(f"meant.{number}.{place}", "")
        if said and meant.strip():
            found[said] = "" if meant.strip() == "-" else meant.strip()
    return found


def has_phones(provider: Provider) -> bool:
    """Whether it matters whose phones those without a country are."""
    return any(isinstance(leaf.column.kind, Phone) for leaf in provider.leaves)


TAKES = tuple(map(str, Take))
