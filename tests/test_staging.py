"""The staged rows of a run: in sheet order, each with its result so far."""

from datetime import UTC, datetime

import pytest

from importer.errors import TemporaryFolderError
from importer.rows import FieldError, Row, RowResult, Status
from importer.staging import Pending, Staging
from importer.validation import Checked


def ready(number: int, identity: str) -> Checked:
    return Checked(Row(number, ("Ann", "=1+1", "")), identity=identity, key=f"key {number}", body=b"{}")


def test_result_comes_back_as_it_went_in() -> None:
    """Everything of a result survives the way through the database."""
    fault = FieldError("email", "E-mail", "invalid_email", "is none")
    result = RowResult(
        2, Status.UNKNOWN, "c1", "lost", "timed_out", 504, 3, datetime(2026, 11, 21, 1, 2, 3, 456, UTC),
        "run", {"kyc_link": "https://example.com"}, (fault,),
    )  # fmt: skip
    with Staging() as staging:
        staging.load([ready(2, "a")])
        staging.update([(result, Pending.SETTLE)])
        assert list(staging.results()) == [(Row(2, ("Ann", "=1+1", "")), result)]
        assert [staged.number for staged in staging.pending(Pending.SETTLE)] == [2]


def test_rows_with_the_identity_of_an_earlier_one_are_duplicates() -> None:
    with Staging() as staging:
        staging.load([ready(2, "a"), ready(5, "b"), ready(7, "a"), ready(9, "a")])
        assert sorted(staging.duplicates(by="identity")) == [(7, 2), (9, 2)]


def test_rows_may_be_updated_while_they_are_walked() -> None:
    with Staging() as staging:
        staging.load(ready(number, f"customer {number}") for number in range(2, 3000))
        seen = []
        for staged in staging.pending(Pending.SEND):
            seen.append(staged.number)
            staging.update([(RowResult(staged.number, Status.CREATED), Pending.NOTHING)])
        assert seen == list(range(2, 3000))
        assert staging.counts()[Status.CREATED] == 2998


def test_full_temporary_folder_is_told_as_what_it_is() -> None:
    with Staging() as staging:
        staging._database.execute("PRAGMA max_page_count = 20")
        with pytest.raises(TemporaryFolderError, match=r"TMPDIR.*same command again"):
            staging.load(ready(number, f"customer {number}") for number in range(2, 20_000))


def test_counts_follow_each_change() -> None:
    with Staging() as staging:
        assert staging.count() == 0
        staging.load([ready(2, "a"), ready(3, "b")])
        assert (staging.count(), staging.count_pending(Pending.SEND)) == (2, 2)
        staging.update([(RowResult(3, Status.UNKNOWN), Pending.SETTLE)])
        assert (staging.count_pending(Pending.SEND), staging.count_pending(Pending.SETTLE)) == (1, 1)
        assert staging.counts()[Status.UNKNOWN] == 1
        fault = FieldError("email", "E-mail", "invalid_email", "is none")
        staging.replace([Checked(Row(2, ("Bo", "", "")), faults=(fault,))])
        assert {status: count for status, count in staging.counts().items() if count} == {
            Status.UNKNOWN: 1,
            Status.INVALID: 1,
        }


def test_any_cell_comes_back_as_it_was() -> None:
    cells = ("half \ud83d", "José", "\x00\x1f\x7f", "\u2028", "😀", '"\\')
    with Staging() as staging:
        staging.load([Checked(Row(2, cells), identity="a", key="k", body=b"{}")])
        staging.load([Checked(Row(3, cells[1:]), identity="b", key="k", body=b"{}")])
        assert [row.cells for row, _ in staging.results()] == [cells, cells[1:]]
