"""importer refresh: what became of the customers of a results file."""

import asyncio
import json
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli.options import AsJson, Verbose, takes_source
from importer.jobs import Job
from importer.notation import parse_rate

if TYPE_CHECKING:
    from importer.cli.screen import ProgressView
    from importer.opening import OpenedJob
    from importer.refreshing import Refreshed

MOST_SHOWN = 20
"""So many rows that were not found are listed; --json has all."""


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("refresh")(takes_source(refresh))


def refresh(
    job: Job,
    rate: Annotated[
        list[str] | None,
        typer.Option(
            "--rate",
            envvar="IMPORTER_RATE",
            metavar="N/TIME",
            help="25/s, 200/min, 100/10s; repeat for several windows.",
            show_default=False,
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency",
            envvar="IMPORTER_CONCURRENCY",
            min=1,
            help="Requests under way at once; by default as many as the rate needs.",
            show_default=False,
        ),
    ] = None,
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout", envvar="IMPORTER_TIMEOUT", min=0.001, metavar="SECONDS", help="For one request."
        ),
    ] = 40.0,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> int:
    """Look the customers of a results file up at the provider, and update their status columns (KYC).

    SOURCE is the results file; it is changed in place, or -o names a copy. Nothing is created, and no other
    cell is touched.
    """
    from importer.cli.screen import ProgressView
    from importer.opening import open_job
    from importer.refreshing import require_way

    told = replace(job, limits=tuple(map(parse_rate, rate or ())), concurrency=concurrency, timeout=timeout)
    opened = open_job(told)
    require_way(opened.account.provider)
    with ProgressView() as view:
        done = asyncio.run(_until_signalled(replace(opened, output=job.output or opened.source.path), view))
    out = sys.stderr if as_json else sys.stdout
    if as_json:
        sys.stdout.write(json.dumps(asdict(done)) + "\n")
    out.write(_text(done))
    return done.exit_code


async def _until_signalled(opened: "OpenedJob", view: "ProgressView") -> "Refreshed":
    """Refresh; the first signal drains it, the second ends it at once."""
    from importer import refreshing
    from importer.cli.signals import until_signalled

    return await until_signalled(
        lambda stop: refreshing.refresh(opened, on_progress=view, stop=stop),
        what_happens="what was found is written",
    )


def _text(done: "Refreshed") -> str:
    from importer.cli.screen import go_on
    from importer.notation import duration
    from importer.refreshing import Fate

    counts = [f"{count:,} {fate.replace('_', ' ')}" for fate, count in done.counts.items() if count]
    lines = [f"{', '.join(counts) or 'no customer has an id'} in {duration(done.seconds)}"]
    lines += [f"  row {each.row} ({each.customer_id}): {each.message}" for each in done.troubles[:MOST_SHOWN]]
    if len(done.troubles) > MOST_SHOWN:
        lines.append(f"  and {len(done.troubles) - MOST_SHOWN:,} more rows; --json lists them all")
    if done.counts[Fate.NOT_TOLD]:
        lines.append(
            "Not told: the provider lists the customer without any of the columns; see its dashboard."
        )
    if done.stopped:
        lines += [f"Stopped early: {done.stopped.rstrip('.')}.", go_on(sys.argv[1:])]
    return "\n".join([*lines, f"Results: {done.output}"]) + "\n"
