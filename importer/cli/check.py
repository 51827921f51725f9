"""importer check: the plan alone, and with -o an annotated copy of the sheet. Sends nothing."""

import json
import sys
import time
from typing import TYPE_CHECKING

import typer

from importer.cli.options import AsJson, Verbose, takes_source
from importer.jobs import Job

if TYPE_CHECKING:
    from importer.findings import FindingCount
    from importer.planning import Plan


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("check")(takes_source(check))


def check(job: Job, as_json: AsJson = False, verbose: Verbose = False) -> int:
    """Say what a run would do. With -o, write a copy of the sheet with the faults marked."""
    from importer import planning
    from importer.cli import screen
    from importer.reporting import write_report

    started = time.monotonic()
    out = sys.stderr if as_json else sys.stdout
    with planning.check(job) as plan:
        out.write(screen.plan_text(plan, quote=out.isatty()) + "\n")
        if job.output is not None:
            write_report(plan)
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
        "columns": [trouble.message for trouble in plan.troubles],
        "findings": [_finding(each) for each in plan.findings()],
        "exit_code": plan.exit_code,
        "seconds": round(seconds, 3),
    }


def _finding(found: "FindingCount") -> dict[str, object]:
    """Without the example: this is no place for a cell."""
    return {
        "grade": str(found.grade),
        "code": found.code,
        "column": found.column,
        "cells": found.cells,
        "repairs": found.repairs,
        "rows": list(found.rows),
    }
