"""importer run: check, show the plan, send, settle, write the results."""

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli import night
from importer.cli.log import LogFile, LogForm, opened_log
from importer.cli.options import AsJson, Verbose, takes_source
from importer.jobs import Job
from importer.notation import next_time, parse_rate
from importer.telling.lines import LogFormat

if TYPE_CHECKING:
    from importer.planning import Plan
    from importer.progress import OnProgress
    from importer.rows import Summary
    from importer.telling.logfile import Log


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("run")(takes_source(run, or_job=night.run_job))


def run(
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
    yes: Annotated[bool, typer.Option("--yes", "-y", envvar="IMPORTER_YES", help="Do not ask.")] = False,
    max_errors: Annotated[
        str,
        typer.Option(
            "--max-errors",
            envvar="IMPORTER_MAX_ERRORS",
            metavar="N|N%",
            help="Stop when more rows than this do not make it.",
            show_default=False,
        ),
    ] = "",
    stop_by: Annotated[
        str,
        typer.Option(
            "--stop-by",
            envvar="IMPORTER_STOP_BY",
            metavar="HH:MM",
            help="Take no new row from then on.",
            show_default=False,
        ),
    ] = "",
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", envvar="IMPORTER_LIMIT", min=0, help="Send at most so many rows.", show_default=False
        ),
    ] = None,
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
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            envvar="IMPORTER_AGAIN",
            help="Send what the ledger has as done: makes second customers.",
        ),
    ] = False,
    log: LogFile = "",
    log_format: LogForm = LogFormat.TEXT,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> int:
    """Check the sheet, show the plan, create the customers, write the results."""
    told = replace(
        job,
        limits=tuple(map(parse_rate, rate or ())),
        concurrency=concurrency,
        timeout=timeout,
        max_errors=max_errors.strip(),
        stop_at=next_time(stop_by, datetime.now(UTC)) if stop_by else None,
        limit=limit,
        settle_after=settle_after,
        again=again,
    )
    with opened_log(log, log_format) as opened:
        return carry_out(told, ask=not yes, as_json=as_json, log=opened)


def carry_out(
    job: Job, *, ask: bool, as_json: bool, settle_only: bool = False, log: "Log | None" = None
) -> int:
    """Plan, ask, run, and show how it went. Returns the exit code."""
    from importer.accounts import read_credentials, require_address
    from importer.cli import screen
    from importer.planning import check
    from importer.telling.runlog import run_log

    out = sys.stderr if as_json else sys.stdout
    with check(job) as plan:
        if not plan.idle:
            require_address(plan.opened.account)
            read_credentials(plan.opened.account)
        out.write(screen.plan_text(plan, quote=out.isatty()) + "\n\n")
        out.flush()
        asked = ask and sys.stdin.isatty() and plan.ready > 0 and not settle_only
        if asked and not _agreed(plan):
            sys.stderr.write("Nothing was sent.\n")
            return 2
        with screen.ProgressView() as view, run_log(log, plan, then=view) as watch:
            summary = asyncio.run(_until_signalled(plan, watch, settle_only=settle_only, agreed=asked))
            watch.ended(summary)
    if as_json:
        sys.stdout.write(screen.summary_json(summary) + "\n")
    sys.stderr.flush()
    out.write(screen.summary_text(summary, sys.argv[1:]) + "\n")
    return summary.exit_code


def _agreed(plan: "Plan") -> bool:
    account = plan.opened.account
    doubt = "A column looks wrong, see above. " if any(each.wrong for each in plan.troubles) else ""
    place = f"{account.provider.title} ({account.environment.upper()})"
    return typer.confirm(f"{doubt}Create {plan.ready:,} customers at {place}?", err=True)


async def _until_signalled(
    plan: "Plan", watch: "OnProgress", *, settle_only: bool, agreed: bool
) -> "Summary":
    """Run a plan; the first signal drains it, the second ends it at once."""
    import gc

    from importer import pipeline
    from importer.cli.signals import until_signalled

    gc.freeze()  # what is loaded stays, and need not be looked through again and again
    return await until_signalled(
        lambda stop: pipeline.run(plan, on_progress=watch, stop=stop, settle_only=settle_only, agreed=agreed),
        what_happens="no new row is sent, those under way are finished",
    )
