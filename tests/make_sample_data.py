"""Make ``sample_data/`` anew: ``python -m tests.make_sample_data``. Needs LibreOffice (``soffice``).

The people come from `make_customers`; the headings, formats and blunders are those of six offices that have
never heard of an importer. The same cells come out every time.
"""

import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from tests.make_customers import Person, people

SAMPLE_DATA = Path(__file__).parents[1] / "sample_data"
Row = Sequence[str | int | date]


def main() -> int:
    """Write all files."""
    SAMPLE_DATA.mkdir(exist_ok=True)
    hitpay(SAMPLE_DATA / "hitpay_members.xlsx")
    juicyway(SAMPLE_DATA / "juicyway_kunden.csv")
    krezypay(SAMPLE_DATA / "krezypay_kyc_batch.xlsx")
    rapyd(SAMPLE_DATA / "rapyd_accounts.csv")
    yativo(SAMPLE_DATA / "yativo_signups.xlsx")
    messy(SAMPLE_DATA / "messy.xlsx")
    return 0


# ---------------------------------------------------------------------------------------------------- hitpay

MEMBER_HEADINGS = (
    "Member No", "Full Name", "E-MAIL Address", "mobile", "Country", "Street Address", "City",
    "State/Province", "Postal Code", "Date of Birth", "Sex", "Notes", "Tier", "Joined",
)  # fmt: skip
NOTES = ("", "", "", "Prefers e-mail", "Paid by card", "Moved in March", "VIP")


def member(one: Person) -> dict[str, str | int | date]:
    """A member's cells by heading. Dates are dates; every sixth member has no address."""
    at_home = one.number % 6 != 0
    cells: Row = (
        f"M-{one.number:05d}",
        one.name,
        one.email,
        one.phone,
        one.country_name,
        one.street if at_home else "",
        one.city if at_home else "",
        one.state if at_home else "",
        one.postal_code if at_home else "",
        one.born,
        {"M": "Male", "F": "Female"}[one.gender],
        NOTES[one.number % len(NOTES)],
        ("Silver", "Gold", "Bronze")[one.number % 3],
        date(2024, 1, 1) + timedelta(days=one.number * 3),
    )
    return dict(zip(MEMBER_HEADINGS, cells, strict=True))


def hitpay(path: Path) -> None:
    """A gym's member list, from Excel: dates are real dates; a second sheet holds the tiers."""
    book, sheet = new_book("Members")
    write_headings(sheet, 1, MEMBER_HEADINGS)
    members = [member(one) for one in people(62, seed=11, countries=("SG", "SG", "AU", "GB", "US", "DE"))]
    members[18]["E-MAIL Address"] = "wei.jie.lim@example"
    members[40] = members[7] | {"Member No": "M-00041", "Notes": "re-joined"}
    members[52]["mobile"] = ""
    for number, cells in enumerate(members, 2):
        write_row(sheet, number, list(cells.values()))
    widen(sheet)
    tiers = book.create_sheet("Tiers")
    for row in (("Tier", "Price"), ("Gold", 120), ("Silver", 80), ("Bronze", 40)):
        tiers.append(row)
    book.save(path)


# -------------------------------------------------------------------------------------------------- juicyway

LAND = {
    "DE": "Deutschland", "FR": "Frankreich", "SE": "Schweden", "GB": "Großbritannien", "CA": "Kanada",
    "AU": "Australien",
}  # fmt: skip


def juicyway(path: Path) -> None:
    """A German office's CSV: semicolons, Windows-1252, German headings and formats."""
    head = (
        "Kundennummer", "Vorname", "Nachname", "E-Mail-Adresse", "Telefon", "Kundentyp", "Straße",
        "Adresszusatz", "PLZ", "Ort", "Bundesland", "Land", "Kunde seit", "Umsatz (€)",
    )  # fmt: skip
    lines = [
        head,
        *map(_kunde, people(45, seed=22, countries=("DE", "DE", "DE", "FR", "SE", "GB", "CA", "AU"))),
    ]
    lines[31] = (*lines[31][:4], "+44 20 7946 0123", *lines[31][5:11], "Deutschland", *lines[31][12:])
    with path.open("w", encoding="windows-1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(lines)


def _kunde(one: Person) -> tuple[str, ...]:
    since = date(2019, 2, 1) + timedelta(days=one.number * 37)
    return (
        str(10_000 + one.number),
        one.first,
        one.last,
        one.email,
        _german(one),
        ("Privat", "Privat", "Firma")[one.number % 3],
        f"{one.street.split(' ', 1)[1]} {one.number}",
        "c/o Hausverwaltung \N{EN DASH} 2. Stock" if one.number % 9 == 0 else "",
        one.postal_code,
        one.city,
        one.state,
        LAND[one.country.alpha2],
        f"{since:%d.%m.%Y}",
        f"{one.number * 137 % 5000},{one.number % 100:02d}",
    )


def _german(one: Person) -> str:
    """Half of them with the calling code and the (0) that Germans write after it."""
    return one.phone.replace("+49 ", "+49 (0)").replace("030 ", "030 / ")


# -------------------------------------------------------------------------------------------------- krezypay


def krezypay(path: Path) -> None:
    """Thirty documents to be verified, typed into LibreOffice; numbers keep their zeros."""
    head = (
        "Agent", "Surname", "Given Name", "Sex", "DOB", "e-mail", "PHONE NO", "Country of Residence",
        "ID Document", "Document No", "Selfie URL", "ID Front", "ID Back", "KYC checked on",
    )  # fmt: skip
    lines = [head, *map(_document, people(30, seed=33, countries=("NG", "NG", "NG", "GB", "US", "SG")))]
    by_libreoffice(path, lines)


def _document(one: Person) -> tuple[str, ...]:
    passport = one.number % 4 == 0
    scans = f"https://scans.example.org/{one.number:03d}"
    return (
        ("Ife", "Bola")[one.number % 2],
        one.last.upper(),
        one.first,
        one.gender,
        f"{one.born:%d %b %Y}",
        one.email,
        one.phone,
        one.country_name,
        "Int'l Passport" if passport and one.number == 16 else "Passport" if passport else "National ID",
        f"A{one.number * 131:08d}" if passport else f"{one.number * 7919:011d}",
        f"{scans}/selfie.jpg",
        f"{scans}/front.jpg",
        "" if passport else f"{scans}/back.jpg",
        f"{date(2026, 10, 1) + timedelta(days=one.number):%d %b %Y}",
    )


# ----------------------------------------------------------------------------------------------------- rapyd


def rapyd(path: Path) -> None:
    """A shop's export: UTF-8, commas, a few cells of several lines; not everybody has an e-mail address."""
    head = (
        "Account Ref", "Customer", "Email", "Telephone", "VAT Number", "Address 1", "Address 2", "Town",
        "County", "Postcode", "Country", "Notes", "Opened",
    )  # fmt: skip
    lines = [
        head,
        *map(_account, people(120, seed=44, countries=("GB", "GB", "GB", "US", "FR", "CA", "AU", "SE"))),
    ]
    lines[77] = (*lines[77][:3], "ask reception", *lines[77][4:])
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)


def _account(one: Person) -> tuple[str, ...]:
    company = one.number % 8 == 0
    return (
        f"ACC{one.number:06d}",
        f"{one.last} & {one.first}, Ltd" if company else one.name,
        "" if one.number % 15 == 0 else one.email,
        "" if one.number % 11 == 0 else one.phone,
        f"GB{one.number * 7_654_321 % 10**9:09d}" if company else "",
        one.street,
        f"Flat {one.number % 30 + 1}" if one.number % 4 == 0 else "",
        one.city,
        one.state,
        one.postal_code,
        one.country_name,
        "Ring first,\nthen knock" if one.number % 20 == 0 else "",
        f"{date(2021, 5, 3) + timedelta(days=one.number * 9):%d-%b-%Y}",
    )


# ---------------------------------------------------------------------------------------------------- yativo


def yativo(path: Path) -> None:
    """Sign-ups from a web form, pasted into LibreOffice: the name in two columns, the country as a code."""
    head = (
        "#", "FIRST NAME", "LAST NAME", "Email", "WhatsApp", "Country (ISO)", "Client Type", "Rep", "Since",
        "Newsletter?",
    )  # fmt: skip
    lines = [head, *map(_sign_up, people(80, seed=55, countries=("US", "NG", "FR", "GB", "CA", "DE")))]
    lines[66] = (*lines[12][:7], "Luis", "03/24/2025", "no")
    by_libreoffice(path, lines)


def _sign_up(one: Person) -> tuple[str, ...]:
    return (
        str(one.number),
        one.first.upper() if one.number % 9 == 0 else one.first,
        one.last,
        one.email.upper() if one.number % 13 == 0 else one.email,
        one.phone,
        (one.country.alpha2, one.country.alpha3)[one.number % 2],
        ("individual", "Person", "COMPANY", "Individual ")[one.number % 4],
        ("Ana", "Luis")[one.number % 2],
        f"{date(2025, 1, 6) + timedelta(days=one.number):%m/%d/%Y}",
        ("yes", "no")[one.number % 2],
    )


# ----------------------------------------------------------------------------------------------------- messy

BANNER_ROWS = 3
BLANK = frozenset({45, 46, 120, 201, 260})
LAST = 309
CHANGES: Mapping[int, Mapping[str, str | int | float | date]] = {
    # what is missing
    10: {"Full Name": ""},
    11: {"E-MAIL Address": ""},
    12: {"mobile": ""},
    13: {"Full Name": "   ", "E-MAIL Address": "\u200b", "mobile": "\N{NO-BREAK SPACE}"},
    14: {"Full Name": "\u200b\u200b"},
    # e-mail addresses
    16: {"E-MAIL Address": "mei.ling@@example.com"},
    17: {"E-MAIL Address": "grace.lim@example.com; g.lim@example.org"},
    18: {"E-MAIL Address": "Grace Lim <grace.lim.18@example.com>"},
    19: {"E-MAIL Address": "none"},
    20: {"E-MAIL Address": "mailto:Amina.Tan.20@Example.COM"},
    21: {"E-MAIL Address": "\u200bwei.tan.21@example.com\N{NO-BREAK SPACE}"},
    22: {"E-MAIL Address": "ingrid walsh@example.com"},
    # phones
    26: {"mobile": "12", "Country": "Singapore"},
    27: {"mobile": "8123 4527 / 8123 4528", "Country": "Singapore"},
    28: {"mobile": "+6581234528 ext 4", "Country": "Singapore"},
    29: {"mobile": "6581234529.0", "Country": "Singapore"},
    30: {"mobile": "6.58123E+09", "Country": "Singapore"},
    31: {"mobile": 6581234531, "Country": "Singapore"},
    32: {"mobile": 2079460132, "Country": "UK"},
    33: {"mobile": "8123 4533", "Country": ""},
    34: {"mobile": "call reception", "Country": "Singapore"},
    35: {"mobile": "=HYPERLINK", "Country": "Singapore"},
    36: {"mobile": "tel:+65-8123-4536", "Country": "SG"},
    37: {"mobile": "+44 (0)20 7946 0137", "Country": "Great Britain"},
    # countries
    50: {"Country": "Atlantis", "mobile": "+65 8123 4550"},
    51: {"Country": "Untied Kingdom", "mobile": "+44 20 7946 0151"},
    52: {"Country": "Atlantis", "mobile": "8123 4552"},
    53: {"Country": "  united   KINGDOM ", "mobile": "020 7946 0153"},
    # dates
    60: {"Date of Birth": "03/04/1985"},
    61: {"Date of Birth": "31/02/1990"},
    62: {"Date of Birth": "5/6/85"},
    63: {"Date of Birth": 31245},
    64: {"Date of Birth": "1990"},
    65: {"Date of Birth": "17 May 1990"},
    66: {"Date of Birth": "1990-05-17"},
    67: {"Date of Birth": "25/12/1971"},
    68: {"Date of Birth": "unknown"},
    69: {"Date of Birth": "2/2/1980"},
    # too long
    75: {"Full Name": "Wolfeschlegelsteinhausenbergerdorff " * 8},
    76: {"Postal Code": "EC1A 1BB (ask the porter)"},
    77: {"Notes": "Called on Monday, nobody there. " * 10},
    # half an address, and words from a closed set
    80: {"City": "", "Postal Code": ""},
    81: {"Street Address": "", "City": "", "State/Province": "", "Postal Code": "048616"},
    85: {"Sex": "unknown"},
    86: {"Sex": "x"},
    87: {"Sex": "W"},
    # several at once
    90: {"Full Name": "", "E-MAIL Address": "n/a", "mobile": "n/a", "Date of Birth": "n/a", "Sex": "n/a"},
    # numbers that look otherwise
    100: {"Postal Code": 2108, "Country": "USA", "State/Province": "MA", "City": "Boston"},
    101: {"Postal Code": 501, "Country": "USA", "State/Province": "NY", "City": "Holtsville"},
    # text that a program might take for a formula
    110: {"Full Name": "=SUM(A1:A9)"},
    111: {"Notes": "+10% from May"},
    112: {"Notes": "@home after six"},
    113: {"Notes": "-"},
    # a character that was lost, and ones nobody sees
    130: {"Full Name": "Jos\ufffd Garc\ufffda"},
    131: {"Full Name": "Chlo\u00ad\u00e9 Le\u200bfèvre"},
    132: {"Full Name": "Zoe\u0308\tWalsh\n"},
    # somebody pasted the headings in the middle
    200: dict(zip(MEMBER_HEADINGS, MEMBER_HEADINGS, strict=True)),
}
COPIES = {140: 9, 141: 9, 142: 23}
"""Rows that repeat an earlier one; the last with its e-mail address in capitals."""


def messy(path: Path) -> None:
    """The members once more, as found: a banner, blank rows, totals, and every kind of blunder."""
    book, sheet = new_book("Export")
    sheet["A1"] = "Lion City Fitness \N{EN DASH} member export"
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A2"] = "Exported 14/03/2026 by front desk. Do not forward!"
    sheet.merge_cells("A1:F1")
    sheet.merge_cells("A2:F2")
    write_headings(sheet, BANNER_ROWS + 1, MEMBER_HEADINGS)
    everybody = people(LAST, seed=66, countries=("SG", "SG", "SG", "GB", "US", "AU", "DE", "FR"))
    members = {one.number: member(one) for one in everybody}
    for number, original in COPIES.items():
        members[number] = dict(members[original])
    members[142]["E-MAIL Address"] = str(members[142]["E-MAIL Address"]).upper()
    for number in range(BANNER_ROWS + 2, LAST + 1):
        if number not in BLANK:
            write_row(sheet, number, list({**members[number], **CHANGES.get(number, {})}.values()))
    for number in (100, 101):
        sheet.cell(number, 1 + MEMBER_HEADINGS.index("Postal Code")).number_format = "00000"
    write_row(sheet, LAST + 2, ["", "TOTAL", "", "", "", "", "", "", "", "", "", "", "", ""])
    sheet.cell(LAST + 2, 13).value = f"=COUNTA(M5:M{LAST})"
    sheet.row_dimensions[150].hidden = True
    sheet.cell(160, 2).fill = PatternFill("solid", fgColor="FFFF00")
    widen(sheet)
    book.save(path)


# --------------------------------------------------------------------------------------------------- writing


def new_book(title: str) -> tuple[Workbook, Worksheet]:
    """A workbook and its first sheet."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    return book, sheet


def write_headings(sheet: Worksheet, number: int, headings: Iterable[str]) -> None:
    """A row of headings in bold."""
    for column, heading in enumerate(headings, 1):
        sheet.cell(number, column, heading).font = Font(bold=True)


def write_row(sheet: Worksheet, number: int, cells: Iterable[str | float | date]) -> None:
    """Text stays text, whatever it begins with; dates are shown as people in Singapore write them."""
    for column, value in enumerate(cells, 1):
        if value == "":
            continue
        cell = sheet.cell(number, column)
        assert isinstance(cell, Cell)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
        elif isinstance(value, date):
            cell.number_format = "dd/mm/yyyy"


def widen(sheet: Worksheet) -> None:
    """Columns as wide as a person would make them."""
    for letter in "BCDEFGHIJKLMN":
        sheet.column_dimensions[letter].width = 22
    sheet.freeze_panes = "A2"


def by_libreoffice(path: Path, lines: Sequence[Sequence[str]]) -> None:
    """A workbook that LibreOffice made of text columns."""
    columns = "/".join(f"{n}/2" for n in range(1, len(lines[0]) + 1))  # 2 is text
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / path.with_suffix(".csv").name
        with text.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation=file://{folder}/profile",
                "--headless",
                f"--infilter=CSV:44,34,76,1,{columns}",
                "--convert-to",
                "xlsx",
                "--outdir",
                str(path.parent),
                str(text),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


if __name__ == "__main__":
    sys.exit(main())
