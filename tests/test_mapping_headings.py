"""The usual headings of a field, in the languages that sheets come in; none of them names two fields."""

from collections import defaultdict

import pytest

from importer import normalise
from importer.mapping import suggest
from importer.normalise import Unfit
from importer.providers import PROVIDERS, Provider, headings

SHEETS = {
    "german": ("Vorname", "Nachname", "E-Mail-Adresse", "Handynr.", "Typ", "Straße & Hausnummer",
               "Wohnort", "Bundesland", "PLZ", "Land"),
    "french": ("Prénom", "Nom de famille", "Courriel", "N° de téléphone", "Type de client", "Adresse",
               "Ville", "Région", "Code postal", "Pays"),
    "spanish": ("Nombre", "Apellidos", "Correo electrónico", "Teléfono móvil", "Tipo de cliente", "Domicilio",
                "Ciudad", "Provincia", "C.P.", "País"),
    "portuguese": ("Nome", "Apelido", "Endereço de e-mail", "Telemóvel", "Tipo de cliente", "Morada",
                   "Cidade", "Estado", "Código postal", "País"),
    "italian": ("Nome", "Cognome", "Indirizzo e-mail", "Cellulare", "Tipo cliente", "Indirizzo", "Città",
                "Regione", "CAP", "Nazione"),
    "dutch": ("Voornaam", "Achternaam", "E-mailadres", "Mobiel nummer", "Soort klant", "Straat en huisnummer",
              "Woonplaats", "Provincie", "Postcode", "Land"),
    "swedish": ("Förnamn", "Efternamn", "E-post", "Mobilnummer", "Kundtyp", "Gatuadress", "Postort", "Län",
                "Postnr", "Land"),
    "danish": ("Fornavn", "Efternavn", "E-mail", "Tlf.", "Kundetype", "Vej", "Bynavn", "Region", "Postnummer",
               "Land"),
    "norwegian": ("Fornavn", "Etternavn", "E-postadresse", "Mobiltelefon", "Kundetype", "Gateadresse",
                  "Poststed", "Fylke", "Postnr.", "Land"),
    "finnish": ("Etunimi", "Sukunimi", "Sähköposti", "Puhelinnumero", "Asiakastyyppi", "Katuosoite",
                "Kaupunki", "Maakunta", "Postinumero", "Maa"),
    "polish": ("Imię", "Nazwisko", "Adres e-mail", "Numer telefonu", "Typ klienta", "Ulica i numer",
               "Miejscowość", "Województwo", "Kod pocztowy", "Kraj"),
    "turkish": ("Adı", "Soyadı", "E-posta", "Cep Telefonu", "Müşteri Tipi", "Açık Adres", "Şehir", "Eyalet",
                "Posta Kodu", "Ülke"),
    "russian": ("Имя", "Фамилия", "Эл. почта", "Телефон", "Тип клиента", "Адрес", "Город", "Регион", "Индекс",
                "Страна"),
    "chinese": ("名字", "姓", "电子邮箱", "手机号码", "客户类型", "地址", "城市", "省", "邮编", "国家"),
}  # fmt: skip
"""The ten fields that JuicyWay requires, in its order, as offices head them."""


@pytest.mark.parametrize("language", SHEETS)
def test_headings_of_many_languages_are_known(language: str) -> None:
    required = [leaf.path for leaf in PROVIDERS["juicyway"].leaves if leaf.path != "billing_address.line2"]
    names = ("first_name", "last_name", "email", "phone", "type")
    address = ("line1", "city", "state", "zip_code", "country")
    wanted = [*names, *(f"billing_address.{part}" for part in address)]
    assert sorted(wanted) == sorted(required)
    found = suggest(SHEETS[language], PROVIDERS["juicyway"]).columns
    assert found == {path: (column,) for path, column in zip(wanted, SHEETS[language], strict=True)}


@pytest.mark.parametrize(
    "column",
    ["Namn", "Navn", "Naam", "Kundenname", "Imię i nazwisko", "Adı Soyadı", "Nome completo", "ФИО", "姓名"],
)
def test_whole_names_of_many_languages_are_known(column: str) -> None:
    assert suggest([column], PROVIDERS["hitpay"]).columns == {"name": (column,)}


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Geb.-Datum", "birth_date"),
        ("Födelsedatum", "birth_date"),
        ("Data urodzenia", "birth_date"),
        ("Doğum Tarihi", "birth_date"),
        ("Kön", "gender"),
        ("Płeć", "gender"),
        ("Cinsiyet", "gender"),
        ("Opmerkingen", "remark"),
        ("Uwagi", "remark"),
    ],
)
def test_birth_dates_genders_and_remarks_are_known(column: str, field: str) -> None:
    assert suggest([column], PROVIDERS["hitpay"]).columns == {field: (column,)}


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda provider: provider.name)
def test_no_usual_heading_names_two_fields_of_a_provider(provider: Provider) -> None:
    meant = defaultdict(set)
    for leaf in provider.leaves:
        for name in (leaf.column.title, *leaf.column.also):
            meant[normalise.heading(name)].add(leaf.path)
    assert {name: paths for name, paths in meant.items() if len(paths) > 1} == {}


def test_first_last_and_whole_names_have_no_heading_in_common() -> None:
    whole, first, last = (
        set(map(normalise.heading, names))
        for names in (headings.FULL_NAME, headings.FIRST_NAME, headings.LAST_NAME)
    )
    assert not whole & first
    assert not whole & last
    assert not first & last


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (headings.MALE_WORDS, headings.FEMALE_WORDS),
        (headings.INDIVIDUAL_WORDS, headings.BUSINESS_WORDS),
    ],
)
def test_no_word_means_both_of_two_choices(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert not set(map(normalise.heading, one)) & set(map(normalise.heading, other))


@pytest.mark.parametrize(
    ("word", "sent"),
    [("Kvinna", "F"), ("kobieta", "F"), ("Kadın", "F"), ("K", "F"), ("Mężczyzna", "M"), ("Erkek", "M"),
     ("Herr", "M"), ("女", "F")],
)  # fmt: skip
def test_genders_of_many_languages_are_known(word: str, sent: str) -> None:
    assert normalise.choice(word, {"M": headings.MALE_WORDS, "F": headings.FEMALE_WORDS}) == sent


@pytest.mark.parametrize(
    ("word", "answer"), [("Tak", True), ("nie", False), ("Evet", True), ("Hayır", False), ("nej", False)]
)
def test_yes_and_no_of_many_languages_are_known(word: str, answer: bool) -> None:
    assert normalise.yes_no(word) is answer


def test_word_of_no_language_is_neither_yes_nor_no() -> None:
    assert isinstance(normalise.yes_no("vielleicht"), Unfit)
