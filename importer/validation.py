"""From a row's text to a provider's customer, or to every fault in it at once."""

import json
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from importer import normalise
from importer.accounts import Account
from importer.damage import Inspection
from importer.mapping import FieldMapping, Read, positions_of, reader
from importer.normalise import Order, PhoneNumber, Unfit
from importer.providers import fields
from importer.providers.base import Provider
from importer.providers.fields import Leaf
from importer.rows import FieldError, Finding, Row

Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class Checked:
    """A row after validation: either `faults`, or a request that is ready to be sent; and `findings`.

    `identity` names the customer, `key` the request (same body, same key), `exclusive` the value of which
    the provider keeps only one ("" where it keeps none), each as text; `body` is the very bytes to send:
    compact JSON in raw UTF-8.
    """

    row: Row
    faults: tuple[FieldError, ...] = ()
    findings: tuple[Finding, ...] = ()
    identity: str = ""
    key: str = ""
    exclusive: str = ""
    body: bytes = field(default=b"", repr=False)


def validator(
    account: Account,
    mapping: FieldMapping,
    columns: Sequence[str],
    *,
    identity: Sequence[str] = (),
    again: str = "",
    repair: bool = False,
    rounded: Collection[str] = (),
) -> Callable[[Row], Checked]:
    """A function that checks one row.

    `identity` replaces the provider's own choice of the fields that make two rows one customer. `again`
    is mixed into identity and key, so that what was done before does not count. With `repair` damaged cells
    are read as what was probably meant; `rounded` are the fields whose column a survey found rounded.
    """
    provider = account.provider
    inputs = _inputs(provider, mapping, columns)
    alternatives = (tuple(identity),) if identity else provider.identity
    headings = {leaf.path: mapping.column_of(leaf.path) for leaf in provider.leaves}
    optional_parts = _optional_parts(provider)
    order = _sheet_order(provider, inputs)
    salt = f"{account.key}\x1f{again}"
    unique = ((provider.unique,),) if provider.unique else ()
    kinds = {
        each.leaf.path: each.leaf.column.kind for each in inputs if each.leaf.path not in mapping.constants
    }
    inspection = Inspection.of(kinds, headings, repair=repair, rounded=rounded)

    def check(row: Row) -> Checked:
        findings: list[Finding] = []
        values, faults, wrong = _normalised(row, inputs, inspection, findings)
        touched = set(wrong)
        _drop_lone_hints(values, touched, optional_parts)
        try:
            customer = provider.schema.model_validate(nested(values, touched=touched))
        except ValidationError as error:
            faults += _schema_faults(error, wrong, provider, headings, values)
        if faults:
            faults.sort(key=lambda fault: order[fault.field])
            return Checked(row, faults=tuple(faults), findings=tuple(findings))
        who = identity_of(values, alternatives, salt)
        ready = _json(provider.prepare(customer.model_dump(exclude_none=True), account.settings, who))
        key = str(uuid.UUID(bytes=_digest(f"{who}\x1f{ready}"), version=4))
        # without what `again` mixes in: the provider knows nothing of it
        exclusive = identity_of(values, unique, account.key) if unique else ""
        return Checked(
            row,
            findings=tuple(findings),
            identity=who,
            key=key,
            exclusive=exclusive,
            body=ready.encode(),
        )

    return check


@dataclass(frozen=True, slots=True)
class _Input:
    """Where one field's text comes from, and how it is read: columns by position, none for a constant.

    `normal` is for the kinds that need nothing but their text; `default_country` (alpha-2) for phones.
    """

    leaf: Leaf
    positions: tuple[int, ...]
    read: Read
    normal: Callable[[str], object | Unfit]
    default_country: str


def _inputs(provider: Provider, mapping: FieldMapping, columns: Sequence[str]) -> tuple[_Input, ...]:
    found = []
    for leaf in provider.leaves:
        read = reader(mapping, leaf.path, columns)
        if read is not None:
            positions = positions_of(mapping, leaf.path, columns)
            normal = _normal(leaf.column.kind, mapping.dates.get(leaf.path))
            found.append(_Input(leaf, positions, read, normal, mapping.default_country))
    # phones and postcodes are read with the country and calling code of their row, so these come first
    return tuple(
        sorted(found, key=lambda each: isinstance(each.leaf.column.kind, fields.Postcode | fields.Phone))
    )


def _sheet_order(provider: Provider, inputs: Sequence[_Input]) -> dict[str, tuple[int, int]]:
    """Where each field stands in the sheet; those without a column come last, in the schema's order."""
    first = {each.leaf.path: min(each.positions) for each in inputs if each.positions}
    nowhere = 1 + max(first.values(), default=0)
    return {leaf.path: (first.get(leaf.path, nowhere), n) for n, leaf in enumerate(provider.leaves)}


def _normalised(
    row: Row, inputs: Sequence[_Input], inspection: Inspection, findings: list[Finding]
) -> tuple[Values, list[FieldError], set[str]]:
    """What fits, what is at fault, and the fields whose text did not fit."""
    values: Values = {}
    wrong: set[str] = set()
    regions: dict[str, str] = {}
    faults: list[FieldError] = []
    for each in inputs:
        text = each.read(row.cells)
        if not text:
            continue
        path, not_with = each.leaf.path, each.leaf.column.not_with
        if not_with is not None and values.get(not_with[0]) == not_with[1]:
            continue
        meant = inspection.inspect(path, text, regions, faults, findings)
        if meant is None:
            wrong.add(path)
            continue
        outcome = _value(each, meant, values, regions)
        if outcome is None or normalise.text(meant) == "":
            continue
        wrong.add(path)
        if not _follows(outcome, each.leaf, faults):
            faults.append(FieldError(path, inspection.headings[path], outcome.code, outcome.message))
    return values, faults, wrong


def _follows(unfit: Unfit, leaf: Leaf, faults: Sequence[FieldError]) -> bool:
    """Whether a phone only lacks the country that is at fault itself: told once, there."""
    kind = leaf.column.kind
    return (
        unfit.code == "phone_needs_country"
        and isinstance(kind, fields.Phone)
        and any(fault.field == kind.country for fault in faults)
    )


def _value(source: _Input, text: str, values: Values, regions: dict[str, str]) -> Unfit | None:
    """Put the normalised text of a field into `values`, or say why it does not fit."""
    leaf, kind = source.leaf, source.leaf.column.kind
    if isinstance(kind, fields.Phone):
        return _phone(source, kind, text, values, regions)
    if isinstance(kind, fields.Country):
        code = normalise.country_code(text)
        # a country that is none is no missing one, for which another would do
        regions[leaf.path] = "" if isinstance(code, Unfit) else code
        return _keep(leaf.path, normalise.country(text, kind.form), values)
    return _keep(leaf.path, source.normal(text), values)


def _keep(path: str, value: object | Unfit, values: Values) -> Unfit | None:
    if isinstance(value, Unfit):
        return value
    if value != "":  # a cell of invisible characters is an empty one
        values[path] = value
    return None


def _normal(kind: fields.Kind, order: Order | None) -> Callable[[str], object | Unfit]:
    """What normalises the text of such a field by itself; countries and phones need their row."""
    match kind:
        case fields.Email():
            return normalise.email
        case fields.Choice(words):
            return partial(normalise.choice, words=words)
        case fields.Verbatim():
            return normalise.verbatim
        case fields.Date():
            return partial(normalise.date, order=order)
        case fields.Url():
            return normalise.url
        case fields.YesNo():
            return normalise.yes_no
        case fields.CallingCode():
            return normalise.calling_code
        case _:
            return normalise.text


def _phone(
    source: _Input, kind: fields.Phone, text: str, values: Values, regions: Mapping[str, str]
) -> Unfit | None:
    region = regions.get(kind.country) if kind.country else None
    given = values.get(kind.calling_code) if kind.calling_code else None
    home = source.default_country if region is None else region
    number = normalise.phone(text, home, calling_code=str(given or ""))
    if isinstance(number, Unfit):
        return number
    if kind.same_country and region and not normalise.same_country(number, region):
        return Unfit("phone_of_other_country", f"is not a number of {region}, the country of this row")
    if kind.calling_code:
        values[kind.calling_code] = number.calling_code
    values[source.leaf.path] = _sent(number, kind)
    return None


def _sent(number: PhoneNumber, kind: fields.Phone) -> str:
    return number.national if kind.calling_code else number.e164


def _optional_parts(provider: Provider) -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    """Per optional part: the fields that make it be there, and those that only come along."""
    parts: dict[str, tuple[set[str], set[str]]] = {}
    for leaf in provider.leaves:
        if leaf.group:
            opening, hints = parts.setdefault(leaf.group, (set(), set()))
            (opening if leaf.column.opens_group else hints).add(leaf.path)
    return {name: (frozenset(opening), frozenset(hints)) for name, (opening, hints) in parts.items() if hints}


def _drop_lone_hints(
    values: Values, touched: set[str], parts: Mapping[str, tuple[frozenset[str], frozenset[str]]]
) -> None:
    for opening, hints in parts.values():
        if not opening & (values.keys() | touched):
            for path in hints:
                values.pop(path, None)
            touched -= hints


def nested(values: Mapping[str, object], *, touched: Collection[str] = ()) -> dict[str, Any]:
    """Flat dotted paths as nested objects; `addresses.0.city` makes a list of one object at the top.

    The parts of the `touched` paths are there even if nothing in them is.
    """
    whole: dict[str, Any] = {}
    for path in (*values, *touched):
        *above, last = path.split(".")
        place = whole
        for name in above:
            if name != "0":
                place = place.setdefault(name, {})
        if path in values:
            place[last] = values[path]
    for path in (*values, *touched):
        name, _, rest = path.partition(".0.")
        if rest and isinstance(whole[name], dict):
            whole[name] = [whole[name]]
    return whole


def identity_of(values: Mapping[str, object], alternatives: Sequence[Sequence[str]], salt: str) -> str:
    """The hash that names a customer: 32 hexadecimal digits.

    The first alternative whose fields are all filled counts; where none is, all fields that are filled.
    Letter case and white space make no difference.
    """
    filled = next(
        (names for names in alternatives if all(values.get(name) for name in names)), sorted(values)
    )
    who = [f"{name}={normalise.identity_text(str(values[name]))}" for name in filled]
    return _digest("\x1f".join([salt, *who])).hex()


def _schema_faults(
    error: ValidationError,
    wrong: set[str],
    provider: Provider,
    headings: Mapping[str, str | None],
    values: Mapping[str, object],
) -> list[FieldError]:
    leaves = {leaf.path: leaf for leaf in provider.leaves}
    found = []
    for details in error.errors(include_url=False, include_input=False):
        path = ".".join(map(str, details["loc"]))
        missing = [leaves[path]] if path in leaves else _inside(path, provider)
        found += [
            _schema_fault(details, leaf, provider, headings, values)
            for leaf in missing
            if leaf.path not in wrong
        ]
    return found


def _schema_fault(
    details: ErrorDetails,
    leaf: Leaf,
    provider: Provider,
    headings: Mapping[str, str | None],
    values: Mapping[str, object],
) -> FieldError:
    code, message = _words(details, leaf, provider)
    column = headings[leaf.path]
    if code == "incomplete_group" and column is None:
        # the sheet has no such column: name the one that makes it needed
        column = next((headings[path] for path in values if path.startswith(f"{leaf.group}.")), None)
        message = f'needs "{leaf.column.title}" beside it, for which the sheet has no column'
    return FieldError(leaf.path, column, code, message)


def _inside(path: str, provider: Provider) -> list[Leaf]:
    """The required fields of a part that is missing as a whole."""
    return [leaf for leaf in provider.leaves if leaf.path.startswith(f"{path}.") and leaf.required]


def _words(details: ErrorDetails, leaf: Leaf, provider: Provider) -> tuple[str, str]:
    """The code and the sentence for a fault that the schema found."""
    limits = details.get("ctx", {})
    match details["type"]:
        case "missing" if leaf.group:
            return "incomplete_group", f"is empty, but the rest of the {leaf.group.split('.')[0]} is given"
        case "missing":
            return "missing_value", f"is empty; {provider.title} needs it"
        case "missing_for_id_card":
            return "missing_value", details["msg"]
        case "string_too_long":
            return "too_long", f"is longer than the {limits['max_length']} characters {provider.title} takes"
        case "string_pattern_mismatch":
            return "invalid_value", leaf.column.rule or f"has characters that {provider.title} does not take"
        case _:
            return "invalid_value", details["msg"]


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
