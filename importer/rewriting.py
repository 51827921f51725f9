"""Write the results of a run again, from its source and the ledger. Nothing is sent.

What cannot be known again: in `import_message` what a look-up that failed said, and in whose way a value
stood of which the provider keeps one; what another run was doing when this one ended; status columns are as
they were last refreshed.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from importer import mapping as mappings
from importer import results
from importer.accounts import find_provider, open_account
from importer.checking import Second
from importer.errors import SettingsError
from importer.jobs import Job
from importer.ledger import Entry, Ledger, RunRecord, RunState
from importer.opening import OpenedJob
from importer.planning import Plan, plan_rows
from importer.providers.base import Provider
from importer.reporting import facts_of, write_results
from importer.rows import Environment, RowResult, Status
from importer.sending import NEVER_LEFT
from importer.source import ReadOptions, open_source
from importer.source.document import digest_of
from importer.staging import Pending, Staged
from importer.standing import SETTLED_CODE, for_a_person, marked, result_of, still_absent
from importer.stopping import StopReason

PROCESS_GONE = "its process ended without a word"


def kept_settings(plan: Plan) -> dict[str, object]:
    """What the ledger keeps of a run so that its results can be written again. No credential is in it.

    `apart`: corrections, or what earlier runs did with which row, are kept in files beside the source.
    """
    opened = plan.opened
    apart = opened.job.corrections is not None or opened.job.remembered is not None
    return {
        **opened.settings,
        "read": dataclasses.asdict(opened.job.read),
        "variables": dict(opened.account.settings),
        "rate": " and ".join(map(str, opened.limits)),
        "repeat": opened.job.again,
        "digest": plan.digest,
        "called": opened.job.called,
        "apart": apart,
    }


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Results that were written again. `changed`: from a source that is not what it was."""

    output: Path
    counts: Mapping[Status, int]
    changed: bool


def rewrite(
    ledger: Ledger, record: RunRecord, output: Path, *, source: Path | None = None, changed: bool = False
) -> Rewritten:
    """Write the results of a run to `output`, as they stood when it ended.

    `source` is where the sheet is now, if it was moved. One whose content is another than that of the run is
    taken only with `changed`: its rows then have what the ledger says of them, which may be nothing.

    Raises:
        SettingsError: The run is still going, its source or settings are not there any more, or what it
            read is not in its source alone.
        SourceError: The source cannot be read.
        ResultsError: The results could not be written.
    """
    settings = _settings(record)
    path = source or _source(record)
    is_other = digest_of(path) not in (settings["digest"], record.written or settings["digest"])
    if is_other and not changed and path.exists():
        raise SettingsError(
            f"{path} is not what it was when run {record.id} read it, so its rows may be others. Name a copy "
            "of it as it was with --source, or add --changed to take it as it is now."
        )
    opened = _opened(record, settings, path, output)
    ledger.use_account(opened.account.key)
    ledger.give_up_lost()
    left = _Left(ledger, record, opened.account.provider)
    with Second(path) as second:
        plan = plan_rows(
            opened, ledger, record.id, second, again=record.again, known=left.known, mark=left.mark
        )
    with plan.staging:
        _write(plan, record, settings["rate"], changed=is_other)
        return Rewritten(output, plan.counts, is_other)


def _write(plan: Plan, record: RunRecord, rate: str, *, changed: bool) -> None:
    stopped = record.stopped if record.state is RunState.ENDED else PROCESS_GONE
    reason = StopReason(stopped) if stopped else None
    plan.explain_unsent(*_unsent(record))
    begun = datetime.fromtimestamp(record.started_at, UTC)
    ended = None if record.ended_at is None else datetime.fromtimestamp(record.ended_at, UTC)
    told = f"{datetime.now(UTC):%Y-%m-%d %H:%M}Z, from the source and the ledger"
    if changed:
        told += "; the source was changed since the run, so its rows may be others"
    facts = facts_of(plan, begun, ended, reason)
    write_results(plan, begun, facts=dataclasses.replace(facts, rate=rate, rewritten=told))


def _unsent(record: RunRecord) -> tuple[str, str]:
    """Why rows were not sent: as the run said, or that it is gone."""
    if record.state is RunState.ENDED:
        return record.unsent
    return "stopped", f"The run stopped before this row: {PROCESS_GONE}"


@dataclass(frozen=True, slots=True)
class _Left:
    """What was known of customers when a run ended, and what it means for the rows."""

    ledger: Ledger = field(repr=False)
    record: RunRecord
    provider: Provider
    senders: dict[str, str] = field(default_factory=dict)

    def known(self, identities: Sequence[str]) -> Mapping[str, Entry]:
        found = self.ledger.as_left(self.record, identities)
        self.senders.clear()  # those of one batch are needed at a time
        self.senders.update((identity, sender) for identity, (_, sender) in found.items())
        return {identity: entry for identity, (entry, _) in found.items()}

    def mark(self, staged: Staged, entry: Entry) -> Iterator[tuple[RowResult, Pending]]:
        settled = not self.record.stopped and self.record.state is RunState.ENDED
        if entry.state == Status.UNKNOWN and settled and self.provider.look_up is None:
            yield for_a_person(staged.number, entry, self.provider), Pending.NOTHING
        elif entry.run != self.record.id:
            sent_nothing = settled and self.record.unsent[0] == SETTLED_CODE
            yield from (still_absent(staged, entry) if sent_nothing else ())
            yield from marked(staged, entry)
        elif entry.code != NEVER_LEFT:
            sender = self.senders[staged.identity]
            yield result_of(staged.number, dataclasses.replace(entry, run=sender)), Pending.NOTHING


def _settings(record: RunRecord) -> Mapping[str, Any]:
    if record.state is RunState.RUNNING:
        raise SettingsError(f"Run {record.id} is still going. It writes its results when it ends.")
    if record.settings is None:
        why = "was purged" if record.purged else "was made by a version that did not keep what this needs"
        raise SettingsError(
            f"The results of run {record.id} cannot be written again: it {why}. What the ledger has of its "
            "customers is told by: importer check SOURCE"
        )
    _require_whole(record)
    return record.settings


def _require_whole(record: RunRecord) -> None:
    """Refuse a run whose source is not all it read: rows that it created would seem not to be."""
    if not record.apart:
        return
    how = "Go on with it there, with one click, then download" if record.ended_at is None else "Download"
    raise SettingsError(
        f"The results of run {record.id} cannot be written again here: it was run on the operations page, "
        "which keeps corrections, and what became of which row, apart from the sheet. Without them rows that "
        f"were created would seem not to be. {how} its results on the page: start it with importer serve, "
        f"and open {record.name}."
    )


def _source(record: RunRecord) -> Path:
    path = Path(record.source)
    if not path.exists():
        raise SettingsError(
            f"The source of run {record.id}, {path}, is not there any more. Say where it is with --source."
        )
    return path


def _opened(record: RunRecord, kept: Mapping[str, Any], path: Path, output: Path) -> OpenedJob:
    source = open_source(path, ReadOptions(**kept["read"]))
    provider = find_provider(kept["provider"])
    environment = Environment(kept["environment"])
    account = open_account(
        provider, environment, label=kept["account"], base_url=kept["base_url"], variables={}
    )
    account = dataclasses.replace(account, settings=kept["variables"])
    mapping = mappings.from_settings(kept["mapping"], provider)
    mappings.require_columns(mapping, source.columns, provider)
    is_results = source.settings is not None and "template" not in source.settings
    results.check_output(output, source=path, source_is_results=is_results)
    job = Job(source=path, repair=kept["repair"], again=kept["repeat"])
    return OpenedJob(job, source, account, mapping, tuple(kept["identity"]), output)
