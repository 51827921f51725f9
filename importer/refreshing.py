"""Look customers up that a results file has as created, and put what is new of them into its status columns.

Creates nothing and changes no status of ours: a customer that is not found is told, and stays as it is.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from enum import StrEnum

from importer import results
from importer.accounts import read_credentials, require_address
from importer.connecting import concurrency, open_sender
from importer.errors import ProviderRefusedError, SendError, SettingsError
from importer.ledger import Ledger
from importer.opening import OpenedJob, ledger_url
from importer.pacing import Clock
from importer.planning import new_run_id
from importer.progress import OnProgress, Phase, Progress, ignore
from importer.providers.base import Held, Provider
from importer.results.editing import check_editable, edit
from importer.retry import Retry
from importer.sending import Sender, clean
from importer.sheetformat import PREFIX
from importer.source import open_source
from importer.staging import Staged
from importer.stopping import TROUBLES, Stop, StopReason
from importer.validation import Checked, validator

ID = PREFIX + "customer_id"


class Fate(StrEnum):
    """What became of the look-up of one customer. NOT_TOLD: it is there, with none of the columns."""

    UPDATED = "updated"
    UNCHANGED = "unchanged"
    NOT_TOLD = "not_told"
    NOT_FOUND = "not_found"
    FAILED = "failed"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Looked:
    """One row that has a customer's id, and what was found. `message` says what kept it from being found."""

    row: int
    customer_id: str
    fate: Fate
    message: str = ""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How a refresh ended. `troubles` are the rows that were not found or not asked for."""

    provider: str
    environment: str
    account: str
    source: str
    output: str
    counts: Mapping[Fate, int]
    troubles: tuple[Looked, ...]
    exit_code: int
    seconds: float
    stopped: str = ""


def require_way(provider: Provider) -> None:
    """Make sure that the provider tells what became of a customer.

    Raises:
        SettingsError: It does not.
    """
    if provider.refresh is None:
        why = (
            "has no look-up: see its dashboard"
            if provider.look_up is None
            else "tells no status of a customer when it is looked up"
        )
        raise SettingsError(f"Nothing to refresh: {provider.title} {why}. The file is as it was.")


async def refresh(
    opened: OpenedJob,
    *,
    on_progress: OnProgress = ignore,
    stop: Stop | None = None,
    variables: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    retry: Retry = Retry(),  # noqa: B008  frozen
) -> Refreshed:
    """Look up each customer of a results file by its id, and write what is new into the file, or a copy.

    What was found is written also where `stop` ends it early.

    Raises:
        SetupError: The file is no results file, the provider has no way, or a credential is missing.
        LedgerError: The ledger cannot be used, which keeps the pace.
        ResultsError: The file could not be written; it is as it was.
    """
    started = time.monotonic()
    provider = opened.account.provider
    require_way(provider)
    check_editable(opened.source, opened.output)
    require_address(opened.account)
    credentials = read_credentials(opened.account, variables)
    paced = replace(opened, job=replace(opened.job, limits=opened.job.limits or provider.list_limits))
    stopping = stop or Stop()
    with Ledger.open(ledger_url(opened.job)) as ledger:
        ledger.use_account(opened.account.key)
        async with AsyncExitStack() as stack:
            sender = await open_sender(
                paced, ledger, new_run_id(), stack,
                credentials=credentials, stop=stopping, clock=clock, retry=retry,
            )  # fmt: skip
            round_ = Round(paced, sender, on_progress)
            await round_.look_up_all()
    _write(opened, round_.news)
    return _told(opened, round_, stopping.reason, time.monotonic() - started)


@dataclass(slots=True)
class Round:
    """One look-up of every customer of a file, several at once. `news` are new texts, by id and heading."""

    opened: OpenedJob
    sender: Sender
    on_progress: OnProgress
    news: dict[str, dict[str, str]] = field(default_factory=dict)
    looked: list[Looked] = field(default_factory=list)
    _shown: dict[int, Mapping[str, str]] = field(default_factory=dict)
    _failures: int = 0
    _broken: Exception | None = None

    async def look_up_all(self) -> None:
        """Look up the rows that have an id, in sheet order, until there is no more or a stop."""
        cells = self.opened.source.our_cells()
        self._shown = {number: ours for number, ours in cells if ours.get(ID, "").strip()}
        rows = iter(list(self._rows()))  # all at once: the file may be changed before the last is looked up
        self._tell()
        async with asyncio.TaskGroup() as workers:
            for _ in range(min(concurrency(self.opened), len(self._shown))):
                workers.create_task(self._work(rows))
        if self._broken is not None:
            raise self._broken

    @property
    def not_asked(self) -> int:
        """How many were left when it stopped."""
        return len(self._shown) - len(self.looked)

    def _rows(self) -> Iterator[Checked]:
        opened = self.opened
        check_row = validator(
            opened.account,
            opened.mapping,
            opened.source.columns,
            identity=opened.identity,
            again=opened.again,
            repair=opened.repair,
        )
        return (check_row(row) for row in opened.source.rows() if row.number in self._shown)

    async def _work(self, rows: Iterator[Checked]) -> None:
        try:
            while not self.sender.stop.wished and (checked := next(rows, None)) is not None:
                looked = await self._look_up(checked)
                if looked is not None:
                    self.looked.append(looked)
                    self._tell()
        except Exception as error:  # noqa: BLE001  raised again once the others are through
            self._broken = self._broken or error
            self.sender.stop.request(StopReason(str(error)))

    async def _look_up(self, checked: Checked) -> Looked | None:
        """What became of one row; None where the stop came before its answer."""
        row, customer_id = checked.row.number, self._shown[checked.row.number][ID].strip()
        if checked.faults:
            wrong = "; ".join(dict.fromkeys(fault.column or fault.field for fault in checked.faults))
            message = f"cannot be looked up: correct its cells ({wrong})"
            return Looked(row, customer_id, Fate.FAILED, message)
        try:
            found = await self._ask(Held(json.loads(checked.body), customer_id))
        except SendError as error:
            # a provider's words may quote a cell
            staged = Staged(row, checked.identity, checked.key, checked.exclusive, checked.body)
            message = self.sender.told(staged, str(error))
            return self._failed(Looked(row, customer_id, Fate.FAILED, message), error)
        self._failures = 0
        if found is None:
            title = self.opened.account.provider.title
            return Looked(
                row, customer_id, Fate.NOT_FOUND, f"{title} does not list it under its id and e-mail"
            )
        await self.sender.ledger.refresh(checked.identity, customer_id, found)
        return Looked(row, customer_id, self._keep(row, customer_id, found))

    async def _ask(self, held: Held) -> Mapping[str, str] | None:
        provider = self.opened.account.provider
        assert provider.refresh is not None  # noqa: S101  the caller has looked
        found = await self.sender.ask(provider.refresh(held), {})
        if found is None:
            return None
        return {name: clean(text) for name, text in found.items() if name in provider.extra_columns}

    def _failed(self, looked: Looked, error: SendError) -> Looked | None:
        if self.sender.stop.wished and error.code == "interrupted":
            return None
        self._failures += 1
        if isinstance(error, ProviderRefusedError):
            self.sender.stop.request(StopReason(looked.message))
        elif self._failures >= TROUBLES:
            title = self.opened.account.provider.title
            self.sender.stop.request(StopReason(f"{title} gives no answers: run again later"))
        return looked

    def _keep(self, row: int, customer_id: str, found: Mapping[str, str]) -> Fate:
        if not found:
            return Fate.NOT_TOLD
        shown = self._shown[row]
        new = {PREFIX + name: text for name, text in found.items() if PREFIX + name in shown}
        new = {heading: text for heading, text in new.items() if shown[heading] != text}
        if not new:
            return Fate.UNCHANGED
        self.news[customer_id] = new
        return Fate.UPDATED

    def _tell(self) -> None:
        self.on_progress(Progress(Phase.REFRESHING, len(self.looked), len(self._shown)))


def _write(opened: OpenedJob, news: Mapping[str, Mapping[str, str]]) -> None:
    """Put the news into the file as it is now: a person may have changed it in the meantime."""
    if not news and opened.output == opened.source.path:
        return
    source = open_source(opened.source.path, opened.job.read)
    edits = {}
    for number, ours in source.our_cells():
        new = news.get(ours.get(ID, "").strip(), {})
        places = {source.ours[name]: text for name, text in new.items() if name in source.ours}
        if places:
            edits[number] = places
    results.check_output(opened.output, source=opened.source.path, source_is_results=True)
    edit(source, opened.output, edits)


def _told(opened: OpenedJob, round_: Round, reason: StopReason | None, seconds: float) -> Refreshed:
    counts = dict.fromkeys(Fate, 0)
    for looked in round_.looked:
        counts[looked.fate] += 1
    counts[Fate.NOT_ASKED] = round_.not_asked
    troubles = tuple(sorted((each for each in round_.looked if each.message), key=lambda each: each.row))
    return Refreshed(
        provider=opened.account.provider.name,
        environment=str(opened.account.environment),
        account=opened.account.label,
        source=str(opened.job.source),
        output=str(opened.output),
        counts=counts,
        troubles=troubles,
        exit_code=reason.exit_code if reason is not None else int(bool(troubles)),
        seconds=round(seconds, 3),
        stopped=reason.message if reason is not None else "",
    )
