"""The demonstration: a sheet with good and bad rows, and a provider on this machine that misbehaves."""

from pathlib import Path

from importer.simulator.faults import Fault, Faults, ForCustomer
from importer.simulator.settings import Settings
from importer.simulator.windows import Window

PROVIDER = "yativo"
RATE = "20/s"

HEADINGS = ("Client", "E-Mail Address", "Mobile", "Country", "Type", "Sales rep")
ROWS = (
    ("Amina Yusuf", "amina.yusuf@example.com", "0803 123 4567", "Nigeria", "Individual", "Kim"),
    ("José Álvarez", "jose.alvarez@example.com", "(202) 555-0101", "USA", "person", "Kim"),
    ("Chloé Lefèvre", "chloe.lefevre@example.com", "06 39 98 00 01", "France", "individual", "Kim"),
    ("Björn Åkesson", "bjorn.akesson@example.com", "070-174 06 05", "SE", "individual", "Kim"),
    ("Tan Mei Ling", "meiling.tan@example.com", "+65 8123 4501", "Singapore", "individual", "Ravi"),
    ("Harbour Lights Ltd", "office@harbour.example.com", "07700 900102", "United Kingdom", "Company", "Ravi"),
    (
        "Müller & Söhne GmbH",
        "kontakt@mueller.example.com",
        "030 23125 001",
        "Deutschland",
        "business",
        "Ravi",
    ),
    ("Liam O'Connor", "liam.oconnor@example.com", "07700 900103", "UK", "individual", "Ravi"),
    ("Olivia Brown", "olivia.brown@example.com", "0491 570 156", "Australia", "individual", "Ravi"),
    ("Sofia Rossi", "sofia.rossi@example", "+39 06 1234 5678", "Italy", "individual", "Ana"),
    ("Noah Smith", "noah.smith@example.com", "555", "United States", "individual", "Ana"),
    ("", "no.name@example.com", "+1 202 555 0104", "US", "individual", "Ana"),
    ("Emma Jones", "emma.jones@example.com", "07700 900104", "Untied Kingdom", "private", "Ana"),
    ("Lucas Petit", "lucas.petit@example.com", "06 39 98 00 02", "FRA", "individual", "Ana"),
    ("Amina Yusuf", "Amina.Yusuf@Example.com", "+234 803 123 4567", "NG", "individual", "Ana"),
    ("Ingrid Nilsson", "ingrid.nilsson@example.com", "+46 70 174 06 06", "Sweden", "individual", "Ana"),
    ("Chinedu Eze", "chinedu.eze@example.com", "0803 123 4568", "NGA", "Individual", "Kim"),
    ("Grace Lee", "grace.lee@example.com", "8123 4502", "SG", "individual", "Kim"),
    ("Daniel Kim", "daniel.kim@example.com", "202-555-0105", "United States of America", "individual", "Kim"),
    ("Lost & Found LLC", "hello@lostfound.example.com", "202-555-0106", "USA", "LLC", "Kim"),
    ("Marta Nowak", "marta.nowak@example.com", "0491 570 157", "AU", "individual", "Kim"),
    ("Zoë Çelik", "zoe.celik@example.com", "07700 900105", "GB", "individual", "Kim"),
)


def write_sheet(path: Path) -> None:
    """The sheet as a workbook."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101  a new workbook has a sheet
    sheet.title = "Customers"
    for row in (HEADINGS, *ROWS):
        sheet.append(row)
    for column, width in zip("ABCDEF", (24, 30, 20, 26, 12, 10), strict=True):
        sheet.column_dimensions[column].width = width
    book.save(path)


def settings() -> Settings:
    """Providers that take their time, lose two answers and refuse one request for its haste."""
    return Settings(
        latency=0.05,
        jitter=0.1,
        rates={PROVIDER: (Window.parse(RATE),)},
        faults={
            PROVIDER: Faults(
                by_email={
                    "bjorn.akesson@example.com": ForCustomer(Fault.CUT_AFTER, 1),
                    "grace.lee@example.com": ForCustomer(Fault.GARBLED, 1),
                    "lucas.petit@example.com": ForCustomer(Fault.RATE_LIMITED, 1),
                }
            )
        },
    )
