"""Which providers would take the rows of a sheet, and what is missing for whom. (pure)

Every row is put to every provider once. Repeated rows are not looked for, nor is the ledger asked: the check
for one provider does both.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from importer import mapping as mappings
from importer.accounts import open_account
from importer.errors import MappingError
from importer.mapping import NO_SAMPLE, FieldMapping, Sample
from importer.mapping.telling import asked
from importer.providers import PROVIDERS
from importer.providers.base import Provider
from importer.providers.fields import Leaf, Phone
from importer.rows import FieldError, Row
from importer.validation import Checked, validator

_EMPTY = frozenset({"missing_value", "incomplete_group"})
"""Codes of faults that something has to be filled in for."""

_CAUSES = 3
"""So many causes are told."""

_LABELS = 3
"""So many columns are enough to tell people by."""


class Answer(StrEnum):
    """What a provider says to a row.

    COLUMNS_MISSING: nothing else is wrong with it. UNCLEAR: two columns could feed one field, so the row was
    not looked at.
    """

    READY = "ready"
    COLUMNS_MISSING = "columns missing"
    FAULTY = "faulty"
    UNCLEAR = "columns unclear"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one provider says to one row; `text` is the answer, or the faults in short."""

    answer: Answer
    text: str = field(repr=False)


@dataclass(slots=True)
class Candidate:
    """A provider, how far the columns go for it, and what it has said to the rows so far.

    `missing` are its required fields without a column, `unclear` says why its columns could not be told,
    "" where they could. `causes` counts rows by the code of a fault.
    """

    provider: Provider
    missing: tuple[Leaf, ...] = ()
    unclear: str = ""
    counts: dict[Answer, int] = field(default_factory=lambda: dict.fromkeys(Answer, 0))
    causes: Counter[str] = field(default_factory=Counter)
    _check: Callable[[Row], Checked] | None = None
    _names: Mapping[str, str] = field(default_factory=dict)
    _excused: Callable[[FieldError], bool] = field(default=lambda fault: False)

    @property
    def missing_text(self) -> str:
        """The required fields without a column by their titles, or what is unclear about the columns."""
        return self.unclear or ", ".join(leaf.column.title for leaf in self.missing)

    @property
    def causes_text(self) -> str:
        """The most frequent codes, with their rows."""
        return ", ".join(f"{code} {count:,}" for code, count in self.causes.most_common(_CAUSES))

    def judge(self, row: Row) -> Opinion:
        """Say what the provider would, and count it."""
        opinion = self._opinion(row)
        self.counts[opinion.answer] += 1
        return opinion

    def _opinion(self, row: Row) -> Opinion:
        if self._check is None:
            return _SETTLED[Answer.UNCLEAR]
        faults = self._check(row).faults
        if self.missing:
            faults = tuple(fault for fault in faults if not self._excused(fault))
        if not faults:
            return _SETTLED[Answer.COLUMNS_MISSING if self.missing else Answer.READY]
        self.causes.update({fault.code for fault in faults})
        return Opinion(Answer.FAULTY, _in_short(faults, self._names))


_SETTLED = {answer: Opinion(answer, str(answer)) for answer in Answer}


@dataclass(slots=True)
class Comparison:
    """All providers beside each other. `taken` counts the rows that at least one would take."""

    candidates: tuple[Candidate, ...]
    rows: int = 0
    taken: int = 0
    _labels: tuple[int, ...] = ()

    @property
    def verdict(self) -> str:
        """How many rows would be taken, and what was not looked at."""
        none = self.rows - self.taken
        return (
            f"{self.taken:,} of {self.rows:,} rows would be taken as they are by at least one provider"
            f"{f', {none:,} by none' if none else ''}. Repeated rows, and what was sent before, are not "
            "looked at here: importer check -p NAME does so."
        )

    @property
    def facts(self) -> dict[str, dict[str, object]]:
        """The counts of each provider by its name, as JSON-able data."""
        return {
            each.provider.name: {
                "ready": each.counts[Answer.READY],
                "lack_only_columns": each.counts[Answer.COLUMNS_MISSING],
                "faulty": each.counts[Answer.FAULTY],
                "missing": [leaf.path for leaf in each.missing],
                "unclear": each.unclear,
                "causes": dict(each.causes.most_common()),
            }
            for each in self.candidates
        }

    def put(self, rows: Iterable[Row]) -> None:
        """Put all these rows to all providers, for the counts alone."""
        for row in rows:
            self.opinions(row)

    def opinions(self, row: Row) -> list[Opinion]:
        """What each provider says to a row, in the order of `candidates`."""
        found = [candidate.judge(row) for candidate in self.candidates]
        self.rows += 1
        self.taken += _SETTLED[Answer.READY] in found
        return found

    def label(self, row: Row) -> str:
        """The cells a person knows the row by: name and e-mail address, where there are such columns."""
        return " ".join(filter(None, (row.cells[place].strip() for place in self._labels)))


def compare(
    columns: Sequence[str],
    *,
    constants: Mapping[str, str] | None = None,
    known: Iterable[FieldMapping] = (),
    sample: Sample = NO_SAMPLE,
) -> Comparison:
    """A comparison for a sheet with these columns, before its first row.

    `constants` count for the providers that have such a field; `known` mappings replace what the headings
    and the first rows, `sample`, suggest.

    Raises:
        MappingError: No provider has a field that a constant is for.
    """
    given = constants or {}
    for path in given:
        if not any(leaf.path == path for provider in PROVIDERS.values() for leaf in provider.leaves):
            raise MappingError(
                f"No provider has a field {path!r}. See the fields with: importer providers NAME"
            )
    already = {mapping.provider: mapping for mapping in known}
    found = {
        name: already.get(name) or _suggested(columns, provider, given, sample)
        for name, provider in PROVIDERS.items()
    }
    candidates = tuple(_candidate(PROVIDERS[name], columns, mapping) for name, mapping in found.items())
    clear = [mapping for mapping in found.values() if isinstance(mapping, FieldMapping)]
    return Comparison(candidates, _labels=_label_places(columns, clear))


def _suggested(
    columns: Sequence[str], provider: Provider, constants: Mapping[str, str], sample: Sample
) -> FieldMapping | MappingError:
    paths = {leaf.path for leaf in provider.leaves}
    own = {path: value for path, value in constants.items() if path in paths}
    proposal = mappings.propose(columns, provider, constants=own, sample=sample)
    rivals = [question for question in proposal.pressing if question.rivals]
    return MappingError(asked(rivals)) if rivals else proposal.mapping


def _candidate(provider: Provider, columns: Sequence[str], mapping: FieldMapping | MappingError) -> Candidate:
    if isinstance(mapping, MappingError):
        return Candidate(provider, unclear=str(mapping))
    names = {leaf.path: mapping.column_of(leaf.path) for leaf in provider.leaves}
    missing = tuple(
        leaf
        for leaf in provider.leaves
        if leaf.required and names[leaf.path] is None and leaf.path not in mapping.constants
    )
    return Candidate(
        provider,
        missing,
        _check=validator(open_account(provider, variables={}), mapping, columns),
        _names={
            leaf.path: names[leaf.path] or f"{leaf.column.title} (no column)" for leaf in provider.leaves
        },
        _excused=_because_of(missing, provider),
    )


def _because_of(missing: Sequence[Leaf], provider: Provider) -> Callable[[FieldError], bool]:
    """Whether a fault is told already by a missing column: that of its field, or the country of a phone."""
    paths = {leaf.path for leaf in missing}
    phones = {
        leaf.path
        for leaf in provider.leaves
        if isinstance(leaf.column.kind, Phone) and leaf.column.kind.country in paths
    }
    return lambda fault: (
        fault.field in paths or (fault.code == "phone_needs_country" and fault.field in phones)
    )


def _in_short(faults: Sequence[FieldError], names: Mapping[str, str]) -> str:
    """The columns that have to be filled in, and those that have to be corrected."""
    empty = dict.fromkeys(names[fault.field] for fault in faults if fault.code in _EMPTY)
    wrong = dict.fromkeys(names[fault.field] for fault in faults if fault.code not in _EMPTY)
    parts = (("empty", empty), ("wrong", wrong))
    return "; ".join(f"{what}: {', '.join(those)}" for what, those in parts if those)


def _label_places(columns: Sequence[str], found: Iterable[FieldMapping]) -> tuple[int, ...]:
    """Where names and e-mail addresses stand by which a provider knows a customer; else the first column."""
    telling = {
        columns.index(name)
        for mapping in found
        for leaf in PROVIDERS[mapping.provider].leaves
        if (leaf.path,) in PROVIDERS[mapping.provider].identity and not isinstance(leaf.column.kind, Phone)
        for name in mapping.columns.get(leaf.path, ())
    }
    return tuple(sorted(telling))[:_LABELS] or tuple(range(min(1, len(columns))))
