"""How the cells of a text file are told apart: delimiter, quotation marks, escapes (pure).

csv.Sniffer is not used: it looks at the first kilobytes for characters that come evenly, and takes
letters for delimiters.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from importer.errors import SourceError
from importer.source.header import is_blank

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}

_NONE = '"\r\n\x00'
_ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Dialect:
    """How lines become cells.

    `skip` lines at the top are no rows; `spaced` tells that spaces after a delimiter are no part of the
    cell; `escaped` that quotation marks inside a cell have a backslash before them.
    """

    delimiter: str
    quote: str = '"'
    spaced: bool = False
    escaped: bool = False
    skip: int = 0

    def records(self, lines: Iterable[str], *, strict: bool = False) -> Iterator[list[str]]:
        """The cells of each record. Raises csv.Error for a cell that is too long.

        With `strict` also where something stands between a closing quotation mark and the next delimiter.
        """
        if self.escaped:
            lines = (_ESCAPED.sub(_doubled, line) if "\\" in line else line for line in lines)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            skipinitialspace=self.spaced,
            strict=strict,
        )

    def __str__(self) -> str:
        """As the plan tells it."""
        parts = [f"delimiter {DELIMITERS.get(self.delimiter, self.delimiter)}"]
        if self.quote != '"':
            parts.append(f"cells in {self.quote}quotes{self.quote}")
        if self.escaped:
            parts.append("backslashes before quotation marks")
        return ", ".join(parts)


def find_dialect(sample: str, asked: str | None, *, whole: bool, tabs: bool) -> Dialect:
    """The dialect that explains the beginning of a file best; `asked` is the delimiter a person gave.

    `whole` tells that the sample is all of the file, `tabs` that its name promises tabs.

    Raises:
        SourceError: What was asked for cannot delimit.
    """
    told = re.match(r"sep=(.)\r?\n?", sample, re.IGNORECASE)  # Excel's own line
    if asked is not None:
        delimiter = _delimiter(asked)
    elif told and told[1] not in _NONE:
        delimiter = told[1]
    elif tabs and "\t" in sample:
        delimiter = "\t"
    else:
        single = next((each for each in DELIMITERS if _single_quoted(sample, each)), None)
        delimiter = single or max(DELIMITERS, key=lambda each: _fitness(sample, each, whole=whole))
    between = re.escape(delimiter)
    return Dialect(
        delimiter,
        quote="'" if delimiter != "'" and _single_quoted(sample, delimiter) else '"',
        spaced=delimiter != " " and bool(re.search(rf'"{between} +"[^"]*"(?:{between}|\r|\n|$)', sample)),
        escaped=bool(re.search(rf'(?:^|{between})"[^"\n]*[^"\\]\\"[^{between}\r\n"]', sample, re.MULTILINE)),
        skip=1 if told else 0,
    )


def _delimiter(asked: str) -> str:
    delimiter = {"tab": "\t", "\\t": "\t"}.get(asked.lower(), asked)
    if len(delimiter) != 1 or delimiter in _NONE:
        raise SourceError(
            "--delimiter is one character: , ; | or the word tab. Leave it out to have it found."
        )
    return delimiter


def _single_quoted(sample: str, delimiter: str) -> bool:
    """Whether nearly every line is made of cells in single quotation marks, but for numbers perhaps."""
    between = re.escape(delimiter)
    quoted, bare = "'(?:[^']|'')*'", f"[^'\"{between}]*"
    line_of = re.compile(f"(?:{quoted}|{bare})(?:{between}(?:{quoted}|{bare}))+")
    lines = [line for line in sample.splitlines()[:100] if line.strip()]
    good = sum(
        1 for line in lines if line_of.fullmatch(line) and line.count("'") >= 1 + line.count(delimiter)
    )
    return bool(lines) and good >= 0.9 * len(lines) and lines[0].startswith("'")


def _doubled(found: re.Match[str]) -> str:
    return '""' if found[1] == '"' else "\\"


def _fitness(sample: str, delimiter: str, *, whole: bool) -> tuple[float, float, bool, int]:
    """How well a delimiter explains the sample: in how many rows it occurs, and how evenly."""
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
            if not is_blank(row)
        ]
    except csv.Error:
        return 0, 0, False, 0
    rows = rows[:-1] if len(rows) > 1 and not whole else rows
    split = [row for row in rows if len(row) > 1]
    if not split:
        return 0, 0, False, 0
    usual, times = Counter(map(len, split)).most_common(1)[0]
    prose = sum(row[1].startswith(" ") for row in split) > len(split) / 2  # "Smith, John"
    return round(len(split) / len(rows), 2), round(times / len(rows), 1), not prose, usual
