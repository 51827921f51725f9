"""All providers beside each other: who would take which row, and what is missing for whom."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.choosing import first_rows
from importer.comparison import Answer, Comparison, compare
from importer.errors import MappingError
from importer.jobs import Job
from importer.planning import check
from importer.providers import PROVIDERS
from importer.rows import Row, Status
from importer.source import open_source
from tests.support import PEOPLE, person

SAMPLES = sorted((Path(__file__).parent.parent / "sample_data").glob("*.[cx][sl]*"))


def of(comparison: Comparison, name: str) -> int:
    return [each.provider.name for each in comparison.candidates].index(name)


def answers(columns: Sequence[str], *cells: str, **constants: str) -> dict[str, tuple[Answer, str]]:
    """What each provider says to one row."""
    comparison = compare(columns, constants=constants)
    said = comparison.opinions(Row(2, cells))
    return {
        each.provider.name: (opinion.answer, opinion.text)
        for each, opinion in zip(comparison.candidates, said, strict=True)
    }


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_row_is_ready_exactly_where_the_check_for_that_provider_finds_no_fault(
    tmp_path: Path, path: Path
) -> None:
    source = open_source(path)
    comparison = compare(source.columns, sample=first_rows(source))
    said = {row.number: comparison.opinions(row) for row in source.rows()}
    for name in PROVIDERS:
        place = of(comparison, name)
        job = Job(source=path, provider=name, ledger=f"sqlite:///{tmp_path / name}")
        if comparison.candidates[place].missing:
            with pytest.raises(MappingError, match=r"required by|takes .* apart|No column found"):
                check(job, variables={})
            continue
        with check(job, variables={}) as plan:
            fine = {row.number for row, result in plan.results() if result.status is not Status.INVALID}
        assert {number for number, those in said.items() if those[place].answer is Answer.READY} == fine


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_provider_takes_its_own_customers(provider: str) -> None:
    comparison = compare(PEOPLE[provider])
    comparison.put(Row(n, tuple(person(provider, n).values())) for n in range(5))
    own = comparison.candidates[of(comparison, provider)]
    assert own.missing == ()
    assert own.counts[Answer.READY] == comparison.taken == comparison.rows == 5


def test_missing_columns_are_the_answer_of_that_provider_and_other_faults_are_told() -> None:
    said = answers(("Name", "Email"), "Ann Lee", "nobody")
    assert said["hitpay"] == (Answer.FAULTY, "wrong: Email")
    assert said["rapyd"] == (Answer.FAULTY, "wrong: Email")
    said = answers(("Name", "Email"), "Ann Lee", "ann@example.com")
    assert said["hitpay"] == (Answer.COLUMNS_MISSING, "columns missing")
    assert said["rapyd"] == (Answer.READY, "ready")
    comparison = compare(("Name", "Email"))
    assert [leaf.path for leaf in comparison.candidates[of(comparison, "hitpay")].missing] == ["phone_number"]


def test_a_phone_that_only_lacks_the_country_whose_column_is_missing_is_not_at_fault() -> None:
    said = answers(("Name", "Email", "Phone"), "Ann Lee", "ann@example.com", "8123 4567")
    assert said["yativo"] == (Answer.COLUMNS_MISSING, "columns missing")
    assert said["hitpay"] == (Answer.FAULTY, "wrong: Phone")


def test_faults_are_told_by_column_once_each() -> None:
    columns = ("Client", "E-Mail", "Mobile", "Street")
    said = answers(columns, "", "x", "12", "1 High Street")
    assert said["hitpay"] == (
        Answer.FAULTY,
        "empty: Client, City (no column), State (no column), Postal code (no column); wrong: E-Mail, Mobile",
    )


def test_columns_that_cannot_be_told_apart_are_the_answer_of_the_providers_concerned() -> None:
    said = answers(("Name", "Email", "Mobile", "Tel"), "Ann", "ann@example.com", "+6581234567", "+6581234568")
    assert {answer for answer, _ in said.values()} == {Answer.UNCLEAR}
    comparison = compare(("Name", "Email", "Mobile", "Tel"))
    for each in comparison.candidates:
        assert '"Mobile" or "Tel"' in each.missing_text
    assert compare(("Name", "Name 2")).candidates[of(comparison, "hitpay")].unclear == ""


def test_a_constant_counts_for_the_providers_that_have_the_field() -> None:
    columns, cells = (
        ("First name", "Last name", "Email", "Phone"),
        ("Ann", "Lee", "a@example.com", "+6581234567"),
    )
    address = {f"billing_address.{name}": "Singapore" for name in ("line1", "city", "state", "country")}
    said = answers(columns, *cells, **address, **{"billing_address.zip_code": "1", "type": "individual"})
    assert said["juicyway"] == (Answer.READY, "ready")
    assert said["yativo"] == (Answer.COLUMNS_MISSING, "columns missing")
    with pytest.raises(MappingError, match="No provider has a field 'nickname'"):
        compare(columns, constants={"nickname": "A"})


def test_a_known_mapping_replaces_what_the_headings_suggest() -> None:
    from importer.mapping import FieldMapping

    mapping = FieldMapping("hitpay", {"name": ("A",), "email": ("B",), "phone_number": ("C",)})
    comparison = compare(("A", "B", "C"), known=[mapping])
    comparison.put([Row(2, ("Ann", "ann@example.com", "+6581234567"))])
    assert comparison.candidates[of(comparison, "hitpay")].counts[Answer.READY] == 1
    assert comparison.candidates[of(comparison, "rapyd")].counts[Answer.READY] == 0


def test_people_are_known_by_name_and_address() -> None:
    columns = ("No.", "Last", "First", "Phone", "E-mail", "City")
    comparison = compare(columns)
    row = Row(2, ("7", "Lee", " Ann ", "+6581234567", "ann@example.com", "Oslo"))
    assert comparison.label(row) == "Lee Ann ann@example.com"
    assert compare(("alpha", "beta")).label(Row(2, ("x", "y"))) == "x"
    assert compare(()).label(Row(2, ())) == ""


CELLS = st.sampled_from(["", "Ann", "ann@example.com", "+6581234567", "x", "Norway", "individual"])


@settings(deadline=None, max_examples=60)
@given(
    columns=st.lists(
        st.sampled_from(["Name", "Email", "Phone", "Country", "City", "Type", "Zip"]), unique=True, max_size=7
    ),
    data=st.data(),
)
def test_every_row_gets_one_answer_of_each_provider_and_the_counts_add_up(
    columns: list[str], data: st.DataObject
) -> None:
    width = len(columns)
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=5))
    comparison = compare(columns)
    said = [comparison.opinions(Row(n, tuple(cells))) for n, cells in enumerate(rows, 2)]
    assert comparison.rows == len(rows)
    assert comparison.taken == sum(any(each.answer is Answer.READY for each in those) for those in said)
    for place, each in enumerate(comparison.candidates):
        counted = [those[place].answer for those in said]
        assert each.counts == {answer: counted.count(answer) for answer in Answer}
        assert not each.missing or each.counts[Answer.READY] == 0
        faults = sum(each.causes.values())
        assert (faults > 0) is (each.counts[Answer.FAULTY] > 0)


def test_facts_are_plain_data() -> None:
    comparison = compare(("Name", "Email"))
    comparison.put([Row(2, ("Ann", "nobody")), Row(3, ("Bo", "bo@example.com"))])
    assert comparison.facts["rapyd"] == {
        "ready": 1,
        "lack_only_columns": 0,
        "faulty": 1,
        "missing": [],
        "unclear": "",
        "causes": {"invalid_email": 1},
    }
    assert comparison.facts["hitpay"]["missing"] == ["phone_number"]
    assert comparison.verdict.startswith(
        "1 of 2 rows would be taken as they are by at least one provider, 1 by"
    )


def test_rows_are_not_kept() -> None:
    class Tracked(Row):
        alive = most = 0

        def __init__(self, number: int) -> None:
            super().__init__(number, ("Ann", "nobody"))
            Tracked.alive += 1
            Tracked.most = max(Tracked.most, Tracked.alive)

        def __del__(self) -> None:
            Tracked.alive -= 1

    def rows() -> Iterator[Row]:
        yield from map(Tracked, range(2_000))

    compare(("Name", "Email")).put(rows())
    assert Tracked.most <= 3
