"""A kept mapping meets a changed sheet: what is unlike then stops it, what is not does not."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.errors import MappingError
from importer.jobs import Job
from importer.mapping import FieldMapping, Sample, propose, require_columns, require_looks
from importer.mapping.looks import Holds, Look
from importer.planning import check
from importer.providers import PROVIDERS
from importer.reporting import write_report
from importer.rows import Status
from importer.source import open_source
from tests import make_customers
from tests.support import people_csv, write_csv

SAMPLE_DATA = Path(__file__).parents[1] / "sample_data"
HITPAY = PROVIDERS["hitpay"]
COLUMNS = ("Name", "Email", "Phone", "Birth date", "Notes")
MAPPING = FieldMapping(
    "hitpay",
    {
        "name": ("Name",),
        "email": ("Email",),
        "phone_number": ("Phone",),
        "birth_date": ("Birth date",),
        "remark": ("Notes",),
    },
    looks={
        "Name": Look(Holds.WORDS),
        "Email": Look(Holds.EMAILS),
        "Phone": Look(Holds.PHONES),
        "Birth date": Look(Holds.DATES),
        "Notes": Look(Holds.WORDS, gaps=True),
    },
)
ANN = ("Ann Lee", "ann@example.com", "+65 8123 4567", "1990-05-17", "VIP")


def rows(count: int, **cells: str) -> list[tuple[str, ...]]:
    """Rows like then, but for the cells that are told."""
    return [
        tuple(cells.get(name, cell) for name, cell in zip(COLUMNS, ANN, strict=True)) for _ in range(count)
    ]


def looked_at(sheet: Sequence[tuple[str, ...]], mapping: FieldMapping = MAPPING) -> None:
    require_looks(mapping, COLUMNS, HITPAY, Sample(sheet, complete=True), mend="look it over.")


# -- columns that are not there


@pytest.mark.parametrize(
    ("now", "likely"),
    [
        (("Name", "E-Mail", "Phone", "Birth date", "Notes"), "E-Mail"),  # called almost so
        (("Name", "Courriel", "Phone", "Birth date", "Notes"), "Courriel"),  # a usual heading
        (("Name", "Contact", "Phone", "Birth date", "Notes"), "Contact"),  # the only one with e-mails in it
    ],
)
def test_renamed_column_is_named_with_what_it_is_called_now(now: tuple[str, ...], likely: str) -> None:
    with pytest.raises(MappingError) as caught:
        require_columns(MAPPING, now, HITPAY, Sample(rows(3)))
    assert f'The column "Email" for the field email is not in the sheet. Did you mean "{likely}"?' in str(
        caught.value
    )


def test_missing_column_that_none_is_like_is_only_named() -> None:
    now = ("Name", "Phone", "Birth date", "Notes", "Colour")
    cells = [(*row[:1], *row[2:], "red") for row in rows(3)]
    with pytest.raises(MappingError) as caught:
        require_columns(MAPPING, now, HITPAY, Sample(cells))
    assert "field email is not in the sheet. The sheet's columns are:" in str(caught.value)


def test_all_missing_columns_are_named_at_once() -> None:
    with pytest.raises(
        MappingError, match=r'"Email" .*"Phone" .*Rename the columns there, or in the mapping'
    ):
        require_columns(MAPPING, ("Name", "Birth date", "Notes"), HITPAY)


# -- columns that hold something else


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        (rows(2, Email="+65 8123 4567"), '"Email" held e-mails, and now holds phones'),
        (rows(2, Phone="ann@example.com"), '"Phone" held phones, and now holds e-mails'),
        (rows(2, Name="ann@example.com"), '"Name" held words, and now holds e-mails'),
        (rows(2, Phone="1990-05-17"), '"Phone" held phones, and now holds dates'),
        (rows(5, Email="Ann Lee"), '"Email" held e-mails, and now holds words'),
        (rows(5, Name="1990-05-17"), '"Name" held words, and now holds dates'),
        (rows(2, Email=""), '"Email" held e-mails, and now is empty'),
        (rows(5, **{"Birth date": ""}), '"Birth date" held dates, and now is empty'),
    ],
)
def test_column_unlike_then_stops_with_what_it_was_and_is(sheet: list[tuple[str, ...]], told: str) -> None:
    with pytest.raises(MappingError) as caught:
        looked_at(sheet)
    assert told in str(caught.value)
    assert str(caught.value).endswith("Mend the sheet; or, if it is right, look it over.")


def test_columns_that_changed_places_are_named_at_once() -> None:
    swapped = [(name, phone, email, *rest) for name, email, phone, *rest in rows(3)]
    with pytest.raises(MappingError, match=r'"Email" held .*; "Phone" held '):
        looked_at(swapped)


@pytest.mark.parametrize(
    "sheet",
    [
        [],
        rows(1, Email="+65 8123 4567"),  # a cell is no column
        rows(4, Email="nobody"),
        rows(9, Email="ann@@example"),  # damaged, and every row will say so
        [*rows(8, Email="n/a"), *rows(2)],
        rows(9, Phone="6581234567"),  # without a plus
        rows(9, Phone="12"),
        rows(9, **{"Birth date": "33010"}),
        rows(4, **{"Birth date": ""}),
        rows(9, Notes=""),  # blank cells were usual
        rows(9, Notes="2026-01-01")[:4],
        rows(9, Notes="10115"),
    ],
)
def test_wrong_cells_and_small_sheets_are_no_reason_to_stop(sheet: list[tuple[str, ...]]) -> None:
    looked_at(sheet)


def test_what_was_empty_then_may_hold_anything_now() -> None:
    looked_at(rows(9), replace(MAPPING, looks={"Email": Look(Holds.EMPTY), "Notes": Look(Holds.EMPTY)}))


def test_line_that_was_removed_is_not_watched_any_more() -> None:
    without = {name: each for name, each in MAPPING.looks.items() if name != "Email"}
    looked_at(rows(9, Email="+65 8123 4567"), replace(MAPPING, looks=without))


def test_column_that_a_constant_replaces_is_not_watched() -> None:
    looked_at(rows(9, Notes="a@b.com"), replace(MAPPING, constants={"remark": "x"}))


# -- no false alarms


@pytest.mark.parametrize("provider", PROVIDERS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_sheet_of_the_same_office_never_alarms_however_small_and_faulty(
    provider: str, data: st.DataObject
) -> None:
    """Mapped with one month's sheet, met by another's: other people, other size, some cells wrong."""
    columns = make_customers.headings(provider, columns=15)
    sizes = st.sampled_from([1, 2, 3, 5, 12, 60])
    then, now = (
        list(make_customers.rows(provider, data.draw(sizes), seed=data.draw(st.integers(0, 99)), columns=15))
        for _ in range(2)
    )
    faulty = [_spoilt(row, data.draw(st.integers(0, len(row) - 1))) for row in now[::3]] + now[1:]
    mapping = propose(columns, PROVIDERS[provider], sample=Sample(then, complete=True)).mapping
    assert mapping.looks
    require_looks(mapping, columns, PROVIDERS[provider], Sample(faulty, complete=True), mend="")


def _spoilt(row: tuple[str, ...], at: int) -> tuple[str, ...]:
    return (*row[:at], "?", *row[at + 1 :])


@pytest.mark.parametrize("path", sorted(SAMPLE_DATA.glob("*.*[vx]")), ids=lambda path: path.name)
def test_parts_of_a_sample_sheet_are_like_the_whole(path: Path) -> None:
    source = open_source(path)
    provider = PROVIDERS["hitpay" if path.stem == "messy" else path.stem.partition("_")[0]]
    cells = [row.cells for row in source.rows()]
    mapping = propose(source.columns, provider, sample=Sample(cells, complete=True)).mapping
    assert len(mapping.looks) >= 5
    for size in (1, 2, 3, 7, 20):
        for start in range(0, len(cells), size):
            part = Sample(cells[start : start + size], complete=True)
            require_looks(mapping, source.columns, provider, part, mend=f"rows from {start}")


def test_results_file_is_no_changed_sheet_before_and_after_its_cells_are_corrected(tmp_path: Path) -> None:
    source = people_csv(tmp_path / "c.csv", "hitpay", range(6))
    lines = source.read_text(encoding="utf-8").replace("@example.com", " at example", 4)
    source.write_text(lines, encoding="utf-8")
    results = reported(source)
    with check(results, variables={}) as plan:
        assert plan.counts[Status.INVALID] == 4
        assert plan.opened.mapping.looks["Email"] == Look(Holds.WORDS)  # most of them were wrong then
    corrected = results.source.read_text(encoding="utf-8-sig").replace(" at example,", "@example.com,")
    results.source.write_text(corrected, encoding="utf-8")
    with check(results, variables={}) as plan:
        assert plan.ready == 6


def reported(source: Path) -> Job:
    """A job that has the report on a sheet as its source."""
    ledger = f"sqlite:///{source.parent / 'ledger'}"
    report = source.with_name("report.csv")
    with check(Job(source=source, provider="hitpay", ledger=ledger, output=report), variables={}) as plan:
        write_report(plan)
    return Job(source=report, ledger=ledger, output=source.with_name("again.csv"))


def test_results_file_with_a_renamed_column_says_which(tmp_path: Path) -> None:
    told = reported(people_csv(tmp_path / "c.csv", "hitpay", range(3)))
    text = told.source.read_text(encoding="utf-8-sig")
    told.source.write_text(text.replace("Email", "Mail to", 1), encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        check(told, variables={})
    assert '"Email" for the field email is not in the sheet. Did you mean "Mail to"?' in str(caught.value)
    assert f"importer map {told.source} -p hitpay -o report.mapping.toml" in str(caught.value)


def test_results_file_whose_mapping_was_damaged_says_how_to_write_another(tmp_path: Path) -> None:
    told = reported(people_csv(tmp_path / "c.csv", "hitpay", range(3)))
    text = told.source.read_text(encoding="utf-8-sig").replace('""constants""', '""constant""')
    told.source.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=r'has no "constant". Did you mean "constants".* importer map '):
        check(told, variables={})


def test_saved_mapping_that_meets_swapped_columns_stops_the_check(tmp_path: Path) -> None:
    people = [{"Name": "Ann", "Email": f"a{n}@example.com", "Phone": "+65 8123 4567"} for n in range(3)]
    swapped = [{**each, "Email": each["Phone"], "Phone": each["Email"]} for each in people]
    mapping = tmp_path / "mapping.toml"
    text = '[columns]\nname = "Name"\nemail = "Email"\nphone_number = "Phone"\n[looks]\nEmail = "e-mails"\n'
    mapping.write_text(text, encoding="utf-8")
    told = Job(
        source=write_csv(tmp_path / "c.csv", people),
        provider="hitpay",
        mapping=mapping,
        ledger=f"sqlite:///{tmp_path / 'l'}",
    )
    with check(told, variables={}) as plan:
        assert plan.opened.mapping.looks == {"Email": Look(Holds.EMAILS)}
    write_csv(told.source, swapped)
    with pytest.raises(MappingError) as caught:
        check(told, variables={})
    assert f"remove its line under [looks] in {mapping}" in str(caught.value)


def test_names_that_are_numbers_now_stop_it() -> None:
    """Customer numbers under the heading of the names would all be sent: nothing else is wrong with them."""
    with pytest.raises(MappingError, match='"Name" held words, and now holds numbers'):
        looked_at([(str(100200 + number), *ANN[1:]) for number in range(6)])
