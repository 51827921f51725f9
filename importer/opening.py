"""A job opened: the sheet, the account, the mapping and the places of things, found and fitting together."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_state_path

from importer import mapping as mappings
from importer import results
from importer.accounts import DEFAULT, Account, find_provider, open_account
from importer.comparison import Comparison, compare
from importer.errors import MappingError, SettingsError
from importer.jobs import Job
from importer.mapping import FieldMapping
from importer.providers.base import Provider
from importer.rows import Environment, Limit
from importer.source import Source, open_source


@dataclass(frozen=True, slots=True)
class OpenedJob:
    """A job whose source, account and mapping are found and fit together."""

    job: Job
    source: Source
    account: Account
    mapping: FieldMapping
    identity: tuple[str, ...]
    output: Path

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The windows that hold for this run."""
        return self.job.limits or self.account.provider.limits[self.account.environment]

    @property
    def settings(self) -> dict[str, object]:
        """What the results file carries, so that it is a source without options."""
        return {
            "version": 1,
            "provider": self.account.provider.name,
            "environment": str(self.account.environment),
            "account": self.account.label,
            "base_url": self.account.base_url,
            "identity": list(self.identity),
            "mapping": mappings.to_settings(self.mapping),
        }

    @property
    def continues(self) -> bool:
        """Whether what the source says of rows, if anything, holds for this very account.

        Where a person took out what tells the account, it is believed: a row is rather not sent than twice.
        """
        carried = self.source.settings
        if carried is None:
            return True
        mine = self.settings
        return all(
            carried.get(name) == mine[name] for name in ("provider", "environment", "account", "base_url")
        )


def open_job(job: Job, *, variables: Mapping[str, str] | None = None) -> OpenedJob:
    """Read the head of the source and fit the columns to the provider. Nothing is sent or written.

    Raises:
        SetupError: Something is missing, malformed or does not fit; the message says what to do.
    """
    if not re.fullmatch(r"|\d+|\d+(\.\d+)?%", job.max_errors):
        raise SettingsError(
            f"--max-errors takes a number of rows or a share, like 20 or 5%, not {job.max_errors!r}."
        )
    source = open_source(job.source, job.read)
    carried = source.settings or {}
    account = _account(job, carried, variables)
    mapping = _mapping(job, source, carried, account.provider)
    identity = job.identity or tuple(map(str, _listed(carried.get("identity"))))
    mappings.check_fields(identity, account.provider)
    output = job.output or results.default_output(job.source, is_text=source.is_text)
    results.check_output(output, source=job.source, source_is_results=_is_results(source))
    return OpenedJob(job, source, account, mapping, identity, output)


def _is_results(source: Source) -> bool:
    """Whether its successor may replace the source: not a template, which carries something as well."""
    return source.settings is not None and "template" not in source.settings


def ledger_url(job: Job) -> str:
    """Where the ledger is: as told, or in the user's state folder."""
    return job.ledger or default_ledger()


def default_ledger() -> str:
    """The ledger of this user on this machine."""
    return f"sqlite:///{user_state_path('importer') / 'ledger.sqlite3'}"


def open_mapping(job: Job) -> tuple[Source, Provider, FieldMapping]:
    """The columns of a source as far as they are understood: required fields may still lack one.

    Raises:
        SetupError: The source cannot be read, the provider is not known, or two columns fit one field.
    """
    source = open_source(job.source, job.read)
    provider = _account(job, source.settings or {}, {}).provider
    if job.mapping is not None:
        return source, provider, _with_constants(mappings.load(job.mapping, provider), job)
    return source, provider, mappings.suggest(source.columns, provider, constants=job.constants)


def open_comparison(job: Job) -> tuple[Source, Comparison]:
    """A source, and all providers beside each other for its columns. No account and no ledger are needed.

    Raises:
        SetupError: The source cannot be read, no provider has a field that is set, a mapping is given, which
            is for one provider, or the output cannot be written.
    """
    if job.mapping is not None:
        raise SettingsError("A mapping (-m) is for one provider. Leave it out, or name the provider with -p.")
    source = open_source(job.source, job.read)
    if job.output is not None:
        results.check_workbook(job.output)
        results.check_output(job.output, source=job.source, source_is_results=False)
    return source, compare(source.columns, constants=job.constants)


def _account(job: Job, carried: Mapping[str, object], variables: Mapping[str, str] | None) -> Account:
    name = job.provider or _text(carried, "provider")
    if not name:
        raise SettingsError(
            "Which provider are the customers for? Give it with -p, for example -p hitpay. "
            "See them all with: importer providers"
        )
    provider = find_provider(name)
    # what the file carries belongs together: with another provider or environment, none of it holds
    same = provider.name == carried.get("provider") and job.environment in (None, carried.get("environment"))
    kept = carried if same else {}
    environment = job.environment or _environment(kept)
    label = job.account or _text(kept, "account") or DEFAULT
    base_url = job.base_url or _text(kept, "base_url")
    return open_account(
        provider,
        environment,
        label=label,
        base_url=base_url,
        variables=os.environ if variables is None else variables,
    )


def _environment(carried: Mapping[str, object]) -> Environment:
    found = _text(carried, "environment")
    return Environment(found) if found in list(Environment) else Environment.SANDBOX


def _mapping(job: Job, source: Source, carried: Mapping[str, object], provider: Provider) -> FieldMapping:
    if (
        job.mapping is None
        and carried.get("provider") == provider.name
        and isinstance(carried.get("mapping"), dict)
    ):
        try:
            kept = mappings.from_settings(carried["mapping"], provider)  # type: ignore[arg-type]  # a dict, see above
            return _complete(_with_constants(kept, job), source, provider)
        except MappingError:
            pass  # somebody changed the headings: find the columns anew
    if job.mapping is not None:
        return _complete(_with_constants(mappings.load(job.mapping, provider), job), source, provider)
    return _complete(mappings.suggest(source.columns, provider, constants=job.constants), source, provider)


def _with_constants(mapping: FieldMapping, job: Job) -> FieldMapping:
    return FieldMapping(mapping.provider, mapping.columns, {**mapping.constants, **job.constants})


def _complete(mapping: FieldMapping, source: Source, provider: Provider) -> FieldMapping:
    mappings.check_fields(mapping.constants, provider)
    mappings.require_columns(mapping, source.columns, provider)
    return mapping


def _text(carried: Mapping[str, object], name: str) -> str:
    found = carried.get(name)
    return found if isinstance(found, str) else ""


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
