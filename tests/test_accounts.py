"""Accounts: where requests go, and the credentials and settings they are sent with."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from importer.accounts import (
    Account,
    credential_names,
    credential_sets,
    find_provider,
    open_account,
    read_credentials,
    require_address,
)
from importer.errors import SettingsError
from importer.providers import PROVIDERS, Provider
from importer.rows import Environment
from importer.simulator import Simulator

HITPAY, RAPYD, YATIVO, KREZYPAY, JUICYWAY = (
    PROVIDERS[name] for name in ("hitpay", "rapyd", "yativo", "krezypay", "juicyway")
)
every_provider = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)


def account(
    provider: Provider = HITPAY,
    label: str = "default",
    variables: Mapping[str, str] | None = None,
    base_url: str = "",
) -> Account:
    return open_account(provider, label=label, base_url=base_url, variables=variables or {})


def credentials(
    variables: Mapping[str, str], provider: Provider = HITPAY, label: str = "default"
) -> dict[str, str]:
    return dict(read_credentials(account(provider, label), variables))


# -- the provider


@pytest.mark.parametrize("name", ["hitpay", "HitPay", " HITPAY "])
def test_provider_is_found_in_any_letter_case(name: str) -> None:
    assert find_provider(name) is HITPAY


def test_provider_that_is_none_is_answered_with_those_there_are() -> None:
    with pytest.raises(SettingsError) as caught:
        find_provider("paypal")
    assert all(text in str(caught.value) for text in ("'paypal'", *PROVIDERS, "-p "))


# -- credentials


@every_provider
def test_credentials_are_read_under_their_documented_names(provider: Provider) -> None:
    documented = {
        "hitpay": (("HITPAY_API_KEY",),),
        "rapyd": (("RAPYD_ACCESS_KEY", "RAPYD_SECRET_KEY"),),
        "juicyway": (("JUICYWAY_API_KEY",),),
        "yativo": (("YATIVO_TOKEN",), ("YATIVO_ACCOUNT_ID", "YATIVO_APP_SECRET")),
        "krezypay": (("KREZYPAY_TOKEN",), ("KREZYPAY_PUBLIC_KEY", "KREZYPAY_SECRET_KEY")),
    }
    assert credential_sets(provider) == documented[provider.name]
    for names in documented[provider.name]:
        assert credentials(dict.fromkeys(names, "v"), provider) == dict.fromkeys(names, "v")


@every_provider
@pytest.mark.parametrize("static", [True, False])
def test_credentials_of_the_simulator_are_enough(provider: Provider, static: bool) -> None:
    found = credentials(Simulator().environment(static_tokens=static), provider)
    assert set(found) <= set(credential_names(provider))


def test_white_space_around_a_credential_is_dropped() -> None:
    assert credentials({"HITPAY_API_KEY": " key\n"}) == {"HITPAY_API_KEY": "key"}


def test_credential_is_read_from_the_file_that_is_named(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("key-of-the-file\n", encoding="utf-8")
    assert credentials({"HITPAY_API_KEY_FILE": str(file)}) == {"HITPAY_API_KEY": "key-of-the-file"}


def test_variable_wins_over_the_file(tmp_path: Path) -> None:
    variables = {"HITPAY_API_KEY": "key", "HITPAY_API_KEY_FILE": str(tmp_path / "not there")}
    assert credentials(variables) == {"HITPAY_API_KEY": "key"}


def test_one_credential_may_be_in_a_file_and_one_in_a_variable(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s", encoding="utf-8")
    variables = {"RAPYD_ACCESS_KEY": "a", "RAPYD_SECRET_KEY_FILE": str(file)}
    assert credentials(variables, RAPYD) == {"RAPYD_ACCESS_KEY": "a", "RAPYD_SECRET_KEY": "s"}


@pytest.mark.parametrize(("label", "prefix"), [("ACME", "ACME"), ("acme", "ACME"), ("acme-eu", "ACME_EU")])
def test_label_stands_in_front_of_every_variable(tmp_path: Path, label: str, prefix: str) -> None:
    file = tmp_path / "secret"
    file.write_text("s", encoding="utf-8")
    variables = {
        f"{prefix}_RAPYD_ACCESS_KEY": "a",
        f"{prefix}_RAPYD_SECRET_KEY_FILE": str(file),
        "RAPYD_ACCESS_KEY": "of the default account",
    }
    assert credentials(variables, RAPYD, label) == {"RAPYD_ACCESS_KEY": "a", "RAPYD_SECRET_KEY": "s"}


@pytest.mark.parametrize("label", ["", "acme corp", "acme/eu", "$HOME", "büro", "acme\n"])
def test_label_that_could_be_in_no_variable_is_refused(label: str) -> None:
    with pytest.raises(SettingsError, match="letters, digits"):
        account(label=label)


def test_credentials_of_another_label_are_not_borrowed() -> None:
    with pytest.raises(SettingsError, match="ACME_HITPAY_API_KEY"):
        credentials({"HITPAY_API_KEY": "key"}, label="acme")
    with pytest.raises(SettingsError, match="HITPAY_API_KEY"):
        credentials({"ACME_HITPAY_API_KEY": "key"})


def test_token_and_login_may_both_be_given() -> None:
    variables = {"YATIVO_TOKEN": "t", "YATIVO_ACCOUNT_ID": "i", "YATIVO_APP_SECRET": "s"}
    assert credentials(variables, YATIVO) == variables


@pytest.mark.parametrize(
    ("provider", "variables", "named"),
    [
        (HITPAY, {}, ["HITPAY_API_KEY", "HITPAY_API_KEY_FILE"]),
        (HITPAY, {"HITPAY_API_KEY": "  "}, ["HITPAY_API_KEY"]),
        (RAPYD, {"RAPYD_ACCESS_KEY": "a4711"}, ["RAPYD_SECRET_KEY"]),
        (YATIVO, {}, ["YATIVO_TOKEN", "YATIVO_ACCOUNT_ID and YATIVO_APP_SECRET"]),
        (KREZYPAY, {"KREZYPAY_PUBLIC_KEY": "p4711"}, ["KREZYPAY_TOKEN", "KREZYPAY_SECRET_KEY"]),
    ],
)
def test_missing_credentials_are_named_with_what_to_type_and_without_a_value(
    provider: Provider, variables: dict[str, str], named: list[str]
) -> None:
    with pytest.raises(SettingsError) as caught:
        credentials(variables, provider)
    message = str(caught.value)
    assert all(name in message for name in (*named, provider.title, "sandbox", "export "))
    assert "4711" not in message
    assert not any(
        f"{name} " in message or f"{name}," in message for name in variables if variables[name].strip()
    )


@pytest.mark.parametrize("value", ["k\u00e9y4711", "key\x004711", "key\n4711", "\u201c4711\u201d"])
def test_credential_that_cannot_be_sent_is_named_and_not_quoted(value: str) -> None:
    with pytest.raises(SettingsError, match="HITPAY_API_KEY has characters") as caught:
        credentials({"HITPAY_API_KEY": value})
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfe4711", "cannot be read: it is not text"),
    ],
)
def test_file_without_a_credential_names_its_variable(
    tmp_path: Path, content: bytes | None, trouble: str
) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=f"HITPAY_API_KEY_FILE {trouble}") as caught:
        credentials({"HITPAY_API_KEY_FILE": str(file)})
    assert "4711" not in str(caught.value)


def test_file_saved_by_a_windows_editor_is_read(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"\xef\xbb\xbfkey\r\n")
    assert credentials({"HITPAY_API_KEY_FILE": str(file)}) == {"HITPAY_API_KEY": "key"}


def test_credentials_come_from_the_environment_where_nothing_else_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HITPAY_API_KEY", "of the environment")
    assert read_credentials(account()) == {"HITPAY_API_KEY": "of the environment"}


# -- the address


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://pay.example.com", "https://pay.example.com"),
        ("https://pay.example.com/v1/", "https://pay.example.com/v1"),
        ("https://pay.example.com:8443//", "https://pay.example.com:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080/hitpay", "http://127.0.0.1:8080/hitpay"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_address_given_replaces_that_of_the_provider(given: str, address: str) -> None:
    assert account(base_url=given).base_url == address


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("http://pay.example.com", "plain http"),
        ("http://127.0.0.1.example.com", "plain http"),
        ("http://localhost.example.com", "plain http"),
        ("ftp://pay.example.com", "must start with https://"),
        ("pay.example.com", "must start with https://"),
        ("https://", "must start with https://"),
        ("//pay.example.com", "must start with https://"),
        ("https://ann@pay.example.com", "may hold no user"),
        ("https://pay.example.com?key=4711", "may hold no user, query"),
        ("https://pay.example.com#4711", "may hold no user, query, fragment"),
        ("https://pay.example.com:port", "is no URL"),
        ("https://pay.example.com:99999", "is no URL"),
        ("https://[::1", "is no URL"),
    ],
)
def test_address_that_will_not_do_says_why(given: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        account(base_url=given)
    assert "--base-url" in str(caught.value)
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        "https://pay.example.com?",
        "https://pay.example.com/#",
        "https://:4711@pay.example.com",
        "https://pay example.com",
    ],
)
def test_address_with_a_trace_of_what_it_may_not_hold_is_refused(given: str) -> None:
    with pytest.raises(SettingsError):
        account(base_url=given)


def test_white_space_around_an_address_is_dropped() -> None:
    assert account(base_url=" https://pay.example.com \n").base_url == "https://pay.example.com"


def test_address_in_capitals_is_the_same_account() -> None:
    """Else a capital letter would make a new account, whose ledger knows nobody: all would be sent again."""
    assert account(base_url="HTTPS://Pay.Example.com").key == account(base_url="https://pay.example.com").key


def test_address_comes_from_a_variable_of_the_account() -> None:
    variables = {
        "YATIVO_BASE_URL": "https://one.example.com",
        "ACME_YATIVO_BASE_URL": "https://acme.example.com/",
    }
    assert account(YATIVO, variables=variables).base_url == "https://one.example.com"
    assert account(YATIVO, "acme", variables).base_url == "https://acme.example.com"
    given = account(YATIVO, variables=variables, base_url="https://given.example.com")
    assert given.base_url == "https://given.example.com"


@every_provider
@pytest.mark.parametrize("environment", Environment)
def test_address_that_nobody_publishes_is_asked_for(provider: Provider, environment: Environment) -> None:
    opened = open_account(provider, environment, label="acme", variables={})
    published = provider.base_urls[environment]
    assert opened.base_url == (published or "")
    if published:
        require_address(opened)
    else:
        with pytest.raises(SettingsError) as caught:
            require_address(opened)
        wanted = (provider.title, str(environment), "--base-url", f"ACME_{provider.name.upper()}_BASE_URL")
        assert all(text in str(caught.value) for text in wanted)


# -- what tells accounts apart, and what an account may change


def test_published_address_is_no_part_of_the_name_of_an_account() -> None:
    assert account().key == "hitpay/sandbox/default"
    assert account(base_url="https://api.sandbox.hit-pay.com/").key == "hitpay/sandbox/default"
    assert account(label="acme").key == "hitpay/sandbox/acme"
    assert open_account(HITPAY, Environment.LIVE, variables={}).key == "hitpay/live/default"


def test_address_of_its_own_is_part_of_the_name_of_an_account() -> None:
    """What was sent to a rehearsal was not sent to the real thing."""
    assert account(base_url="http://localhost:8080").key == "hitpay/sandbox/default@http://localhost:8080"
    live = open_account(HITPAY, Environment.LIVE, base_url="https://api.sandbox.hit-pay.com", variables={})
    assert live.key == "hitpay/live/default@https://api.sandbox.hit-pay.com"


def test_sandbox_is_meant_where_nothing_is_said() -> None:
    assert account().environment is Environment.SANDBOX


def test_settings_have_their_defaults_and_go_by_label() -> None:
    variables = {"JUICYWAY_PHONE_FIELD": "phone_number", "ACME_JUICYWAY_AUTH_SCHEME": "Bearer"}
    assert account(JUICYWAY).settings == {"JUICYWAY_AUTH_SCHEME": "", "JUICYWAY_PHONE_FIELD": "phone"}
    assert account(JUICYWAY, variables=variables).settings["JUICYWAY_PHONE_FIELD"] == "phone_number"
    assert account(JUICYWAY, "acme", variables).settings == {
        "JUICYWAY_AUTH_SCHEME": "Bearer",
        "JUICYWAY_PHONE_FIELD": "phone",
    }


@pytest.mark.parametrize(
    "variables",
    [
        {"RAPYD_IDEMPOTENCY": "perhaps"},
        {"JUICYWAY_PHONE_FIELD": "email"},
        {"JUICYWAY_AUTH_SCHEME": "Bearer\nX-Other: 1"},
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_setting_that_makes_no_sense_is_refused_before_anything_is_sent(variables: dict[str, str]) -> None:
    (name,) = variables
    provider = PROVIDERS[name.partition("_")[0].casefold()]
    with pytest.raises(SettingsError, match=name):
        account(provider, variables=variables)


@every_provider
def test_setting_that_is_blank_is_the_default(provider: Provider) -> None:
    defaults = {setting.variable: setting.default for setting in provider.settings}
    assert account(provider, variables=defaults).settings == defaults
    assert account(provider, variables=dict.fromkeys(defaults, " \n")).settings == defaults


@pytest.mark.parametrize(("one", "other"), [("acme", "ACME"), ("a-b", "a_b")])
def test_account_whose_variables_are_the_same_is_the_same(one: str, other: str) -> None:
    """Else its customers would be made once under each name, and each name had a limit of its own."""
    assert account(label=one).key == account(label=other).key


def test_address_with_the_usual_port_is_the_same_account() -> None:
    plain, with_port = (account(base_url=f"https://api.example.com{port}/v1") for port in ("", ":443"))
    assert plain.key == with_port.key
