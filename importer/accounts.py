"""An account: one set of credentials with a provider in an environment, and where it is reached."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit, urlunsplit

from importer.errors import SettingsError
from importer.providers import PROVIDERS
from importer.providers.auth import ApiKey, LoginToken, SignedRequest
from importer.providers.base import Provider, Setting
from importer.rows import Environment
from importer.secretfiles import Exposed, read_secret

DEFAULT = "default"
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Account:
    """Whom requests are sent for. `base_url` has no slash at its end; "" where none is known yet."""

    provider: Provider
    environment: Environment
    label: str
    base_url: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells accounts apart in the ledger. An address of its own belongs to it."""
        name = f"{self.provider.name}/{self.environment}/{self.label}"
        published = self.provider.base_urls[self.environment]
        return name if self.base_url == published else f"{name}@{self.base_url}"

    def variable(self, name: str) -> str:
        """The environment variable of this account: the label stands in front unless it is the default."""
        return name if self.label == DEFAULT else f"{self.label.upper().replace('-', '_')}_{name}"


def find_provider(name: str) -> Provider:
    """The provider of that name, in any letter case.

    Raises:
        SettingsError: There is none; the message lists those there are.
    """
    provider = PROVIDERS.get(name.strip().casefold())
    if provider is None:
        raise SettingsError(
            f"There is no provider {name!r}. There are: {', '.join(PROVIDERS)}. "
            f"Give one with -p, for example -p {next(iter(PROVIDERS))}."
        )
    return provider


def open_account(
    provider: Provider,
    environment: Environment = Environment.SANDBOX,
    *,
    label: str = DEFAULT,
    base_url: str = "",
    variables: Mapping[str, str] | None = None,
) -> Account:
    """The account of that label, with its settings from the environment variables.

    Raises:
        SettingsError: The address is no https URL; http is taken for this machine only.
    """
    found = os.environ if variables is None else variables
    if re.fullmatch(r"[A-Za-z0-9_-]+", label) is None:
        raise SettingsError(
            f"An account's label stands in front of its variables, so it is made of letters, digits, - and "
            f"_, not {label!r}."
        )
    label = label.replace("-", "_").lower()  # as its variables are named, so that no account has two names
    bare = Account(provider, environment, label, "")
    given = base_url or found.get(bare.variable(f"{provider.name.upper()}_BASE_URL"), "")
    address = _address(given.strip()) if given.strip() else provider.base_urls[environment] or ""
    settings = {
        each.variable: _setting(each, bare.variable(each.variable), found) for each in provider.settings
    }
    return Account(provider, environment, label, address, settings)


def _setting(setting: Setting, variable: str, variables: Mapping[str, str]) -> str:
    value = variables.get(variable, "").strip() or setting.default
    if re.fullmatch(setting.pattern, value) is None:
        raise SettingsError(f"{variable} must match {setting.pattern}: {setting.meaning}.")
    return value


def _address(given: str) -> str:
    """An address in one spelling, so that a capital letter makes no other account of it."""
    parts = _checked_address(given)
    host = parts.netloc.lower().removesuffix(":443" if parts.scheme == "https" else ":80")
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))


def _checked_address(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        local = parts.hostname in THIS_MACHINE
        _ = parts.port
    except ValueError as error:
        raise SettingsError(f"The address given with --base-url is no URL: {error}.") from error
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise SettingsError("The address given with --base-url must start with https:// and name a host.")
    if "@" in parts.netloc or any(character in address for character in "?# \t"):
        raise SettingsError("The address given with --base-url may hold no user, query, fragment or space.")
    if parts.scheme == "http" and not local:
        raise SettingsError(
            "The address given with --base-url is plain http, which would send people's data unprotected: "
            "use https (http is taken for this machine only)."
        )
    return parts


def require_address(account: Account) -> None:
    """Make sure that there is an address to send to.

    Raises:
        SettingsError: None is published for this environment and none was given.
    """
    if not account.base_url:
        title, variable = account.provider.title, f"{account.provider.name.upper()}_BASE_URL"
        raise SettingsError(
            f"{title} publishes no clear address for its {account.environment} environment. Ask {title} for "
            f"yours and give it with --base-url https://... or in {account.variable(variable)}."
        )


def read_credentials(account: Account, variables: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """The account's credentials by the provider's variable names, without the label.

    Each is read from its environment variable, from the file that the same name with `_FILE` names, or
    from systemd's credentials; white space around it is dropped. A file that others may read is told of.

    Raises:
        SettingsError: A credential is missing or its file cannot be read; the message names the
            variables, never a value.
    """
    found = os.environ if variables is None else variables
    values = {}
    for name in credential_names(account.provider):
        value = _read_credential(account.variable(name), found)
        if value:
            values[name] = value
    if not any(all(name in values for name in names) for names in credential_sets(account.provider)):
        raise SettingsError(_missing(account, values))
    return values


def known_labels(provider: Provider, variables: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The labels of accounts that have credentials for a provider, the default one first.

    Whether a file that a variable names can be read is seen when it is needed.
    """
    found = os.environ if variables is None else variables
    given = {name.removesuffix("_FILE") for name, value in found.items() if value.strip()}
    labels = {DEFAULT} | {
        name[: -len(needed) - 1].lower()
        for name in given
        for needed in credential_names(provider)
        if name.endswith(f"_{needed}")
    }
    accounts = (Account(provider, Environment.SANDBOX, label, "") for label in labels)
    complete = [
        account.label
        for account in accounts
        if any(given.issuperset(map(account.variable, names)) for names in credential_sets(provider))
    ]
    return tuple(sorted(complete, key=lambda label: (label != DEFAULT, label)))


def credential_sets(provider: Provider) -> tuple[tuple[str, ...], ...]:
    """The sets of variables, any one of which is enough."""
    match provider.auth:
        case ApiKey(variable=variable):
            return ((variable,),)
        case SignedRequest(variables=variables):
            return (variables,)
        case LoginToken(token_variable=token, login=login):
            return ((token,), tuple(login.values()))


def credential_names(provider: Provider) -> tuple[str, ...]:
    """Every variable a credential of the provider may be in."""
    return tuple(name for names in credential_sets(provider) for name in names)


def _read_credential(name: str, variables: Mapping[str, str]) -> str:
    value = read_secret(name, variables, exposed=Exposed.TELL)  # a job has read them before, and refuses
    if not value.isprintable() or not value.isascii():
        raise SettingsError(f"The credential {name} has characters that cannot be sent: copy it again.")
    return value


def _missing(account: Account, values: Mapping[str, str]) -> str:
    ways = []
    for names in credential_sets(account.provider):
        absent = [account.variable(name) for name in names if name not in values]
        ways.append(" and ".join(absent))
    return (
        f"The credentials for {account.provider.title} ({account.environment}) are missing. "
        f"Set {', or '.join(ways)}, for example: export {ways[0].split()[0]}=... "
        f"(or put it into a file and its path into {ways[0].split()[0]}_FILE)."
    )
