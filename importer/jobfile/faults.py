"""What is wrong with a job file, by line and key, in words that say what is wanted. (pure)"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from importer.jobfile.model import JobFile

NEVER = {
    "again": "would create everybody a second time, night after night. Remove it; for one night give it on "
    "the command line: --again",
    "yes": "is not needed: a job never asks. Remove it",
    "json": "is given on the command line: --json",
    "verbose": "is given on the command line: --verbose",
}
"""Options that are no keys, and why."""


_TABLE = "is a table: write [{key}] on a line of its own, and its keys below"
_WORDS = {
    "missing": "is missing",
    "value_error": "{error}",
    "enum": "takes {expected}",
    "model_type": _TABLE,
    "dict_type": _TABLE,
    "mapping_type": _TABLE,
    "string_type": "takes a text in quotes",
    "path_type": "takes a text in quotes",
    "tuple_type": 'takes a list of texts, like ["a", "b"]',
    "bool_type": "takes true or false",
    "int_type": "takes a whole number, without quotes",
    "int_from_float": "takes a whole number, without quotes",
    "float_type": "takes a number, without quotes",
    "greater_than_equal": "must be {ge:g} or more",
    "greater_than": "must be more than {gt:g}",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "is made of letters, digits and the signs - and _, without spaces",
}
"""What pydantic's kinds of errors mean to the person who wrote the file."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the key at fault and, from 1, its line; 0 where no line of the file is to blame."""

    line: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.key}" if self.line and self.key else self.key
        return f"{place or f'line {self.line}'}: {self.message}"


def told(path: Path, faults: Sequence[Fault]) -> str:
    """All faults of a file in one message."""
    if len(faults) == 1:
        return f"{path}, {faults[0]}"
    lines = sorted(faults, key=lambda fault: fault.line)
    return "\n  ".join([f"{path} has {len(faults)} faults:", *map(str, lines)])


@dataclass(frozen=True, slots=True)
class Places:
    """Where each key, by its dotted name, stands: on a line of the file, or as an option typed with it."""

    lines: Mapping[str, int]
    given: frozenset[str] = frozenset()

    def fault(self, key: str, message: str) -> Fault:
        """A fault of that key. One that the file does not hold stands where its table does."""
        top, _, rest = key.partition(".")
        if top in self.given and not (rest and key in self.lines):
            return Fault(0, f"--{top.replace('_', '-')} {rest}".strip(), f"{message.rstrip('.')}.")
        around = key
        while around and around not in self.lines:
            around = around.rpartition(".")[0]
        return Fault(self.lines.get(around, 0), key, f"{message.rstrip('.')}.")


def model_problems(error: ValidationError) -> Iterator[tuple[str, str]]:
    """What the model refuses: a dotted key, and what is wrong with it."""
    for each in error.errors(include_url=False, include_input=False):
        key = tuple(part for part in each["loc"] if isinstance(part, str))
        yield ".".join(key), _words(key, each)


def _words(key: tuple[str, ...], error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return _unknown(key)
    context = error.get("ctx", {})
    wanted = str(context.get("expected", "")).replace("'", '"')
    told = _WORDS.get(error["type"], str(error["msg"]).replace("{", "{{").replace("}", "}}"))
    return told.format(**{**context, "expected": wanted}, key=".".join(key))


def _unknown(key: tuple[str, ...]) -> str:
    name, top = key[-1], len(key) == 1
    if top and name in NEVER:
        return NEVER[name]
    for place in ((), *((section,) for section in sections())):
        if place != key[:-1] and name in keys_of(place):
            where = f"under [{place[0]}]" if place else "at the top, above the first [table]"
            return f"is no key here. It belongs {where}"
    here = "A job file" if top else f"[{key[0]}]"
    known = keys_of(key[:-1])
    likely = nearest(name, known)
    hint = f' Did you mean "{likely}"?' if likely else ""
    return f"is no key.{hint} {here} has: {', '.join(known)}"


def nearest(name: str, known: Sequence[str]) -> str:
    """The likeliest of `known`, "" where none is alike: by slips of the finger first, then by parts of it."""
    from rapidfuzz import distance, fuzz, process  # only when something is wrong

    slips = distance.DamerauLevenshtein.normalized_similarity
    found = process.extractOne(name, known, scorer=slips, score_cutoff=0.7) or process.extractOne(
        name, known, scorer=fuzz.WRatio, score_cutoff=70
    )
    return found[0] if found else ""


def meant(key: str) -> str:
    """The key at the top that one was probably meant to be, itself where it is one or like none."""
    return key if key in keys_of(()) else nearest(key, keys_of(())) or key


def sections() -> dict[str, type[BaseModel]]:
    """The tables of a job file that have keys of their own, by name."""
    found = {}
    for name, field in JobFile.model_fields.items():
        for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found[name] = kind
    return found


def keys_of(section: tuple[str, ...]) -> list[str]:
    """The keys of a table, or with () those at the top."""
    model: type[BaseModel] = JobFile if not section else sections().get(section[0], Empty)
    return [field.alias or name for name, field in model.model_fields.items()]


class Empty(BaseModel):
    """A table without keys of its own."""
