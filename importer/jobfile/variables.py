"""The variables a job sees, with every secret it may need read from wherever it is."""

import os
from collections.abc import Iterator, Mapping

from importer.accounts import Account, credential_names, find_provider
from importer.errors import SettingsError
from importer.jobfile.envfile import read_env_file
from importer.jobfile.model import JobFile
from importer.secretfiles import read_secret

LEDGER = "IMPORTER_LEDGER"
"""The one option that a job takes from the environment: its password has no place in the file."""


def job_variables(file: JobFile, variables: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """The environment (or `variables`), with the credentials of the job and the addresses of its messages.

    Each secret is looked for in the environment, in the file that `NAME_FILE` names, in systemd's
    credentials, and then in the `.env` of the job, which adds its other variables as well.

    Raises:
        SettingsError: A file with secrets cannot be read, or others may read it as well.
    """
    environment = os.environ if variables is None else variables
    env_file, exposed = file.credentials.env_file, file.credentials.exposed
    beside = read_env_file(env_file, exposed) if env_file is not None else {}
    secrets: dict[str, str] = {}
    faults: list[str] = []
    for name in secret_names(file):
        try:
            found = (read_secret(name, place, exposed=exposed) for place in (environment, beside))
            secrets[name] = next(filter(None, found), "")
        except SettingsError as error:
            faults.append(str(error))
    if faults:
        raise SettingsError(" ".join(faults))
    return {**beside, **environment, **{name: value for name, value in secrets.items() if value}}


def secret_names(file: JobFile) -> Iterator[str]:
    """The names of all secrets that a job may need."""
    yield LEDGER
    yield file.notify.urls_from
    if file.provider is not None:
        bare = Account(find_provider(file.provider), file.environment, file.account, "")
        yield from map(bare.variable, credential_names(bare.provider))
