"""What a provider's schema says about each of its fields: heading, kind of text, and where it sits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict


class CountryForm(StrEnum):
    """How a provider writes a country (ISO 3166-1); NAME is the English name in capitals."""

    NAME = "name"
    ALPHA2 = "alpha-2"
    ALPHA3 = "alpha-3"


@dataclass(frozen=True, slots=True)
class Text:
    """Any text, trimmed, with runs of white space as one space."""


@dataclass(frozen=True, slots=True)
class Name(Text):
    """Text that is somebody's name, in whose column something else is noticed."""


@dataclass(frozen=True, slots=True)
class City(Text):
    """Text that is the name of a place."""


@dataclass(frozen=True, slots=True)
class Postcode(Text):
    """Text that is a postal code; `country` is the path of the field that says whose."""

    country: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text in which every character counts (document numbers): only trimmed."""


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address."""


@dataclass(frozen=True, slots=True)
class Country:
    """A country, read in any usual form and sent in `form`."""

    form: CountryForm


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number, sent as E.164, or split in two.

    `country` is the path of the field that says whose national notation it is, None where the schema
    has no country. With `calling_code`, the path of the field that takes the calling code, the number
    is sent as its national digits. With `same_country` the number must belong to that country.
    """

    country: str | None = None
    calling_code: str | None = None
    same_country: bool = False


@dataclass(frozen=True, slots=True)
class CallingCode:
    """A country calling code in digits (`65`); filled from the phone number."""


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar date, sent as ISO 8601 `YYYY-MM-DD`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed set. `words` maps each value sent to the other words people use for it."""

    words: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class YesNo:
    """True or false, from the words people use."""


@dataclass(frozen=True, slots=True)
class Url:
    """An `https://` address; never fetched."""


Kind = Text | Verbatim | Email | Country | Phone | CallingCode | Date | Choice | YesNo | Url


@dataclass(frozen=True, slots=True)
class Column:
    """How a field looks in a spreadsheet.

    `title` is the heading in our templates, `also` the other usual ones (compared without case and
    punctuation), `example` a made-up value, `rule` what a person must know to fill it in. `parts` are
    the headings of columns that, joined by a space, make the field where it has no column of its own.
    A field with `opens_group` false is not sent when nothing else of its optional part is given. One with
    `not_with` (a field and a value) counts as empty in a row where that field has that value.
    """

    title: str
    also: tuple[str, ...] = ()
    kind: Kind = field(default_factory=Text)
    example: str = ""
    rule: str = ""
    parts: tuple[tuple[str, ...], ...] = ()
    opens_group: bool = True
    not_with: tuple[str, str] | None = None


class Part(BaseModel):
    """A nested object of a customer. Unknown fields are an error; values are kept as given."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Customer(Part):
    """The body of a provider's create-customer request."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field of a schema that a column can feed.

    `path` is dotted with list positions (`addresses.0.city`); `required` says that every customer has
    it; `group` is the optional part it belongs to ("" for none) and `required_in_group` that the part
    cannot be without it. `longest` is how many characters the provider takes, None for any number.
    """

    path: str
    column: Column
    required: bool
    group: str = ""
    required_in_group: bool = False
    longest: int | None = None


def leaves(schema: type[Part], *, prefix: str = "", group: str = "") -> Iterator[Leaf]:
    """The fields of `schema` that a column can feed, in the order of the schema."""
    for name, info in schema.model_fields.items():
        path = f"{prefix}{name}"
        part, is_list = _part_of(info.annotation)
        if part is not None:
            inner = f"{path}.0." if is_list else f"{path}."
            yield from leaves(part, prefix=inner, group=group if info.is_required() else inner[:-1])
            continue
        for column in info.metadata:
            if isinstance(column, Column):
                needed = info.is_required()
                longest = next(
                    filter(None, (getattr(each, "max_length", None) for each in info.metadata)), None
                )
                yield Leaf(path, column, needed and not group, group, needed and bool(group), longest)


def _part_of(annotation: Any) -> tuple[type[Part] | None, bool]:
    """The nested model an annotation holds, and whether in a list."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation, False
    if get_origin(annotation) in (Union, UnionType, list, tuple):
        inside = [arg for arg in get_args(annotation) if arg not in (NoneType, Ellipsis)]
        if len(inside) == 1:
            part, is_list = _part_of(inside[0])
            return part, is_list or get_origin(annotation) in (list, tuple)
    return None, False
