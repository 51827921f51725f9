"""How the dates of a column are written: told by those that can be read one way only, else asked, once."""

import pytest

from importer.mapping import Proposal, Sample, propose
from importer.mapping.dates import DateOrder, date_order
from importer.providers import PROVIDERS


def order_of(*dates: str) -> DateOrder:
    return date_order(Sample([[date] for date in dates]).column(0))


def proposed(*dates: str) -> Proposal:
    rows = [("Ann", f"a{n}@example.com", "+65 8123 4567", each) for n, each in enumerate(dates)]
    columns = ["Name", "Email", "Phone", "DOB"]
    return propose(columns, PROVIDERS["hitpay"], sample=Sample(rows, complete=True))


@pytest.mark.parametrize(
    ("dates", "settled"),
    [
        (("13/04/1990", "25.12.1971", "03/04/1985"), "dmy"),
        (("04/13/1990", "12-25-1971", "03/04/1985"), "mdy"),
        (("13/04/1990", "03/04/1985"), None),  # one may be a slip
        (("13/04/1990", "25.12.1971", "04/13/1990", "03/04/1985"), None),  # both orders
        (("13/04/1990", "25.12.1971"), None),  # nothing to settle
        (("1990-04-13", "17 May 1990", "2/2/1980", "31/02/1990", "03/04/1985"), None),  # tell nothing
        (("03/04/1985",), None),
        ((), None),
    ],
)
def test_order_is_settled_by_dates_that_can_be_read_one_way_only(
    dates: tuple[str, ...], settled: str | None
) -> None:
    assert order_of(*dates).settled == settled


def test_repeated_dates_count_as_often_as_they_stand_there() -> None:
    assert order_of("13/04/1990", "13/04/1990", "03/04/1985") == DateOrder(2, 0, 1, "03/04/1985")


def test_settled_order_is_in_the_mapping_with_its_reason() -> None:
    proposal = proposed("13/04/1990", "25.12.1971", "03/04/1985")
    assert proposal.mapping.dates == {"birth_date": "dmy"}
    assert proposal.suggestions["birth_date"].reason == (
        "holds dates, day first, as 2 cells can only be read so"
    )
    assert proposal.questions == ()


def test_order_that_nothing_tells_is_asked_once_with_an_example_both_ways() -> None:
    proposal = proposed("03/04/1985", "05/06/1990", "1990-01-31")
    (question,) = proposal.questions
    assert proposal.mapping.dates == {}
    assert question.words == "2 cells may be day or month first"
    assert not question.stops  # each of these rows is at fault, and says so
    assert [option.words for option in question.options] == [
        "day first: 03/04/1985 is 1985-04-03",
        "month first: 03/04/1985 is 1985-03-04",
    ]
    assert question.options[1].chosen(proposal.mapping).dates == {"birth_date": "mdy"}


def test_column_of_both_orders_is_asked_about_and_says_so() -> None:
    (question,) = proposed("13/04/1990", "04/13/1990", "03/04/1985").questions
    assert question.words == "1 cell may be day or month first, and the column has both orders"
