"""The cells of a row as the values of a provider's fields: inspected, then normalised, each by its kind."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from importer import normalise
from importer.damage import Find, Inspection
from importer.mapping import FieldMapping, Read, positions_of, reader
from importer.normalise import Order, Unfit
from importer.providers import fields
from importer.providers.base import Provider
from importer.providers.fields import Leaf
from importer.rows import FieldError, Finding

Values = dict[str, object]

Take = Callable[[str, Values, dict[str, str]], Unfit | None]
"""Puts the normalised text of a field into the values of its row, or says why it does not fit. The regions
(alpha-2, by the field that names them) are those of the row; a field of countries adds its own."""

Known = tuple[object, str | None]
"""A value, and the country (alpha-2) that a field of countries names with it."""

REMEMBERED = 4096
"""Texts of one field whose value is kept: a column of countries, cities or genders holds few of them."""


@dataclass(frozen=True, slots=True)
class FieldInput:
    """Where one field's text comes from, and how it is read: columns by position, none for a constant.

    `find` looks for damage. `country` is the path of the field whose country a cell is read with, "" for
    none. `known` are values of texts that had nothing the matter with them, None where a value depends on
    more of its row.
    """

    leaf: Leaf
    path: str
    positions: tuple[int, ...]
    read: Read
    find: Find | None
    take: Take
    country: str
    known: dict[Hashable, Known] | None = field(repr=False)


@dataclass(slots=True)
class CellsRead:
    """What the cells of a row say: the `values` that fit, the `faults`, the fields that are `wrong` as they
    stand, and the `regions` (alpha-2) that fields of countries name."""

    values: Values = field(default_factory=dict)
    faults: list[FieldError] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    wrong: set[str] = field(default_factory=set)
    regions: dict[str, str] = field(default_factory=dict)


def inputs_of(
    provider: Provider, mapping: FieldMapping, columns: Sequence[str], inspection: Inspection
) -> tuple[FieldInput, ...]:
    """What feeds the provider's fields out of rows with these `columns`."""
    found = []
    for leaf in provider.leaves:
        read = reader(mapping, leaf.path, columns)
        if read is None:
            continue
        kind = leaf.column.kind
        found.append(
            FieldInput(
                leaf,
                leaf.path,
                positions_of(mapping, leaf.path, columns),
                read,
                inspection.finders.get(leaf.path),
                _taker(leaf.path, kind, mapping),
                kind.country if isinstance(kind, fields.Postcode) else "",
                None if isinstance(kind, fields.Phone) or leaf.column.not_with else {},
            )
        )
    # phones and postcodes are read with the country and calling code of their row, so these come first
    return tuple(
        sorted(found, key=lambda each: isinstance(each.leaf.column.kind, fields.Postcode | fields.Phone))
    )


def read_cells(cells: Sequence[str], inputs: Sequence[FieldInput], inspection: Inspection) -> CellsRead:
    """The values of a row, and what is the matter with its cells."""
    found = CellsRead()
    values, regions = found.values, found.regions
    for each in inputs:
        text = each.read(cells)
        if not text:
            continue
        known = each.known
        if known is None:
            _read_cell(each, text, inspection, found)
            continue
        key = (text, regions.get(each.country)) if each.country else text
        value = known.get(key)
        if value is not None:
            values[each.path], region = value
            if region is not None:
                regions[each.path] = region
        elif _read_cell(each, text, inspection, found) and len(known) < REMEMBERED and each.path in values:
            known[key] = (values[each.path], regions.get(each.path))
    return found


def _read_cell(source: FieldInput, text: str, inspection: Inspection, found: CellsRead) -> bool:
    """Read one cell; whether there was nothing the matter with it."""
    not_with = source.leaf.column.not_with
    if not_with is not None and found.values.get(not_with[0]) == not_with[1]:
        return True
    sound = source.find is None or source.find(text, found.regions) is None
    meant: str | None = text
    if not sound:
        meant = inspection.inspect(source.path, text, found.regions, found.faults, found.findings)
    if meant is None:
        found.wrong.add(source.path)
        return False
    outcome = source.take(meant, found.values, found.regions)
    if outcome is None or normalise.text(meant) == "":
        return sound
    found.wrong.add(source.path)
    if not _follows(outcome, source.leaf, found.faults):
        column = inspection.headings[source.path]
        found.faults.append(FieldError(source.path, column, outcome.code, outcome.message))
    return False


def _follows(unfit: Unfit, leaf: Leaf, faults: Sequence[FieldError]) -> bool:
    """Whether a phone only lacks the country that is at fault itself: told once, there."""
    kind = leaf.column.kind
    return (
        unfit.code == "phone_needs_country"
        and isinstance(kind, fields.Phone)
        and any(fault.field == kind.country for fault in faults)
    )


def _taker(path: str, kind: fields.Kind, mapping: FieldMapping) -> Take:
    match kind:
        case fields.Phone():
            return _phone_taker(path, kind, mapping.default_country)
        case fields.Country():
            return _country_taker(path, kind)
        case _:
            return _text_taker(path, _normal(kind, mapping.dates.get(path)))


def _text_taker(path: str, normal: Callable[[str], object | Unfit]) -> Take:
    def take(text: str, values: Values, _: dict[str, str]) -> Unfit | None:
        value = normal(text)
        if isinstance(value, Unfit):
            return value
        if value != "":  # a cell of invisible characters is an empty one
            values[path] = value
        return None

    return take


def _country_taker(path: str, kind: fields.Country) -> Take:
    written = _text_taker(path, partial(normalise.country, form=kind.form))

    def take(text: str, values: Values, regions: dict[str, str]) -> Unfit | None:
        code = normalise.country_code(text)
        # a country that is none is no missing one, for which another would do
        regions[path] = "" if isinstance(code, Unfit) else code
        return written(text, values, regions)

    return take


def _phone_taker(path: str, kind: fields.Phone, default_country: str) -> Take:
    def take(text: str, values: Values, regions: Mapping[str, str]) -> Unfit | None:
        region = regions.get(kind.country) if kind.country else None
        given = values.get(kind.calling_code) if kind.calling_code else None
        home = default_country if region is None else region
        number = normalise.phone(text, home, calling_code=str(given or ""))
        if isinstance(number, Unfit):
            return number
        if kind.same_country and region and not normalise.same_country(number, region):
            return Unfit("phone_of_other_country", f"is not a number of {region}, the country of this row")
        if kind.calling_code:
            values[kind.calling_code] = number.calling_code
        values[path] = number.national if kind.calling_code else number.e164
        return None

    return take


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
