"""One line of the log: its keys, as text or as JSON. (pure)"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

KEYS: Mapping[str, str] = {
    "time": "UTC, ISO 8601, with milliseconds",
    "level": "`info`, `warning` (somebody should look) or `error` (it stopped)",
    "event": "what happened, see below",
    "job": "name of the job; empty without a job file",
    "run": "id of the run, as `importer runs` lists it",
    "provider": "whose customers",
    "environment": "`sandbox` or `live`",
    "account": "label of the credentials",
    "row": "row of the sheet, as the spreadsheet program counts",
    "status": "of the row, as in the results; of the night: `ok`, `degraded` or `failed`",
    "code": "what is wrong, machine-readable: of a row as in the results, why a run stopped, alarms",
    "http_status": "of the last answer",
    "attempts": "requests that were made for the row",
    "customer_id": "the provider's id: it finds the customer there, and says nothing about them here",
    "source": "the sheet",
    "output": "the results file",
    "rows": "how many there are",
    "counts": "how many rows ended how, by status",
    "seconds": "how long it took, or waits",
    "exit_code": "what the process ends with",
    "error": "kind of the error; its words are on standard error",
}
"""Every key a line can have, and its meaning. Keys keep their names and meanings; new ones may come."""

EVENTS: Mapping[str, str] = {
    "run_started": "the sheet is checked, sending begins",
    "row": "a row got its outcome; the last line of a row is what its results say",
    "waiting": "nothing is sent for so many seconds",
    "run_ended": "the results are written, or the run broke off with an error",
    "night_ended": "all files of a job are through",
    "notification_failed": "a notification could not be delivered",
}
"""Every event. What has no value is null in JSON and left out in text."""

Facts = Mapping[str, object]


class LogFormat(StrEnum):
    """How a line is written."""

    TEXT = "text"
    JSON = "json"


class Level(StrEnum):
    """How urgent a line is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def timestamp(moment: datetime | None = None) -> str:
    """A moment, or now, as logs write it: `2026-11-21T02:00:05.123Z`."""
    at = moment or datetime.now(UTC)
    return f"{at.isoformat(timespec='milliseconds')[:-6]}Z"


_encoded = json.JSONEncoder(separators=(",", ":")).encode
"""ASCII, so that no reader can take a line for two."""

_PLAIN = re.compile(r"[A-Za-z0-9_.:;/@+-]+").fullmatch


def fragment(form: LogFormat, facts: Facts) -> str:
    """Facts as a part of a line, made once for what many lines have in common."""
    if form is LogFormat.JSON:
        return _encoded(facts)[1:-1]
    pairs = [_pair(key, value) for key, value in facts.items() if value is not None and value != ""]
    return " ".join([pair for pair in pairs if pair])


def log_line(form: LogFormat, event: str, level: Level, *fragments: str, time: str = "") -> str:
    """A line without its end: `2026-11-21T02:00:05.123Z info row run=… row=17 status=created`, or JSON."""
    parts = [part for part in fragments if part]
    if form is LogFormat.JSON:
        head = f'"time":"{time or timestamp()}","level":"{level}","event":"{event}"'
        return f"{{{','.join([head, *parts])}}}"
    return " ".join([f"{time or timestamp()} {level} {event}", *parts])


def _pair(key: str, value: object) -> str:
    if type(value) is int:
        return f"{key}={value}"
    if isinstance(value, Mapping):
        return " ".join([f"{name}={count}" for name, count in value.items() if count])
    text = str(value)
    return f"{key}={text}" if _PLAIN(text) else f"{key}={_encoded(text)}"
