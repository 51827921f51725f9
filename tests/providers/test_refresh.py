"""What holds for every provider that tells what became of a customer."""

import json
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.errors import OutcomeUnknownError
from importer.providers import PROVIDERS, Provider
from importer.providers.base import Held, Reply
from tests.providers.test_contract import EMAIL, json_values, page, record, thorough

with_refresh = pytest.mark.parametrize(
    "provider", [each for each in PROVIDERS.values() if each.refresh], ids=lambda each: each.name
)
STATUS = {"kyc_status": "approved", "status": "active", "created_at": "2026-12-24"}
"""What some provider tells of a customer."""


def refreshed(
    provider: Provider, answers: Iterator[Reply], customer_id: str = "id-77"
) -> dict[str, str] | None:
    """What is found among these answers; each is asked for by a path of the provider's own."""
    assert provider.refresh is not None
    body = {"email": EMAIL, "customer_email": EMAIL}
    steps = provider.refresh(Held(body, customer_id))
    target = next(steps)
    while True:
        assert target.startswith(provider.path)
        try:
            target = steps.send(next(answers))
        except StopIteration as done:
            return None if done.value is None else dict(done.value)


@with_refresh
def test_customer_is_found_by_its_id_whatever_its_email_is_by_now(provider: Provider) -> None:
    other = record(provider, 1, EMAIL)
    same = {**record(provider, 77, "new@example.com"), **STATUS}
    found = refreshed(provider, iter([page(other, same)]))
    assert found
    assert set(found) <= set(provider.extra_columns)
    assert set(found.values()) <= set(STATUS.values())


@with_refresh
def test_another_with_the_same_email_is_not_taken_for_the_customer(provider: Provider) -> None:
    assert refreshed(provider, iter([page({**record(provider, 1, EMAIL), **STATUS})])) is None


@with_refresh
def test_refresh_goes_on_to_later_pages(provider: Provider) -> None:
    full = page(*(record(provider, 100 + i, "x") for i in range(100)), more=True, number=1)
    last = page({**record(provider, 77, EMAIL), **STATUS}, number=2)
    assert refreshed(provider, iter([full, last]))


@with_refresh
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"data":"none"}', b'{"error":"x"}'])
def test_list_that_cannot_be_read_says_nothing_of_a_customer(provider: Provider, body: bytes) -> None:
    with pytest.raises(OutcomeUnknownError):
        refreshed(provider, iter([Reply(200, {}, body)]))


@with_refresh
def test_refresh_copes_with_any_list(provider: Provider) -> None:
    customers = st.lists(
        st.dictionaries(st.sampled_from(["id", "customer_id", *STATUS]), json_values), max_size=4
    )

    @thorough
    @given(customers)
    def law(listed: list[dict[str, object]]) -> None:
        with suppress(OutcomeUnknownError):
            found = refreshed(provider, iter([Reply(200, {}, json.dumps({"data": listed}).encode()), page()]))
            assert found is None or all(isinstance(text, str) for text in found.values())

    law()


def test_who_has_no_way_to_tell_has_none() -> None:
    """Krezypay has no look-up, and the list of Rapyd no status: their sheets say so."""
    assert {name for name, provider in PROVIDERS.items() if provider.refresh is None} == {"krezypay", "rapyd"}
