"""importer job: look a job file over and try its credentials, or write one to fill in."""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from importer.cli.options import AsJson, Verbose
from importer.errors import SettingsError, SetupError
from importer.notation import parse_rate

if TYPE_CHECKING:
    from importer.jobfile import JobFile
    from importer.jobfile.faults import Fault
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
    offline: Annotated[
        bool, typer.Option("--offline", help="Call nobody: neither the provider nor the place of the files.")
    ] = False,
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
        document: dict[str, object] = {"faults": list(map(asdict, reading.faults))}
    else:
        document = _look_over(file, reading.file, offline=offline, out=sys.stderr if as_json else sys.stdout)
    exit_code = 2 if document["faults"] else 0
    if as_json:
        sys.stdout.write(json.dumps({"file": str(file), **document, "exit_code": exit_code}) + "\n")
    return exit_code


def _look_over(path: Path, file: "JobFile", *, offline: bool, out: TextIO) -> dict[str, object]:
    """Show what the job would do tonight, and what keeps it from it; both as facts."""
    from importer.jobfile import job_variables
    from importer.jobfile.faults import Fault
    from importer.jobfile.meaning import missing_folders
    from importer.night.preview import facts, lines, tonight

    variables = job_variables(file)
    probe = _probe(file, variables, offline=offline)
    faults = [Fault(0, key, f"{key} {text}.") for key, text in missing_folders(file)]
    faults += _telling_faults(file, variables)
    if probe.tried and not probe.accepted:
        faults.append(Fault(0, "credentials", probe.words))
    now = datetime.now(UTC)
    told = facts(file, now, variables)
    if not offline:
        try:
            told["source"] = tonight(file, now, reach=True)
        except SetupError as error:
            faults.append(Fault(0, "source", str(error)))
    verdict = "cannot run yet" if faults else "can run"
    out.write("\n".join([f"{path} {verdict}.", "", *lines(told), f"  {'credentials':<12}{probe.short}", ""]))
    out.flush()
    sys.stderr.writelines(f"importer: {fault.message}\n" for fault in faults)
    found = {"tried": probe.tried, "accepted": probe.accepted, "message": probe.words}
    return told | {"credentials": found, "faults": list(map(asdict, faults))}


def _telling_faults(file: "JobFile", variables: Mapping[str, str]) -> "Iterator[Fault]":
    """Whether people could be told how a night went."""
    from importer.jobfile.faults import Fault
    from importer.telling.night import check_telling

    try:
        check_telling(file, variables)
    except SettingsError as error:
        yield Fault(0, "notify", str(error))


def _probe(file: "JobFile", variables: Mapping[str, str], *, offline: bool) -> "Probe":
    from importer.accounts import read_credentials
    from importer.client import Timeouts
    from importer.opening import default_ledger
    from importer.probing import Probe, probe

    account = file.opened_account(variables)
    credentials = read_credentials(account, variables)
    if offline:
        return Probe(None, "there, and not tried (--offline)", tried=False)
    trying = probe(
        account,
        credentials,
        ledger_url=file.ledger or default_ledger(),
        limits=tuple(map(parse_rate, file.rate)),
        timeouts=Timeouts(connect=min(Timeouts().connect, file.timeout), total=file.timeout),
        on_wait=_tell_of_wait,
    )
    return asyncio.run(trying)


def _tell_of_wait(seconds: float) -> None:
    sys.stderr.write(f"Waiting {seconds:.0f} s: the account is paused.\n")
    sys.stderr.flush()


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
