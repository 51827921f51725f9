"""On which line each key stands."""

import json
import tomllib
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from importer.jobfile.lines import Key, key_lines

ALL_SORTS = '''\
# a comment
title = "a # b"   # another

"quoted key" = 1
dotted.name = 2
list = [
  "a = 1",  # no key
  "]",
]
text = """
[no.table]
no = "key"
"""
raw = \'\'\'
x = 1
\'\'\'
inline = { a = 1, b = { c = 2 } }

[table]
key = "value"

[ "a.b" . c ]
d = 1
[[many]]
e = 1
[[many]]
e = 2
'''


def test_lines_are_those_that_a_person_sees() -> None:
    assert key_lines(ALL_SORTS) == {
        ("title",): 2,
        ("quoted key",): 4,
        ("dotted",): 5,
        ("dotted", "name"): 5,
        ("list",): 6,
        ("text",): 10,
        ("raw",): 14,
        ("inline",): 17,
        ("inline", "a"): 17,
        ("inline", "b"): 17,
        ("inline", "b", "c"): 17,
        ("table",): 19,
        ("table", "key"): 20,
        ("a.b", "c"): 22,
        ("a.b", "c", "d"): 23,
        ("many",): 24,
        ("many", "e"): 25,
    }


KEYS = st.text('abc." ]=#', min_size=1, max_size=4)
TEXTS = st.text("ab\"'\n\\[]{}=#,", max_size=12)


def written(value: object) -> str:
    """A value as TOML, over several lines where it may be."""
    if isinstance(value, list):
        return "[\n" + "".join(f"  {written(each)}, # [\n" for each in value) + "]"
    text = json.dumps(value)
    if isinstance(value, str) and "\n" in value and "\\" not in value and not value.endswith('"'):
        inside = value.replace('"""', '""\\"')
        return f'"""\n{inside}"""'
    return text


def document(
    top: Mapping[str, object], tables: Mapping[str, Mapping[str, object]]
) -> tuple[str, dict[Key, int]]:
    """A document, and the lines on which its keys were put."""
    text = "# head\n\n"
    lines: dict[Key, int] = {}
    for key, value in top.items():
        lines[key,] = text.count("\n") + 1
        text += f"{json.dumps(key)} = {written(value)}\n"
    for name, table in tables.items():
        lines[name,] = text.count("\n") + 1
        text += f"[{json.dumps(name)}]  # = [\n"
        for key, value in table.items():
            lines[name, key] = text.count("\n") + 1
            text += f"{json.dumps(key)} = {written(value)}\n\n"
    return text, lines


VALUES = st.one_of(TEXTS, st.integers(0, 9), st.booleans(), st.lists(TEXTS, max_size=3))
TABLE = st.dictionaries(KEYS, VALUES, max_size=3)


@given(TABLE, st.dictionaries(KEYS.map(lambda key: f"t{key}"), TABLE, max_size=3))
def test_every_key_has_the_line_it_was_written_on(
    top: dict[str, object], tables: dict[str, dict[str, object]]
) -> None:
    text, lines = document(top, tables)
    assert tomllib.loads(text).keys() == {*top, *tables}
    assert key_lines(text) == lines
