"""importer job: look a job file over and try its credentials, or write one to fill in."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli.options import AsJson, Verbose
from importer.notation import parse_rate

if TYPE_CHECKING:
    from importer.jobfile import JobFile
    from importer.probing import Probe


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    commands = typer.Typer(
        no_args_is_help=True, rich_markup_mode=None, help="Look a job file over, or write one to fill in."
    )
    commands.command("check")(check)
    commands.command("new")(new)
    app.add_typer(commands, name="job")


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The job file.")],
    offline: Annotated[bool, typer.Option("--offline", help="Do not try the credentials.")] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> int:
    """Say all that is wrong with a job file, try its credentials, and show what it would do tonight.

    The credentials are tried with a call that changes nothing, where the provider has one. Exits with 2 if
    anything is wrong, or if they are refused or could not be tried; nothing is sent in any case.
    """
    from importer.jobfile import examine
    from importer.jobfile.faults import told

    reading = examine(file)
    if reading.faults:
        sys.stderr.write(f"importer: {told(file, reading.faults)}\n")
        if as_json:
            faults = [
                {"line": each.line, "key": each.key, "message": each.message} for each in reading.faults
            ]
            sys.stdout.write(json.dumps({"file": str(file), "faults": faults, "exit_code": 2}) + "\n")
        return 2
    return _look_over(file, reading.file, offline=offline, as_json=as_json)


def _look_over(path: Path, file: "JobFile", *, offline: bool, as_json: bool) -> int:
    from importer.jobfile import job_variables
    from importer.jobfile.showing import facts, lines

    variables = job_variables(file)
    probe = _probe(file, variables, offline=offline)
    wrong = probe.tried and not probe.accepted
    told = facts(file, datetime.now(UTC), variables)
    words = "see below" if wrong else probe.words
    shown = [f"{path} {'cannot run yet' if wrong else 'can run'}.", "", *lines(told | {"credentials": words})]
    out = sys.stderr if as_json else sys.stdout
    out.write("\n".join(shown) + "\n")
    out.flush()
    if wrong:
        sys.stderr.write(f"importer: {probe.words}\n")
    exit_code = 2 if wrong else 0
    if as_json:
        found = {"tried": probe.tried, "accepted": probe.accepted, "message": probe.words}
        document = {"file": str(path), **told, "credentials": found, "faults": [], "exit_code": exit_code}
        sys.stdout.write(json.dumps(document) + "\n")
    return exit_code


def _probe(file: "JobFile", variables: Mapping[str, str], *, offline: bool) -> "Probe":
    from importer.accounts import read_credentials
    from importer.opening import default_ledger
    from importer.probing import Probe, probe

    account = file.opened_account(variables)
    credentials = read_credentials(account, variables)
    if offline:
        return Probe(None, "there, and not tried (--offline)", tried=False)
    return probe(
        account,
        credentials,
        ledger_url=file.ledger or default_ledger(),
        limits=tuple(map(parse_rate, file.rate)),
        timeout=file.timeout,
    )


def new(
    file: Annotated[
        Path, typer.Argument(metavar="[FILE]", help="The file to write.", show_default=True)
    ] = Path("nightly.toml"),
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> int:
    """Write a commented job file with every key there is, to fill in."""
    from importer.jobfile.template import write_template
    from importer.results.atomic import shown

    write_template(file)
    out = sys.stderr if as_json else sys.stdout
    out.write(f"Job file: {file}\nFill in what it says on top, then type: importer job check {shown(file)}\n")
    if as_json:
        sys.stdout.write(json.dumps({"file": str(file), "exit_code": 0}) + "\n")
    return 0
