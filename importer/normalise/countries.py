"""Countries in the words people use for them, and as ISO 3166 and providers write them."""

import gettext
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import category, combining, normalize

from importer.normalise.characters import folded, text
from importer.normalise.country_names import ENGLISH, FOREIGN, NAMES, REFUSED
from importer.normalise.unfit import Unfit, shown
from importer.providers.fields import CountryForm

if TYPE_CHECKING:
    from pycountry.db import Country

Names = Mapping[str, tuple[str, ...]]
"""Key of a name -> the alpha-2 codes of the countries it may mean."""

# The languages whose translations were looked through for words that name another country.
_LANGUAGES = (
    "ar", "bg", "ca", "cs", "da", "de", "el", "es", "et", "fi", "fr", "he", "hr", "hu", "id", "is",
    "it", "ja", "ko", "lt", "lv", "nb_NO", "nl", "pl", "pt", "pt_BR", "ro", "ru", "sk", "sl", "sv",
    "tr", "uk", "vi", "zh_CN", "zh_TW",
)  # fmt: skip
_LEFT_OUT = frozenset({"the", "of", "and"})
_SPELLED_OUT = {"st": "saint", "rep": "republic", "dem": "democratic"}
_SHORTEST = 4  # of translations in Latin letters: the Vietnamese for Italy is one letter
_LONGEST = 200
_ALIKE = 75  # of 100, from where on a suggestion helps more than it misleads

_two_names = re.compile(r"(.+?)\s*\((.+)\)")


def country(value: str, form: CountryForm) -> str | Unfit:
    """The country that `value` means, written in `form`."""
    code = country_code(value)
    return code if isinstance(code, Unfit) else _written()[form][code]


def country_code(value: str) -> str | Unfit:
    """ISO 3166-1 alpha-2 of the country that `value` means.

    Reads alpha-2, alpha-3 and three-digit numeric codes, English names (short, official, everyday) and the
    names in some thirty languages, without regard to case, accents and punctuation. A code counts only by
    itself: "N/A" is not Namibia. A name that two countries share is refused, and so is a near miss, with a
    suggestion. The first name that is not English takes a fifth of a second: the other languages are read.
    """
    return _country_code(value)


def country_names() -> tuple[str, ...]:
    """Every country by its everyday English name, in alphabetical order; `country_code` reads them all."""
    return tuple(sorted(map(_title, _written()[CountryForm.NAME]), key=str.casefold))


@lru_cache(maxsize=4096)
def _country_code(value: str) -> str | Unfit:
    given = text(value)
    if isinstance(given, Unfit):
        return given
    codes = _meant(given)
    if not codes and len(given) <= _LONGEST and (parts := _two_names.fullmatch(given)):  # "Nigeria (NG)"
        codes = tuple(set(_meant(parts[1])) & set(_meant(parts[2])))
    if len(codes) == 1:
        return codes[0]
    if codes:
        names = " or ".join(_title(code) for code in codes)
        return Unfit("ambiguous_country", f"{shown(given)} may mean {names}. Write which.")
    return _unknown(given)


def _meant(given: str) -> tuple[str, ...]:
    if code := _codes().get(given.upper()):
        return (code,)
    key = _key(given)
    return _english().get(key) or _foreign().get(key, ())


def _unknown(given: str) -> Unfit:
    if advice := _refused().get(_key(given)):
        return Unfit("unknown_country", f"{shown(given)} cannot be used as a country. {advice}")
    nearest = _nearest(_key(given)) if len(given) <= _LONGEST else None
    advice = (
        f"Did you mean {nearest}?" if nearest else "Write its English name or ISO code, like Nigeria or NG."
    )
    return Unfit("unknown_country", f"{shown(given)} is not a known country. {advice}")


def _nearest(key: str) -> str | None:
    from rapidfuzz import fuzz, process  # only when a cell is wrong

    found = process.extractOne(key, _english().keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return " or ".join(_title(code) for code in _english()[found[0]]) if found else None


def _title(code: str) -> str:
    """The everyday English name as one writes it in a sentence."""
    small = {"Of": "of", "The": "the", "And": "and", "Us": "US", "Da": "da", "D'ivoire": "d'Ivoire"}
    words = re.findall(r"[^\s-]+|[\s-]", _written()[CountryForm.NAME][code])
    return "".join(small.get(word.capitalize(), word.capitalize()) for word in words)


def _key(name: str) -> str:
    plain = folded(name)
    if not plain.isascii():
        plain = normalize("NFC", plain)
    words = "".join(c if c.isalnum() or category(c)[0] == "M" else " " for c in plain).split()
    return "".join(_SPELLED_OUT.get(word, word) for word in words if word not in _LEFT_OUT)


@lru_cache(maxsize=1)
def _countries() -> tuple["Country", ...]:
    import pycountry  # slow to import

    return tuple(pycountry.countries)


@lru_cache(maxsize=1)
def _codes() -> Mapping[str, str]:
    """Alpha-2, alpha-3 and numeric code -> alpha-2."""
    forms = ((each, (each.alpha_2, each.alpha_3, each.numeric)) for each in _countries())
    return {code: each.alpha_2 for each, codes in forms for code in codes}


@lru_cache(maxsize=1)
def _english() -> Names:
    official = (
        (spelling, each.alpha_2)
        for each in _countries()
        for name in (*_short_names(each), getattr(each, "official_name", None))
        if name
        for spelling in _spellings(name, inverted="," in each.name)
    )
    return _by_key([*_keyed(official), *_keyed(_flat(ENGLISH))])


@lru_cache(maxsize=1)
def _foreign() -> Names:
    # No official names: among these are some that were copied from the country above.
    names = [(name, each) for each in _countries() for name in _short_names(each)]
    found = _keyed(pair for language in _LANGUAGES for pair in _translated(names, language))
    safe = [(key, code) for key, code in found if len(key) >= _SHORTEST or not key.isascii()]
    return _by_key([*safe, *_keyed(_flat(FOREIGN))])


def _translated(names: Iterable[tuple[str, "Country"]], language: str) -> Iterator[tuple[str, str]]:
    import pycountry

    words = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language], fallback=True)
    for name, each in names:
        for spelling in _spellings(words.gettext(name), inverted="," in each.name):
            yield spelling, each.alpha_2


def _short_names(each: "Country") -> Iterator[str]:
    yield each.name
    if common := getattr(each, "common_name", None):
        yield common


def _spellings(name: str, *, inverted: bool) -> Iterator[str]:
    """`name`, also without its parenthesis, and turned round at its comma, as ISO's index has it."""
    yield name
    if "(" in name:
        yield name[: name.index("(")]
    if inverted and "," in name:
        head, _, tail = name.partition(",")
        yield head
        yield f"{tail} {head}"


def _flat(names: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    return ((name, code) for code, also in names.items() for name in also)


def _keyed(names: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Key and code of each name, once: many names are the same in several languages. In the same order: of
    two that are as near to a wrong one the first is told."""
    return [(_key(name), code) for name, code in dict.fromkeys(names)]


def _by_key(keyed: Iterable[tuple[str, str]]) -> Names:
    found: dict[str, set[str]] = {}
    for key, code in keyed:
        found.setdefault(key, set()).add(code)
    return {key: tuple(sorted(codes)) for key, codes in found.items()}


@lru_cache(maxsize=1)
def _refused() -> Mapping[str, str]:
    return {_key(name): advice for name, advice in REFUSED.items()}


@lru_cache(maxsize=1)
def _written() -> Mapping[CountryForm, Mapping[str, str]]:
    return {
        CountryForm.NAME: {each.alpha_2: NAMES.get(each.alpha_2) or _everyday(each) for each in _countries()},
        CountryForm.ALPHA2: {each.alpha_2: each.alpha_2 for each in _countries()},
        CountryForm.ALPHA3: {each.alpha_2: each.alpha_3 for each in _countries()},
    }


def _everyday(each: "Country") -> str:
    """The English name in capitals without accents, "Tanzania, United Republic of" as Tanzania."""
    name = getattr(each, "common_name", each.name)
    head, _, tail = name.partition(", ")
    if tail.endswith(" of"):
        name = f"{tail} {head}"
    return "".join(c for c in normalize("NFD", name.upper()) if not combining(c))
