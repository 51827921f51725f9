"""A commented job file, made from the model: every key with what it means and its default."""

import json
import os
import textwrap
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from importer.errors import SettingsError
from importer.jobfile.faults import sections
from importer.jobfile.model import JobFile

REQUIRED = ("source", "provider")
"""Keys that are to be filled in: all others are commented out."""

_HEAD = """\
A job, for: importer run --job {name}
Fill in source (or [inbox]) and provider. Lines with # and no space are off, with their default, or an
example where there is none: remove the # of what is to be otherwise.
Paths start at the folder of this file. Credentials do not belong here; importer providers names them.
To see whether all is well: importer job check {name}"""


def write_template(path: Path) -> None:
    """Write a commented job file that only its owner may read or write; a file that is there is kept.

    Raises:
        SettingsError: There is a file already, or it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123  a descriptor is no path
            file.write(template(path.name))
    except FileExistsError:
        raise SettingsError(f"{path} exists: give another name, or remove it first.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}.") from error


def template(name: str) -> str:
    """The text of a commented job file of that name."""
    tables = sections()
    top = {key: field for key, field in JobFile.model_fields.items() if key not in tables}
    constants = top.pop("constants")
    parts = [_comment(_HEAD.format(name=name)), *_keys(top)]
    parts.append(_table("set", constants.description, _constants(constants)))
    for key, section in tables.items():
        parts.append(_table(key, section.__doc__, _keys(section.model_fields)))
    return "\n\n".join(parts) + "\n"


def _keys(fields: dict[str, FieldInfo]) -> Iterator[str]:
    for key, field in fields.items():
        (example,) = field.examples or (None,)
        if key in REQUIRED:
            line = f'{key} = ""' + (f"  # like {_toml(example)}" if example else "")
        else:
            line = f"#{key} = {_toml(field.default if example is None else example)}"
        yield f"{_comment(field.description)}\n{line}"


def _table(key: str, told: str | None, keys: Iterator[str] | list[str]) -> str:
    """A table, off as a whole: an empty [inbox] or [notify] would mean something."""
    return "\n".join([_comment(told), f"#[{key}]", *keys])


def _constants(field: FieldInfo) -> list[str]:
    (example,) = field.examples or ({},)
    return [f"#{json.dumps(name)} = {_toml(value)}" for name, value in dict(example).items()]


def _toml(value: object) -> str:
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value if isinstance(value, bool | int | float) else str(value))


def _comment(text: str | None) -> str:
    lines = (line for part in (text or "").splitlines() for line in textwrap.wrap(part, 100))
    return "\n".join(f"# {line}" for line in lines)
