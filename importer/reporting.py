"""A plan as a file: the results of a run, or the report of a check."""

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from importer import results
from importer.comparison import Answer, Candidate, Comparison
from importer.planning import Plan, told_path, was_corrected
from importer.rows import TO_CORRECT, Row, RowResult
from importer.source import Source
from importer.stopping import StopReason


def write_results(
    plan: Plan,
    begun: datetime,
    reason: StopReason | None = None,
    *,
    facts: results.SummaryFacts | None = None,
) -> None:
    """Write the results file of a plan as it stands. `begun` is UTC, `reason` why it ended early.

    `facts` are told in the summary instead of the plan's own.

    Raises:
        ResultsError: It could not be written; a file that was there is as it was.
    """
    if was_corrected(plan.opened, plan.ledger):
        plan.opened.output.replace(results.other_name(plan.opened.output))
    results.write_results(
        plan.opened.output,
        _header(plan, counts=plan.counts, ledger=plan.ledger.mark),
        plan.results(),
        summary=facts or facts_of(plan, begun, datetime.now(UTC), reason),
    )


ROOM_PER_ROW = 150
"""Bytes that our columns take at most, for nearly all rows."""


def check_room(plan: Plan) -> None:
    """Make sure, before anything is sent, that the disk has room for the results of a plan.

    Raises:
        SettingsError: It has not.
    """
    try:
        size = plan.opened.source.path.stat().st_size
    except OSError:
        size = 0  # who reads it tells why
    results.check_room(plan.opened.output, size=size + ROOM_PER_ROW * sum(plan.counts.values()))


def write_report(plan: Plan, *, faults_first: bool = False, comparison: Comparison | None = None) -> None:
    """Write the sheet with its faults marked. Corrected, it is a source as it stands.

    With `faults_first` the rows that somebody has to correct come before all others, each of the two groups
    in the order of the sheet, so that of two rows that are one customer the earlier one stays the first to be
    sent. `import_row` is the row of the sheet that was checked; whoever reads the report counts its own rows.
    With a `comparison`, which has seen no row yet, a workbook has the sheet Providers as well.

    Raises:
        ResultsError: It could not be written; a file that was there is as it was.
    """
    facts = facts_of(plan, datetime.now(UTC), None, None)
    if faults_first:
        order = f"rows to correct first; import_row is the row in {facts.source}"
        facts = dataclasses.replace(facts, order=order)
    rows = _faults_first(plan) if faults_first else plan.results()
    compared = (row for row, _ in plan.results())
    sheet = None if comparison is None else _providers_sheet(comparison, compared, facts.source)
    results.write_report(plan.opened.output, _header(plan), rows, summary=facts, providers=sheet)


def write_comparison(path: Path, source: Source, comparison: Comparison) -> None:
    """Write what each provider says to each row of `source` to `path`; `comparison` has seen no row yet.

    Raises:
        ResultsError: It could not be written; a file that was there is as it was.
        SourceError: The source was changed meanwhile.
    """
    name = Path(told_path(source.path)).name
    results.write_providers(path, _providers_sheet(comparison, source.rows(), name))


def _faults_first(plan: Plan) -> Iterator[tuple[Row, RowResult]]:
    for wanted in (True, False):
        yield from (each for each in plan.results() if _to_correct(each[1]) is wanted)


def _to_correct(result: RowResult) -> bool:
    return result.status in TO_CORRECT or bool(result.faults)


_LOOKS = {
    Answer.READY: results.Look.GOOD,
    Answer.FAULTY: results.Look.BAD,
    Answer.COLUMNS_MISSING: results.Look.OPEN,
    Answer.UNCLEAR: results.Look.OPEN,
}


def _providers_sheet(comparison: Comparison, rows: Iterable[Row], source: str) -> results.ProvidersSheet:
    def said(row: Row) -> results.ProviderRow:
        opinions = comparison.opinions(row)
        return results.ProviderRow(
            row.number, comparison.label(row), [(_LOOKS[each.answer], each.text) for each in opinions]
        )

    return results.ProvidersSheet(
        source,
        map(said, rows),
        columns=lambda: [_provider_column(candidate) for candidate in comparison.candidates],
        verdict=lambda: comparison.verdict,
    )


def _provider_column(candidate: Candidate) -> results.ProviderColumn:
    return results.ProviderColumn(
        title=candidate.provider.title,
        ready=candidate.counts[Answer.READY],
        almost=candidate.counts[Answer.COLUMNS_MISSING],
        faulty=candidate.counts[Answer.FAULTY],
        missing=candidate.missing_text,
        causes=candidate.causes_text,
    )


def _header(plan: Plan, **more: object) -> results.ResultsHeader:
    opened = plan.opened
    settings = {**opened.settings, "again": plan.again, **more}
    return results.ResultsHeader(opened.source.columns, opened.account.provider.extra_columns, settings)


def facts_of(
    plan: Plan, begun: datetime, ended: datetime | None, reason: StopReason | None
) -> results.SummaryFacts:
    """A run or check in the words of its summary. Times are UTC."""
    account = plan.opened.account
    return results.SummaryFacts(
        run=plan.run,
        provider=account.provider.title,
        environment=str(account.environment),
        account=account.label,
        source=Path(told_path(plan.opened.source.path)).name,
        started=begun,
        ended=ended,
        rate=" and ".join(map(str, plan.opened.limits)),
        base_url=account.base_url,
        stopped=reason.message if reason is not None else "",
        command=plan.opened.job.command,
    )
