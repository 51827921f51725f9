"""The forms that values of a job file have: what a person may write, and what it is read as. (pure)"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationInfo

from importer.errors import SettingsError
from importer.notation import NUMBER_OR_SHARE, next_time, parse_rate

_SQLITE = re.compile(r"(sqlite(?:\+\w+)?:///)(?![/:]|[A-Za-z]:)([^?]+)(.*)")


def nothing_if_empty(value: object) -> object:
    """TOML has no word for nothing: an empty text stands for it."""
    return None if value == "" else value


def must_not_be_empty(value: object) -> object:
    """An empty path would be the folder of the job file."""
    if value == "":
        raise ValueError("must not be empty")
    return value


def listed(value: object) -> object:
    """A single text is a list of one."""
    return [value] if isinstance(value, str | int) else value


def number_or_share(value: object) -> object:
    """A number of rows, as a number or a text, or a share of them."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or re.fullmatch(NUMBER_OR_SHARE, text.strip()) is None:
        raise ValueError('takes a number of rows or a share of them, like 20 or "5%"')
    return text.strip()


def must_be_share(text: str) -> str:
    """A share of the rows, like 50%."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", text.strip())
    if found is None or not 0 < float(found[1]) <= 100:
        raise ValueError('takes a share, like "50%"')
    return f"{found[1]}%"


def must_be_rate(text: str) -> str:
    """A rate as people write it."""
    try:
        parse_rate(text)
    except SettingsError:
        raise ValueError(
            'takes requests per time, like "25/s", "200/min" or "100/10s", several windows as a list'
        ) from None
    return text


def must_be_time_of_day(text: str | None) -> str | None:
    """HH:MM, or nothing."""
    if text is not None:
        try:
            next_time(text, datetime.now(UTC))
        except SettingsError:
            raise ValueError('takes a time of day in quotes, like "06:00"') from None
    return text


def must_be_variable(text: str) -> str:
    """The name of an environment variable. What it is not is not quoted: it may be the secret itself."""
    if re.fullmatch(r"[A-Za-z_]\w*", text, re.ASCII) is None:
        raise ValueError(
            "takes the name of the variable that holds the addresses, like IMPORTER_NOTIFY_URLS, and not "
            "the addresses: they hold secrets"
        )
    return text


def flat_texts(value: object) -> object:
    """Constants by dotted field, which TOML reads as tables in each other where they have no quotes."""
    if not isinstance(value, Mapping):
        return value
    pairs = list(flat(value))
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"has {twice} twice, with quotes and without")
    return dict(pairs)


def flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """The values of tables in each other by their dotted names; numbers and truths as texts."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        elif isinstance(value, bool):
            yield f"{prefix}{name}", "yes" if value else "no"
        elif isinstance(value, int):
            yield f"{prefix}{name}", str(value)
        else:
            yield f"{prefix}{name}", value


def or_file_stem(name: str, info: ValidationInfo) -> str:
    """The name of the job: by default that of its file."""
    stem = str((info.context or {}).get("stem", ""))
    return name or re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-.") or "job"


def is_address(place: str) -> bool:
    """Whether that is a URL, and no path. One letter in front of the colon is a disk."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", place) is not None


def absolute(path: Path, info: ValidationInfo) -> Path:
    """A path that starts at the folder of the job file."""
    if is_address(str(path)):
        raise ValueError("takes a path on this machine, and no address")
    folder = (info.context or {}).get("folder", Path.cwd())
    return Path(folder) / path.expanduser()


def absolute_place(place: str | None, info: ValidationInfo) -> str | None:
    """A source: a URL as it is, else a path from the folder of the job file."""
    return place if place is None or is_address(place) else str(absolute(Path(place), info))


def absolute_ledger(url: str, info: ValidationInfo) -> str:
    """A ledger in a file of SQLite, from the folder of the job file; any other URL as it is."""
    return ledger_in(Path((info.context or {}).get("folder", Path.cwd())), url)


def ledger_in(folder: Path, url: str) -> str:
    """A ledger in a file of SQLite, whose path starts at `folder`; any other URL as it is."""
    found = _SQLITE.fullmatch(url)
    return f"{found[1]}{(folder / found[2]).as_posix()}{found[3]}" if found else url
