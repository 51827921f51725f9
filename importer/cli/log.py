"""The log's options, and its life around a command."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from importer.telling.lines import LogFormat

if TYPE_CHECKING:
    from importer.telling.logfile import Log

LogFile = Annotated[
    str,
    typer.Option(
        "--log",
        envvar="IMPORTER_LOG",
        metavar="FILE",
        help="Add a line for each row to this file, without its cells; - is standard error.",
        show_default=False,
    ),
]
LogForm = Annotated[
    LogFormat,
    typer.Option("--log-format", envvar="IMPORTER_LOG_FORMAT", help="How its lines are written."),
]


@contextmanager
def opened_log(name: str, form: LogFormat) -> "Iterator[Log | None]":
    """The log of that name, None for no name. What it lacks at the end is told on standard error.

    Raises:
        SettingsError: The file cannot be opened; nothing was sent.
    """
    from importer.telling.logfile import Log

    if not name:
        yield None
        return
    with Log.named(name, form) as log:
        try:
            yield log
        finally:
            if log.complaint():
                sys.stderr.write(f"importer: {log.complaint()}\n")
