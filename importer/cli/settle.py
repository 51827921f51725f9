"""importer settle: find out what became of rows with an unknown outcome, or record what a person found."""

import asyncio
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli.log import LogFile, LogForm, opened_log
from importer.cli.options import AsJson, Verbose, takes_source
from importer.cli.run import carry_out
from importer.errors import SettingsError
from importer.jobs import Job
from importer.telling.lines import LogFormat

if TYPE_CHECKING:
    from importer.settling import Assumption


MOST_ROWS = 100_000
"""So many rows nobody has looked up by hand."""


MOST_SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("settle")(takes_source(settle))


def settle(
    job: Job,
    settle_after: Annotated[
        float,
        typer.Option(
            "--settle-after",
            envvar="IMPORTER_SETTLE_AFTER",
            min=0,
            metavar="SECONDS",
            help='How long the provider gets to finish before "not found" counts.',
        ),
    ] = 60.0,
    assume: Annotated[
        str,
        typer.Option(
            "--assume",
            metavar="created=ID|not-created",
            help="Record what you found out yourself, for --rows.",
            show_default=False,
        ),
    ] = "",
    rows: Annotated[
        str, typer.Option("--rows", metavar="5,7-9", help="The rows --assume is about.", show_default=False)
    ] = "",
    log: LogFile = "",
    log_format: LogForm = LogFormat.TEXT,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> int:
    """Look up the rows of a source whose outcome is unknown, and write its results anew.

    Nothing new is sent. With --assume and --rows nothing is looked up either: what you found out is recorded.
    """
    if not assume and not rows:
        told = replace(job, settle_after=settle_after)
        with opened_log(log, log_format) as opened:
            return carry_out(told, ask=False, as_json=as_json, settle_only=True, log=opened)
    return _record(job, parse_assumption(assume, rows), as_json=as_json)


def _record(job: Job, assumption: "Assumption", *, as_json: bool) -> int:
    from importer import pipeline
    from importer.cli import screen
    from importer.planning import check

    out = sys.stderr if as_json else sys.stdout
    with check(job) as plan:
        summary = asyncio.run(pipeline.record(plan, assumption))
        who = [
            # cells are for a person at a terminal, and not for a log
            f"row {row.number}" + (f" ({', '.join(filter(None, row.cells[:3]))})" if out.isatty() else "")
            for row, _ in plan.results()
            if row.number in assumption.rows
        ]
    if as_json:
        sys.stdout.write(screen.summary_json(summary) + "\n")
    verdict = f"created as {assumption.customer_id}" if assumption.customer_id else "not created"
    shown = "; ".join(who[:MOST_SHOWN]) + ("; …" if len(who) > MOST_SHOWN else "")
    out.write(f"Recorded as {verdict}: {shown}.\n")
    out.write(screen.summary_text(summary, screen.run_of_results(summary, sys.argv[1:])) + "\n")
    return summary.exit_code


def parse_assumption(assume: str, rows: str) -> "Assumption":
    """What `--assume` and `--rows` say.

    Raises:
        SettingsError: One is missing, or not understood.
    """
    from importer.settling import Assumption

    found = re.fullmatch(r"created=(\S+)|not-created", assume.strip())
    if found is None:
        raise SettingsError(
            "--assume takes created=ID or not-created, together with --rows, for example --rows 5."
        )
    parts = [re.fullmatch(r"(\d+)(?:-(\d+))?", part.strip()) for part in rows.split(",")]
    numbers: set[int] = set()
    for part in parts:
        if part is None:
            raise SettingsError(
                f"--rows takes row numbers as the sheet shows them, like 5 or 5,7-9, not {rows!r}."
            )
        first, last = int(part[1]), int(part[2] or part[1])
        if first > last or len(numbers) + last - first >= MOST_ROWS:
            raise SettingsError(f"--rows {rows} names no rows, or more than {MOST_ROWS:,}.")
        numbers |= set(range(first, last + 1))
    return Assumption(frozenset(numbers), found[1] or "")
