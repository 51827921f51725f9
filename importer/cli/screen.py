"""What a person sees: the plan, the progress, the summary."""

import json
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import NoReturn, Self, TextIO

from tqdm import tqdm

from importer.cli.findings import column_lines, finding_lines
from importer.cli.options import command_line
from importer.notation import duration
from importer.planning import Plan
from importer.progress import Phase, Progress
from importer.providers import PROVIDERS
from importer.results.tally import CauseCount
from importer.rows import Status, Summary

NAMED_UNUSED = 20
"""So many columns that feed nothing are named."""

LINE_EVERY = 60.0
"""Seconds between lines of progress where there is no terminal."""


def plan_text(plan: Plan, *, quote: bool = False) -> str:
    """The plan in words: what goes where, how many rows stand how, what is wrong, how long it takes.

    With `quote` it shows a cell of each kind of damage: for a terminal, and not for a log.
    """
    opened, counts = plan.opened, plan.counts
    account = opened.account
    live = " (LIVE)" if str(account.environment) == "live" else ""
    label = account.label
    lines = [
        f"{opened.source.path.name} → {account.provider.title}, {account.environment}{live}, account {label}",
        *(f"  {note}" for note in (*opened.source.notes, *plan.notes)),
        *_mapping_lines(plan),
        *column_lines(plan),
        "",
        f"  {sum(counts.values()):>7,} rows",
        f"  {plan.ready:>7,} ready to be sent",
        *(
            f"  {count:>7,} {'unknown, to be settled first' if status is Status.UNKNOWN else status}"
            for status, count in counts.items()
            if count and status is not Status.NOT_SENT
        ),
        *cause_lines(plan.staging.pages.causes()),
        *finding_lines(plan, quote=quote),
    ]
    if plan.ready:
        pace = " and ".join(map(str, opened.limits))
        lines += ["", f"  Sending takes about {duration(plan.seconds)} at {pace}."]
    return "\n".join(lines)


def _mapping_lines(plan: Plan) -> list[str]:
    """Which column feeds which field, and why and how where that is not plain."""
    mapping, columns, notes = plan.opened.mapping, plan.opened.source.columns, plan.opened.notes
    width = max(map(len, [*mapping.columns, *mapping.constants]), default=0)
    lines = []
    for leaf in plan.opened.account.provider.leaves:
        if leaf.path in mapping.constants:
            lines.append(f"  {leaf.path:<{width}} ← every row: {mapping.constants[leaf.path]}")
        elif leaf.path in mapping.columns:
            note = f"   ({notes[leaf.path]})" if leaf.path in notes else ""
            lines.append(f"  {leaf.path:<{width}} ← {' + '.join(mapping.columns[leaf.path])}{note}")
    unused = mapping.unused(columns)
    named = ", ".join(unused[:NAMED_UNUSED]) + (", …" if len(unused) > NAMED_UNUSED else "")
    return lines + ([f"  not used: {named}"] if unused else [])


def cause_lines(causes: list[CauseCount]) -> list[str]:
    """What is wrong with how many rows, which, and who mends it."""
    lines = [""] if causes else []
    for seen in causes:
        rows = ", ".join(map(str, seen.rows)) + (", …" if seen.count > len(seen.rows) else "")
        noun = "row" if seen.count == 1 else "rows"
        lines.append(f"  {seen.cause.code or seen.status}: {seen.count:,} {noun} ({rows})")
        told = f"{seen.cause.meaning} {seen.cause.how}"
        lines += textwrap.wrap(told, 96, initial_indent="      ", subsequent_indent="      ")
    return lines


def summary_text(summary: Summary, typed: Sequence[str]) -> str:
    """How the run ended, where the results are, and what to type next; `typed` is what was this time."""
    lines = [counts_text(summary)]
    if summary.stopped:
        lines.append(f"Stopped early: {summary.stopped.rstrip('.')}.")
    lines.append(f"Results: {summary.output}")
    if summary.counts[Status.UNKNOWN] and PROVIDERS[summary.provider].look_up is None:
        lines.append(
            "What became of the unknown rows only a person can find out. Then, for each: "
            f"{command_line(['importer', 'settle', summary.output, *_ledger(typed)])} "
            "--rows N --assume created=ID (or --assume not-created)"
        )
    if summary.exit_code == 0:
        lines.append("Every row is done.")
    elif summary.stopped or not _only_the_owner_can_mend(summary.counts):
        lines.append(go_on(typed if "settle" not in typed[:1] else _after_settling(summary, typed)))
    else:
        again = command_line(["importer", *run_of_results(summary, typed)])
        lines.append(f"To go on: correct the marked cells there, then: {again}")
    return "\n".join(lines)


def go_on(typed: Sequence[str]) -> str:
    """The command to type next."""
    return f"To go on: {command_line(['importer', *typed])}"


def run_of_results(summary: Summary, typed: Sequence[str]) -> list[str]:
    """The words of a run over the results file, which carries all that was told but the ledger."""
    return ["run", summary.output, *_ledger(typed)]


def _after_settling(summary: Summary, typed: Sequence[str]) -> Sequence[str]:
    """Settling once more while rows are unknown; else a run, which sends those that are ready."""
    return typed if summary.counts[Status.UNKNOWN] else run_of_results(summary, typed)


def counts_text(summary: Summary) -> str:
    """How many rows ended how."""
    counts = [f"{count:,} {status}" for status, count in summary.counts.items() if count]
    return f"{', '.join(counts) or 'no rows'} in {duration(summary.seconds)}"


def _only_the_owner_can_mend(counts: Mapping[Status, int]) -> bool:
    return not any(counts[status] for status in (Status.FAILED, Status.NOT_SENT, Status.UNKNOWN))


def _ledger(typed: Sequence[str]) -> list[str]:
    """The only option that a results file does not carry."""
    for position, word in enumerate(typed):
        if word == "--ledger":
            return list(typed[position : position + 2])
        if word.startswith("--ledger="):
            return [word]
    return []


def summary_json(summary: Summary) -> str:
    """The summary as one line of JSON, in ASCII so that it fits every output."""
    return json.dumps(asdict(summary))


class ProgressView:
    """A bar on a terminal, a line a minute without one; both on standard error."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty()
        self._bar: tqdm[NoReturn] | None = None
        self._phase: Phase | None = None
        self._counts: dict[Status, int] = {}
        self._last_line = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def __call__(self, progress: Progress) -> None:
        """Show how far the run is."""
        if progress.result is not None:
            status = progress.result.status
            self._counts[status] = self._counts.get(status, 0) + 1
        if self._is_terminal:
            self._show_bar(progress)
        else:
            self._show_line(progress)

    def _show_bar(self, progress: Progress) -> None:
        if progress.phase is Phase.WAITING:
            if self._bar is not None:
                self._bar.set_description(f"waiting {progress.wait:.0f} s")
            return
        if progress.phase is not self._phase or self._bar is None:
            self._close()
            self._phase = progress.phase
            if progress.total and progress.phase is not Phase.WRITING:
                self._bar = tqdm(
                    total=progress.total,
                    desc=str(progress.phase),
                    unit=" rows",
                    file=self._stream,
                    leave=True,
                )
        if self._bar is not None:
            self._bar.set_description(str(progress.phase), refresh=False)
            self._bar.set_postfix({str(k): n for k, n in self._counts.items()}, refresh=False)
            self._bar.update(progress.done - self._bar.n)

    def _show_line(self, progress: Progress) -> None:
        now = time.monotonic()
        self._last_line = self._last_line or now
        if now - self._last_line >= LINE_EVERY:
            self._last_line = now
            counts = ", ".join(f"{n} {status}" for status, n in self._counts.items())
            wait = f", waiting {progress.wait:.0f} s" if progress.wait else ""
            self._stream.write(f"{progress.phase}: {progress.done}/{progress.total} ({counts}){wait}\n")
            self._stream.flush()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
