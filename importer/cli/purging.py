"""importer runs purge: remove what is kept of people by runs of long ago."""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli.ages import parse_age
from importer.cli.options import AsJson, LedgerUrl, Verbose
from importer.errors import SettingsError

if TYPE_CHECKING:
    from importer.ledger import Ledger, Purged

FORGET = (
    "Forgotten customers are unknown from then on: whoever of them stands in a sheet again is created a "
    "second time, also one that was found as done last night, unless the provider itself refuses them."
)


def register(group: typer.Typer) -> None:
    """Add the command to the group."""
    group.command("purge")(purge)


def purge(
    older_than: Annotated[
        str,
        typer.Option(
            "--older-than",
            metavar="90d",
            help="Runs that ended so long ago: 90d, 12w, 1y.",
            show_default=False,
        ),
    ],
    forget_customers: Annotated[
        bool,
        typer.Option(
            "--forget-customers",
            help="Remove the hashes and ids of their customers, too: who is sent again is created again.",
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> int:
    """Remove what the ledger keeps of people from runs of long ago.

    Messages of the providers, links and what else they returned, former lines of customers, the names of
    files, mappings and constants. What keeps customers from being created twice stays: a hash, a state, an
    id. Rows whose outcome is unknown, with their runs, and runs that are still going are left alone.
    """
    from importer.ledger import Ledger
    from importer.opening import default_ledger

    before = time.time() - parse_age(older_than, "--older-than").total_seconds()
    out = sys.stderr if as_json else sys.stdout
    with Ledger.open(ledger or default_ledger()) as record:
        drafts = _drafts(record)
        found = record.purge(before=before, forget=forget_customers, dry=True)
        out.write(_told(found, len(drafts), older_than, forget=forget_customers))
        if not dry_run:
            _ask(yes=yes)
            found = record.purge(before=before, forget=forget_customers)
            for draft in drafts:
                draft.unlink(missing_ok=True)
            left = record.wipe()
            out.write("Removed.\n" + (f"{left}\n" if left else ""))
    if as_json:
        told = {**asdict(found), "drafts": len(drafts), "dry_run": dry_run, "exit_code": 0}
        sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _drafts(ledger: "Ledger") -> list[Path]:
    """Unfinished results files that processes left which were killed, beside the results of any run."""
    from importer.results import abandoned

    folders = {Path(run.output).parent for run in ledger.runs() if not run.purged}
    return [draft for folder in sorted(folders) for draft in abandoned(folder)]


def _ask(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise SettingsError(
            "Nothing was removed: there is no terminal to ask at. Add --yes, or --dry-run to look."
        )
    if not typer.confirm("Remove this? It cannot be undone.", err=True):
        raise SettingsError("Nothing was removed.")


def _told(found: "Purged", drafts: int, older_than: str, *, forget: bool) -> str:
    counts = {
        "runs: file names, mappings, constants, why they stopped": found.runs,
        "messages of providers, which may quote a cell": found.messages,
        "customers' links and what else was returned": found.links,
        "former lines of customers": found.history,
        "unfinished results files of processes that were killed": drafts,
        "customers: their hash, state and id": found.forgotten,
    }
    lines = [f"Runs that ended more than {older_than.strip()} ago keep of people:"]
    lines += [
        f"{number:>9,}  {name}" for name, number in counts.items() if number or "customers: " not in name
    ]
    if not forget:
        lines.append(
            f"{found.identities:,} customers stay known by a hash, a state and an id: none is created twice."
        )
    if found.kept_runs:
        lines.append(
            f"{found.kept_runs:,} runs stay whole: they have rows to settle first (importer settle SOURCE)."
        )
    return "\n".join([*lines, *([FORGET] if forget else [])]) + "\n"
