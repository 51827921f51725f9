"""importer demo: a simulator and a sample import, end to end, no account needed."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from importer.cli.options import Verbose
from importer.notation import parse_rate


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("demo")(demo)


def demo(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the sheet and its results.", metavar="FOLDER")
    ] = Path("importer-demo"),
    verbose: Verbose = False,
) -> int:
    """Import a sample sheet with good and bad rows into a provider on this machine."""
    from importer import demo as sample
    from importer import pipeline
    from importer.cli import screen
    from importer.errors import SettingsError
    from importer.jobs import Job
    from importer.planning import check
    from importer.simulator import running_simulator

    sheet = output / "customers.xlsx"
    try:
        output.mkdir(parents=True, exist_ok=True)
        sample.write_sheet(sheet)
    except OSError as error:
        raise SettingsError(
            f"The folder {output} cannot be written: {error.strerror}. Name another with -o."
        ) from error
    with running_simulator(sample.settings()) as simulator, TemporaryDirectory() as forgotten:
        job = Job(
            source=sheet,
            provider=sample.PROVIDER,
            base_url=simulator.base_url(sample.PROVIDER),
            ledger=f"sqlite:///{Path(forgotten) / 'ledger.sqlite3'}",
            limits=(parse_rate(sample.RATE),),
            settle_after=1,
        )
        credentials = simulator.environment()
        sys.stdout.write("A demonstration on this machine: nothing leaves it.\n\n")
        with check(job, variables=credentials) as plan, screen.ProgressView() as view:
            sys.stdout.write(screen.plan_text(plan) + "\n\n")
            sys.stdout.flush()
            summary = asyncio.run(pipeline.run(plan, on_progress=view, variables=credentials))
    sys.stderr.flush()
    sys.stdout.write(
        f"{screen.counts_text(summary)}\n\nThe sheet:   {sheet}\nThe results: {summary.output}\n"
    )
    return 0
