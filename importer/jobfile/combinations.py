"""What a job file may not say together, or not of a place. (pure)"""

import codecs
import re
from collections.abc import Iterator

from importer.jobfile.model import JobFile
from importer.jobfile.placeholders import placeholders, strange_braces, unknown_codes
from importer.jobfile.sections import Inbox, Reaction

Problem = tuple[str, str]
"""A dotted key, and what is wrong with what it says."""

_TYPES = (".xlsx", ".csv")


def impossible(file: JobFile) -> Iterator[Problem]:
    """What contradicts itself."""
    yield from _where_from(file)
    yield from _output(file)
    yield from _dates(file)
    yield from _reading(file)
    if file.ledger and re.match(r"(sqlite|postgresql)(\+\w+)?://(?!/:memory:)", file.ledger) is None:
        yield "ledger", "takes a URL like sqlite:///ledger.sqlite3 or postgresql+psycopg://user@host/database"
    if file.inbox is not None:
        yield from _inbox(file.inbox)
    if file.alarms.invalid is not Reaction.OFF and not file.alarms.max_invalid:
        yield "alarms.max_invalid", 'says nothing: write ["20%"], or like it, or set invalid = "off"'
    if file.metrics.file is not None and file.metrics.file.suffix != ".prom":
        yield "metrics.file", "must end in .prom: the node exporter reads no other files"


def _where_from(file: JobFile) -> Iterator[Problem]:
    if file.source is None and file.inbox is None:
        yield "source", 'is missing: write source = "customers.csv", or an [inbox] with its folder'
    elif file.source is not None and file.inbox is not None:
        yield "inbox", "does not go with source: files come from one or the other. Remove one of them"
    if file.source is not None and (strange_braces(file.source) or "name" in placeholders(file.source)):
        yield "source", "may hold {date:%Y-%m-%d} or {date-1:%Y-%m-%d}, and no other braces"


def _dates(file: JobFile) -> Iterator[Problem]:
    for key, text in (("source", file.source), ("output", file.output)):
        for code in unknown_codes(str(text or "")):
            yield key, f'has a date of the form "{code}", which stands for nothing. Write {{date:%Y-%m-%d}}'


def _output(file: JobFile) -> Iterator[Problem]:
    if file.output is None:
        return
    text = str(file.output)
    if file.output.suffix.lower() not in _TYPES:
        yield "output", "must end in .xlsx or .csv"
    if strange_braces(text):
        yield "output", "may hold {name} and {date:%Y-%m-%d}, and no other braces"
    elif takes_several(file) and "name" not in placeholders(text):
        yield (
            "output",
            'is one file for the results of several. Write "results/{name}.results.csv", or like it',
        )


def takes_several(file: JobFile) -> bool:
    """Whether there may be more than one file in a night."""
    return file.inbox is not None or has_wildcard(file.source or "")


def has_wildcard(path: str) -> bool:
    """Whether a path may stand for several."""
    return re.search(r"[*?\[]", path) is not None


def _reading(file: JobFile) -> Iterator[Problem]:
    if file.delimiter is not None and len(file.delimiter) > 1 and file.delimiter != "tab":
        yield "delimiter", 'takes one character, like ";", or "tab"'
    if file.encoding is not None and not _is_encoding(file.encoding):
        yield "encoding", 'is none that is known, like "utf-8" or "cp1252"'


def _is_encoding(name: str) -> bool:
    try:
        return bool(codecs.lookup(name)._is_text_encoding)
    except (LookupError, ValueError):
        return False


def _inbox(inbox: Inbox) -> Iterator[Problem]:
    if inbox.done == inbox.folder or inbox.attention == inbox.folder:
        which = "done" if inbox.done == inbox.folder else "attention"
        yield f"inbox.{which}", "is the inbox itself, where what is finished would be taken for new"
    if inbox.done == inbox.attention:
        yield "inbox.attention", "is the same folder as done. Name another"
    if "/" in inbox.pattern or "\\" in inbox.pattern:
        yield "inbox.pattern", 'is for names of files in the folder, like "*.csv", and holds no folder'
    if inbox.ready_marker:
        if re.fullmatch(r"[\w.-]+", inbox.ready_marker) is None:
            yield "inbox.ready_marker", 'takes the ending of a name, like ".ready"'
        if "quiet_for" in inbox.model_fields_set:
            yield (
                "inbox.quiet_for",
                "does not go with ready_marker, which says that a file is whole",
            )
