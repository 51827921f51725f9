"""Damaged cells are found, with what was probably meant where that can be told."""

# ruff: noqa: RUF001  letters that look like others are what is tested

import pytest
from phonenumbers import SUPPORTED_REGIONS, PhoneMetadata

from importer.damage import Damage, finder
from importer.damage.phones import ZERO_BELONGS
from importer.damage.postcodes import SHAPES, with_zeros
from importer.providers import fields
from importer.providers.fields import CountryForm, Kind

COUNTRY = "address.country"
POSTCODE = fields.Postcode(COUNTRY)
PHONE = fields.Phone(country=COUNTRY)
ANY_KIND: tuple[Kind, ...] = (
    fields.Text(),
    fields.Name(),
    fields.City(),
    POSTCODE,
    fields.Verbatim(),
    fields.Email(),
    fields.Country(CountryForm.ALPHA2),
    PHONE,
    fields.CallingCode(),
    fields.Date(),
    fields.Choice({"male": ("m",)}),
    fields.YesNo(),
    fields.Url(),
)


def find(kind: Kind, text: str, region: str = "", *, rounded: bool = False) -> Damage | None:
    """What is found in one cell of a row of this country."""
    return finder(kind, rounded=rounded)(text, {COUNTRY: region} if region else {})


def told(damage: Damage | None) -> tuple[str, str | None, bool] | None:
    return None if damage is None else (damage.code, damage.repair, damage.certain)


# -- numbers


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        ("2.34803E+12", None),
        ("2,34803E+12", None),
        ("1.23456789012346E+018", None),
        ("1.2345678901234568e+18", None),
        ("1E+22", None),
        ("5.01E+02", "501"),
        ("5,0100E+02", "501"),
        ("2.348031234567e+12", "2348031234567"),
        ("1.23456789012345E+14", "123456789012345"),
        ("1.234567890123456E+15", None),
        ("5.015E+02", None),
    ],
)
def test_document_number_in_scientific_notation_comes_back_only_if_every_digit_is_there(
    text: str, repair: str | None
) -> None:
    assert told(find(fields.Verbatim(), text)) == ("scientific_notation", repair, True)


@pytest.mark.parametrize(
    "text", ["12E4567", "1E5", "E+12", "12E-45", "A0012345", "00000012345", "1.2.3", "E12345678", "12E+45"]
)
def test_document_number_with_an_e_in_it_is_one(text: str) -> None:
    assert find(fields.Verbatim(), text) is None


def test_what_a_spreadsheet_makes_of_an_identifier_with_an_e_is_only_suspicious() -> None:
    assert told(find(fields.Verbatim(), "5E-10")) == ("scientific_notation", None, False)


@pytest.mark.parametrize("text", ["12345678.0", "12345678,00", "0012.0"])
def test_document_number_that_became_a_decimal_is_the_number_without_that(text: str) -> None:
    whole = text.replace(",", ".").partition(".")[0]
    assert told(find(fields.Verbatim(), text)) == ("number_as_decimal", whole, True)


@pytest.mark.parametrize("text", ["12345678.50", "1.000.000", "12345.000", "756.1234.5678.00"])
def test_document_number_with_points_of_its_own_is_no_decimal(text: str) -> None:
    assert find(fields.Verbatim(), text) is None


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("text", ["4111111111111110", "1234567890123450000"])
def test_number_with_zeros_after_the_15th_digit_is_as_bad_as_its_column(text: str, rounded: bool) -> None:
    assert told(find(fields.Verbatim(), text, rounded=rounded)) == ("rounded_number", None, rounded)


@pytest.mark.parametrize("text", ["4111111111111111", "123456789012345", "123456789012340"])
def test_long_number_that_does_not_end_in_zeros_was_not_rounded(text: str) -> None:
    assert find(fields.Verbatim(), text, rounded=True) is None


def test_text_of_any_kind_may_be_a_decimal() -> None:
    assert find(fields.Text(), "2.0") is None
    assert told(find(fields.Text(), "2.34803E+12")) == ("scientific_notation", None, False)


# -- postcodes


@pytest.mark.parametrize(
    ("region", "text", "meant"),
    [
        ("US", "2139", "02139"),
        ("US", "501", "00501"),
        ("US", "2139.0", "02139"),
        ("US", "5.01E+02", "00501"),
        ("DE", "1067", "01067"),
        ("IT", "118", "00118"),
        ("FI", "100", "00100"),
        ("AU", "800", "0800"),
        ("NO", "150", "0150"),
        ("ZA", "1", "0001"),
        ("SG", "48616", "048616"),
        ("BR", "1310100", "01310100"),
        ("JP", "600001", "0600001"),
    ],
)
def test_postcode_gets_the_zeros_of_its_country_back(region: str, text: str, meant: str) -> None:
    damage = find(POSTCODE, text, region)
    assert damage is not None
    assert damage.repair == meant
    assert meant in damage.message


@pytest.mark.parametrize(
    ("region", "text"),
    [
        ("US", "02139"),
        ("US", "02139-4307"),
        ("US", "12"),
        ("DE", "10115"),
        ("DE", "101"),
        ("AT", "101"),  # Austria's begin with 1 to 9: the digit is missing somewhere else
        ("IS", "101"),
        ("GB", "EC1A 1BB"),
        ("", "2139"),
        ("HK", "0"),
        ("US", "N/A"),
    ],
)
def test_postcode_that_lacks_no_zero_of_its_country_is_left_alone(region: str, text: str) -> None:
    assert find(POSTCODE, text, region) is None


def test_lost_zero_of_a_postcode_is_only_suspected() -> None:
    assert told(find(POSTCODE, "2139", "US")) == ("lost_zeros", "02139", False)


@pytest.mark.parametrize("region", sorted(SHAPES))
def test_code_with_zeros_in_front_loses_and_gets_them(region: str) -> None:
    length, zeros = SHAPES[region]
    code = "0" * zeros + "9" * (length - zeros)
    assert with_zeros(str(int(code)), region) == code
    assert with_zeros(code, region) is None
    assert with_zeros(str(int(code))[1:], region) is None


# -- phones


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        ("2.34803E+12", None),
        ("+2,34803E+12", None),
        ("2.348031234567E+12", "2348031234567"),
        ("2348031234567.0", "2348031234567"),
        ("+2348031234567,00", "+2348031234567"),
    ],
)
def test_phone_that_became_a_quantity_comes_back_only_if_every_digit_is_there(
    text: str, repair: str | None
) -> None:
    assert told(find(PHONE, text, "NG")) == ("phone_as_quantity", repair, True)


@pytest.mark.parametrize("text", ["612345678", "669812345"])
def test_italian_number_gets_back_the_zero_that_belongs_to_it(text: str) -> None:
    damage = find(PHONE, text, "IT")
    assert damage is not None
    assert (damage.code, damage.repair) == ("lost_zeros", f"0{text}")


@pytest.mark.parametrize(
    ("region", "text"),
    [
        ("IT", "0669812345"),
        ("IT", "3123456789"),
        ("IT", "+390669812345"),
        ("DE", "3023125001"),
        ("", "612345678"),
    ],
)
def test_number_that_needs_no_zero_is_left_alone(region: str, text: str) -> None:
    assert find(PHONE, text, region) is None


def test_zero_belongs_to_the_number_where_libphonenumber_has_examples_of_it() -> None:
    found = set()
    for region in SUPPORTED_REGIONS:
        metadata = PhoneMetadata.metadata_for_region(region)
        assert metadata is not None
        examples = [each.example_number for each in (metadata.fixed_line, metadata.mobile) if each]
        if any(number and number.startswith("0") for number in examples):
            found.add(region)
    assert found == ZERO_BELONGS


# -- dates


@pytest.mark.parametrize(
    ("text", "day"), [("32874", "1990-01-01"), ("45000", "2023-03-15"), ("32874.0", "1990-01-01")]
)
def test_date_as_a_count_of_days_is_its_date(text: str, day: str) -> None:
    """Known answers from LibreOffice, which shows these numbers so when formatted as dates."""
    assert told(find(fields.Date(), text)) == ("date_serial", day, True)


@pytest.mark.parametrize("text", ["1990", "1990-05-17", "17051990", "170590", "32874.5", "05/17/1990"])
def test_what_may_be_another_date_is_not_counted(text: str) -> None:
    assert find(fields.Date(), text) is None


# -- letters

NAMES = (
    "Zoë",
    "Müller & Söhne",
    "François Lefèvre",
    "São Paulo",
    "Łukasz Żak",
    "Nguyễn Văn Ân",
    "Jürgen Weiß",
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("page", ["cp1252", "latin-1", "cp1250"])
def test_name_that_was_read_in_the_wrong_encoding_is_told_with_the_right_one(name: str, page: str) -> None:
    """As a program does it that takes UTF-8 for something else, by Python's own codecs."""
    misread = name.encode().decode(page, "backslashreplace")
    if "\\x" in misread:
        pytest.skip(f"{page} has no letter for one of its bytes")
    damage = find(fields.Text(), misread)
    assert damage is not None
    assert (damage.code, damage.repair) == ("mojibake", name)


@pytest.mark.parametrize(
    ("text", "meant", "certain"),
    [
        ("ZoÃ«", "Zoë", True),
        ("Oâ€™Connor", "O’Connor", True),
        ("MÃƒÂ¼ller", "Müller", True),
        ("Åukasz", None, None),
        ("Å\x81ukasz", "Łukasz", True),
        ("ç\x8e\x8bå°\x8fæ\x98\x8e", "王小明", True),
        ("çŽ‹å°æ˜Ž", None, True),
        ("JosÃ© Ã\xadlvarez\ufffd", None, True),
        ("O\x92Connor", "O’Connor", True),
        ("Nguyá»…n", "Nguyễn", False),
        ("РњРѕСЃРєРІР°", "Москва", False),
        ("Ĺ‚Ăłdzki", "łódzki", True),
    ],
)
def test_letters_come_back_only_if_all_of_them_do(text: str, meant: str | None, certain: bool | None) -> None:
    expected = None if certain is None else ("mojibake", meant, certain)
    assert told(find(fields.Name(), text)) == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (fields.Text(), "1 Mill{} Lane"),
        (fields.Name(), "An{}n Lee"),
        (fields.City(), "Singa{}pore"),
        (POSTCODE, "20{}001"),
        (fields.Email(), "{}ann@example.com"),
        (PHONE, "{}+65 8123 4567"),
        (fields.Date(), "1990-05-17{}"),
    ],
)
@pytest.mark.parametrize("hidden", ["\u200b", "\ufeff", "\xad", "\u202a", "\u2060"])
def test_invisible_character_that_is_left_out_is_told(kind: Kind, text: str, hidden: str) -> None:
    damage = find(kind, text.format(hidden), "US")
    assert damage is not None
    assert (damage.code, damage.certain, damage.repair) == ("invisible_characters", False, None)
    assert f"U+{ord(hidden):04X}" in damage.message


def test_invisible_character_inside_a_document_number_is_certain_and_can_be_dropped() -> None:
    assert told(find(fields.Verbatim(), "A0\u200b12")) == ("invisible_characters", "A012", True)
    assert told(find(fields.Verbatim(), "\u200bA012\ufeff")) == ("invisible_characters", None, False)


@pytest.mark.parametrize("text", ["\u200b", "\ufeff\u200b", "می\u200cخواهم", "क\u200dष", "👩\u200d🚀 Ann"])
def test_joiners_of_scripts_and_empty_cells_hide_nothing(text: str) -> None:
    assert find(fields.Name(), text) is None


def test_damage_behind_an_invisible_character_is_found_too() -> None:
    assert told(find(POSTCODE, "\u200b2139", "US")) == ("lost_zeros", "02139", False)
    assert told(find(PHONE, "\u202a2.34803E+12\u202c", "NG")) == ("phone_as_quantity", None, True)


@pytest.mark.parametrize("kind", ANY_KIND, ids=lambda kind: type(kind).__name__)
@pytest.mark.parametrize(
    "text",
    ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NV", "#BEZUG!", "#¡REF!", "Err:502", "########"],
)
def test_error_of_a_formula_is_no_value_whatever_the_column(kind: Kind, text: str) -> None:
    assert told(find(kind, text)) == ("formula_error", None, True)


@pytest.mark.parametrize("text", ["#", "#12", "# 4B", "#hashtag", "Err", "Erro:r", "Emma"])
def test_text_that_begins_like_an_error_is_none(text: str) -> None:
    assert find(fields.Text(), text) is None


# -- text in the wrong column


@pytest.mark.parametrize(
    ("kind", "text", "what"),
    [
        (fields.Name(), "ann@example.com", "an e-mail address"),
        (fields.Name(), "Ann Lee <ann@example.com>", "an e-mail address"),
        (fields.Name(), "+65 8123 4567", "a phone number"),
        (fields.Name(), "(202) 555-0101", "a phone number"),
        (fields.Name(), "1990-05-17", "a date"),
        (fields.Name(), "17.05.1990", "a date"),
        (fields.Name(), "https://example.com/ann", "a web address"),
        (fields.Name(), "www.example.com", "a web address"),
        (fields.Name(), "123456", "a number"),
        (fields.Name(), "2.34803E+12", "a number"),
        (fields.City(), "1220 Wien", "a number"),
        (fields.City(), "12", "a number"),
        (fields.City(), "ann@example.com", "an e-mail address"),
        (POSTCODE, "Singapore", "words"),
        (POSTCODE, "ann1@example.com", "an e-mail address"),
        (fields.Verbatim(), "ann@example.com", "an e-mail address"),
        (fields.Verbatim(), "https://example.com/id.jpg", "a web address"),
    ],
)
def test_text_that_belongs_elsewhere_is_suspected(kind: Kind, text: str, what: str) -> None:
    damage = find(kind, text)
    assert damage is not None
    assert told(damage) == ("wrong_column", None, False)
    assert f"holds {what}," in damage.message


def test_damage_is_in_no_repr() -> None:
    damage = find(POSTCODE, "2139", "US")
    assert "2139" not in repr(damage)
