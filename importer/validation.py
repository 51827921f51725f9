"""From a row's text to a provider's customer, or to every fault in it at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from importer import normalise
from importer.accounts import Account
from importer.damage import Inspection
from importer.mapping import FieldMapping
from importer.providers.base import Provider, as_is
from importer.providers.fields import Customer
from importer.rows import FieldError, Finding, Row
from importer.schemafaults import schema_faults
from importer.values import FieldInput, Values, inputs_of, read_cells


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
    alternatives = (tuple(identity),) if identity else provider.identity
    headings = {leaf.path: mapping.column_of(leaf.path) for leaf in provider.leaves}
    optional_parts = _optional_parts(provider)
    salt = f"{account.key}\x1f{again}"
    unique = ((provider.unique,),) if provider.unique else ()
    kinds = {leaf.path: leaf.column.kind for leaf in provider.leaves if leaf.path not in mapping.constants}
    inspection = Inspection.of(kinds, headings, repair=repair, rounded=rounded)
    inputs = inputs_of(provider, mapping, columns, inspection)
    order = _sheet_order(provider, inputs)
    # pydantic-core's own, since what pydantic puts around it takes half as long again
    validated = provider.schema.__pydantic_validator__.validate_python
    written = _writer(account)

    def check(row: Row) -> Checked:
        read = read_cells(row.cells, inputs, inspection)
        values, faults, findings = read.values, read.faults, tuple(read.findings)
        touched = set(read.wrong)
        _drop_lone_hints(values, touched, optional_parts)
        try:
            customer = validated(nested(values, touched=touched))
        except ValidationError as error:
            faults += schema_faults(error, read.wrong, provider, headings, values)
        if faults:
            faults.sort(key=lambda fault: order[fault.field])
            return Checked(row, tuple(faults), findings)
        name = _name_of(values, alternatives)
        who = _digest(f"{salt}\x1f{name}".encode()).hex()
        body = written(customer, who)
        exclusive = ""
        if unique:
            # without what `again` mixes in: the provider knows nothing of it
            sole = name if unique == alternatives else _name_of(values, unique)
            exclusive = _digest(f"{account.key}\x1f{sole}".encode()).hex()
        return Checked(row, (), findings, who, _key(who, body), exclusive, body)

    return check


def _writer(account: Account) -> Callable[[Customer, str], bytes]:
    """From a customer and its identity the body: in one step where the provider takes it as it is."""
    prepare, dumped = account.provider.prepare, account.provider.schema.__pydantic_serializer__.to_json
    if prepare is as_is:
        return lambda customer, who: dumped(customer, exclude_none=True)
    return lambda customer, who: to_json(
        prepare(customer.model_dump(exclude_none=True), account.settings, who)
    )


def _sheet_order(provider: Provider, inputs: Sequence[FieldInput]) -> dict[str, tuple[int, int]]:
    """Where each field stands in the sheet; those without a column come last, in the schema's order."""
    first = {each.leaf.path: min(each.positions) for each in inputs if each.positions}
    nowhere = 1 + max(first.values(), default=0)
    return {leaf.path: (first.get(leaf.path, nowhere), n) for n, leaf in enumerate(provider.leaves)}


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
        if opening.isdisjoint(values) and opening.isdisjoint(touched):
            for path in hints:
                values.pop(path, None)
            touched -= hints


def nested(values: Mapping[str, object], *, touched: Collection[str] = ()) -> dict[str, Any]:
    """Flat dotted paths as nested objects; `addresses.0.city` makes a list of one object at the top.

    The parts of the `touched` paths are there even if nothing in them is.
    """
    whole: dict[str, Any] = {}
    lists = set()
    for path, value in values.items():
        above, last, list_name = _place(path)
        if not above:
            whole[last] = value
            continue
        _part(whole, above)[last] = value
        if list_name:
            lists.add(list_name)
    for path in touched:
        above, _, list_name = _place(path)
        _part(whole, above)
        if list_name:
            lists.add(list_name)
    for name in lists:
        whole[name] = [whole[name]]
    return whole


def _part(whole: dict[str, Any], above: Sequence[str]) -> dict[str, Any]:
    for name in above:
        whole = whole.setdefault(name, {})
    return whole


@lru_cache(maxsize=1024)
def _place(path: str) -> tuple[tuple[str, ...], str, str]:
    """The objects above a field, its own name, and the name of the list it is in, "" for none."""
    *above, last = path.split(".")
    return tuple(name for name in above if name != "0"), last, above[0] if "0" in above else ""


def identity_of(values: Mapping[str, object], alternatives: Sequence[Sequence[str]], salt: str) -> str:
    """The hash that names a customer: 32 hexadecimal digits.

    The first alternative whose fields are all filled counts; where none is, all fields that are filled.
    Letter case and white space make no difference.
    """
    return _digest(f"{salt}\x1f{_name_of(values, alternatives)}".encode()).hex()


def _name_of(values: Mapping[str, object], alternatives: Sequence[Sequence[str]]) -> str:
    names: Sequence[str] = ()
    for names in alternatives:
        if all(map(values.get, names)):
            break
    else:
        names = sorted(values)
    return "\x1f".join([f"{name}={normalise.identity_text(str(values[name]))}" for name in names])


def _key(who: str, body: bytes) -> str:
    """A UUID (RFC 9562, version 4) made of a customer and a body. By hand: `uuid` takes ten times as long."""
    text = _digest(b"%b\x1f%b" % (who.encode(), body)).hex()
    variant = "89ab"[int(text[16], 16) & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()
