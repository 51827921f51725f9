"""A plan as a file: the results of a run, or the report of a check."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from importer import results
from importer.planning import Plan, told_path
from importer.rows import TO_CORRECT, Row, RowResult
from importer.stopping import StopReason


def write_results(plan: Plan, begun: datetime, reason: StopReason | None = None) -> None:
    """Write the results file of a plan as it stands. `begun` is UTC, `reason` why it ended early.

    Raises:
        ResultsError: It could not be written; a file that was there is as it was.
    """
    results.write_results(
        plan.opened.output,
        _header(plan),
        plan.results(),
        summary=_facts(plan, begun, datetime.now(UTC), reason),
    )


def write_report(plan: Plan, *, faults_first: bool = False) -> None:
    """Write the sheet with its faults marked. Corrected, it is a source as it stands.

    With `faults_first` the rows that somebody has to correct come before all others, each of the two groups
    in the order of the sheet, so that of two rows that are one customer the earlier one stays the first to be
    sent. `import_row` is the row of the sheet that was checked; whoever reads the report counts its own rows.

    Raises:
        ResultsError: It could not be written; a file that was there is as it was.
    """
    facts = _facts(plan, datetime.now(UTC), None, None)
    if faults_first:
        order = f"rows to correct first; import_row is the row in {facts.source}"
        facts = dataclasses.replace(facts, order=order)
    rows = _faults_first(plan) if faults_first else plan.results()
    results.write_report(plan.opened.output, _header(plan), rows, summary=facts)


def _faults_first(plan: Plan) -> Iterator[tuple[Row, RowResult]]:
    for wanted in (True, False):
        yield from (each for each in plan.results() if _to_correct(each[1]) is wanted)


def _to_correct(result: RowResult) -> bool:
    return result.status in TO_CORRECT or bool(result.faults)


def _header(plan: Plan) -> results.ResultsHeader:
    opened = plan.opened
    settings = {**opened.settings, "counts": plan.counts}
    return results.ResultsHeader(opened.source.columns, opened.account.provider.extra_columns, settings)


def _facts(
    plan: Plan, begun: datetime, ended: datetime | None, reason: StopReason | None
) -> results.SummaryFacts:
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
    )
