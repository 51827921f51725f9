"""A provider in words and as plain data."""

import json
from dataclasses import replace

import pytest

from importer.accounts import credential_names
from importer.describing import describe, form, in_full, limits_text, lost_answer, one_line
from importer.providers import PROVIDERS, Provider
from importer.providers.fields import Leaf
from importer.rows import Environment, Limit

every_provider = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)


def leaf(provider: str, path: str) -> Leaf:
    (found,) = [leaf for leaf in PROVIDERS[provider].leaves if leaf.path == path]
    return found


# -- as plain data


@every_provider
def test_description_is_plain_data(provider: Provider) -> None:
    described = describe(provider)
    assert json.loads(json.dumps(described)) == described


@every_provider
def test_description_has_every_field_with_its_example_and_headings(provider: Provider) -> None:
    fields = describe(provider)["fields"]
    assert isinstance(fields, list)
    assert [field["field"] for field in fields] == [leaf.path for leaf in provider.leaves]
    for field, leaf_of in zip(fields, provider.leaves, strict=True):
        assert field["headings"][0] == leaf_of.column.title
        assert set(field["headings"]) == {leaf_of.column.title, *leaf_of.column.also}
        assert (field["required"], field["example"]) == (leaf_of.required, leaf_of.column.example)


def test_description_says_what_is_promised() -> None:
    described = describe(PROVIDERS["juicyway"])
    assert described["call"] == "POST /customers"
    assert described["checked"] == "2026-11-20"
    assert described["limits"] == {"sandbox": ["100/min"], "live": ["1000/min"]}
    assert described["credentials"] == [["JUICYWAY_API_KEY"]]
    assert described["identity"] == [["email"]]
    assert described["idempotency_hours"] == 24
    assert described["look_up"] is True
    assert described["result_columns"] == [
        "import_customer_status",
        "import_created_at",
        "import_request_id",
    ]


@pytest.mark.parametrize(
    ("name", "hours"),
    [("juicyway", 24), ("yativo", None), ("rapyd", None), ("hitpay", None), ("krezypay", None)],
)
def test_key_that_is_sent_and_not_relied_on_protects_for_no_time(name: str, hours: float | None) -> None:
    assert describe(PROVIDERS[name])["idempotency_hours"] == hours


def test_field_of_an_optional_part_says_with_what_it_is_required() -> None:
    fields = describe(PROVIDERS["hitpay"])["fields"]
    assert isinstance(fields, list)
    with_part = {field["field"]: field["required_with"] for field in fields if field["required_with"]}
    assert with_part == dict.fromkeys(
        [f"address.{n}" for n in ("street", "city", "state", "postal_code")], "address"
    )


# -- in words


@pytest.mark.parametrize(
    ("provider", "path", "words"),
    [
        ("krezypay", "country", "country as English name in capitals"),
        ("yativo", "customer_country", "country as ISO alpha-3"),
        ("hitpay", "address.country", "country as ISO alpha-2"),
        ("rapyd", "phone_number", "phone as E.164"),
        ("hitpay", "phone_number", "phone as national digits and calling code"),
        ("hitpay", "birth_date", "date as YYYY-MM-DD"),
        ("krezypay", "gender", "M or F"),
        ("yativo", "customer_type", "individual or business"),
        ("hitpay", "email", "e-mail address"),
        ("hitpay", "phone_number_country_code", "calling code in digits"),
        ("krezypay", "id_number", "text, kept as it stands"),
        ("krezypay", "face_id_image", "https address"),
        ("yativo", "send_kyc_mail", "yes or no"),
        ("hitpay", "name", "text"),
    ],
)
def test_form_of_a_field_is_said_in_a_few_words(provider: str, path: str, words: str) -> None:
    assert form(leaf(provider, path)) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("krezypay", "1/s"),
        ("yativo", "60/min"),
        ("juicyway", "100/min sandbox, 1000/min live"),
        ("rapyd", "200/min and 1000/5min"),
        ("hitpay", "60/min"),
    ],
)
def test_limits_are_said_once_where_they_are_the_same(name: str, words: str) -> None:
    assert limits_text(PROVIDERS[name]) == words


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (Limit(25, 1), "25/s"),
        (Limit(200, 60), "200/min"),
        (Limit(60, 3600), "60/h"),
        (Limit(100, 10), "100/10s"),
        (Limit(1, 0.5), "1/0.5s"),
        (Limit(100, 1.5), "100/1.5s"),
        (Limit(9, 60.5), "9/60.5s"),
        (Limit(1000, 300), "1000/5min"),
    ],
    ids=str,
)
def test_limit_reads_as_people_write_it(limit: Limit, text: str) -> None:
    assert str(limit) == text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("juicyway", "sent again under the same key for 24 h, then looked up"),
        ("yativo", "looked up"),
        ("rapyd", "looked up"),
        ("hitpay", "looked up"),
        ("krezypay", "a person decides"),
    ],
)
def test_lost_answer_is_settled_as_the_provider_allows(name: str, words: str) -> None:
    assert lost_answer(PROVIDERS[name]) == words


@every_provider
def test_page_of_a_provider_names_all_that_a_person_must_know(provider: Provider) -> None:
    page = in_full(provider)
    wanted = [
        provider.title,
        provider.docs,
        str(provider.checked),
        provider.path,
        limits_text(provider),
        lost_answer(provider),
        *credential_names(provider),
        *filter(None, provider.base_urls.values()),
        *(setting.variable for setting in provider.settings),
        *(f"import_{name}" for name in provider.extra_columns),
        *provider.promises,
        *provider.notes,
        *(leaf.path for leaf in provider.leaves),
        *(leaf.column.rule for leaf in provider.leaves),
        *(heading for leaf in provider.leaves for heading in leaf.column.also),
    ]
    assert [text for text in wanted if text not in page] == []


def test_page_marks_what_is_required() -> None:
    lines = in_full(PROVIDERS["hitpay"]).splitlines()
    assert any(line.startswith("* email (e-mail address)") for line in lines)
    assert any(line.startswith("+ address.city (text)") for line in lines)
    assert any(line.startswith("  address.country (") for line in lines)


@pytest.mark.parametrize(
    ("name", "environment"), [("yativo", Environment.SANDBOX), ("krezypay", Environment.LIVE)]
)
def test_page_says_where_an_address_must_be_given(name: str, environment: Environment) -> None:
    assert f"{environment}: not public, give it with --base-url" in in_full(PROVIDERS[name])


@every_provider
def test_line_of_a_provider_names_limit_and_required_fields(provider: Provider) -> None:
    line = one_line(provider)
    assert line.startswith(provider.name)
    assert "\n" not in line
    assert limits_text(provider) in line
    assert line.endswith(", ".join(leaf.path for leaf in provider.leaves if leaf.required))


def test_provider_without_anything_special_has_a_page_too() -> None:
    plain = replace(PROVIDERS["hitpay"], extra_columns=(), notes=(), promises=(), settings=(), look_up=None)
    assert "result columns the common ones" in in_full(plain)
    assert "lost answer    a person decides" in in_full(plain)
