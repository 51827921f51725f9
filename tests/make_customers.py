"""Make up customers, any number of them: ``python tests/make_customers.py hitpay 20000 customers.csv``.

Nobody in them is real: addresses are at example.com and example.org, and phone numbers are from the ranges
that a country keeps for fiction, or of the kind its numbering plan gives as an example. The same arguments
make the same file. Identities (e-mail, document number) never repeat, however many rows there are.
"""

import argparse
import csv
import random
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from unicodedata import combining, normalize

FIRST_NAMES: Mapping[str, tuple[str, ...]] = {
    "M": ("Liam", "José", "Björn", "Chinedu", "Wei Jie", "Jürgen", "Étienne", "Tunde", "Oscar", "Seán"),
    "F": ("Amina", "Chloé", "Ngozi", "Mei Ling", "Zoë", "Ingrid", "Anaïs", "Grace", "Märta", "Siobhán"),
}
LAST_NAMES = (
    "O'Connor", "Álvarez", "Åkesson", "Eze", "Tan", "Müller", "Lefèvre", "Yusuf", "Brown", "Okafor",
    "Schröder", "Nilsson", "Smith-Jones", "Lim", "Petit", "Garçon", "Adeyemi", "Walsh", "Weiß", "Chua",
)  # fmt: skip
STREETS = ("High Street", "Marina Road", "Station Road", "Church Lane", "Mill Lane", "Queen's Road")


US_AREAS = (
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248 "
    "251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 "
    "317 318 319 320 321 323 325 330 334 336 337 347 351 352 360 361 386 401 402 404 405 406 407 408 409 410 "
    "412 413 414 415 417 419 423 425 432 434 435 440 443 469 478 479 480 484 501 502 503 504 505 507 508 509"
)
"""Area codes, each with 100 numbers for fiction: 555-0100 to 555-0199."""


@dataclass(frozen=True, slots=True)
class Country:
    """A country as sheets write it. In `ranges` of phone numbers a ``#`` is any digit; no trunk prefix."""

    alpha2: str
    alpha3: str
    names: tuple[str, ...]
    cities: tuple[tuple[str, str, str], ...]
    """City, state, postal code."""
    calling_code: str
    ranges: tuple[str, ...]
    trunk: str = "0"

    def national(self, n: int) -> str:
        """The `n`-th phone number as people at home write it."""
        return self.trunk + self._number(n)

    def international(self, n: int) -> str:
        """The `n`-th phone number with its calling code."""
        return f"+{self.calling_code} {self._number(n)}"

    def _number(self, n: int) -> str:
        pattern, serial = self.ranges[n % len(self.ranges)], n // len(self.ranges)
        places = pattern.count("#")
        digits = iter(f"{serial % 10**places:0{places}d}")
        return "".join(next(digits) if mark == "#" else mark for mark in pattern)


COUNTRIES: Mapping[str, Country] = {
    country.alpha2: country
    for country in (
        Country(
            "US",
            "USA",
            ("United States", "USA", "United States of America", "us"),
            (("Washington", "DC", "20001"), ("Bethesda", "MD", "20814"), ("Boston", "MA", "02108")),
            "1",
            tuple(f"{area}-555-01##" for area in re.findall(r"[0-9]{3}", US_AREAS)),
            trunk="",
        ),
        Country(
            "CA",
            "CAN",
            ("Canada", "CA", "CAN"),
            (("Toronto", "Ontario", "M5H 2N2"), ("Montréal", "Québec", "H2Y 1C6")),
            "1",
            ("416-555-01##", "514-555-01##", "604-555-01##", "613-555-01##", "902-555-01##"),
            trunk="",
        ),
        Country(
            "GB",
            "GBR",
            ("United Kingdom", "UK", "Great Britain", "GB"),
            (("London", "London", "EC1A 1BB"), ("Croydon", "Surrey", "CR0 2YR")),
            "44",
            (
                "20 7946 0###", "113 496 0###", "117 496 0###", "121 496 0###", "131 496 0###",
                "141 496 0###", "151 496 0###", "161 496 0###", "7700 900###",
            ),
        ),
        Country(
            "FR",
            "FRA",
            ("France", "FR", "FRA", "france"),
            (("Paris", "Île-de-France", "75001"), ("Créteil", "Île-de-France", "94000")),
            "33",
            (
                "1 99 00 ## ##", "2 61 91 ## ##", "3 53 01 ## ##", "4 65 71 ## ##", "5 36 49 ## ##",
                "6 39 98 ## ##",
            ),
        ),
        Country(
            "DE",
            "DEU",
            ("Germany", "Deutschland", "DE", "GERMANY"),
            (("Berlin", "Berlin", "10115"), ("München", "Bayern", "80331")),
            "49",
            ("30 23125 ###", "69 90009 ###", "40 66969 ###", "221 4710 ###", "89 99998 ###"),
        ),
        Country(
            "SE",
            "SWE",
            ("Sweden", "SE", "Sverige"),
            (("Göteborg", "Västra Götaland", "411 01"), ("Malmö", "Skåne", "211 19")),
            "46",
            ("8-465 004 ##", "980-319 2##", "31-390 06 1#", "40-628 04 2#", "70-174 06 3#"),
        ),
        Country(
            "AU",
            "AUS",
            ("Australia", "AU", "AUSTRALIA"),
            (("Sydney", "NSW", "2000"), ("Darwin", "NT", "0800")),
            "61",
            ("2 5550 ####", "3 5550 ####", "7 7010 ####", "8 7010 ####"),
        ),
        Country(
            "SG",
            "SGP",
            ("Singapore", "SG", "SINGAPORE"),
            (("Singapore", "Singapore", "048616"), ("Singapore", "Singapore", "238801")),
            "65",
            ("8123 45##",),
            trunk="",
        ),
        Country(
            "NG",
            "NGA",
            ("Nigeria", "NG", "nigeria"),
            (("Lagos", "Lagos", "101241"), ("Ikeja", "Lagos", "100271")),
            "234",
            ("803 123 45##",),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up. `number` counts from 1 and is in the e-mail address, which therefore is unique."""

    number: int
    first: str
    last: str
    gender: str
    email: str
    phone: str
    country: Country
    country_name: str
    street: str
    city: str
    state: str
    postal_code: str
    born: date

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a provider's sheet is headed, and what it has of a person."""

    headings: tuple[str, ...]
    cells: Callable[[Person], tuple[str, ...]]


def _hitpay(one: Person) -> tuple[str, ...]:
    address = (one.street, one.city, one.state, one.postal_code)
    gender = {"M": "male", "F": "female"}[one.gender]
    contact = (one.name, one.email, one.phone, one.country_name)
    return (*contact, *address, one.born.isoformat(), gender, f"Customer {one.number}")


def _juicyway(one: Person) -> tuple[str, ...]:
    address = (one.street, f"Flat {one.number % 40 + 1}", one.city, one.state, one.postal_code)
    kind = "business" if one.number % 7 == 0 else "individual"
    return (one.first, one.last, one.email, one.phone, kind, *address, one.country_name)


def _rapyd(one: Person) -> tuple[str, ...]:
    address = (one.street, one.city, one.state, one.postal_code, one.country_name)
    return (one.name, one.email, one.phone, *address, f"Customer {one.number}")


def _yativo(one: Person) -> tuple[str, ...]:
    kind = "business" if one.number % 7 == 0 else "individual"
    return (one.name, one.email, one.phone, one.country_name, kind)


def _krezypay(one: Person) -> tuple[str, ...]:
    folder = f"https://files.example.com/{one.number:07d}"
    passport = one.number % 3 == 0
    document = ("Passport", f"A{one.number:08d}") if passport else ("ID card", f"{one.number:011d}")
    images = (f"{folder}/face.jpg", f"{folder}/front.jpg", "" if passport else f"{folder}/back.jpg")
    who = (one.first, one.last, one.gender, one.email, one.phone, one.country_name)
    return (*who, *document, *images)


SHEETS: Mapping[str, Sheet] = {
    "hitpay": Sheet(
        (
            "Name", "Email", "Phone", "Country", "Street", "City", "State", "Postal code", "Birth date",
            "Gender", "Remark",
        ),
        _hitpay,
    ),
    "juicyway": Sheet(
        (
            "First name", "Last name", "Email", "Phone", "Type", "Address line 1", "Address line 2", "City",
            "State", "Zip code", "Country",
        ),
        _juicyway,
    ),
    "rapyd": Sheet(
        (
            "Name", "Email", "Phone", "Address line 1", "City", "State", "Zip", "Country", "Description",
        ),
        _rapyd,
    ),
    "yativo": Sheet(("Name", "Email", "Phone", "Country", "Type"), _yativo),
    "krezypay": Sheet(
        (
            "First name", "Last name", "Gender", "Email", "Phone", "Country", "ID type", "ID number",
            "Face image", "ID front image", "ID back image",
        ),
        _krezypay,
    ),
}  # fmt: skip

FEED_NOTHING = (
    "Account manager", "Segment", "Loyalty points", "Newsletter", "Branch", "Source system", "Last order",
    "Price list", "Payment terms", "Lifetime value", "Campaign", "Opt-in",
)  # fmt: skip
"""Headings of columns that no provider has a field for; after these come "Column 13", "Column 14" …"""


def headings(provider: str, *, columns: int = 0) -> tuple[str, ...]:
    """The row of headings, `columns` of them; 0 for those that the provider has a use for.

    Raises:
        ValueError: `columns` is fewer than those.
    """
    own = SHEETS[provider].headings
    if columns and columns < len(own):
        raise ValueError(f"a sheet for {provider} has {len(own)} columns at least, not {columns}")
    extra = max(0, columns - len(own))
    names = (*FEED_NOTHING, *(f"Column {n}" for n in range(len(FEED_NOTHING) + 1, extra + 1)))
    return own + names[:extra]


def people(
    count: int, *, seed: int = 0, countries: Sequence[str] = tuple(COUNTRIES), first: int = 1
) -> Iterator[Person]:
    """People numbered from `first` on, spread over `countries` (alpha-2)."""
    chance = random.Random(seed)
    known = [COUNTRIES[name] for name in countries]
    for number in range(first, first + count):
        country = chance.choice(known)
        gender = chance.choice("MF")
        given, family = chance.choice(FIRST_NAMES[gender]), chance.choice(LAST_NAMES)
        city, state, postal_code = chance.choice(country.cities)
        domain = "example.org" if number % 5 == 0 else "example.com"
        phone = chance.choice((country.national, country.international))(number)
        yield Person(
            number=number,
            first=given,
            last=family,
            gender=gender,
            email=f"{plain(given)}.{plain(family)}.{number}@{domain}",
            phone=phone,
            country=country,
            country_name=chance.choice(country.names),
            street=f"{chance.randint(1, 250)} {chance.choice(STREETS)}",
            city=city,
            state=state,
            postal_code=postal_code,
            born=date(1950, 1, 1) + timedelta(days=chance.randrange(20_000)),
        )


def plain(name: str) -> str:
    """`name` as the part of an e-mail address: lower case ASCII letters and dots."""
    bare = "".join(c for c in normalize("NFD", name.casefold()) if not combining(c))
    return "".join(c if c.isascii() and c.isalpha() else "." for c in bare if c not in "'-")


def rows(
    provider: str, count: int, *, seed: int = 0, bad: float = 0.0, columns: int = 0
) -> Iterator[tuple[str, ...]]:
    """`count` rows of text without their headings; `bad` is the share that no provider may be sent.

    The bad ones are spread evenly, `round(count * bad)` of them, each with one cell spoilt: its e-mail
    address (`invalid_email`), its phone (`invalid_phone`) or its name, emptied (`missing_value`), in turn.
    """
    sheet = SHEETS[provider]
    own = len(sheet.headings)
    extra = len(headings(provider, columns=columns)) - own
    spoilt = round(count * bad)
    for one in people(count, seed=seed):
        cells = sheet.cells(one)
        done, now = (one.number - 1) * spoilt // count, one.number * spoilt // count
        if now > done:
            cells = _spoilt(sheet.headings, cells, kind=done % 3)
        yield (*cells, *(f"{name} {one.number % 97}" for name in FEED_NOTHING[:extra]), *_rest(one, extra))


def _rest(one: Person, extra: int) -> Iterator[str]:
    return (str(one.number * n % 1000) for n in range(len(FEED_NOTHING), extra))


def _spoilt(names: Sequence[str], cells: Sequence[str], *, kind: int) -> tuple[str, ...]:
    name = "Name" if "Name" in names else "First name"
    column, value = (("Email", "nobody at example"), ("Phone", "12"), (name, ""))[kind]
    at = names.index(column)
    return (*cells[:at], value, *cells[at + 1 :])


def write_csv(
    path: Path, provider: str, count: int, *, seed: int = 0, bad: float = 0.0, columns: int = 0
) -> None:
    """Write a CSV in UTF-8, row by row."""
    head = headings(provider, columns=columns)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows(provider, count, seed=seed, bad=bad, columns=columns))


def write_xlsx(
    path: Path, provider: str, count: int, *, seed: int = 0, bad: float = 0.0, columns: int = 0
) -> None:
    """Write a workbook with openpyxl, all cells text, row by row."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Customers")
    sheet.append(headings(provider, columns=columns))
    for cells in rows(provider, count, seed=seed, bad=bad, columns=columns):
        sheet.append(cells)
    book.save(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the file that the command line asks for."""
    parser = argparse.ArgumentParser(description="Make up customers for a provider.")
    parser.add_argument("provider", choices=sorted(SHEETS))
    parser.add_argument("count", type=int, help="rows")
    parser.add_argument("file", type=Path, help=".csv or .xlsx")
    parser.add_argument("--seed", type=int, default=0, help="another one makes other people")
    parser.add_argument("--bad", type=float, default=0.0, metavar="SHARE", help="of rows, for example 0.02")
    parser.add_argument("--columns", type=int, default=0, help="in all; those left over feed nothing")
    told = parser.parse_args(arguments)
    if not 0 <= told.bad <= 1 or told.count < 0:
        parser.error("rows and share cannot be negative, and a share is at most 1")
    write = {".csv": write_csv, ".xlsx": write_xlsx}.get(told.file.suffix.lower())
    if write is None:
        parser.error(f"{told.file} ends neither in .csv nor in .xlsx")
    try:
        write(told.file, told.provider, told.count, seed=told.seed, bad=told.bad, columns=told.columns)
    except ValueError as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
