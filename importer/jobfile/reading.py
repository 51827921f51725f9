"""Read a job file: every fault in it at once, by line, before anything happens."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from importer.errors import SettingsError
from importer.jobfile.faults import Fault, model_faults, told
from importer.jobfile.lines import Key, key_lines
from importer.jobfile.model import JobFile

LARGEST = 256 * 1024
"""Bytes. A job file is written by a person."""

NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reading:
    """A job file as far as it could be read, and every fault in it; it is there if there are none."""

    path: Path
    file: JobFile | None
    faults: tuple[Fault, ...] = ()


def read_job_file(
    path: Path,
    *,
    given: Mapping[str, object] = NOTHING,
    variables: Mapping[str, str] | None = None,
) -> JobFile:
    """The job in a file, checked as a whole.

    `given` are options of the command line by the file's keys ("limit", "rate"; "set" as a mapping): they
    win over the file, and their paths start at the working folder. `variables` replace the environment.

    Raises:
        SettingsError: It names every fault with its line and key. Nothing was done.
    """
    reading = examine(path, given=given, variables=variables)
    if reading.file is None:
        raise SettingsError(told(path, reading.faults))
    return reading.file


def examine(
    path: Path,
    *,
    given: Mapping[str, object] = NOTHING,
    variables: Mapping[str, str] | None = None,
) -> Reading:
    """The job in a file, or what is wrong with it.

    Raises:
        SettingsError: The file cannot be read at all.
    """
    text = _text(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Reading(path, None, (_syntax(str(error)),))
    lines = key_lines(text)
    context = {"folder": path.absolute().parent, "stem": path.stem}
    job, faults = _validated({**document, **given}, lines, context)
    return Reading(path, None if faults else job, tuple(faults))


def _text(path: Path) -> str:
    try:
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
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", said)
    if found is None:
        return Fault(0, "", f"is no TOML: {said}.")
    return Fault(int(found[2]), "", f"is no TOML: {found[1]}, at column {found[3]}.")


def _validated(
    document: Mapping[str, object], lines: Mapping[Key, int], context: Mapping[str, object]
) -> tuple[JobFile | None, list[Fault]]:
    try:
        return JobFile.model_validate(document, context=dict(context)), []
    except ValidationError as error:
        return None, [fault for _, fault in model_faults(error, lines)]
