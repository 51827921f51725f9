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
    from importer.checking import Second
    from importer.findings import FindingCount
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
AllProviders = Annotated[
    bool,
    typer.Option(
        "--all-providers",
        envvar="IMPORTER_ALL_PROVIDERS",
        help="Who would take which row, and what is missing for whom; with -o as the sheet Providers.",
    ),
]


def check(
    job: Job,
    faults_first: FaultsFirst = False,
    all_providers: AllProviders = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> int:
    """Say what a run would do. With -o, write a copy of the sheet with the faults marked."""
    if faults_first and job.output is None:
        raise SettingsError("--faults-first sorts the copy of the sheet: add -o FILE, like -o report.xlsx.")
    if all_providers and job.provider is None:
        return _compare(job, faults_first=faults_first, as_json=as_json)
    return _check(job, faults_first=faults_first, all_providers=all_providers, as_json=as_json)


def _check(job: Job, *, faults_first: bool, all_providers: bool, as_json: bool) -> int:
    from importer.checking import Second

    with Second(job.source) as second:  # it gets ready while the rest is imported
        return _checked(job, second, faults_first=faults_first, all_providers=all_providers, as_json=as_json)


def _checked(job: Job, second: "Second", *, faults_first: bool, all_providers: bool, as_json: bool) -> int:
    from importer import planning, results
    from importer.choosing import first_rows
    from importer.cli import comparing, screen
    from importer.comparison import compare
    from importer.reporting import write_report

    started = time.monotonic()
    out = sys.stderr if as_json else sys.stdout
    if all_providers and job.output is not None:
        results.check_workbook(job.output)
    with planning.check(job, second=second) as plan:
        out.write(screen.plan_text(plan, quote=out.isatty()) + "\n")
        told = _facts(plan)
        comparison = None
        if all_providers:
            source, known = plan.opened.source, [plan.opened.mapping]
            sample = first_rows(source)
            comparison = compare(source.columns, constants=job.constants, known=known, sample=sample)
        if job.output is not None:
            write_report(plan, faults_first=faults_first, comparison=comparison)
        elif comparison is not None:
            comparison.put(row for row, _ in plan.results())
        if comparison is not None:
            out.write(f"\n{comparing.table(comparison)}\n")
            told["providers"] = comparison.facts
        if job.output is not None:
            out.write(f"\nReport: {job.output}\n")
        if as_json:
            sys.stdout.write(json.dumps(told | {"seconds": round(time.monotonic() - started, 3)}) + "\n")
        return plan.exit_code


def _compare(job: Job, *, faults_first: bool, as_json: bool) -> int:
    """All providers without a plan for one of them. 0 when every row would be taken by one or another."""
    from importer.cli import comparing
    from importer.opening import open_comparison
    from importer.reporting import write_comparison

    if faults_first:
        raise SettingsError("--faults-first sorts the copy of the sheet for one provider: add -p.")
    started = time.monotonic()
    out = sys.stderr if as_json else sys.stdout
    source, comparison = open_comparison(job)
    if job.output is not None:
        write_comparison(job.output, source, comparison)
    else:
        comparison.put(source.rows())
    out.write("\n".join([f"{source.path.name} → all providers", *(f"  {note}" for note in source.notes)]))
    out.write(f"\n\n{comparing.table(comparison)}\n")
    if job.output is not None:
        out.write(f"\nReport: {job.output}\n")
    exit_code = int(comparison.taken < comparison.rows)
    if as_json:
        told = {
            "source": str(job.source),
            "output": str(job.output or ""),
            "rows": comparison.rows,
            "taken": comparison.taken,
            "providers": comparison.facts,
            "exit_code": exit_code,
            "seconds": round(time.monotonic() - started, 3),
        }
        sys.stdout.write(json.dumps(told) + "\n")
    return exit_code


def _facts(plan: "Plan") -> dict[str, object]:
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
