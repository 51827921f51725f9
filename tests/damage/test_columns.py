"""Columns that hold few of what they are mapped to, and columns that Excel rounded."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from importer.damage import Survey, survey
from importer.damage.columns import FEWEST, SAMPLE
from importer.mapping import suggest
from importer.providers import PROVIDERS
from importer.rows import Row

COLUMNS = ("Name", "Email", "Phone", "Country", "Birth date", "Remark")

Cell = Callable[[int], str]
GOOD: dict[str, Cell] = {
    "Name": lambda n: f"Ann {n}",
    "Email": lambda n: f"ann{n}@example.com",
    "Phone": lambda n: f"+65 8123 {n:04d}",
    "Country": lambda n: ("Singapore", "DE", "Frankreich")[n % 3],
    "Birth date": lambda n: ("1990-05-17", "05/06/1990", "32874")[n % 3],
    "Remark": lambda n: f"customer {n}",
}


def surveyed(changed: Mapping[str, Cell], count: int = 40) -> Survey:
    """A survey of so many rows; `changed` says what some columns hold instead."""
    cells = GOOD | dict(changed)
    return of([tuple(cell(n) for cell in cells.values()) for n in range(count)], tuple(cells))


def of(rows: Sequence[tuple[str, ...]], columns: tuple[str, ...], provider: str = "hitpay") -> Survey:
    mapping = suggest(columns, PROVIDERS[provider])
    return survey((Row(n, cells) for n, cells in enumerate(rows, 2)), columns, mapping, PROVIDERS[provider])


def some(share: float, good: Cell, bad: Cell) -> Cell:
    """The good cell in `share` of the rows."""
    return lambda n: good(n) if n % 10 < share * 10 else bad(n)


def test_columns_that_hold_what_they_should_are_no_trouble() -> None:
    assert surveyed({}) == Survey()


def test_columns_that_are_swapped_are_both_named() -> None:
    (trouble,) = surveyed({"Name": GOOD["Email"], "Email": GOOD["Name"]}).troubles
    assert (trouble.field, trouble.column, trouble.other, trouble.wrong) == ("email", "Email", "Name", True)
    assert (trouble.filled, trouble.fitting) == (40, 0)
    assert '"Email" feeds email, but only 0 of its first 40 filled cells' in trouble.message
    assert '"Name", which feeds name, holds mostly e-mail addresses: are the two swapped?' in trouble.message


def test_column_that_feeds_nothing_may_be_the_one_that_is_meant() -> None:
    (trouble,) = surveyed({"Email": GOOD["Name"], "Contact 2": GOOD["Email"]}).troubles
    assert trouble.other == "Contact 2"
    assert '"Contact 2", which feeds nothing, holds mostly e-mail addresses' in trouble.message


@pytest.mark.parametrize(
    ("column", "bad"),
    [
        ("Email", lambda n: f"ann{n}"),
        ("Phone", lambda n: f"C-{n}"),
        ("Phone", lambda _: "1990-05-17"),
        ("Country", lambda n: f"Region {n}"),
        ("Birth date", lambda n: f"day {n}"),
    ],
)
@pytest.mark.parametrize(("share", "found", "wrong"), [(0.5, 0, 0), (0.4, 1, 0), (0.1, 1, 0), (0.0, 1, 1)])
def test_the_fewer_cells_fit_the_surer_it_is_that_the_column_is_wrong(
    column: str, bad: Cell, share: float, found: int, wrong: int
) -> None:
    troubles = surveyed({column: some(share, GOOD[column], bad)}).troubles
    assert len(troubles) == found
    assert sum(trouble.wrong for trouble in troubles) == wrong


def test_few_cells_say_nothing_about_a_column() -> None:
    names = {"Email": GOOD["Name"]}
    assert surveyed(names, FEWEST - 1).troubles == ()
    assert surveyed(names, FEWEST).troubles != ()
    assert surveyed({"Email": lambda n: f"Ann {n}" if n < FEWEST - 1 else ""}, 100).troubles == ()


def test_damaged_phones_are_phones_in_the_right_column() -> None:
    assert surveyed({"Phone": lambda n: f"2.34{n}E+12"}).troubles == ()


def test_only_the_first_rows_are_looked_at() -> None:
    late = surveyed({"Email": lambda n: f"a{n}@example.com" if n < SAMPLE else "x"}, 3 * SAMPLE)
    assert late == Survey()


def test_trouble_quotes_no_cell() -> None:
    (trouble,) = surveyed({"Email": lambda _: "secret"}).troubles
    assert "secret" not in repr(trouble)


# -- columns that were rounded


def documents(*numbers: str) -> bool:
    """Whether a column of document numbers is taken for rounded."""
    found = of([(number,) for number in numbers], ("ID number",), "krezypay")
    return found.rounded == {"id_number"}


@pytest.mark.parametrize(
    ("numbers", "rounded"),
    [
        (("1234567890123450000",), True),  # one number in ten thousand ends so by chance
        (("4111111111111110",), False),  # one in ten
        (("4111111111111110",) * 3, True),
        (("4111111111111110", "4222222222222220", "4333333333333330", "4444444444444444"), True),
        (("4111111111111110",) * 3 + ("4444444444444444",) * 3, False),
        (("A0012345",) * 10 + ("4111111111111110",) * 3, True),
        (("110101199003070100",) + ("110101199003074578",) * 30, False),
        (("123456789012345",) * 5, False),
    ],
)
def test_column_is_rounded_if_chance_can_hardly_explain_its_zeros(
    numbers: tuple[str, ...], rounded: bool
) -> None:
    assert documents(*numbers) is rounded
