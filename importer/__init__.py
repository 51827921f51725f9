"""Bulk customer importer: a spreadsheet becomes customers at a payment provider, none twice, none lost.

The commands are shells around this library:

    import asyncio
    from pathlib import Path
    from importer import Job, check, run

    with check(Job(source=Path("customers.xlsx"), provider="hitpay")) as plan:
        print(plan.counts, plan.seconds)
        summary = asyncio.run(run(plan, on_progress=print))
    print(summary.exit_code, summary.output)

`check` sends nothing. `recheck` puts corrected rows into a plan, `keep_corrections` keeps corrected cells for
`Job.corrections`. `run` calls `on_progress` with a `Progress` for each row and phase; `follow` gives the
same as an asynchronous iterator. A `Stop` passed to `run` ends it early without losing what is in flight.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importer.corrections import Correction, keep_corrections
    from importer.errors import (
        ImporterError,
        LedgerError,
        MappingError,
        NotAppliedError,
        OutcomeUnknownError,
        ProviderRefusedError,
        SendError,
        SettingsError,
        SetupError,
        SourceError,
    )
    from importer.jobs import Job
    from importer.mapping import FieldMapping
    from importer.pipeline import follow, record, run
    from importer.planning import Plan, check
    from importer.progress import Phase, Progress
    from importer.providers import PROVIDERS
    from importer.providers.base import Provider
    from importer.rechecking import recheck
    from importer.reporting import write_report
    from importer.rows import Environment, FieldError, Finding, Limit, Row, RowResult, Status, Summary
    from importer.settling import Assumption
    from importer.source import ReadOptions, Source, open_source
    from importer.stopping import Stop, StopReason

__version__ = "0.1.0"

_PLACES = {
    "importer.corrections": ("Correction", "keep_corrections"),
    "importer.errors": (
        "ImporterError",
        "LedgerError",
        "MappingError",
        "NotAppliedError",
        "OutcomeUnknownError",
        "ProviderRefusedError",
        "SendError",
        "SettingsError",
        "SetupError",
        "SourceError",
    ),
    "importer.jobs": ("Job",),
    "importer.mapping": ("FieldMapping",),
    "importer.pipeline": ("follow", "record", "run"),
    "importer.settling": ("Assumption",),
    "importer.planning": ("Plan", "check"),
    "importer.progress": ("Phase", "Progress"),
    "importer.providers": ("PROVIDERS",),
    "importer.providers.base": ("Provider",),
    "importer.rechecking": ("recheck",),
    "importer.reporting": ("write_report",),
    "importer.rows": (
        "Environment",
        "FieldError",
        "Finding",
        "Limit",
        "Row",
        "RowResult",
        "Status",
        "Summary",
    ),
    "importer.source": ("ReadOptions", "Source", "open_source"),
    "importer.stopping": ("Stop", "StopReason"),
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [
    "PROVIDERS",
    "Assumption",
    "Correction",
    "Environment",
    "FieldError",
    "FieldMapping",
    "Finding",
    "ImporterError",
    "Job",
    "LedgerError",
    "Limit",
    "MappingError",
    "NotAppliedError",
    "OutcomeUnknownError",
    "Phase",
    "Plan",
    "Progress",
    "Provider",
    "ProviderRefusedError",
    "ReadOptions",
    "Row",
    "RowResult",
    "SendError",
    "SettingsError",
    "SetupError",
    "Source",
    "SourceError",
    "Status",
    "Stop",
    "StopReason",
    "Summary",
    "__version__",
    "check",
    "follow",
    "keep_corrections",
    "open_source",
    "recheck",
    "record",
    "run",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Load a name when it is first used: a command that needs no network does not wait for its libraries."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
