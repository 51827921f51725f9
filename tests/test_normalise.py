"""Text as people write it comes out in the form asked for, or with a message that helps."""

# ruff: noqa: RUF001  letters of other scripts that look like ours are what is tested

import datetime
import gettext
import unicodedata
from collections.abc import Callable

import email_validator
import phonenumbers
import pycountry
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import from_excel

from importer import normalise
from importer.normalise import PhoneNumber, Unfit, countries, emails
from importer.providers.fields import CountryForm
from importer.sheetformat import NOT_CALCULATED

COUNTRIES = {each.alpha_2: each for each in pycountry.countries}
# The first property test on a machine waits for hypothesis's table of Unicode, others for the translations.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

GENDERS = {"M": ("male", "man"), "F": ("female", "woman", "weiblich")}
ANY_CHARACTER = st.one_of(st.integers(0, 0x24F), st.integers(0, 0x10FFFF)).map(chr)  # surrogates too
ANY_TEXT = st.text(ANY_CHARACTER, max_size=60)

NORMALISERS: dict[str, Callable[[str], object]] = {
    "text": normalise.text,
    "verbatim": normalise.verbatim,
    "email": normalise.email,
    "country_code": normalise.country_code,
    "country name": lambda value: normalise.country(value, CountryForm.NAME),
    "country alpha-3": lambda value: normalise.country(value, CountryForm.ALPHA3),
    "phone": lambda value: e164(normalise.phone(value, None)),
    "phone of Singapore": lambda value: e164(normalise.phone(value, "SG")),
    "calling_code": normalise.calling_code,
    "date": normalise.date,
    "choice": lambda value: normalise.choice(value, GENDERS),
    "yes_no": normalise.yes_no,
    "url": normalise.url,
    "heading": normalise.heading,
    "identity_text": normalise.identity_text,
}

WRITTEN = st.one_of(
    ANY_TEXT,
    st.text("0123456789+-./ ()TZ:,", max_size=24),
    st.text(
        " abéßøØIıİſ\u0301\u0345\u200b\u200c\u200d\ufeff\xa0\n\u0645\u0915\u094d\u2126\ufb01", max_size=12
    ),
    st.emails(),
    st.dates().map(lambda day: day.strftime("%d/%m/%Y")),
    st.sampled_from(sorted(COUNTRIES)).map(lambda code: COUNTRIES[code].name),
    st.sampled_from(["https://example.com/ä", "HTTPS://Example.com", "+65 8123 4567", "Man", "x", "yes"]),
)


def e164(outcome: PhoneNumber | Unfit) -> str | Unfit:
    return outcome if isinstance(outcome, Unfit) else outcome.e164


def unfit(outcome: object) -> Unfit:
    assert isinstance(outcome, Unfit), outcome
    return outcome


# Laws of all of them


@pytest.mark.parametrize("name", NORMALISERS)
@patient
@given(value=WRITTEN)
def test_normalising_what_is_normalised_changes_nothing(name: str, value: str) -> None:
    once = NORMALISERS[name](value)
    if isinstance(once, str):
        assert NORMALISERS[name](once) == once


@pytest.mark.parametrize("name", NORMALISERS)
@patient
@given(value=WRITTEN)
@example(value='"" @')  # of which email-validator's message does not end in a full stop
def test_nothing_raises_and_every_message_can_be_shown(name: str, value: str) -> None:
    outcome = NORMALISERS[name](value)
    if isinstance(outcome, Unfit):
        assert outcome.message.isprintable()
        assert outcome.message.endswith((".", "?"))
        assert len(outcome.message) < 300
        assert outcome.code.isidentifier()
        assert outcome.code.islower()
        assert outcome.message not in repr(outcome)


@pytest.mark.parametrize(
    "name", sorted(NORMALISERS.keys() - {"text", "verbatim", "heading", "identity_text"})
)
def test_an_empty_cell_is_unfit_where_a_value_is_asked_for(name: str) -> None:
    for empty in ("", "  ", "\u200b"):
        unfit(NORMALISERS[name](empty))


@pytest.mark.parametrize("name", sorted(NORMALISERS.keys() - {"heading", "identity_text"}))
@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("\x00", "control_characters"),
        ("\x1f", "control_characters"),
        ("\x7f", "control_characters"),
        ("\x9c", "control_characters"),
        ("\ud83d", "control_characters"),
        ("\ufffe", "control_characters"),
        ("\ufffd", "lost_characters"),
        (NOT_CALCULATED, "formula_not_calculated"),
    ],
)
def test_characters_that_are_damage_are_refused_by_all(name: str, damage: str, code: str) -> None:
    assert unfit(NORMALISERS[name](f"https://example.com/{damage}1")).code == code


@pytest.mark.parametrize("name", NORMALISERS)
def test_a_cell_as_long_as_excel_allows_takes_no_time_to_speak_of(name: str) -> None:
    for unit in (
        "(",
        "a",
        "1",
        "x(",
        "1x",
        "a@",
        "a.",
        "@-",
        "1 :",
        "T1",
        "+1",
        "1-",
        "1 ",
        "\u200c",
        "\u200b1",
    ):
        for first in ("", "1", "https://", "a@"):  # a pattern that backtracks would sit here for hours
            NORMALISERS[name]((first + unit * 32_767)[:32_767])


def test_a_message_quotes_the_cell_cut_to_forty_characters() -> None:
    assert unfit(normalise.email("a" * 60)).message.startswith(f'"{"a" * 39}…" is not an e-mail address.')


# Text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("  Ann  B ", "Ann B"),
        ("Ann\xa0B", "Ann B"),
        ("Ann\r\n\tB", "Ann B"),
        ("Ann\u2028B\x85C", "Ann B C"),
        ("\ufeffAnn\u200b", "Ann"),
        ("Hand\xadwerk", "Handwerk"),
        ("\u202bAnn\u202c", "Ann"),
        ("Rene\u0301", "René"),
        ("Rene\u200b\u0301", "René"),
        ("O'Brien-Smith", "O'Brien-Smith"),
        ("a\u200cb\u200dc", "abc"),
        ("李小龍", "李小龍"),
    ],
)
def test_text_is_trimmed_composed_and_without_what_cannot_be_seen(written: str, meant: str) -> None:
    assert normalise.text(written) == meant


@pytest.mark.parametrize(
    "word",
    ["می\u200cخواهم", "क्\u200dष", "അവന്\u200d", "\U0001f469\u200d\U0001f4bb"],
    ids=["Persian", "Hindi", "Malayalam", "emoji"],
)
def test_joiners_stay_in_words_that_are_spelled_with_them(word: str) -> None:
    assert normalise.text(word) == word


@patient
@given(ANY_TEXT)
def test_text_keeps_every_letter_and_digit_in_order(value: str) -> None:
    def kept(text: str) -> str:
        whole = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text))
        return "".join(c for c in whole if unicodedata.category(c)[0] in "LNPS" and c not in "\u3164\uffa0")

    outcome = normalise.text(value)
    if isinstance(outcome, str):
        assert kept(outcome) == kept(value)


def test_document_numbers_are_only_trimmed() -> None:
    assert normalise.verbatim(" \ufeff00\xa0 12a\u0301 \u200b") == "00\xa0 12a\u0301"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("12\n34", "control_characters"),
        ("12\t34", "control_characters"),
        ("12\u200b34", "invisible_characters"),
    ],
)
def test_what_cannot_be_seen_inside_a_document_number_is_refused_unquoted(written: str, code: str) -> None:
    outcome = unfit(normalise.verbatim(written))
    assert outcome.code == code
    assert "12" not in outcome.message


# Headings and identities


@pytest.mark.parametrize(
    "written", ["E-mail Address *", "email address", "E_Mail_Address", "É-MAIL ADDRESS", "ＥmailAddress"]
)
def test_headings_compare_without_case_accents_punctuation_and_space(written: str) -> None:
    assert normalise.heading(written) == "emailaddress"


@pytest.mark.parametrize(
    ("one", "other"),
    [("か", "が"), ("ชื่อ", "ช่อ"), ("की", "का"), ("phone 1", "phone 2"), ("#", "%"), ("#", "")],
)
def test_headings_that_differ_in_more_than_accents_stay_apart(one: str, other: str) -> None:
    assert normalise.heading(one) != normalise.heading(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann  Bee", "ann bee"),
        ("STRASSE", "straße"),
        ("ＡＢＣ", "abc"),
        ("Rene\u0301", "RENÉ"),
        ("Ann\u200b", "ann"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
def test_one_customer_written_two_ways_has_one_identity(one: str, other: str) -> None:
    assert normalise.identity_text(one) == normalise.identity_text(other)


def test_accents_make_two_people() -> None:
    assert normalise.identity_text("Müller") != normalise.identity_text("Muller")


@patient
@given(ANY_TEXT)
def test_identity_does_not_depend_on_case(value: str) -> None:
    assert normalise.identity_text(value.upper().lower()) == normalise.identity_text(
        value.lower().upper().lower()
    )


# E-mail addresses


def by_library(value: str) -> str | None:
    try:
        return email_validator.validate_email(value, check_deliverability=False).normalized
    except email_validator.EmailNotValidError:
        return None


LABEL = st.one_of(
    st.sampled_from(
        ["example", "Example", "a", "xn--mller-kva", "a--b", "ab--c", "-a", "a-", "1", "a_b", "é", ""]
    ),
    st.text("aZ9-", min_size=1, max_size=8),
    st.integers(60, 66).map(lambda length: "a" * length),
)
ENDING = st.sampled_from(
    ["com", "ORG", "c", "c0m", "1", "test", "Local", "arpa", "onion", "invalid", "localhost", "co-m"]
)
LOCAL = st.one_of(
    st.sampled_from(["info", "WWW", "Postmaster", "ann.b", "ann..b", ".ann", "ann.", '"a b"', "jürgen", ""]),
    st.text("aZ9._+-!#$%&'*/=?^`{|}~@<>(),:;[]\\", min_size=1, max_size=10),
    st.integers(60, 250).map(lambda length: "a" * length),
)
ADDRESS = st.builds(
    lambda local, labels, ending: f"{local}@{'.'.join([*labels, ending])}",
    LOCAL,
    st.lists(LABEL, max_size=4),
    ENDING,
)


@patient
@given(st.one_of(ADDRESS, st.emails(), st.from_regex(r"[!-~]{1,12}@[!-~]{1,12}\.[a-z]{2,4}", fullmatch=True)))
@example("Info@example.com")
@example("ann@ab--c.com")
@example("ann@xn--mller-kva.com")
@example("ann@example.c1")
@example(f"{'ü' * 200}@example.com")
@example(f"{'a' * 242}@example.com")
@example(f"{'a' * 243}@example.com")
@example(f"ann@{'a' * 63}.com")
@example(f"ann@{'a' * 64}.com")
def test_addresses_are_judged_exactly_as_email_validator_does(value: str) -> None:
    assume(not value.lower().startswith("mailto:") and not value.startswith("<"))
    outcome = normalise.email(value)
    assert (None if isinstance(outcome, Unfit) else outcome) == by_library(value)


def test_the_short_way_knows_every_name_that_email_validator_treats_specially() -> None:
    assert {
        name.rpartition(".")[2] for name in email_validator.SPECIAL_USE_DOMAIN_NAMES
    } <= emails._SPECIAL_ENDINGS
    from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

    assert set(CASE_INSENSITIVE_MAILBOX_NAMES) <= emails._CASELESS_MAILBOXES


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ann@example.com", "ann@example.com"),
        (" Ann.B@Mail.EXAMPLE.org ", "Ann.B@mail.example.org"),
        ("mailto:ann@example.com", "ann@example.com"),
        ("<ann@example.com>", "ann@example.com"),
        ("ann\u200b@example.com", "ann@example.com"),
        ("jürgen@MÜLLER.example", "jürgen@müller.example"),
    ],
)
def test_an_address_comes_back_as_mail_programs_compare_it(written: str, meant: str) -> None:
    assert normalise.email(written) == meant


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("Ann <ann@example.com>", "Keep what is between < and >."),
        ("ann@example.com; bob@example.com", "Keep one."),
        ("ann@example.com,bob@example.com", "Keep one."),
        ("ann", "must have an @-sign"),
        ("ann@example", "should have a period"),
        ("ann@exam ple.com", "SPACE"),
        ("ann@shop.test", "cannot be used with email"),
    ],
)
def test_what_is_no_single_address_is_refused_with_what_to_do(written: str, advice: str) -> None:
    outcome = unfit(normalise.email(written))
    assert outcome.code == "invalid_email"
    assert advice in outcome.message


# Countries


@pytest.mark.parametrize("code", COUNTRIES)
def test_every_country_is_read_in_every_form_it_is_written_in(code: str) -> None:
    for form in CountryForm:
        written = normalise.country(code, form)
        assert isinstance(written, str)
        for variant in (written, written.lower(), f" {written.title()} "):
            assert normalise.country_code(variant) == code


@pytest.mark.parametrize("code", COUNTRIES)
def test_every_country_is_read_by_all_that_iso_3166_calls_it(code: str) -> None:
    each = COUNTRIES[code]
    names = {each.alpha_3, each.numeric, each.name, getattr(each, "official_name", each.name)}
    for name in names - {"Congo"}:
        assert normalise.country_code(name) == code


def test_names_are_plain_capitals_in_the_order_of_speech_and_all_different() -> None:
    names = [normalise.country(code, CountryForm.NAME) for code in COUNTRIES]
    assert len(set(names)) == len(names)
    for name in names:
        assert isinstance(name, str)
        assert name.isascii()
        assert name == name.upper()
        assert not name.endswith((" OF", " THE", ")"))


@pytest.mark.parametrize(
    ("code", "name"),
    {
        "US": "UNITED STATES", "NG": "NIGERIA", "GB": "UNITED KINGDOM", "KR": "SOUTH KOREA",
        "KP": "NORTH KOREA", "TZ": "TANZANIA",
        "VN": "VIETNAM", "RU": "RUSSIA", "BO": "BOLIVIA", "VE": "VENEZUELA", "IR": "IRAN",
        "MD": "MOLDOVA", "FM": "MICRONESIA", "TW": "TAIWAN", "PS": "PALESTINE", "LA": "LAOS",
        "SY": "SYRIA", "BN": "BRUNEI", "CI": "COTE D'IVOIRE", "TR": "TURKEY", "VA": "VATICAN CITY",
        "CW": "CURACAO",
        "CD": "DEMOCRATIC REPUBLIC OF THE CONGO", "CG": "REPUBLIC OF THE CONGO",
        "VG": "BRITISH VIRGIN ISLANDS", "VI": "US VIRGIN ISLANDS", "BQ": "BONAIRE, SINT EUSTATIUS AND SABA",
    }.items(),
)  # fmt: skip
def test_countries_have_the_name_that_payments_people_write(code: str, name: str) -> None:
    assert normalise.country(code, CountryForm.NAME) == name


@pytest.mark.parametrize(
    ("code", "names"),
    {
        "US": "USA, U.S., u.s.a., US of A, United States of America, the United States, Vereinigte Staaten, "
              "EE. UU., Estados Unidos, États-Unis, ＵＳＡ, United States (US), 840, США",
        "GB": "UK, U.K., Great Britain, England, Scotland, Wales, Northern Ireland, Royaume-Uni, "
              "Großbritannien, United Kingdom (UK)",
        "AE": "UAE, U.A.E., Emirates, VAE", "RU": "Russia, Россия, РОССИЯ, Russland",
        "CZ": "Czech Republic, Česko",
        "KR": "South Korea, Republic of Korea, Rep. of Korea, S. Korea, 한국, 대한민국",
        "KP": "North Korea, DPRK",
        "CI": "Ivory Coast, Côte d'Ivoire, Cote d’Ivoire, COTE DIVOIRE", "VN": "Vietnam, Viet Nam, Việt Nam",
        "LA": "Laos", "SY": "Syria", "IR": "Iran", "BO": "Bolivia", "TZ": "Tanzania", "VE": "Venezuela",
        "MD": "Moldova", "NL": "Holland, The Netherlands, Nederland, Niederlande", "MK": "Macedonia",
        "MM": "Burma",
        "TR": "Turkey, Türkiye, TÜRKİYE, Turkiye", "SZ": "Swaziland", "CV": "Cape Verde", "BN": "Brunei",
        "CD": "DRC, DR Congo, Democratic Republic of the Congo, Zaire",
        "CG": "Republic of the Congo, Congo-Brazzaville",
        "PS": "Palestine", "TW": "Taiwan, 台灣", "MO": "Macau, Macao", "HK": "Hong Kong, HongKong, 香港",
        "VA": "Vatican, Holy See", "FM": "Micronesia", "LC": "St Lucia, St. Lucia, Saint Lucia",
        "VC": "St. Vincent",
        "TT": "Trinidad & Tobago, Trinidad and Tobago", "BA": "Bosnia-Herzegovina", "GM": "The Gambia",
        "GE": "Georgia",
        "DE": "Deutschland, GERMANY, Allemagne, Alemania, Duitsland", "ES": "España, Espana, Spanien",
        "BR": "Brasil", "IT": "Italia", "FR": "France, Frankreich, Francia", "AT": "Österreich, Oesterreich",
        "CH": "Schweiz, Suisse, Svizzera", "BE": "België, Belgique, Belgien", "PL": "Polska", "SE": "Sverige",
        "NO": "Norge, no", "DK": "Danmark", "FI": "Suomi", "GR": "Ελλάδα, ΕΛΛΑΔΑ", "CN": "中国, 中國, PRC",
        "JP": "日本", "MX": "México, Mexico", "PE": "Perú", "HU": "Magyarország", "RO": "România",
        "UA": "Україна", "NG": "Nigeria, NGA, nga, ng, Nigeria (NG)", "NA": "NA, Namibia",
        "ZA": "South Africa, Afrique du Sud",
    }.items(),
)  # fmt: skip
def test_a_country_is_known_by_the_names_people_use(code: str, names: str) -> None:
    assert {name: normalise.country_code(name) for name in names.split(", ")} == dict.fromkeys(
        names.split(", "), code
    )


def test_the_list_of_countries_names_each_once_and_all_are_read() -> None:
    names = normalise.country_names()
    assert list(names) == sorted(names, key=str.casefold)
    assert sorted(map(str, map(normalise.country_code, names))) == sorted(COUNTRIES)


@pytest.mark.parametrize("language", countries._LANGUAGES)
def test_a_translated_name_means_its_own_country_or_is_refused(language: str) -> None:
    translated = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language]).gettext
    read = {each.alpha_2: normalise.country_code(translated(each.name)) for each in pycountry.countries}
    # Codes go first: "Ao", Vietnamese for Austria, is Angola's.
    wrong = {code: meant for code, meant in read.items() if isinstance(meant, str) and meant != code}
    assert wrong in ({}, {"AT": "AO"})
    for each in COUNTRIES.values():
        if common := getattr(each, "common_name", None):
            assert normalise.country_code(translated(common)) == each.alpha_2
    assert sum(isinstance(meant, str) for meant in read.values()) > 240


@pytest.mark.parametrize(
    ("written", "both"),
    [
        ("Congo", "Democratic Republic of the Congo or Republic of the Congo"),
        ("コンゴ", "Democratic Republic of the Congo or Republic of the Congo"),
        ("Korea", "North Korea or South Korea"),
        ("Virgin Islands", "British Virgin Islands or US Virgin Islands"),
        ("Republic of China", "China or Taiwan"),
    ],
)
def test_a_name_that_two_countries_share_is_refused_naming_both(written: str, both: str) -> None:
    outcome = unfit(normalise.country_code(written))
    assert outcome == Unfit("ambiguous_country", f'"{written}" may mean {both}. Write which.')


@pytest.mark.parametrize(
    "written", ["N/A", "n.a.", "-", "Y", "44", "36", "840.0", "Germany (FR)", "Europe", "Yugoslavia"]
)
def test_what_names_no_country_is_refused(written: str) -> None:
    assert unfit(normalise.country_code(written)).code == "unknown_country"


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("Nigerria", "Did you mean Nigeria?"),
        ("Uinted States", "Did you mean United States?"),
        ("Cote d'Ivoir", "Did you mean Cote d'Ivoire?"),
        ("U+A", "Did you mean United Arab Emirates?"),  # as near as two others, and the first of them
        ("qwertz", "Write its English name or ISO code, like Nigeria or NG."),
        ("America", 'If the United States is meant, write "US".'),
        ("Kosovo", "It has no ISO 3166 code"),
    ],
)
def test_an_unknown_country_is_never_guessed_but_the_message_helps(written: str, advice: str) -> None:
    assert advice in unfit(normalise.country_code(written)).message


# Phones. Numbers are of ranges kept for fiction (+1 NXX 555 01XX, +44 20 7946 0XXX), or libphonenumber's own.


def examples() -> list[tuple[str, phonenumbers.PhoneNumber]]:
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    both = [(region, kind) for region in sorted(phonenumbers.SUPPORTED_REGIONS) for kind in kinds]
    numbers = ((region, phonenumbers.example_number_for_type(region, kind)) for region, kind in both)
    return [(region, number) for region, number in numbers if number]


@pytest.mark.parametrize(("region", "number"), examples())
def test_a_number_of_every_country_is_read_in_every_notation(
    region: str, number: phonenumbers.PhoneNumber
) -> None:
    formats = phonenumbers.PhoneNumberFormat
    wanted = phonenumbers.format_number(number, formats.E164)
    for notation in (formats.E164, formats.INTERNATIONAL, formats.RFC3966):
        assert e164(normalise.phone(phonenumbers.format_number(number, notation), None)) == wanted
    assert e164(normalise.phone(wanted.replace("+", "00"), None)) == wanted
    assert e164(normalise.phone(phonenumbers.format_number(number, formats.NATIONAL), region)) == wanted
    code, national = str(number.country_code), phonenumbers.national_significant_number(number)
    assert e164(normalise.phone(national, None, calling_code=code)) == wanted
    read = normalise.phone(wanted, None)
    assert isinstance(read, PhoneNumber)
    assert (read.national, read.calling_code) == (national, code)
    assert normalise.same_country(read, region)


@pytest.mark.parametrize(
    ("written", "region", "meant"),
    [
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("+44 20 7946 0958", "SG", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("2079460958", "GB", "+442079460958"),
        ("0044 20 7946 0958", "US", "+442079460958"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("1-202-555-0123", "US", "+12025550123"),
        ("tel:+1-202-555-0123", None, "+12025550123"),
        ("6581234567", "SG", "+6581234567"),
        ("81234567", "SG", "+6581234567"),
        ("+65 (0) 8123 4567", None, "+6581234567"),
        ("2348031234567", "NG", "+2348031234567"),
        ("08031234567", "NG", "+2348031234567"),
        ("02 1234 5678", "IT", "+390212345678"),
        ("+800 1234 5678", None, "+80012345678"),
        ("0081 90-1234-5678", "KR", "+819012345678"),
        ("\u202a＋６５\xa0８１２３\u2011４５６７\u202c", None, "+6581234567"),
        ("٠٨٠٣١٢٣٤٥٦٧", "NG", "+2348031234567"),
        ("٠٠٦٥٨١٢٣٤٥٦٧", None, "+6581234567"),
        ("55800123456", "BR", "+55800123456"),
        ("04915 123456789", "DE", "+494915123456789"),
        ("+4915123456789", "DE", "+4915123456789"),
    ],
)
def test_a_number_is_read_as_its_writer_meant_it(written: str, region: str | None, meant: str) -> None:
    assert e164(normalise.phone(written, region)) == meant


@pytest.mark.parametrize(
    ("written", "region", "code", "advice"),
    [
        ("6581234567.0", "SG", "phone_as_quantity", "Write it without the point."),
        ("6.58E+09", "SG", "phone_as_quantity", "digits were lost"),
        ("6,58123e+9", "SG", "phone_as_quantity", "digits were lost"),
        ("202-555-0123 ext. 12", "US", "invalid_phone", "Write the number alone."),
        ("2025550123x12", "US", "invalid_phone", "Write the number alone."),
        ("+12025550123;ext=12", None, "invalid_phone", "Write the number alone."),
        ("1-800-FLOWERS", "US", "invalid_phone", "Write digits"),
        ("see notes", "US", "invalid_phone", "Write digits"),
        ("--", None, "invalid_phone", "Write digits"),
        ("81234567 " * 8, "SG", "invalid_phone", "Keep one number."),
        ("4915123456789", "DE", "invalid_phone", "may be +494915123456789 or +4915123456789."),
        ("6512345670", "SG", "invalid_phone", "may be +656512345670 or +6512345670."),
        ("442079460958", "NG", "invalid_phone", "write it with + and the calling code"),
        ("12025550123", "SG", "invalid_phone", "write it with + and the calling code"),
        ("+0065 8123 4567", "GB", "invalid_phone", "Check its digits"),
        ("+6581234567 / +6591234567", None, "invalid_phone", "Keep one."),
        ("81234567 / 91234567", "SG", "invalid_phone", "Check its digits"),
        ("2025550123", None, "phone_needs_country", "Write it with + and the calling code"),
        ("12345678", "AQ", "phone_needs_country", "AQ has no numbering plan of its own."),
        ("442079460958", "SG", "invalid_phone", "write it with + and the calling code"),
        ("1234", "SG", "invalid_phone", "not a valid phone number in SG"),
        ("+999 1234567", None, "invalid_phone", "Check its digits"),
        ("+0812345678", "SG", "invalid_phone", "Check its digits"),
    ],
)
def test_a_number_that_cannot_be_dialled_says_why(
    written: str, region: str | None, code: str, advice: str
) -> None:
    outcome = unfit(normalise.phone(written, region))
    assert (outcome.code, advice in outcome.message) == (code, True), outcome.message


def test_a_number_splits_into_calling_code_and_national_digits() -> None:
    assert normalise.phone("02 1234 5678", "IT") == PhoneNumber("+390212345678", "0212345678", "39", "IT")
    assert normalise.phone("+65 8123 4567", None) == PhoneNumber("+6581234567", "81234567", "65", "SG")
    assert normalise.phone("+800 1234 5678", None) == PhoneNumber("+80012345678", "12345678", "800", "")


def test_no_digits_of_a_number_are_in_its_repr() -> None:
    assert repr(normalise.phone("+65 8123 4567", None)) == "PhoneNumber(calling_code='65', region='SG')"


def test_a_calling_code_in_its_own_column_goes_before_the_country_of_the_row() -> None:
    assert e164(normalise.phone("81234567", "GB", calling_code="65")) == "+6581234567"
    assert e164(normalise.phone("204-555-0123", "CA", calling_code="1")) == "+12045550123"
    assert e164(normalise.phone("464-1234", "AG", calling_code="1")) == "+12684641234"
    assert e164(normalise.phone("12345678", None, calling_code="800")) == "+80012345678"
    outcome = unfit(normalise.phone("+6581234567", "GB", calling_code="44"))
    assert outcome.code == "phone_of_other_country"


@pytest.mark.parametrize(
    ("number", "region", "same"),
    [
        ("+6581234567", "SG", True),
        ("+6581234567", "sg", True),
        ("+6581234567", "MY", False),
        ("+12045550123", "CA", True),
        ("+12045550123", "US", False),
        ("+18002345678", "US", True),
        ("+18002345678", "CA", True),
        ("+441534456789", "JE", True),
        ("+441534456789", "GB", False),
        ("+77123456789", "KZ", True),
        ("+77123456789", "RU", False),
        ("+6581234567", "AQ", True),
    ],
)
def test_countries_that_share_a_calling_code_are_told_apart(number: str, region: str, same: bool) -> None:
    read = normalise.phone(number, None)
    assert isinstance(read, PhoneNumber)
    assert normalise.same_country(read, region) is same


@pytest.mark.parametrize("written", ["+65", "65", "0065", "(65)", "(+65)", " + 65 "])
def test_a_calling_code_is_read_with_or_without_its_prefix(written: str) -> None:
    assert normalise.calling_code(written) == "65"


@pytest.mark.parametrize("written", ["0", "065", "999", "65.0", "1-868", "Singapore"])
def test_what_is_no_calling_code_is_refused(written: str) -> None:
    assert unfit(normalise.calling_code(written)).code == "invalid_calling_code"


# Dates

MODERN = st.dates(datetime.date(1800, 1, 1), datetime.date(2199, 12, 31))


@patient
@given(MODERN)
def test_a_date_is_read_in_every_unmistakable_notation(day: datetime.date) -> None:
    for notation in (
        "%Y-%m-%d",
        "%Y-%m-%d 00:00:00",
        "%Y-%m-%dT00:00:00",
        "%Y/%m/%d",
        "%d %B %Y",
        "%B %d, %Y",
        "%d-%b-%Y",
    ):
        assert normalise.date(day.strftime(notation)) == day.isoformat()
    assert normalise.date(day.strftime("%A, %B %d, %Y")) == day.isoformat()
    assert normalise.date(f"{day.day}. {day.month}. {day.year}", order="dmy") == day.isoformat()
    assert normalise.date(f"{day.month}/{day.day}/{day.year}", order="mdy") == day.isoformat()


@patient
@given(MODERN, st.sampled_from("/.- "))
def test_a_date_with_the_year_last_is_read_when_it_has_one_reading_only(
    day: datetime.date, mark: str
) -> None:
    outcome = normalise.date(day.strftime(f"%d{mark}%m{mark}%Y"))
    if day.day > 12 or day.day == day.month:
        assert outcome == day.isoformat()
    else:
        other = datetime.date(day.year, day.day, day.month)
        assert unfit(outcome).code == "ambiguous_date"
        assert day.isoformat() in unfit(outcome).message
        assert other.isoformat() in unfit(outcome).message


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("17.05.1990", "1990-05-17"),
        ("17/05/1990", "1990-05-17"),
        ("05/17/1990", "1990-05-17"),
        ("17/05/1990 0:00", "1990-05-17"),
        ("5/17/1990 12:00:00 AM", "1990-05-17"),
        ("1990-05-17T00:00:00.000Z", "1990-05-17"),
        ("1990. 05. 17.", "1990-05-17"),
        ("1990-5-7", "1990-05-07"),
        ("19900517", "1990-05-17"),
        ("20011002", "2001-10-02"),
        ("17051990", "1990-05-17"),
        ("17th of May, 1990", "1990-05-17"),
        ("Sept. 3, 1990", "1990-09-03"),
        ("3. März 1990", "1990-03-03"),
        ("3 Okt. 1990", "1990-10-03"),
        ("1er août 1990", "1990-08-01"),
        ("14 févr. 1990", "1990-02-14"),
        ("17 de mayo de 1990", "1990-05-17"),
        ("jueves, 17 de mayo de 1990", "1990-05-17"),
        ("17 gennaio 1990", "1990-01-17"),
        ("1º de março de 1990", "1990-03-01"),
        ("quinta-feira, 17 de maio de 1990", "1990-05-17"),
        ("٢٠٠٠-٠٥-١٧", "2000-05-17"),
        ("29.02.2000", "2000-02-29"),
    ],
)
def test_a_date_is_read_as_people_and_spreadsheets_write_it(written: str, meant: str) -> None:
    assert normalise.date(written) == meant


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("17.05.90", "two_digit_year"),
        ("17-May-90", "two_digit_year"),
        ("01021990", "ambiguous_date"),
        ("31/02/1990", "invalid_date"),
        ("29.02.1900", "invalid_date"),
        ("1990-13-01", "invalid_date"),
        ("1990-17-05", "invalid_date"),
        ("0000-01-01", "invalid_date"),
        ("1990", "invalid_date"),
        ("May 1990", "invalid_date"),
        ("Friday, May 17, 1990", "invalid_date"),
        ("1990-05-16T22:00:00Z", "invalid_date"),
        ("5/17/1990 12:00:00 PM", "invalid_date"),
        ("1990-05-17 00:30", "invalid_date"),
        ("soon", "invalid_date"),
    ],
)
def test_what_is_no_certain_date_is_refused(written: str, code: str) -> None:
    assert unfit(normalise.date(written)).code == code


def test_the_order_of_a_column_settles_its_dates_and_allows_no_other() -> None:
    assert normalise.date("05/06/1990", order="dmy") == "1990-06-05"
    assert normalise.date("05/06/1990", order="mdy") == "1990-05-06"
    assert unfit(normalise.date("05/17/1990", order="dmy")).code == "invalid_date"
    assert normalise.date("1990-05-17", order="dmy") == "1990-05-17"
    assert normalise.date("01021990", order="dmy") == "1990-02-01"


@patient
@given(st.integers(100, 999_999).filter(lambda serial: serial not in range(1800, 2200)))
@example(33010)
def test_a_serial_number_is_refused_saying_the_date_that_openpyxl_makes_of_it(serial: int) -> None:
    then = from_excel(serial)
    assert isinstance(then, datetime.datetime)
    for written in (str(serial), f"{serial}.0"):
        outcome = unfit(normalise.date(written))
        assert outcome.code == "date_serial"
        assert then.date().isoformat() in outcome.message


# Choices, yes and no


@pytest.mark.parametrize("written", ["F", "f", "Female", " FEMALE ", "fe-male", "Weiblich", "wóman"])
def test_a_choice_is_known_by_its_words_however_written(written: str) -> None:
    assert normalise.choice(written, GENDERS) == "F"


def test_an_unknown_choice_is_told_what_is_accepted() -> None:
    assert normalise.choice("other", GENDERS) == Unfit(
        "unknown_choice", '"other" is not one of: M (male, man), F (female, woman, weiblich).'
    )


def test_a_value_itself_goes_before_another_ones_word() -> None:
    assert normalise.choice("a", {"A": (), "B": ("a",)}) == "A"


@pytest.mark.parametrize("written", ["yes", "Y", "TRUE", "1", "ja", "Oui", "sí", "SI", "sim", "✓"])
def test_yes_in_many_words(written: str) -> None:
    assert normalise.yes_no(written) is True


@pytest.mark.parametrize("written", ["no", "N", "False", "0", "nein", "non", "não", "falso"])
def test_no_in_many_words(written: str) -> None:
    assert normalise.yes_no(written) is False


@pytest.mark.parametrize("written", ["x", "maybe", "2", "1.0", "-"])
def test_what_is_neither_yes_nor_no_is_refused(written: str) -> None:
    assert unfit(normalise.yes_no(written)).code == "invalid_yes_no"


# Web addresses


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (" https://img.example.com/front.jpg?x=1#y ", "https://img.example.com/front.jpg?x=1#y"),
        ("HTTPS://Example.com/A", "https://Example.com/A"),
        ("https://münchen.example/ü", "https://münchen.example/ü"),
        ("https://例え.example:8443/", "https://例え.example:8443/"),
    ],
)
def test_a_web_address_stays_as_written(written: str, meant: str) -> None:
    assert normalise.url(written) == meant


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("http://example.com/a.jpg", "Must begin with https://"),
        ("www.example.com", "Must begin with https://"),
        ("https://example.com/a b.jpg", "Contains a space"),
        ("https://example.com\\@example.org/", "another character"),
        ("https://ann:secret@example.com/", "Contains a user name or password."),
        ("https://@example.com/", "Contains a user name or password."),
        ("https://", "comes no host"),
        ("https:///a.jpg", "comes no host"),
        ("https://localhost/a.jpg", "comes no host"),
        ("https://example..com/", "comes no host"),
        ("https://-example.com/", "comes no host"),
        (f"https://{'a.' * 127}com/", "comes no host"),
        ("https://[::g]/", "cannot be read"),
        ("https://example.com:99999/", "cannot be read"),
    ],
)
def test_an_address_that_should_not_be_sent_is_refused_unquoted(written: str, advice: str) -> None:
    outcome = unfit(normalise.url(written))
    assert outcome.code == "invalid_url"
    assert advice in outcome.message
    assert "secret" not in outcome.message


def test_an_invisible_character_inside_a_web_address_is_refused() -> None:
    assert unfit(normalise.url("https://example.com/\u200ba")).code == "invisible_characters"


@pytest.mark.parametrize(
    ("given", "region", "e164"),
    [
        ("07700 900123", "GB", "+447700900123"),
        ("+33 6 39 98 00 01", None, "+33639980001"),
        ("+65 1234 5670", "SG", "+6512345670"),
    ],
)
def test_number_in_no_known_range_is_taken_if_its_length_is_right(
    given: str, region: str | None, e164: str
) -> None:
    """Ranges for fiction are in no table, nor are those opened lately."""
    found = normalise.phone(given, region)
    assert isinstance(found, PhoneNumber)
    assert (found.e164, found.region) == (e164, "")


@pytest.mark.parametrize("given", ["0000000000", "1111111111", "1234567890", "555", "12345", "555-0101"])
def test_number_that_somebody_made_up_to_fill_the_cell_is_refused(given: str) -> None:
    assert isinstance(normalise.phone(given, "US"), Unfit)


def test_number_in_no_known_range_is_of_the_country_of_its_calling_code() -> None:
    fictional = normalise.phone("+44 7700 900123", None)
    assert isinstance(fictional, PhoneNumber)
    assert normalise.same_country(fictional, "GB")
    assert not normalise.same_country(fictional, "FR")
