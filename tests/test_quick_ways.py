"""What most cells take a short cut through is what the long way makes of them."""

import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from importer.errors import SourceError
from importer.mapping import suggest
from importer.normalise import Unfit, characters, date, emails, phone, phones, text
from importer.providers import PROVIDERS
from importer.rows import Row
from importer.source import text as text_file
from importer.source.dialect import Dialect
from importer.source.document import find_document
from importer.source.faults import MAX_CELL
from importer.source.header import LOOK_AT
from importer.validation import Checked, validator
from tests.test_validation import account, check

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
FORMATS = (
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
)


def written(region: str) -> Iterator[str]:
    """Numbers of a region, of every kind it has, and the same with a digit wrong, missing or too many."""
    chance = random.Random(region)
    for kind in phonenumbers.PhoneNumberType.values():
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None:
            continue
        yield phonenumbers.national_significant_number(number)
        for form in FORMATS:
            whole = phonenumbers.format_number(number, form)
            yield whole
            at = chance.randrange(len(whole))
            yield whole[:at] + chance.choice("0123456789") + whole[at + 1 :]
            yield whole[:at] + whole[at + 1 :]
            yield whole[:at] + chance.choice("0123456789") + whole[at:]


@pytest.mark.parametrize("region", REGIONS)
def test_number_that_is_looked_up_in_the_tables_is_what_the_library_reads(region: str) -> None:
    code = str(phonenumbers.country_code_for_region(region))
    for number in written(region):
        for home, calling_code in (
            (region, ""),
            ("", ""),
            ("DE", ""),
            ("", code),
            (region, "1"),
            (region, code),
        ):
            quick = phone(number, home, calling_code=calling_code)
            assert quick == phones._phone(number, home, calling_code), (number, home, calling_code)


@given(st.from_regex(r"\A\+?[0-9]{5,15}\Z"), st.sampled_from(["", *REGIONS]))
def test_any_digits_are_read_as_the_library_reads_them(digits: str, home: str) -> None:
    assert phone(digits, home) == phones._phone(digits, home, "")


@given(st.text())
@example("José  Åkesson")
@example("Jose\u0301")
@example("a\u3164b")
@example("lost \ufffd")
def test_text_that_is_settled_comes_out_as_any_other(value: str) -> None:
    assert text(value) == characters._settled(value)


@given(st.dates() | st.from_regex(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"))
def test_iso_date_is_taken_only_if_the_calendar_has_it(value: object) -> None:
    told = date(str(value))
    assert told == date(f" {value}")  # which the short cut does not take


def test_domain_is_judged_each_time_as_the_first_time() -> None:
    for _ in range(2):
        assert emails.email("Ann@Example.COM") == "Ann@example.com"
        assert isinstance(emails.email("ann@printer.local"), Unfit)


# -- a text file without quotation marks


def read_either_way(path: Path, *, has_quotes: bool) -> list[object]:
    """What each step of reading finds, up to one that fails."""
    table = text_file._Table(find_document(path), "utf-8", Dialect(","), False, has_quotes)
    found: list[object] = []
    try:
        header = text_file._header(table, None)
        found.append(header)
        found.append(text_file._survey(table, header))
        found.append(list(table.records(table.open())))
    except SourceError as error:
        found.append(str(error))
    return found


@given(st.text("ab1@, \t\r\n\u2028é", min_size=1))
@example("Name,Email\nAnn,ann@example.com,,,more\n,,,,,\n")
@example("A list, of, many, customers\n\nName,Email\rAnn,a@b.example\r\nBo,b@b.example,x,\r\n")
@example("Name,Email\n" + "Ann,b\n" * LOOK_AT + f"Ann,{'a' * (MAX_CELL + 1)}\nBo,b\n")
@example("Name,Email\n" + "Ann,b\n" * LOOK_AT + f"{'a,' * MAX_CELL}\nBo,b\n")
def test_file_without_quotation_marks_is_read_line_by_line_as_any_other(content: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "customers.csv"
        path.write_bytes(content.encode())
        assert read_either_way(path, has_quotes=False) == read_either_way(path, has_quotes=True)


# -- values that are remembered


COLUMNS = ("Name", "Email", "Phone", "Street", "City", "State", "Zip", "Country", "Gender")


def checked_in_turn(*rows: tuple[str, ...]) -> list[Checked]:
    mapping = suggest(COLUMNS, PROVIDERS["hitpay"])
    check_row = validator(account(), mapping, COLUMNS)
    return [check_row(Row(number, cells)) for number, cells in enumerate(rows, 2)]


def row(name: str, **more: str) -> tuple[str, ...]:
    cells = {
        "Name": name,
        "Email": f"{name.casefold().replace(' ', '.')}@example.com",
        "Phone": "+65 8123 4567",
        "Street": "1 High St",
        "City": "Boston",
        "State": "MA",
        "Zip": "02139",
        "Country": "US",
        "Gender": "female",
    }
    return tuple((cells | more).values())


def test_cell_that_was_seen_before_is_read_with_the_country_of_its_own_row() -> None:
    """2139 lost a zero in the United States, and is a whole postcode in Australia."""
    first, second, third = checked_in_turn(
        row("Ann Lee", Zip="2139", Country="Australia"),
        row("Bo Roe", Zip="2139", Country="US"),
        row("Cy Poe", Zip="2139", Country="Australia"),
    )
    assert [len(each.findings) for each in (first, second, third)] == [0, 1, 0]


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ({"Name": "bo@example.com"}, "finding"),
        ({"Gender": "perhaps"}, "fault"),
        ({"City": "#N/A"}, "fault"),
        ({"Country": "Atlantis"}, "fault"),
    ],
)
def test_what_is_the_matter_with_a_cell_is_told_each_time_it_comes(cells: dict[str, str], what: str) -> None:
    for each in checked_in_turn(row("Ann Lee", **cells), row("Ann Lee", **cells), row("Ann Lee", **cells)):
        assert len(each.faults if what == "fault" else each.findings) == 1


def test_row_is_read_alike_however_many_came_before() -> None:
    rows = [
        row(f"Ann {n}", City=f"City {chr(65 + n % 26)}", Country=("US", "SG", "Germany")[n % 3])
        for n in range(90)
    ]
    for cells, together in zip(rows, checked_in_turn(*rows), strict=True):
        alone = check(dict(zip(COLUMNS, cells, strict=True)))
        assert (together.body, together.key, together.faults) == (alone.body, alone.key, alone.faults)
