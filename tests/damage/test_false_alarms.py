"""What is in order is never found: real names of many languages, the sample sheets, and generated values."""

# ruff: noqa: RUF001  letters that look like others are what is tested

import gettext
from collections.abc import Iterator, Mapping
from datetime import date

import phonenumbers
import pycountry
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from importer.damage import finder
from importer.damage.texts import is_plain, mojibake
from importer.providers import fields
from importer.providers.fields import Kind
from tests import make_customers
from tests.damage.test_finding import COUNTRY, PHONE, POSTCODE

LANGUAGES = (
    "ar", "bg", "cs", "da", "de", "el", "es", "fi", "fr", "he", "hi", "hu", "is", "it", "ja", "ko", "lt",
    "nb_NO", "nl", "pl", "pt_BR", "ro", "ru", "sv", "th", "tr", "uk", "vi", "zh_CN", "zh_TW",
)  # fmt: skip
PEOPLE = (
    "Zoë", "Łukasz", "Ãngela", "Ângela", "Nguyễn Văn Ân", "Siobhán", "D’Àvila", "JOÃO CONCEIÇÃO", "Þórður",
    "Đặng", "Ğüneş İnan", "Žižka", "محمد علي", "राजेश कुमार", "สมชาย ใจดี", "王小明", "김민수", "Иван Петров",
    "Ђорђе Љ.", "Θεόδωρος", "😀 Ann", "O'Connor", "Smith-Jones", "Ann Lee 2nd", "3M", "7-Eleven", "Route 66",
    "Studio 54", "Müller & Söhne GmbH", "1&1", "99p Stores", "Forever 21", "20th Century Fox", "X Æ A-12",
    "A/S Norsk", "L’Oréal®", "CAFÉ “ROMA”", "ПАО «Ромашка»", "AT&T", 'Toys "R" Us', "c/o Ann", "Élan, S.A.",
    "50 Cent", "дії", "Рёв", "Ñ Ã", "Ян",
)  # fmt: skip
CITIES = (
    "Praha 4", "Paris 15", "25 de Mayo", "São Paulo", "St. John's", "'s-Hertogenbosch", "Łódź", "Y",
    "Île-de-France", "København K", "Dublin 4", "القاهرة", "東京",
)  # fmt: skip


def real_words() -> Iterator[str]:
    """Names of countries in many languages, and of some 5,000 regions and cities in their own."""
    yield from (each.name for each in pycountry.subdivisions)
    for language in LANGUAGES:
        words = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language], fallback=True)
        yield from (words.gettext(each.name) for each in pycountry.countries)


@pytest.mark.parametrize(
    "kind", [fields.Text(), fields.Name(), fields.City()], ids=lambda k: type(k).__name__
)
def test_names_of_places_in_thirty_languages_are_in_order(kind: Kind) -> None:
    find = finder(kind)
    seen = 0
    for word in real_words():
        damage = find(word, {})
        seen += 1
        assert damage is None or damage.code == "invisible_characters", word
    assert seen > 10_000


@pytest.mark.parametrize("name", PEOPLE)
def test_name_of_somebody_is_one(name: str) -> None:
    assert finder(fields.Name())(name, {}) is None


@pytest.mark.parametrize("city", CITIES)
def test_name_of_a_city_is_one(city: str) -> None:
    assert finder(fields.City())(city, {}) is None


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x2200), max_size=30))
@example("ZoÃ«")
@example("caf\xc3\xa0 ")
@settings(max_examples=2000)
def test_text_that_is_taken_for_plain_is_no_mojibake(text: str) -> None:
    """None that is certain or can be repaired; of a lone odd letter ("Œ0") ftfy only thinks ill."""
    damage = mojibake(text.replace("\x85", ""))
    assert not is_plain(text) or damage is None or (damage.repair is None and not damage.certain)


def phone_numbers() -> st.SearchStrategy[tuple[str, str]]:
    """A country with a number of it, as people write it."""
    shapes = [
        (region, phonenumbers.format_number(number, form))
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for number in (phonenumbers.example_number(region),)
        if number is not None
        for form in (
            phonenumbers.PhoneNumberFormat.E164,
            phonenumbers.PhoneNumberFormat.INTERNATIONAL,
            phonenumbers.PhoneNumberFormat.NATIONAL,
        )
    ]
    return st.sampled_from(shapes)


def matching(*patterns: str) -> st.SearchStrategy[str]:
    return st.one_of(*(st.from_regex(pattern, fullmatch=True) for pattern in patterns))


WORD = "[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{1,12}"
CLEAN: Mapping[Kind, st.SearchStrategy[str]] = {
    fields.Name(): matching(f"{WORD}( (Mc|O'|O’)?{WORD}){{0,3}}", f"{WORD}-{WORD}"),
    fields.City(): matching(f"{WORD}([ -]{WORD}){{0,2}}( [1-9][0-9]?)?"),
    fields.Text(): matching(rf"[0-9]{{1,4}}[a-z]? {WORD} (Road|St\.|No\. [0-9]{{1,3}})"),
    fields.Verbatim(): matching("[A-Z]{0,3}[0-9]{5,15}[A-Z]?", "[0-9]{2}E[0-9]{4,6}", "[0-9]{17}[1-9X]"),
    fields.Email(): st.emails(),
    fields.Date(): st.dates(date(1900, 1, 1), date(2030, 1, 1)).map(str),
    fields.Url(): matching(r"https://[a-z]{2,9}\.example\.com/[a-z0-9]{1,9}\.jpg"),
}


@pytest.mark.parametrize("kind", CLEAN, ids=lambda kind: type(kind).__name__)
def test_clean_values_are_in_order(kind: Kind) -> None:
    find = finder(kind, rounded=True)

    @given(CLEAN[kind])
    @settings(max_examples=300)
    def law(text: str) -> None:
        assert find(text, {}) is None

    law()


@given(phone_numbers())
@settings(max_examples=500)
def test_phone_numbers_of_all_countries_are_in_order(given_number: tuple[str, str]) -> None:
    region, text = given_number
    assert finder(PHONE)(text, {COUNTRY: region}) is None


@given(st.sampled_from(sorted(make_customers.COUNTRIES)), st.integers(0, 10))
def test_postcodes_that_are_whole_are_in_order(region: str, n: int) -> None:
    cities = make_customers.COUNTRIES[region].cities
    assert finder(POSTCODE)(cities[n % len(cities)][2], {COUNTRY: region}) is None


@given(st.text(min_size=1).map(str.strip).filter(bool), st.sampled_from(["US", "IT", ""]))
def test_any_text_of_any_kind_can_be_looked_at(text: str, region: str) -> None:
    kinds: tuple[Kind, ...] = (*CLEAN, POSTCODE, PHONE)
    for kind in kinds:
        finder(kind)(text, {COUNTRY: region})
