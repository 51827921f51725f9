"""A job opened: the sheet, the account, the mapping and the places of things, found and fitting together."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_state_path

from importer import mapping as mappings
from importer import results
from importer.accounts import DEFAULT, Account, find_provider, open_account
from importer.choosing import choose_mapping, first_rows, propose_mapping
from importer.comparison import Comparison, compare
from importer.corrections import corrected, read_corrections
from importer.errors import SettingsError
from importer.jobs import Job
from importer.mapping import FieldMapping, Proposal, Sample
from importer.mapping.telling import notes
from importer.providers.base import Provider
from importer.rows import Environment, Limit
from importer.source import Source, open_source


@dataclass(frozen=True, slots=True)
class OpenedJob:
    """A job whose source, account and mapping are found and fit together.

    `notes` say of fields why they have their column, and how it is read, where that is not plain.
    """

    job: Job
    source: Source
    account: Account
    mapping: FieldMapping
    identity: tuple[str, ...]
    output: Path
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The windows that hold for this run."""
        return self.job.limits or self.account.provider.limits[self.account.environment]

    @property
    def repair(self) -> bool:
        """Whether damaged cells are sent repaired: as told, or as the results file has it."""
        if self.job.repair is not None:
            return self.job.repair
        return (self.source.settings or {}).get("repair") is True

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
            "repair": self.repair,
        }

    @property
    def again(self) -> str:
        """What sets the customers of a results file apart that were made again on purpose, else ""."""
        return _text(self.source.settings or {}, "again")

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
    source = open_job_source(job)
    carried = source.settings or {}
    account = _account(job, carried, variables)
    proposal = choose_mapping(job, source, account.provider)
    # in one order, each once: another way to write it down names no other customer
    identity = tuple(sorted(set(job.identity or map(str, _listed(carried.get("identity"))))))
    mappings.check_fields(identity, account.provider)
    output = job.output or _default_output(source, asks=not job.name)
    results.check_output(output, source=job.source, source_is_results=_is_results(source))
    told = notes(proposal, account.provider)
    return OpenedJob(job, source, account, proposal.mapping, identity, output, told)


def open_job_source(job: Job) -> Source:
    """The source of a job, with its corrections.

    Raises:
        SourceError: It cannot be read.
        SettingsError: Its corrections cannot be read.
    """
    source = open_source(job.source, job.read)
    return source if job.corrections is None else corrected(source, read_corrections(job.corrections))


def _default_output(source: Source, *, asks: bool) -> Path:
    """A results file is replaced by its successor, whatever its name is.

    A foreign sheet that is called like one keeps its name, and where nobody can be asked for another its
    results get a second `.results`.
    """
    if _is_results(source) and source.path.suffix.lower() == (".csv" if source.is_text else ".xlsx"):
        return source.path
    beside = results.default_output(source.path, is_text=source.is_text)
    if beside == source.path and not asks and not _is_results(source):
        return beside.with_name(f"{beside.stem}.results{beside.suffix}")
    return beside


def _is_results(source: Source) -> bool:
    """Whether its successor may replace the source: not a template, which carries something as well."""
    return source.settings is not None and "template" not in source.settings


def ledger_url(job: Job) -> str:
    """Where the ledger is: as told, or in the user's state folder."""
    return job.ledger or default_ledger()


def default_ledger() -> str:
    """The ledger of this user on this machine."""
    return f"sqlite:///{user_state_path('importer') / 'ledger.sqlite3'}"


def open_mapping(
    job: Job, *, keep_carried: bool = False, source: Source | None = None
) -> tuple[Source, Provider, Proposal, Sample]:
    """The columns of a source as far as they are understood: required fields may still lack one.

    With `keep_carried` the mapping of a results file is taken as it is, and not made anew. `source` is the
    job's, where it was opened before.

    Raises:
        SetupError: The source or the mapping cannot be read, or the provider is not known.
    """
    source = source or open_job_source(job)
    provider = _account(job, source.settings or {}, {}).provider
    return source, provider, *propose_mapping(job, source, provider, keep_carried=keep_carried)


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
    return source, compare(source.columns, constants=job.constants, sample=first_rows(source))


def _account(job: Job, carried: Mapping[str, object], variables: Mapping[str, str] | None) -> Account:
    name = job.provider or _text(carried, "provider")
    if not name and job.mapping is not None:
        name = mappings.provider_of(job.mapping)
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
    base_url = job.base_url or ("" if job.own_address else _text(kept, "base_url"))
    account = open_account(
        provider,
        environment,
        label=label,
        base_url=base_url,
        variables=os.environ if variables is None else variables,
    )
    if job.own_address and _text(kept, "base_url") not in ("", account.base_url):
        raise SettingsError(
            f"The results file was made at another address of {provider.title} than is used here, so it does "
            "not say what was done here. Use the sheet it was made from; or run it where it was made."
        )
    return account


def _environment(carried: Mapping[str, object]) -> Environment:
    found = _text(carried, "environment")
    return Environment(found) if found in list(Environment) else Environment.SANDBOX


def _text(carried: Mapping[str, object], name: str) -> str:
    found = carried.get(name)
    return found if isinstance(found, str) else ""


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
