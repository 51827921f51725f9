"""A proposal in words: notes for the plan, questions for a message, and all of it as plain data (pure)."""

from collections.abc import Sequence

from importer.mapping.dates import WORDS
from importer.mapping.matching import USUAL_HEADING
from importer.mapping.model import FieldMapping, Option, Proposal, Question, Suggestion
from importer.mapping.settings import to_settings
from importer.providers.base import Provider
from importer.providers.fields import Phone

NAMED = 4
"""Answers that a message names; of more it names none, since the columns are listed anyway."""


def notes(proposal: Proposal, provider: Provider) -> dict[str, str]:
    """By field: why it has its column and how it is read, where that is not plain. Quotes no cell."""
    told = {path: _notes(proposal, path) for path in proposal.mapping.columns}
    country = proposal.mapping.default_country
    for leaf in provider.leaves if country else ():
        if isinstance(leaf.column.kind, Phone) and leaf.path in told:
            told[leaf.path].append(f"of {country} where a row has no country")
    return {path: "; ".join(words) for path, words in told.items() if words}


def _notes(proposal: Proposal, path: str) -> list[str]:
    mapping, suggestion = proposal.mapping, proposal.suggestions.get(path)
    take, order, values = mapping.takes.get(path), mapping.dates.get(path), mapping.values.get(path, {})
    return [
        *([str(take)] if take else []),
        *([suggestion.reason] if suggestion and suggestion.reason not in ("", USUAL_HEADING) else []),
        *([WORDS[order]] if order and not suggestion else []),
        *([f"{len(values)} {'word' if len(values) == 1 else 'words'} replaced"] if values else []),
        *(
            f"{question.words}: {question.hint.rstrip('.') or 'importer map asks which'}"
            for question in proposal.questions
            if question.field == path and not question.stops
        ),
    ]


def asked(questions: Sequence[Question]) -> str:
    """The questions in one paragraph, numbered where there are several."""
    told = [_asked(question) for question in questions]
    if len(told) == 1:
        return told[0]
    return " ".join(f"({number}) {words}" for number, words in enumerate(told, 1))


def _asked(question: Question) -> str:
    hint = f" {question.hint}" if question.hint else ""
    if 0 < len(question.options) <= NAMED:
        return f"{question.words}: {_either(question.options)}?{hint}"
    return f"{question.words}{'?' if question.options else '.'}{hint}"


def _either(options: Sequence[Option]) -> str:
    told = [option.words for option in options]
    plain = not any("," in words or " and " in words for words in told)
    return (" or " if plain else "; or ").join(told)


def as_data(proposal: Proposal, columns: Sequence[str]) -> dict[str, object]:
    """The proposal as JSON-able data."""
    mapping = proposal.mapping
    return {
        "provider": mapping.provider,
        **to_settings(mapping),
        "suggestions": {path: _suggestion(each) for path, each in proposal.suggestions.items()},
        "questions": [_question(question) for question in proposal.questions],
        "not_used": list(mapping.unused(columns)),
    }


def _suggestion(suggestion: Suggestion) -> dict[str, object]:
    return {
        "columns": list(suggestion.columns),
        "confidence": suggestion.confidence,
        "reason": suggestion.reason,
    }


def _question(question: Question) -> dict[str, object]:
    return {
        "field": question.field,
        "question": question.words,
        "options": [_option(option) for option in question.options],
        "stops": question.stops,
        "hint": question.hint,
    }


def _option(option: Option) -> dict[str, object]:
    answer = FieldMapping("", option.columns, takes=option.takes, dates=option.dates)
    told = {key: value for key, value in to_settings(answer).items() if value}
    return {"answer": option.words, **told}
