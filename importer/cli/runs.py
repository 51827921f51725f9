"""importer runs: what was run, when, with what result; and the results of a run once more."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from importer.cli import purging
from importer.cli.ages import parse_since
from importer.cli.options import AsJson, LedgerUrl, Verbose
from importer.errors import SettingsError

if TYPE_CHECKING:
    from importer.ledger import Ledger, RunRecord

SHOWN = 20
"""So many runs are listed where nobody said how many."""

_LIST = "list"


class _Runs(TyperGroup):
    """`importer runs [RUN]`, unless the first word is one of the commands below it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in front that no word stands for."""
        if not args or args[0] not in self.commands:
            args = [_LIST, *args]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """What is not typed is not shown either."""
        name, command, rest = super().resolve_command(ctx, args)
        return (None if name == _LIST else name), command, rest


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    group = typer.Typer(cls=_Runs, add_completion=False, rich_markup_mode=None)
    group.command(_LIST)(runs)
    purging.register(group)
    app.add_typer(group, name="runs", help="List the runs, show one, write its results again, or purge.")


def runs(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Only this run.", show_default=False)] = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the results of RUN again, from its source and the ledger: .xlsx or .csv.",
            show_default=False,
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--source", metavar="FILE", help="With -o: where its source is.", show_default=False),
    ] = None,
    changed: Annotated[
        bool, typer.Option("--changed", help="With -o: take the source though it was changed since.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", min=1, help=f"List so many; else {SHOWN}, with --json all.", show_default=False
        ),
    ] = None,
    since: Annotated[
        str,
        typer.Option(
            "--since", metavar="DATE|7d", help="List those that began since then.", show_default=False
        ),
    ] = "",
    job: Annotated[
        str, typer.Option("--job", metavar="NAME", help="List those of this job.", show_default=False)
    ] = "",
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> int:
    """List the runs in the ledger, the newest first; or show RUN and, with -o, write its results again.

    importer runs purge --older-than 90d removes what is kept of people.
    """
    from importer.ledger import Ledger, missing_file
    from importer.opening import default_ledger

    if output is None and (source is not None or changed):
        raise SettingsError("--source and --changed are for writing results again: add -o FILE.")
    url = ledger or default_ledger()
    if (place := missing_file(url)) is not None:
        return _without_ledger(place, asked=bool(run or output), as_json=as_json)
    with Ledger.open(url) as record:
        if run:
            return _one(record, _found(record, run), output, source, changed=changed, as_json=as_json)
        if output is not None:
            raise SettingsError("-o writes the results of one run again: name it. importer runs lists them.")
        began = parse_since(since, datetime.now(UTC)).timestamp() if since else 0.0
        most = limit if as_json or limit else SHOWN
        listed = record.runs(job=job, since=began, limit=most and most + 1)
        if not listed and (since or job) and not as_json:
            sys.stdout.write("No run fits. See them all with: importer runs\n")
            return 0
        return _list(listed[:most], more=len(listed) > len(listed[:most]), as_json=as_json)


def _without_ledger(place: Path, *, asked: bool, as_json: bool) -> int:
    """There is none to look into, and none is made by looking."""
    told = f"There is no ledger at {place}. A job may have one of its own: importer runs --ledger URL."
    if asked:
        raise SettingsError(told)
    (sys.stderr if as_json else sys.stdout).write(f"{told}\n")
    if as_json:
        sys.stdout.write(json.dumps({"runs": []}) + "\n")
    return 0


def _found(ledger: "Ledger", run: str) -> "RunRecord":
    found = ledger.runs(run=run)
    if run == "purge":
        raise SettingsError("Options of purge stand behind it: importer runs purge --older-than 90d.")
    if not found:
        raise SettingsError(f"There is no run {run!r} in this ledger. See them all with: importer runs")
    return found[0]


def _list(listed: "list[RunRecord]", *, more: bool, as_json: bool) -> int:
    if as_json:
        sys.stdout.write(json.dumps({"runs": [_json(each) for each in listed]}) + "\n")
    elif not listed:
        sys.stdout.write("Nothing has been run yet. Start with: importer run SOURCE -p PROVIDER\n")
    else:
        head = [_HEADINGS] if sys.stdout.isatty() else []
        sys.stdout.write("".join(line + "\n" for line in _table([*head, *map(_cells, listed)])))
        if more:
            sys.stderr.write(f"These are the newest {len(listed)}. See more with --limit or --since.\n")
    return 0


def _one(
    ledger: "Ledger",
    record: "RunRecord",
    output: Path | None,
    source: Path | None,
    *,
    changed: bool,
    as_json: bool,
) -> int:
    if output is not None:
        return _rewrite(ledger, record, output, source, changed=changed, as_json=as_json)
    sys.stdout.write(json.dumps(_json(record)) + "\n" if as_json else _told(record))
    return 0


def _rewrite(
    ledger: "Ledger",
    record: "RunRecord",
    output: Path,
    source: Path | None,
    *,
    changed: bool,
    as_json: bool,
) -> int:
    from importer.rewriting import rewrite

    written = rewrite(ledger, record, output, source=source, changed=changed)
    told = {"output": str(output), "counts": dict(written.counts), "source_changed": written.changed}
    if as_json:
        sys.stdout.write(json.dumps({**_json(record), "rewritten": told}) + "\n")
    else:
        rows = ", ".join(_counts(written.counts)) or "no rows"
        note = " The source was changed since: its rows may be others." if written.changed else ""
        sys.stdout.write(f"The results of run {record.id} were written again: {output} ({rows}).{note}\n")
    return 0


def _json(record: "RunRecord") -> dict[str, object]:
    told = asdict(record)
    for name in ("settings", "unsent", "written"):
        del told[name]
    return told | {"purged": record.purged}


# -- as text

_HEADINGS = ("RUN", "BEGAN", "HOW IT ENDED", "ACCOUNT", "SOURCE", "ROWS")


def _table(lines: "list[tuple[str, ...]]") -> list[str]:
    """Columns that stand below each other; the last one is as long as it is."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)][:-1]
    return ["  ".join([*map(str.ljust, line[:-1], widths), line[-1]]).rstrip() for line in lines]


def _cells(record: "RunRecord") -> tuple[str, ...]:
    ended = f"exit {record.exit_code}" if record.exit_code is not None else str(record.state)
    rows = ", ".join(_counts(record.counts)) or "no rows"
    so_far = "" if record.exit_code is not None else " so far"
    place = "(purged)" if record.purged else record.name
    return record.id, _moment(record.started_at)[:-4] + "Z", ended, record.account, place, rows + so_far


def _counts(counts: Any) -> list[str]:
    return [f"{count:,} {status}" for status, count in counts.items() if count]


def _moment(when: float) -> str:
    return f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d %H:%M:%SZ}"


_STATES = {
    "running": "it is still going",
    "gone": "its process ended without a word; the same command again goes on",
}


def _told(record: "RunRecord") -> str:
    from importer.notation import duration

    ended = _STATES.get(record.state, "")
    if record.apart and record.state == "gone":
        ended = f"its process ended without a word; it goes on on the page: {_on_page(record)}"
    if record.ended_at is not None:
        took = duration(max(0.0, record.ended_at - record.started_at))
        ended = f"{_moment(record.ended_at)}, after {took}, with exit code {record.exit_code}"
    purged = "(purged)" if record.purged else ""
    so_far = "" if record.ended_at is not None else " so far"
    rate = (record.settings or {}).get("rate", "")
    facts = {
        "Run": record.id,
        "Began": _moment(record.started_at),
        "Ended": ended,
        "Stopped early": record.stopped,
        "Job": record.job,
        "Sheet": record.name if record.apart else "",
        "Source": purged or record.source,
        "Results": purged or record.output,
        "Account": record.account,
        "Pace": rate,
        "Rows": (", ".join(_counts(record.counts)) or "none") + so_far,
    }
    lines = [f"{name + ':':<15}{value}\n" for name, value in facts.items() if value]
    return "".join(lines) + _how_to_rewrite(record)


def _on_page(record: "RunRecord") -> str:
    return f"importer serve, open {record.name}"


def _how_to_rewrite(record: "RunRecord") -> str:
    if record.settings is None or record.state == "running":
        return ""
    if record.apart:
        return f"Its results are on the page: {_on_page(record)}\n"
    suffix = Path(record.output).suffix or ".xlsx"
    return f"To write its results again: importer runs {record.id} -o again{suffix}\n"
