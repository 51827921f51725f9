"""importer settle: find out what became of rows with an unknown outcome. Sends nothing new."""

from dataclasses import replace
from typing import Annotated

import typer

from importer.cli.options import AsJson, Verbose, takes_source
from importer.cli.run import carry_out
from importer.jobs import Job


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
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> int:
    """Look up the rows of a source whose outcome is unknown, and write its results anew."""
    return carry_out(replace(job, settle_after=settle_after), ask=False, as_json=as_json, settle_only=True)
