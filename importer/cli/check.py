"""importer check: the plan alone, and with -o an annotated copy of the sheet. Sends nothing."""

import json
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli.options import AsJson, Verbose, takes_source
from importer.errors import SettingsError
from importer.jobs import Job

if TYPE_CHECKING:
    from importer.planning import Plan


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("check")(takes_source(check))


FaultsFirst = Annotated[
    bool,
    typer.Option(
        "--faults-first",
        envvar="IMPORTER_FAULTS_FIRST",
        help="In the copy (-o), rows to correct come first; import_row is their row in the sheet.",
    ),
]


def check(
    job: Job, faults_first: FaultsFirst = False, as_json: AsJson = False, verbose: Verbose = False
) -> int:
    """Say what a run would do. With -o, write a copy of the sheet with the faults marked."""
    from importer import planning
    from importer.cli import screen
    from importer.reporting import write_report

    if faults_first and job.output is None:
        raise SettingsError(
            "--faults-first sorts the copy of the sheet: add -o FILE, for example -o report.xlsx."
        )
    started = time.monotonic()
    out = sys.stderr if as_json else sys.stdout
    with planning.check(job) as plan:
        out.write(screen.plan_text(plan) + "\n")
        if job.output is not None:
            write_report(plan, faults_first=faults_first)
            out.write(f"\nReport: {job.output}\n")
        if as_json:
            sys.stdout.write(json.dumps(_facts(plan, time.monotonic() - started)) + "\n")
        return plan.exit_code


def _facts(plan: "Plan", seconds: float) -> dict[str, object]:
    account = plan.opened.account
    return {
        "run": plan.run,
        "provider": account.provider.name,
        "environment": str(account.environment),
        "account": account.label,
        "source": str(plan.opened.job.source),
        "output": str(plan.opened.job.output or ""),
        "counts": plan.counts,
        "ready": plan.ready,
        "to_settle": plan.to_settle,
        "notes": [*plan.opened.source.notes, *plan.notes],
        "sending_takes": plan.seconds,
        "exit_code": plan.exit_code,
        "seconds": round(seconds, 3),
    }
