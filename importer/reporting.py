"""A plan as a file: the results of a run, or the report of a check."""

from datetime import UTC, datetime
from pathlib import Path

from importer import results
from importer.planning import Plan, told_path
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


def write_report(plan: Plan) -> None:
    """Write the sheet with its faults marked. Corrected, it is a source as it stands.

    Raises:
        ResultsError: It could not be written; a file that was there is as it was.
    """
    results.write_report(
        plan.opened.output, _header(plan), plan.results(), summary=_facts(plan, datetime.now(UTC), None, None)
    )


def _header(plan: Plan) -> results.ResultsHeader:
    opened = plan.opened
    settings = {**opened.settings, "again": plan.again, "counts": plan.counts}
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
