"""A proposal in the making: what is suggested so far, what is asked, and which columns are still free."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from importer.mapping.looks import Cells, Sample
from importer.mapping.model import Option, Question, Suggestion
from importer.normalise import heading
from importer.providers.base import Provider
from importer.providers.fields import Leaf


@dataclass
class Draft:
    """The columns of a sheet on their way to the fields of a provider. Columns go by position."""

    columns: Sequence[str]
    provider: Provider
    constants: Mapping[str, str]
    sample: Sample
    suggestions: dict[str, Suggestion] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    spoken_for: set[int] = field(default_factory=set)
    """Columns that feed a field, or whose heading names one that others feed."""

    @cached_property
    def repeated(self) -> frozenset[str]:
        """The headings that more than one column has: no mapping can tell these columns apart."""
        return frozenset(name for name, times in Counter(self.columns).items() if times > 1)

    def cells(self, position: int) -> Cells:
        """What is known of a column's cells."""
        return self.sample.column(position)

    def leaf(self, path: str) -> Leaf:
        """The field by that path."""
        return next(leaf for leaf in self.provider.leaves if leaf.path == path)

    def free_fields(self) -> list[Leaf]:
        """The fields that nothing feeds and nobody is asked about."""
        asked = {path for question in self.questions for path in question.fields}
        settled = {*self.suggestions, *self.constants, *asked}
        return [leaf for leaf in self.provider.leaves if leaf.path not in settled]

    def free_columns(self) -> dict[int, str]:
        """The columns with a heading that is nothing to any field so far."""
        return {
            position: column
            for position, column in enumerate(self.columns)
            if position not in self.spoken_for and heading(column)
        }

    def suggest(self, path: str, positions: Sequence[int], confidence: float, reason: str = "") -> None:
        """Let columns feed a field."""
        names = tuple(self.columns[position] for position in positions)
        self.suggestions[path] = Suggestion(names, confidence, reason)
        self.spoken_for.update(positions)

    def drop(self, path: str) -> None:
        """Take back what was suggested for a field."""
        del self.suggestions[path]

    def ask(self, question: Question) -> None:
        """Leave a field to a person."""
        self.questions.append(question)

    def column_option(self, path: str, position: int, held: str = "") -> Option:
        """The answer that a column feeds a field, with what it holds."""
        name = self.columns[position]
        told = f'"{name}"{f" ({held})" if held else ""}'
        return Option(told, {path: (name,)}, note=held)
