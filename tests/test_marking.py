"""Rows of one sheet that would be the same customer."""

from pathlib import Path

import pytest

from importer import Job, check
from importer.rows import Status


@pytest.mark.parametrize(
    ("identity", "told"),
    [
        ((), "The same customer as row 2; only that one is sent"),
        (("email",), "The same customer as row 2; only that one is sent"),
        (("name",), 'HitPay keeps one customer for each "E-mail", and this one is the same as in row 2'),
    ],
)
def test_address_comes_once_whatever_tells_customers_apart(
    tmp_path: Path, identity: tuple[str, ...], told: str
) -> None:
    sheet = tmp_path / "customers.csv"
    sheet.write_text(
        "Name,E-mail,Phone\nAnn,ann@example.com,+65 8123 4567\nBo,ann@example.com,+65 8123 4568\n"
        "Ann Lee,lee@example.com,+65 8123 4569\n"
    )
    job = Job(source=sheet, provider="hitpay", identity=identity, ledger=f"sqlite:///{tmp_path}/ledger")
    with check(job, variables={}) as plan:
        found = {row.number: (result.status, result.message) for row, result in plan.results()}
    assert found == {2: (Status.NOT_SENT, ""), 3: (Status.DUPLICATE, told), 4: (Status.NOT_SENT, "")}
