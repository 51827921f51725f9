"""On which line of a TOML file each key stands, which its parser does not tell. (pure)"""

import tomllib
from collections.abc import Iterator, Mapping

Key = tuple[str, ...]


def key_lines(text: str) -> dict[Key, int]:
    """The line, from 1, of every key and table of a valid TOML document.

    A key inside an inline table or a list has the line on which that begins.
    """
    lines: dict[Key, int] = {}
    table: Key = ()
    for number, statement in _statements(text):
        document = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = max(_keys(document), key=len)
            lines.setdefault(table, number)
        for key in () if statement.lstrip().startswith("[") else _keys(document):
            lines.setdefault(table + key, number)
    return lines


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each statement with the line it begins on.

    It is over at the first line with which it can be parsed: within a text or a list, it cannot.
    """
    begun, number = "", 0
    for each, line in enumerate(text.split("\n"), start=1):
        number = number if begun else each
        begun += f"{line}\n"
        try:
            parsed = tomllib.loads(begun)
        except tomllib.TOMLDecodeError:
            continue
        if parsed:
            yield number, begun
        begun = ""


def _keys(document: Mapping[str, object]) -> Iterator[Key]:
    for name, value in document.items():
        yield (name,)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, Mapping):
                yield from ((name, *rest) for rest in _keys(inner))
