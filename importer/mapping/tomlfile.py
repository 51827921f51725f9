"""A mapping as a TOML file that a person likes to edit: read, written, and what is open as comments."""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from importer.errors import MappingError
from importer.mapping import values
from importer.mapping.model import FieldMapping, Option, Proposal, Question, Suggestion, Take
from importer.mapping.settings import from_settings
from importer.providers.base import Provider
from importer.providers.fields import Date, Leaf, Phone


def load(path: Path, provider: Provider) -> FieldMapping:
    """The mapping in a TOML file.

    Raises:
        MappingError: The file cannot be read, is for another provider, or holds anything unknown.
    """
    document = _document(path)
    meant = document.get("provider", provider.name)
    if meant != provider.name:
        raise MappingError(f"The mapping {path} is for {meant}, not for {provider.name}.")
    return from_settings(document, provider)


def provider_of(path: Path) -> str:
    """The provider that a mapping says it is for, "" where it says none.

    Raises:
        MappingError: The file cannot be read.
    """
    found = _document(path).get("provider", "")
    return found if isinstance(found, str) else ""


def _document(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise MappingError(f"The mapping {path} cannot be read: {reason}.") from error


def save(path: Path, text: str) -> None:
    """Write a mapping; a file that is there is kept.

    Raises:
        MappingError: There is a file already, or it cannot be written.
    """
    content = text.encode("utf-8", "replace")
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise MappingError(f"{path} exists: give another name with -o, or remove it first.") from None
    except OSError as error:
        raise MappingError(f"The mapping {path} cannot be written: {error.strerror}.") from error


def to_toml(
    mapping: FieldMapping,
    columns: Sequence[str],
    provider: Provider,
    *,
    proposal: Proposal | None = None,
    strange: Mapping[str, Mapping[str, int]] | None = None,
) -> str:
    """The mapping as a TOML file that a person can edit.

    What is open, what was not understood (`strange`: words by field, and how often) and what is left
    over are comments, each where its answer goes. `proposal` has the reasons and questions.
    """
    known = proposal or Proposal(mapping)
    parts = (
        _head(mapping, provider, known),
        _columns(mapping, provider, known),
        ["[constants]  # one value for every row; wins over a column", *_pairs(mapping.constants)],
        _values(mapping, provider, strange or {}, known),
        _dates(mapping, provider, known),
        _looks(mapping),
        [f"# not used: {_quoted(name)}" for name in mapping.unused(columns)],
    )
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _head(mapping: FieldMapping, provider: Provider, proposal: Proposal) -> list[str]:
    lines = [
        f"# Which column of the sheet feeds which field of {provider.title}. Lines with # are off.",
        '# ["First", "Last"] joins columns by a space; { column = "Name", take = "first word" } takes a part',
        f"# ({', '.join(Take)}).",
        f"provider = {_quoted(provider.name)}",
    ]
    phones = [leaf.path for leaf in provider.leaves if isinstance(leaf.column.kind, Phone)]
    if phones:
        mark = "" if mapping.default_country else "# "
        country = _quoted(mapping.default_country or "NG")
        told = [each.words for each in proposal.questions if each.field in phones and not each.stops]
        lines += [f"# {_plain(words)}:" for words in told]
        lines.append(f"{mark}default_country = {country}  # of phones without +, in rows without a country")
    return lines


def _columns(mapping: FieldMapping, provider: Provider, proposal: Proposal) -> list[str]:
    """The required fields, then the others; questions stand in for the fields that they are about."""
    asked = {path: each for each in proposal.questions for path in each.fields if path not in mapping.columns}
    told: list[Question] = []
    lines = ["[columns]"]
    for leaf in sorted(provider.leaves, key=lambda leaf: not leaf.required):
        question = asked.get(leaf.path)
        if question is None:
            lines.append(_field(mapping, leaf, proposal.suggestions.get(leaf.path)))
        elif question not in told:
            told.append(question)
            lines += _question(question)
    return lines


def _field(mapping: FieldMapping, leaf: Leaf, suggestion: Suggestion | None) -> str:
    if leaf.path not in mapping.columns:
        need = "required" if leaf.required and leaf.path not in mapping.constants else "optional"
        return f'# {_quoted(leaf.path)} = ""  # {leaf.column.title}, {need}'
    line = _column(leaf.path, mapping.columns[leaf.path], mapping.takes.get(leaf.path))
    if suggestion is None or not suggestion.reason:
        return line
    return f"{line}  # {suggestion.confidence:.0%}: {_plain(suggestion.reason)}"


def _column(path: str, names: Sequence[str], take: Take | None) -> str:
    listed = _quoted(names[0]) if len(names) == 1 else f"[{', '.join(map(_quoted, names))}]"
    value = listed if take is None else f"{{ column = {listed}, take = {_quoted(take)} }}"
    return f"{_quoted(path)} = {value}"


def _question(question: Question) -> list[str]:
    """A question and its answers, each commented out."""
    need = "" if question.stops else " (optional)"
    how = "remove the # of the right line" if question.options else "write its heading"
    lines = [f"# QUESTION{need}: {_plain(question.words)}: {how}"]
    lines += [f"# {_plain(question.hint)}"] if question.hint else []
    for number, option in enumerate(question.options):
        answer = list(_answer(option))
        lines += ["# or"] if number and len(answer) > 1 else []
        lines += [f"# {line}" for line in answer]
        lines[-1] += f"  # {_plain(option.note)}" if option.note else ""
    return lines if question.options else [*lines, f'# {_quoted(question.field)} = ""']


def _answer(option: Option) -> Iterator[str]:
    for path, names in option.columns.items():
        yield _column(path, names, option.takes.get(path))
    yield from _pairs(option.dates)


def _values(
    mapping: FieldMapping,
    provider: Provider,
    strange: Mapping[str, Mapping[str, int]],
    proposal: Proposal,
) -> list[str]:
    lines: list[str] = []
    for leaf in provider.leaves:
        kept, open_words = mapping.values.get(leaf.path, {}), strange.get(leaf.path, {})
        if not kept and not open_words:
            continue
        column = mapping.column_of(leaf.path) or leaf.path
        lines += ["", f"[values.{_quoted(leaf.path)}]"] if lines else [f"[values.{_quoted(leaf.path)}]"]
        lines.append(
            f'# What {_quoted(column)} says = what is meant: {values.taken(leaf)}. "" is an empty cell.'
        )
        open_questions = [each for each in proposal.questions if each.field == leaf.path and not each.options]
        lines += [f"# QUESTION: {_plain(each.words)}" for each in open_questions]
        lines += _pairs(kept)
        lines += [f'# {_quoted(word)} = ""  # {_rows(times)}' for word, times in open_words.items()]
    return lines


def _rows(times: int) -> str:
    return f"{times} row" if times == 1 else f"{times} rows"


def _dates(mapping: FieldMapping, provider: Provider, proposal: Proposal) -> list[str]:
    fields = [leaf.path for leaf in provider.leaves if isinstance(leaf.column.kind, Date)]
    open_orders = [
        question
        for question in proposal.questions
        if question.field in fields and question.field in mapping.columns
    ]
    if not mapping.dates and not open_orders:
        return []
    lines = ["[dates]  # how dates like 03/04/1990 are written: dmy, mdy or ymd", *_pairs(mapping.dates)]
    for question in open_orders:
        lines.append(f"# QUESTION: {_plain(question.words)}: remove the # of the right line")
        for option in question.options:
            lines += [f"# {line}  # {_plain(option.note)}" for line in _answer(option)]
    return lines


def _looks(mapping: FieldMapping) -> list[str]:
    if not mapping.looks:
        return []
    return [
        "[looks]  # what the columns held; a column that looks otherwise one day stops the run",
        "# Remove the line of a column that need not be watched.",
        *_pairs({name: str(look) for name, look in mapping.looks.items()}),
    ]


def _pairs(table: Mapping[str, str]) -> list[str]:
    return [f"{_quoted(key)} = {_quoted(value)}" for key, value in table.items()]


def _quoted(text: str) -> str:
    # a JSON string is a TOML basic string, but for DEL, which TOML wants escaped
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(text: str) -> str:
    """Text for a comment, on one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
