"""Read a job file: every fault in it at once, by line, before anything happens."""

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from importer.errors import MappingError, SettingsError
from importer.jobfile.combinations import Problem, impossible
from importer.jobfile.faults import Fault, Places, meant, model_problems, told
from importer.jobfile.lines import key_lines
from importer.jobfile.meaning import unmet
from importer.jobfile.merging import merged
from importer.jobfile.model import JobFile
from importer.jobfile.variables import LEDGER, job_variables
from importer.mapping import provider_of
from importer.permissions import who_may_read, who_may_write

LARGEST = 256 * 1024
"""Bytes. A job file is written by a person."""

NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a job file says as far as it could be read, and every fault in it: it may run if there is none."""

    path: Path
    file: JobFile
    faults: tuple[Fault, ...] = ()


def read_job_file(
    path: Path,
    *,
    given: Mapping[str, object] = NOTHING,
    variables: Mapping[str, str] | None = None,
) -> JobFile:
    """The job in a file, checked as a whole.

    `given` are options of the command line by the file's keys ("limit", "rate"; "set" as a mapping), None
    for those that were not typed. They win over the file, their paths start at the working folder, and a
    "source" takes the place of an inbox. `variables` replace the environment.

    Raises:
        SettingsError: It names every fault with its line and key. Nothing was done.
    """
    reading = examine(path, given=given, variables=variables)
    if reading.faults:
        raise SettingsError(told(path, reading.faults))
    return reading.file


def examine(
    path: Path,
    *,
    given: Mapping[str, object] = NOTHING,
    variables: Mapping[str, str] | None = None,
) -> Reading:
    """The job in a file, and what is wrong with it.

    Raises:
        SettingsError: The file cannot be read at all, or others may write it.
    """
    text = _text(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Reading(path, JobFile(), (_syntax(str(error)),))
    options = {key: value for key, value in given.items() if value is not None}
    places = Places({".".join(key): line for key, line in key_lines(text).items()}, frozenset(options))
    context = {"folder": path.absolute().parent, "stem": path.stem}
    file, wrong = _as_far_as_valid(merged(document, options), context)
    file = _with_provider(file)
    environment = os.environ if variables is None else variables
    found = (*impossible(file), *unmet(file, environment), *_open_secret(document, path))
    causes = {name for key, _ in wrong for name in (key, meant(key))}
    follows = [problem for problem in found if not any(_explains(each, problem[0]) for each in causes)]
    faults = tuple(places.fault(*problem) for problem in dict.fromkeys([*wrong, *follows]))
    return Reading(path, file if faults else _with_ledger(file, environment), faults)


def _text(path: Path) -> str:
    try:
        who = who_may_write(path)
        if who:
            raise SettingsError(
                f"The job file {path} is not safe: {who}, and so decide what is sent where. "
                f"Type: chmod go-w {path}, and keep it in a folder and under a user of your own."
            )
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise SettingsError(f"{path} is too large to be a job file.")
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise SettingsError(f"The job file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise SettingsError(f"The job file {path} is no text in UTF-8.") from None


def _syntax(said: str) -> Fault:
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", said)
    if found is None or found[2] is None:
        return Fault(0, "", f"no TOML: {said}.")
    twice = " (is a key or table there twice?)" if "overwrite" in said or "twice" in said else ""
    return Fault(int(found[2]), "", f"no TOML: {found[1]}, at column {found[3]}{twice}.")


def _as_far_as_valid(
    document: Mapping[str, object], context: Mapping[str, object]
) -> tuple[JobFile, list[Problem]]:
    """What a document says without the keys that are wrong, and what is wrong with these."""
    wrong: list[Problem] = []
    while True:
        try:
            return JobFile.model_validate(document, context=dict(context)), wrong
        except ValidationError as error:
            found = list(model_problems(error))
            known = [key for key, _ in wrong]
            wrong += [problem for problem in found if problem[0] not in known]  # else it was left out by us
            document = _without(document, [key for key, _ in found])


def _without(document: Mapping[str, object], keys: Iterable[str]) -> dict[str, object]:
    """The document without these keys; a table that lacks one is left out whole."""
    left = dict(document)
    for key in keys:
        top, _, inner = key.partition(".")
        table = left.pop(top, None)
        if isinstance(table, Mapping) and inner in table:
            left[top] = {name: value for name, value in table.items() if name != inner}
    return left


def _explains(wrong: str, key: str) -> bool:
    """Whether a key that is wrong may be why something is said of another."""
    if any(key in keys and wrong.partition(".")[0] in keys for keys in _TOGETHER):
        return True
    return key == wrong or key.startswith(f"{wrong}.") or wrong.startswith(f"{key}.")


_TOGETHER = (("source", "inbox"), ("provider", "environment", "account", "base_url"))


def _open_secret(document: Mapping[str, object], path: Path) -> Iterator[Problem]:
    """A password in a job file that others may read."""
    who = who_may_read(path.stat())
    for key in ("ledger", "source"):
        if who and re.search(r"://[^/@]*:[^@]+@", str(document.get(key, ""))):
            way_out = f", or put the URL into {LEDGER}" if key == "ledger" else ""
            yield key, f"holds a password that {who} may read. Type: chmod 600 {path}{way_out}"


def _with_provider(file: JobFile) -> JobFile:
    """A mapping names the provider as well."""
    if file.provider is not None or file.mapping is None:
        return file
    try:
        return file.model_copy(update={"provider": provider_of(file.mapping) or None})
    except MappingError:
        return file


def _with_ledger(file: JobFile, environment: Mapping[str, str]) -> JobFile:
    """A ledger's URL may hold a password, so it may be in a variable."""
    ledger = file.ledger or job_variables(file, environment).get(LEDGER, "")
    return file.model_copy(update={"ledger": ledger})
