"""Whether what a job file names is there: provider, fields, mapping, address, credentials. Sends nothing."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from importer import mapping as mappings
from importer.accounts import Account, read_credentials, require_address
from importer.errors import MappingError, SettingsError
from importer.jobfile.combinations import Problem, has_wildcard
from importer.jobfile.faults import keys_of
from importer.jobfile.forms import is_address
from importer.jobfile.model import JobFile
from importer.jobfile.placeholders import placeholders
from importer.jobfile.variables import job_variables
from importer.mapping.model import did_you_mean
from importer.providers import PROVIDERS, Provider


def unmet(file: JobFile, environment: Mapping[str, str]) -> Iterator[Problem]:
    """What the file names and is not there."""
    if file.provider is None:
        yield "provider", f"is missing. There are: {', '.join(PROVIDERS)}"
        yield from _readable(file)
    elif file.provider.casefold() not in PROVIDERS:
        nearest = did_you_mean(file.provider, list(PROVIDERS))
        yield "provider", f"is none that is known.{nearest} There are: {', '.join(PROVIDERS)}"
    else:
        provider = PROVIDERS[file.provider.casefold()]
        yield from _fields(file, provider)
        yield from _mapping(file, provider)
    yield from _account(file, environment)
    for key, path in (("log.file", file.log.file), ("metrics.file", file.metrics.file)):
        if path is not None and not path.parent.is_dir():
            yield key, f"is to be in the folder {path.parent}, which is not there"


def missing_folders(file: JobFile) -> Iterator[Problem]:
    """Where files are to come from. What has a date or a wildcard in it may be there tomorrow.

    No part of reading a job: a night finds it out itself, and tells people.
    """
    if file.inbox is not None and not file.inbox.folder.is_dir():
        yield "inbox.folder", f"names {file.inbox.folder}, which is not there: create it, or mount its disk"
    if file.source is None or is_address(file.source):
        return
    folder = Path(file.source).parent
    if not (placeholders(str(folder)) or has_wildcard(str(folder)) or folder.is_dir()):
        yield "source", f"is to be in the folder {folder}, which is not there"


def _fields(file: JobFile, provider: Provider) -> Iterator[Problem]:
    for key, paths in (("set", file.constants), ("identity", file.identity)):
        for path in paths:
            try:
                mappings.check_fields([path], provider)
            except MappingError as error:
                below = ". It belongs above the first [table]" if path in keys_of(()) else f": {error}"
                yield (f"set.{path}" if key == "set" else key), f"names no field{below}"


def _mapping(file: JobFile, provider: Provider) -> Iterator[Problem]:
    if file.mapping is not None:
        try:
            mappings.load(file.mapping, provider)
        except MappingError as error:
            yield "mapping", f"does not fit: {error}"


def _readable(file: JobFile) -> Iterator[Problem]:
    """A mapping that could name the provider."""
    if file.mapping is not None:
        try:
            mappings.provider_of(file.mapping)
        except MappingError as error:
            yield "mapping", f"does not fit: {error}"


def _account(file: JobFile, environment: Mapping[str, str]) -> Iterator[Problem]:
    known = file.provider is not None and file.provider.casefold() in PROVIDERS
    readable = file if known else file.model_copy(update={"provider": None})
    try:
        variables = job_variables(readable, environment)
    except SettingsError as error:
        yield "credentials", str(error)
        return
    try:
        if readable.provider is not None:
            yield from _reachable(readable.opened_account(variables), variables)
    except SettingsError as error:
        yield "base_url", str(error)
    if "notify" in file.model_fields_set and not variables.get(file.notify.urls_from, ""):
        yield (
            "notify.urls_from",
            f"names {file.notify.urls_from}, which is set nowhere: set it, or remove [notify]",
        )


def _reachable(account: Account, variables: Mapping[str, str]) -> Iterator[Problem]:
    try:
        require_address(account)
    except SettingsError as error:
        yield "base_url", str(error)
    try:
        read_credentials(account, variables)
    except SettingsError as error:
        yield "provider", str(error)
