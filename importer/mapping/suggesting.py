"""The mapping that a sheet suggests, by its headings and by what its columns hold; the rest is asked (pure).

A field takes the column that is headed as it, unless the cells speak against it; then columns headed as
parts of it, joined; then, where no heading says anything, the one column whose cells hold nothing else.
Between two columns with equal right nothing decides: that is a `Question`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from importer.errors import MappingError
from importer.mapping import contents, dates, missing, names, phones, values
from importer.mapping.draft import Draft
from importer.mapping.looks import Look, Sample, look
from importer.mapping.matching import Claim, by_name, by_slip
from importer.mapping.model import (
    THRESHOLD,
    FieldMapping,
    Proposal,
    Question,
    Suggestion,
    check_fields,
)
from importer.mapping.telling import asked
from importer.normalise import Order
from importer.providers.base import Provider
from importer.providers.fields import Date

NO_SAMPLE = Sample()


def propose(
    columns: Sequence[str],
    provider: Provider,
    *,
    constants: Mapping[str, str] | None = None,
    sample: Sample = NO_SAMPLE,
) -> Proposal:
    """What the headings of a sheet and its first rows suggest, with reasons, and what is left to ask.

    Raises:
        MappingError: A constant is for a field that the provider does not have.
    """
    draft = _by_headings(columns, provider, constants or {}, sample)
    names.doubt_halves(draft)
    contents.match(draft)
    missing.ask(draft)
    return _finished(draft)


def suggest(
    columns: Sequence[str], provider: Provider, *, constants: Mapping[str, str] | None = None
) -> FieldMapping:
    """The mapping that the headings of a sheet suggest by themselves.

    Raises:
        MappingError: Two columns fit one field equally well.
    """
    draft = _by_headings(columns, provider, constants or {}, NO_SAMPLE)
    rival = next((question for question in draft.questions if question.rivals), None)
    if rival is not None:
        raise MappingError(
            f"{asked([rival])} Rename the ones that are not meant, "
            f"or say which in a mapping file: importer map writes one, and -m uses it."
        )
    return _finished(draft).mapping


def _by_headings(
    columns: Sequence[str], provider: Provider, constants: Mapping[str, str], sample: Sample
) -> Draft:
    check_fields(constants, provider)
    draft = Draft(columns, provider, constants, sample)
    _match_names(draft)
    _match_slips(draft)
    names.join(draft)
    names.split(draft)
    return draft


def _match_names(draft: Draft) -> None:
    claims = by_name(draft.columns, draft.provider)
    draft.spoken_for.update(claims)  # a heading that is known, though its field is taken, is no other's
    by_path: dict[str, list[Claim]] = {}
    for claim in claims.values():
        told = contents.redirected(draft, contents.weighed(draft, claim))
        if told.path not in draft.constants:
            by_path.setdefault(told.path, []).append(told)
    for path, rivals in by_path.items():
        _settle(draft, path, rivals)


def _match_slips(draft: Draft) -> None:
    by_path: dict[str, list[Claim]] = {}
    for claim in by_slip(draft.free_columns(), draft.free_fields()):
        by_path.setdefault(claim.path, []).append(claim)
    for path, rivals in by_path.items():
        good = [told for claim in rivals if (told := contents.weighed(draft, claim)).confidence >= THRESHOLD]
        if good:
            _settle(draft, path, good)


def _settle(draft: Draft, path: str, claims: Sequence[Claim]) -> None:
    """Let the best claim have the field, or ask where none is good or two are equal."""
    good = _not_empty(draft, [claim for claim in claims if claim.confidence >= THRESHOLD])
    if not good:
        _doubt(draft, path, claims)
        return
    best = max(good, key=lambda claim: claim.confidence)
    others = [claim for claim in good if claim is not best]
    repeated = draft.columns[best.position] in draft.repeated
    if repeated or any(_equal(best, other) for other in others):
        draft.ask(_rivals(draft, path, good))
        return
    beaten = [f'"{draft.columns[other.position]}"' for other in others]
    why = [best.reason, f"rather than {' or '.join(beaten)}" if beaten else ""]
    draft.suggest(path, [best.position], best.confidence, ", ".join(filter(None, why)))


def _equal(best: Claim, other: Claim) -> bool:
    """Whether the better heading is no reason: both are headed so, and both hold the very thing."""
    return other.confidence == best.confidence or (best.confirmed and other.confirmed)


def _not_empty(draft: Draft, claims: list[Claim]) -> list[Claim]:
    """Without those that are known to be empty, where another is not."""
    filled = [claim for claim in claims if draft.cells(claim.position).filled]
    return filled if filled and draft.sample.complete else claims


def _rivals(draft: Draft, path: str, claims: Sequence[Claim]) -> Question:
    headings = [draft.columns[claim.position] for claim in claims]
    listed = " or ".join(f'"{heading}"' for heading in headings)
    if draft.repeated.intersection(headings):
        many = sum(draft.columns.count(heading) for heading in dict.fromkeys(headings))
        told = f"{many} columns could be the field {path}: {listed}"
        return Question(path, told, hint="Give each a heading of its own.", rivals=True)
    return Question(
        path,
        f"{len(claims)} columns could be the field {path}",
        tuple(draft.column_option(path, claim.position, claim.held) for claim in claims),
        rivals=True,
    )


def _doubt(draft: Draft, path: str, claims: Sequence[Claim]) -> None:
    """Ask which column it is where the heading says one thing and the cells another.

    Where they hold nothing in particular and no other column is better, its rows will say what is wrong.
    """
    better = contents.candidates(draft, draft.leaf(path))
    only = claims[0]
    if len(claims) == 1 and only.vague and not better and draft.columns[only.position] not in draft.repeated:
        draft.suggest(path, [only.position], THRESHOLD, f"though it {only.held}")
    else:
        draft.ask(_doubtful(draft, path, claims, better))


def _doubtful(draft: Draft, path: str, claims: Sequence[Claim], better: Mapping[int, str]) -> Question:
    options = [draft.column_option(path, each, held) for each, held in better.items()]
    options += [draft.column_option(path, claim.position, claim.held) for claim in claims]
    if len(claims) == 1:
        told = f'"{draft.columns[claims[0].position]}" is headed like the field {path}, but {claims[0].held}'
    else:
        told = f"{len(claims)} columns are headed like the field {path}, but hold something else"
    return Question(path, told, tuple(options))


def _finished(draft: Draft) -> Proposal:
    columns = {path: each.columns for path, each in _in_order(draft).items()}
    orders, questions = _date_orders(draft)
    mapping = FieldMapping(
        draft.provider.name,
        columns,
        draft.constants,
        dates=orders,
        looks=_looks(draft, columns),
    )
    order = [leaf.path for leaf in draft.provider.leaves]
    every = (*draft.questions, *questions, *phones.homeless(draft), *values.ask_two_ways(draft))
    in_order = sorted(every, key=lambda question: order.index(question.field))
    return Proposal(mapping, dict(draft.suggestions), tuple(in_order))


def _looks(draft: Draft, columns: Mapping[str, Sequence[str]]) -> dict[str, Look]:
    """What the columns hold, those that are only offered included: whoever picks one has it watched."""
    options = [option.columns for question in draft.questions for option in question.options]
    found: dict[str, Look] = {}
    for each in (columns, *options):
        for name, how in looks_of(each, draft.columns, draft.provider, draft.sample).items():
            found.setdefault(name, how)
    return found


def _in_order(draft: Draft) -> Mapping[str, Suggestion]:
    """What is suggested, in the order of the provider's fields."""
    paths = (leaf.path for leaf in draft.provider.leaves if leaf.path in draft.suggestions)
    return {path: draft.suggestions[path] for path in paths}


def _date_orders(draft: Draft) -> tuple[dict[str, Order], list[Question]]:
    """How the columns of dates are written, where their cells tell; else what to ask."""
    orders: dict[str, Order] = {}
    questions = []
    for leaf in draft.provider.leaves:
        suggestion = draft.suggestions.get(leaf.path)
        if suggestion is None or not isinstance(leaf.column.kind, Date) or len(suggestion.columns) != 1:
            continue
        order = dates.date_order(draft.cells(draft.columns.index(suggestion.columns[0])))
        if order.settled:
            orders[leaf.path] = order.settled
            why = ", ".join(filter(None, (suggestion.reason, dates.reason(order))))
            draft.suggestions[leaf.path] = replace(suggestion, reason=why)
        elif question := dates.question(leaf.path, order):
            questions.append(question)
    return orders, questions


def looks_of(
    columns: Mapping[str, Sequence[str]], headings: Sequence[str], provider: Provider, sample: Sample
) -> dict[str, Look]:
    """What the columns that feed something hold, by heading; nothing where no rows are known."""
    if not sample.rows:
        return {}
    return {
        name: look(sample.column(headings.index(name)), leaf.column.kind)
        for leaf in provider.leaves
        for name in columns.get(leaf.path, ())
        if name in headings
    }
