"""The command line: one module per command, each a thin shell around the library."""

import gc
import io
import json
import logging
import sys
from collections.abc import Sequence

import typer
from typer import Typer

from importer.cli import (
    check,
    demo,
    job,
    map_,
    providers,
    refresh,
    run,
    runs,
    serve,
    settle,
    simulator,
    template,
)
from importer.errors import ImporterError

COLLECTED_AFTER = 3_000
"""So many new objects are made before unused ones are looked for: Python's 700 cost a tenth of a run's time,
and with 50,000 a check of a million rows needed twice the memory."""

app = Typer(
    name="importer",
    help="A spreadsheet becomes customers at a payment provider: none twice, none lost.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (run, check, map_, template, providers, settle, refresh, runs, job, simulator, serve, demo):
    module.register(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; the console script ends the process with it."""
    for stream in (sys.stdout, sys.stderr):
        # a terminal or file that cannot show an arrow is no reason to fail
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    gc.set_threshold(COLLECTED_AFTER)
    try:
        return int(app(args=given, prog_name="importer", standalone_mode=False) or 0)
    except ImporterError as error:
        return _tell(error, given, error.exit_code)
    except typer.Exit as done:
        return done.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:  # noqa: BLE001  what is not a usage error is raised again
        return _usage(error, given)


def _usage(error: Exception, given: Sequence[str]) -> int:
    """A wrong option is told in a line; anything unforeseen goes up, as it is a fault of ours."""
    formatted = getattr(error, "format_message", None)
    if formatted is None:
        raise error
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(formatted() + "\n")
        return 2
    names = [*(each.name for each in app.registered_commands), *(each.name for each in app.registered_groups)]
    command = next((f"{word} " for word in given if word in names), "")
    return _tell(ImporterError(f"{formatted()} See: importer {command}--help"), given, 2)


def _tell(error: ImporterError, given: Sequence[str], exit_code: int) -> int:
    if "-v" in given or "--verbose" in given:
        logging.basicConfig(level=logging.DEBUG)
        logging.getLogger("importer").debug("What stopped the run", exc_info=error)
    sys.stderr.write(f"importer: {error}\n")
    if "--json" in given:
        sys.stdout.write(json.dumps({"error": str(error), "exit_code": exit_code}) + "\n")
    return exit_code
