"""The sheets in `sample_data/`, all the way to the simulator; and the generator that makes others."""

import csv
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from importer.jobs import Job
from importer.planning import check
from importer.rows import RowResult, Status
from importer.simulator import NAMES, Simulator
from importer.source import open_source
from tests import make_customers, make_sample_data
from tests.support import Bench, Outcome, carry_out

SAMPLE_DATA = Path(__file__).parents[1] / "sample_data"


@dataclass(frozen=True)
class Sample:
    """A file, the rows that are ready, and the other ones with their status and codes."""

    name: str
    ready: int
    others: Mapping[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def provider(self) -> str:
        """The file is named after it."""
        return self.name.partition("_")[0]

    @property
    def path(self) -> Path:
        """Where it is."""
        return SAMPLE_DATA / self.name

    def __str__(self) -> str:
        return self.name


HITPAY = Sample(
    "hitpay_members.xlsx",
    59,
    {20: ("invalid", "invalid_email"), 42: ("duplicate", "duplicate_row"), 54: ("invalid", "missing_value")},
)
JUICYWAY = Sample("juicyway_kunden.csv", 44, {32: ("invalid", "phone_of_other_country")})
KREZYPAY = Sample("krezypay_kyc_batch.xlsx", 29, {17: ("invalid", "unknown_choice")})
RAPYD = Sample("rapyd_accounts.csv", 119, {78: ("invalid", "invalid_phone")})
YATIVO = Sample("yativo_signups.xlsx", 79, {67: ("duplicate", "duplicate_row")})
SAMPLES = (HITPAY, JUICYWAY, KREZYPAY, RAPYD, YATIVO)

BODIES: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "hitpay": (
        {  # row 2: a British number in its own notation; a real date
            "name": "Grace Adeyemi",
            "email": "grace.adeyemi.1@example.com",
            "phone_number": "1134960000",
            "phone_number_country_code": "44",
            "birth_date": "1966-09-14",
            "gender": "female",
            "address": {
                "street": "162 Mill Lane",
                "city": "London",
                "state": "London",
                "postal_code": "EC1A 1BB",
                "country": "GB",
            },
        },
        {  # row 3: Singapore has no trunk zero; the postal code begins with one
            "name": "Zoë Tan",
            "email": "zoe.tan.2@example.com",
            "phone_number": "81234502",
            "phone_number_country_code": "65",
            "birth_date": "1964-02-17",
            "gender": "female",
            "address": {
                "street": "102 Church Lane",
                "city": "Singapore",
                "state": "Singapore",
                "postal_code": "048616",
                "country": "SG",
            },
        },
        {  # row 7: no address, so the country is none of its own; a note
            "name": "José Weiß",
            "email": "jose.weiss.6@example.com",
            "phone_number": "770100001",
            "phone_number_country_code": "61",
            "birth_date": "1984-09-04",
            "gender": "male",
            "remark": "VIP",
        },
    ),
    "juicyway": (
        {  # row 3: a firm; a number in German notation
            "first_name": "Wei Jie",
            "last_name": "Álvarez",
            "email": "wei.jie.alvarez.2@example.com",
            "phone": "+494066969000",
            "type": "business",
            "billing_address": {
                "line1": "High Street 2",
                "city": "München",
                "state": "Bayern",
                "zip_code": "80331",
                "country": "DE",
            },
        },
        {  # row 10: a second address line with a character of Windows-1252
            "first_name": "Liam",
            "last_name": "Walsh",
            "email": "liam.walsh.9@example.com",
            "phone": "+33465710001",
            "type": "individual",
            "billing_address": {
                "line1": "Station Road 9",
                "line2": "c/o Hausverwaltung \N{EN DASH} 2. Stock",
                "city": "Créteil",
                "state": "Île-de-France",
                "zip_code": "94000",
                "country": "FR",
            },
        },
    ),
    "krezypay": (
        {  # row 2: an ID card has two sides, and a number with zeros in front
            "firstname": "Chinedu",
            "lastname": "BROWN",
            "gender": "M",
            "email": "chinedu.brown.1@example.com",
            "phone": "+12025550100",
            "country": "UNITED STATES",
            "id_type": "ID_CARD",
            "id_number": "00000007919",
            "face_id_image": "https://scans.example.org/001/selfie.jpg",
            "front_id_image": "https://scans.example.org/001/front.jpg",
            "back_id_image": "https://scans.example.org/001/back.jpg",
        },
        {  # row 5: a passport has one
            "firstname": "Chloé",
            "lastname": "SCHRÖDER",
            "gender": "F",
            "email": "chloe.schroder.4@example.com",
            "phone": "+2348031234504",
            "country": "NIGERIA",
            "id_type": "PASSPORT",
            "id_number": "A00000524",
            "face_id_image": "https://scans.example.org/004/selfie.jpg",
            "front_id_image": "https://scans.example.org/004/front.jpg",
        },
    ),
    "rapyd": (
        {  # row 9: a company, its name with a comma
            "name": "Nilsson & Chloé, Ltd",
            "email": "chloe.nilsson.8@example.com",
            "phone_number": "+12105550100",
            "business_vat_id": "GB061234568",
            "addresses": [
                {
                    "line_1": "156 Queen's Road",
                    "line_2": "Flat 9",
                    "city": "Bethesda",
                    "state": "MD",
                    "zip": "20814",
                    "country": "US",
                }
            ],
        },
        {  # row 16: nobody without an e-mail address is left out
            "name": "Oscar Brown",
            "phone_number": "+46846500403",
            "addresses": [
                {
                    "line_1": "65 Marina Road",
                    "city": "Malmö",
                    "state": "Skåne",
                    "zip": "211 19",
                    "country": "SE",
                }
            ],
        },
        {  # row 21: a note of two lines
            "name": "Siobhán Okafor",
            "email": "siobhan.okafor.20@example.org",
            "phone_number": "+14165550104",
            "description": "Ring first, then knock",
            "addresses": [
                {
                    "line_1": "30 Marina Road",
                    "line_2": "Flat 21",
                    "city": "Toronto",
                    "state": "Ontario",
                    "zip": "M5H 2N2",
                    "country": "CA",
                }
            ],
        },
    ),
    "yativo": (
        {  # row 2: a name of two columns; nobody is e-mailed
            "customer_name": "Björn Okafor",
            "customer_email": "bjorn.okafor.1@example.com",
            "customer_phone": "+12025550100",
            "customer_country": "USA",
            "customer_type": "individual",
            "send_kyc_mail": False,
        },
        {  # row 5: a code of two letters becomes one of three
            "customer_name": "José Adeyemi",
            "customer_email": "jose.adeyemi.4@example.com",
            "customer_phone": "+441314960000",
            "customer_country": "GBR",
            "customer_type": "individual",
            "send_kyc_mail": False,
        },
        {  # row 14: the domain in lower case, what is before it as written
            "customer_name": "Amina Álvarez",
            "customer_email": "AMINA.ALVAREZ.13@example.com",
            "customer_phone": "+441314960001",
            "customer_country": "GBR",
            "customer_type": "individual",
            "send_kyc_mail": False,
        },
    ),
}
"""Written by hand from each provider's documentation and the sheet."""

MESSY_FAULTS = {
    10: "missing_value",
    11: "missing_value",
    12: "missing_value",
    13: "missing_value",  # cells of white space, and of characters that nobody can see
    14: "missing_value",
    16: "invalid_email",
    17: "invalid_email",
    18: "invalid_email",
    19: "invalid_email",
    22: "invalid_email",
    26: "invalid_phone",
    27: "invalid_phone",
    28: "invalid_phone",
    29: "phone_as_quantity",
    30: "phone_as_quantity",
    33: "phone_needs_country",
    34: "invalid_phone",
    35: "invalid_phone",
    50: "unknown_country",
    51: "unknown_country",
    52: "unknown_country",
    60: "ambiguous_date",
    61: "invalid_date",
    62: "two_digit_year",
    63: "date_serial",
    64: "invalid_date",
    68: "invalid_date",
    75: "too_long",
    76: "too_long",
    77: "too_long",
    80: "incomplete_group",
    81: "incomplete_group",
    85: "unknown_choice",
    86: "unknown_choice",
    90: "missing_value;invalid_email;invalid_phone;invalid_date;unknown_choice",
    130: "lost_characters",
    140: "duplicate_row",
    141: "duplicate_row",
    142: "duplicate_row",
    200: "invalid_email;invalid_phone;unknown_country;invalid_date;unknown_choice",
}


def job(sample: Sample, folder: Path) -> Job:
    """A sample as somebody imports it who gives no options but the provider."""
    return Job(
        source=sample.path,
        provider=sample.provider,
        ledger=f"sqlite:///{folder / 'ledger.sqlite3'}",
        output=folder / f"{sample.name}.results.xlsx",
    )


async def imported(bench: Bench, sample: Sample) -> Outcome:
    """A sample sent to the simulator."""
    at_simulator = bench.job(sample.provider, sample.path)
    told = replace(at_simulator, output=bench.folder / f"{sample.path.stem}.results.xlsx")
    return await carry_out(told, bench.simulator.environment())


def others(results: Sequence[RowResult]) -> dict[int, tuple[str, str]]:
    """Status and codes of the rows that are neither ready nor created, by row."""
    fine = (Status.NOT_SENT, Status.CREATED)
    return {one.row: (str(one.status), one.code) for one in results if one.status not in fine}


def bodies(simulator: Simulator, provider: str) -> list[dict[str, Any]]:
    """What arrived, oldest first; without Rapyd's `metadata`, which holds our own mark."""
    return [
        {name: value for name, value in one.body.items() if name != "metadata"}
        for one in simulator.customers(provider)
    ]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_sample_needs_no_options_but_the_provider(sample: Sample, tmp_path: Path) -> None:
    with check(job(sample, tmp_path), variables={}) as plan:
        assert plan.ready == sample.ready
        assert others([result for _, result in plan.results()]) == sample.others


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
async def test_every_customer_of_a_sample_arrives_once(sample: Sample, bench: Bench) -> None:
    outcome = await imported(bench, sample)
    assert outcome.counts["created"] == sample.ready == bench.created(sample.provider)
    assert others(outcome.results) == sample.others
    assert bench.simulator.duplicates(sample.provider) == 0
    assert bench.simulator.mailed(sample.provider) == 0


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
async def test_customers_arrive_as_their_provider_documents_them(sample: Sample, bench: Bench) -> None:
    await imported(bench, sample)
    arrived = bodies(bench.simulator, sample.provider)
    for expected in BODIES[sample.provider]:
        assert expected in arrived


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
async def test_a_sample_sent_again_is_not_sent_again(sample: Sample, bench: Bench) -> None:
    first = await imported(bench, sample)
    requests = bench.simulator.counts(sample.provider).requests
    again = await imported(bench, sample)
    assert bench.simulator.counts(sample.provider).requests == requests
    assert again.counts["exists"] == sample.ready
    ids = {one.row: one.customer_id for one in first.results if one.status is Status.CREATED}
    assert {one.row: one.customer_id for one in again.results if one.status is Status.EXISTS} == ids


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
async def test_the_results_of_a_sample_have_its_cells_as_they_were(sample: Sample, bench: Bench) -> None:
    outcome = await imported(bench, sample)
    before, after = open_source(sample.path), open_source(Path(outcome.summary.output))
    assert after.columns == before.columns
    assert [row.cells for row in after.rows()] == [row.cells for row in before.rows()]


@pytest.fixture
def messy(tmp_path: Path) -> Iterator[dict[int, RowResult]]:
    """`messy.xlsx` as checked for hitpay."""
    told = replace(job(Sample("messy.xlsx", 0), tmp_path), provider="hitpay")
    with check(told, variables={}) as plan:
        yield {result.row: result for _, result in plan.results()}


def test_every_fault_of_the_messy_sheet_is_found_where_it_is(messy: Mapping[int, RowResult]) -> None:
    found = {row: result.code for row, result in messy.items() if result.status is not Status.NOT_SENT}
    assert found == MESSY_FAULTS


def test_the_messy_sheet_has_each_row_but_blank_ones_and_the_total(messy: Mapping[int, RowResult]) -> None:
    expected = [row for row in range(5, 310) if row not in (45, 46, 120, 201, 260)]
    assert list(messy) == expected


async def test_what_is_readable_in_the_messy_sheet_arrives_tidied_up(bench: Bench) -> None:
    told = replace(bench.job("hitpay", SAMPLE_DATA / "messy.xlsx"), output=bench.folder / "results.xlsx")
    outcome = await carry_out(told, bench.simulator.environment())
    arrived = {body["email"]: body for body in bodies(bench.simulator, "hitpay")}
    assert len(arrived) == outcome.counts["created"]
    assert "Amina.Tan.20@example.com" in arrived  # mailto: in front, capitals in the domain
    assert "wei.tan.21@example.com" in arrived  # a zero-width and a no-break space around it
    phones = {number: body["phone_number"] for number, body in by_member_number(arrived).items()}
    assert phones[31] == "81234531"  # a number, with its calling code and without a plus
    assert phones[32] == "2079460132"  # a number that has lost its zero
    assert phones[36] == "81234536"  # tel:
    assert phones[37] == "2079460137"  # (0)
    births = {number: body["birth_date"] for number, body in by_member_number(arrived).items()}
    assert [births[number] for number in (65, 66, 67, 69)] == [
        "1990-05-17",
        "1990-05-17",
        "1971-12-25",
        "1980-02-02",
    ]
    member = by_member_number(arrived)
    assert member[53]["address"]["country"] == "GB"
    assert [member[number]["address"]["postal_code"] for number in (100, 101)] == ["02108", "00501"]
    assert member[110]["name"] == "=SUM(A1:A9)"
    assert [member[number]["remark"] for number in (111, 112, 113)] == [
        "+10% from May",
        "@home after six",
        "-",
    ]
    assert [member[number]["name"] for number in (131, 132)] == ["Chloé Lefèvre", "Zoë Walsh"]
    assert member[150]["name"] == "Märta Walsh"  # a hidden row


def by_member_number(arrived: Mapping[str, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Bodies by the number in their e-mail address, which in this sheet is the row's."""
    return {int(email.partition("@")[0].rpartition(".")[2]): body for email, body in arrived.items()}


def test_every_sample_is_described_and_small() -> None:
    told = (SAMPLE_DATA / "README.md").read_text(encoding="utf-8")
    files = [path for path in SAMPLE_DATA.iterdir() if path.suffix in (".csv", ".xlsx")]
    assert len(files) == len(SAMPLES) + 1
    for path in files:
        rows = sum(1 for _ in open_source(path).rows())
        provider = "hitpay" if path.stem == "messy" else path.stem.partition("_")[0]
        assert f"| `{path.name}` | {provider} | {rows} |" in told
        assert path.stat().st_size < 200_000


def told_rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows of a sheet. openpyxl keeps a cell of nothing but spaces only where lxml is installed."""
    rows = open_source(path).rows()
    return [(row.number, [cell if cell.strip() else "" for cell in row.cells]) for row in rows]


def test_the_samples_are_what_their_script_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LibreOffice is left out: a CSV takes its place."""

    def as_text(path: Path, lines: Sequence[Sequence[str]]) -> None:
        with path.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)

    monkeypatch.setattr(make_sample_data, "by_libreoffice", as_text)
    monkeypatch.setattr(make_sample_data, "SAMPLE_DATA", tmp_path)
    make_sample_data.main()
    made = sorted(tmp_path.iterdir())
    assert len(made) == len(SAMPLES) + 1
    for path in made:
        kept = next(SAMPLE_DATA.glob(f"{path.stem}.*"))
        assert told_rows(path) == told_rows(kept)


@pytest.mark.parametrize("provider", NAMES)
def test_made_up_customers_are_valid_but_for_the_share_asked_for(provider: str, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    make_customers.main([provider, "300", str(path), "--bad", "0.1", "--columns", "20"])
    told = Job(source=path, provider=provider, ledger=f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    with check(told, variables={}) as plan:
        codes = [result.code for _, result in plan.results() if result.status is Status.INVALID]
        assert (plan.ready, len(codes)) == (270, 30)
        assert codes[:3] == ["invalid_email", "invalid_phone", "missing_value"]
        assert len(plan.opened.source.columns) == 20


@pytest.mark.parametrize("provider", NAMES)
def test_made_up_customers_are_all_different_and_every_time_the_same(provider: str) -> None:
    first = list(make_customers.rows(provider, 2000, seed=5))
    assert first == list(make_customers.rows(provider, 2000, seed=5))
    assert first != list(make_customers.rows(provider, 2000, seed=6))
    email = make_customers.headings(provider).index("Email")
    assert len({cells[email] for cells in first}) == 2000


def test_a_workbook_of_made_up_customers_has_the_rows_of_the_csv(tmp_path: Path) -> None:
    for suffix in ("csv", "xlsx"):
        make_customers.main(["krezypay", "50", str(tmp_path / f"c.{suffix}"), "--seed", "9"])
    text, book = (open_source(tmp_path / f"c.{suffix}") for suffix in ("csv", "xlsx"))
    assert text.columns == book.columns
    for one, other in itertools.zip_longest(text.rows(), book.rows()):
        assert one == other


@pytest.mark.parametrize(
    "arguments",
    [
        ["stripe", "1", "c.csv"],
        ["hitpay", "1", "c.ods"],
        ["hitpay", "1", "c.csv", "--bad", "2"],
        ["hitpay", "1", "c.csv", "--columns", "3"],
    ],
)
def test_what_cannot_be_made_is_refused_and_no_file_begun(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        make_customers.main(arguments)
    assert "error:" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
