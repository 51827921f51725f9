"""What a request body may hold: rules for its fields, and every complaint at once.

Stricter than the providers, who are known to let much through: unknown fields, nulls and blank strings are
refused too, since whatever an importer sends without meaning to is a mistake.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

Rule = Callable[[object], str]
"""What is wrong with a value, to follow "The … field", or "" when nothing is."""


class Wrong(Enum):
    """In which way a field is wrong."""

    MISSING = "missing"
    INVALID = "invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One field's fault; `field` is its dotted path."""

    field: str
    wrong: Wrong
    problem: str

    @property
    def sentence(self) -> str:
        """The complaint as a web framework words it."""
        return f"The {self.field.replace('_', ' ').replace('.', ' ')} field {self.problem}."


@dataclass(frozen=True, slots=True)
class Fields:
    """An object: the rule of each field it may have, and the names of those it must have."""

    rules: Mapping[str, "Rule | Fields | ListOf"]
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one to `most` such objects."""

    fields: Fields
    most: int


def complaints(body: Mapping[str, Any], fields: Fields) -> list[Complaint]:
    """Everything that is wrong with `body`, in the order of `fields`, what is unknown last."""
    return list(_in_object(body, fields, ""))


def by_field(found: list[Complaint]) -> dict[str, list[str]]:
    """The sentences, under the path of their field."""
    table: dict[str, list[str]] = {}
    for complaint in found:
        table.setdefault(complaint.field, []).append(complaint.sentence)
    return table


def _in_object(body: Mapping[str, Any], fields: Fields, prefix: str) -> Iterator[Complaint]:
    for name, rule in fields.rules.items():
        if name in body:
            yield from _in_value(body[name], rule, prefix + name)
        elif name in fields.required:
            yield Complaint(prefix + name, Wrong.MISSING, "is required")
    for name in body:
        if name not in fields.rules:
            yield Complaint(prefix + name, Wrong.UNKNOWN, "is not known")


def _in_value(value: object, rule: Rule | Fields | ListOf, path: str) -> Iterator[Complaint]:
    if isinstance(rule, Fields):
        if isinstance(value, dict):
            yield from _in_object(value, rule, path + ".")
        else:
            yield Complaint(path, Wrong.INVALID, "must be an object")
    elif isinstance(rule, ListOf):
        yield from _in_list(value, rule, path)
    elif problem := rule(value):
        yield Complaint(path, Wrong.INVALID, problem)


def _in_list(value: object, rule: ListOf, path: str) -> Iterator[Complaint]:
    if not isinstance(value, list) or not 1 <= len(value) <= rule.most:
        yield Complaint(path, Wrong.INVALID, f"must be a list of 1 to {rule.most}")
        return
    for position, item in enumerate(value):
        yield from _in_value(item, rule.fields, f"{path}.{position}")
