"""A `.env` beside the job file: variables for development, as python-dotenv reads them."""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from importer.errors import SettingsError
from importer.secretfiles import Exposed, read_private


def read_env_file(path: Path, exposed: Exposed) -> Mapping[str, str]:
    """The variables in a file; none where there is no file. What stands behind a name is taken as it is.

    The file that a `NAME_FILE` names is looked for beside this one.

    Raises:
        SettingsError: It cannot be read, others may read it, or a line sets no variable.
    """
    if not path.exists():
        return {}
    text = read_private(path, f"The file {path}", exposed)
    return {
        name: str(path.parent / Path(value).expanduser()) if name.endswith("_FILE") and value else value
        for name, value in _bindings(text, path)
    }


def _bindings(text: str, path: Path) -> Iterator[tuple[str, str]]:
    try:
        from dotenv.parser import parse_stream  # what `dotenv_values` skips with a log line is a fault here
    except ImportError:
        raise SettingsError(
            f"To read {path}, python-dotenv is needed. Type: pip install 'importer[dotenv]'; or write "
            'env_file = "" under [credentials], and it is not read.'
        ) from None
    for each in parse_stream(io.StringIO(text)):
        if each.error or (each.key and each.value is None):
            blank = len(each.original.string) - len(each.original.string.lstrip())
            line = each.original.line + each.original.string[:blank].count("\n")
            raise SettingsError(f"Line {line} of {path} sets no variable. Write it as NAME=value.")
        if each.key and each.value is not None:
            yield each.key, each.value
