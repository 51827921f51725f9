"""importer runs: what was run, when, with what result."""

import json
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from importer.cli.options import AsJson, LedgerUrl, Verbose


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("runs")(runs)


def runs(
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="Only this run.", show_default=False)] = "",
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> int:
    """List the runs in the ledger, the newest first."""
    from importer.errors import SettingsError
    from importer.ledger import Ledger
    from importer.opening import default_ledger

    with Ledger.open(ledger or default_ledger()) as record:
        found = [line for line in record.runs() if run in ("", line["id"])]
    if run and not found:
        raise SettingsError(f"There is no run {run!r} in this ledger. See them all with: importer runs")
    if as_json:
        sys.stdout.write(json.dumps(found[0] if run else {"runs": found}) + "\n")
    elif not found:
        sys.stdout.write("Nothing has been run yet. Start with: importer run SOURCE -p PROVIDER\n")
    else:
        sys.stdout.write("".join(_text(line) + "\n" for line in found))
    return 0


def _text(line: dict[str, object]) -> str:
    began = datetime.fromtimestamp(float(str(line["started_at"])), UTC)
    ended = "not ended" if line["ended_at"] is None else f"exit {line['exit_code']}"
    counts = line["counts"] if isinstance(line["counts"], dict) else {}
    told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    return f"{line['id']}  {began:%Y-%m-%d %H:%M}Z  {ended:<9}  {line['account']}  {line['source']}  {told}"
