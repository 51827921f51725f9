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
