"""The imports under way: at most one piece of work for each, and the plan that its check made."""

import asyncio
import dataclasses
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Semaphore
from typing import TypeVar

from importer import pipeline, planning
from importer.accounts import Account, find_provider, open_account
from importer.errors import SettingsError, SetupError
from importer.jobs import Job
from importer.opening import ledger_url
from importer.pacing import spacing
from importer.planning import Plan
from importer.rows import Row, Status, Summary, no_counts
from importer.settling import Assumption
from importer.stopping import StopReason
from importer.web.folders import Folders, Import, Stage
from importer.web.held import GONE, Held
from importer.web.outcome import outcome_of, write_copy
from importer.web.settings import ServeSettings
from importer.web.telling import recorded
from importer.web.work import Kind, Task

T = TypeVar("T")

CHECKS = 2
"""So many sheets are checked at once; a check takes all of a processor."""

TICK = 0.05
"""Seconds between looks whether work is over."""

PLANS = 20
"""So many plans are kept; each holds its rows on disk. One that is gone is made again when asked for."""


BUSY = (
    "This import is being worked on just now, perhaps from another tab. Wait until it is through, or stop "
    "it; nothing was changed."
)


ELSEWHERE = (
    "This server now sends to another address, account or ledger than when this import was confirmed, so "
    "nothing was sent. If that is right, check the import again, look at the numbers and the address, and "
    "confirm them."
)


class Desk:
    """Begins work, keeps plans, and ends everything in good order. Called from one thread."""

    def __init__(self, settings: ServeSettings, folders: Folders) -> None:
        self.settings = settings
        self.folders = folders
        self._tasks: dict[str, Task] = {}
        self._rows: dict[str, int] = {}
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._said: dict[str, str] = {}
        self._slots = Semaphore(CHECKS)

    def task(self, one: Import) -> Task | None:
        """The last piece of work on an import, over or not."""
        return self._tasks.get(one.id)

    def needs_check(self, one: Import) -> bool:
        """Whether a check may be begun for whoever looks: nothing is at work, and no check failed last."""
        task = self.task(one)
        return task is None or not (task.running or (task.kind is Kind.CHECKING and task.error))

    def is_busy(self, one: Import) -> bool:
        """Whether something is being done for an import."""
        task = self.task(one)
        return task is not None and task.running

    def is_sending(self, one: Import) -> bool:
        """Whether an import is being sent just now."""
        task = self.task(one)
        return task is not None and task.running and task.kind is Kind.SENDING

    def held(self, one: Import) -> Held | None:
        """The plan of an import as it stands now, where there is one."""
        held = self._held.get(one.id)
        return held if held is not None and held.version == one.version else None

    async def use(self, one: Import, do: Callable[[Held], T]) -> T:
        """What `do` gives for the plan of an import. It runs on another thread, and nobody else meanwhile.

        Raises:
            SettingsError: There is no plan that fits the import as it is now.
        """
        held = self.held(one)
        if held is None:
            raise SettingsError(GONE)
        return await asyncio.to_thread(held.use, do)

    def edited(self, one: Import) -> Import:
        """Note that cells were corrected and checked one by one: the plan still fits."""
        held, now = self._held.get(one.id), self.folders.find(one.id)
        fits = held is not None and now is not None and held.version == now.version
        kept = self.folders.keep(one, stage=Stage.CHECK)
        if held is not None and fits:
            held.version = kept.version
            held.corrected()
        return kept

    def job(self, one: Import) -> Job:
        """What the library is told."""
        place = self.folders.place(one)
        mapping = place / "mapping.toml"
        return Job(
            source=place / one.file,
            provider=one.provider,
            environment=one.environment,
            account=one.account,
            read=one.read_options,
            base_url=self.settings.base_urls.get(one.provider, ""),
            mapping=mapping if mapping.exists() else None,
            output=place / "results.xlsx",
            ledger=self.settings.ledger,
            limits=self.settings.limits,
            settle_after=self.settings.settle_after,
            repair=one.repair,
            corrections=self.corrections(one),
            remembered=self.folders.place(one) / "sent.sqlite3",
            called=one.name,
            own_address=True,
        )

    def _account(self, one: Import) -> Account:
        """Whom it would be sent for now, and where."""
        return open_account(
            find_provider(one.provider),
            one.environment,
            label=one.account,
            base_url=self.settings.base_urls.get(one.provider, ""),
            variables=self.settings.variables,
        )

    def destination(self, one: Import) -> str:
        """Where an import would be sent now, and recorded: the account with its address, and the ledger.

        The ledger only as a digest: its URL may hold a password.
        """
        ledger = hashlib.sha256(ledger_url(self.job(one)).encode()).hexdigest()[:16]
        return f"{self._account(one).key} {ledger}"

    def is_moved(self, one: Import) -> bool:
        """Whether it would go elsewhere now than a person has confirmed."""
        return one.confirmed != self.destination(one)

    def corrections(self, one: Import) -> Path:
        """The file of corrected cells."""
        return self.folders.place(one) / "corrections.sqlite3"

    def check(self, one: Import) -> Task:
        """Check an import anew."""
        self._let_go(one.id)
        return self._begin(one, Kind.CHECKING, lambda task: self._check(one, task))

    def send(self, one: Import, run: str) -> Task:
        """Carry out the plan of an import that a person has confirmed, by the id of its run.

        Raises:
            SettingsError: There is no such plan any more, so nothing was started.
        """
        held = self.held(one)
        if held is None or held.plan.run != run or self.is_busy(one):
            raise SettingsError(
                "This is not the newest check of the import any more, so nothing was sent. Look at the "
                "numbers again and confirm them."
            )
        if held.plan.opened.account.key != self._account(one).key:
            raise SettingsError(ELSEWHERE)
        del self._held[one.id]
        kept = self.folders.keep(one, stage=Stage.SENDING, confirmed=self.destination(one), ended={})
        return self._begin(kept, Kind.SENDING, lambda task: self._send(kept, held, task, one.ended))

    def go_on(self, one: Import) -> Task:
        """Carry on what a person had confirmed when it was interrupted or stopped: the ledger knows the rest.

        Raises:
            SettingsError: It would go elsewhere than was confirmed; nothing was started.
        """
        if self.is_moved(one):
            raise SettingsError(ELSEWHERE)
        if self.is_busy(one):
            raise SettingsError(BUSY)
        self._let_go(one.id)
        kept = self.folders.keep(one, stage=Stage.SENDING, ended={})
        before = _ended_counts(one)
        return self._begin(kept, Kind.SENDING, lambda task: self._go_on(kept, task, one), checks_from=before)

    def record(self, one: Import, assumption: Assumption) -> Task:
        """Record what a person found out about an unknown row."""
        self._let_go(one.id)
        task = self._begin(one, Kind.RECORDING, lambda task: self._record(one, assumption, task))
        task.about = assumption
        return task

    def has_recorded(self, one: Import, assumption: Assumption) -> bool:
        """Whether this very thing is being recorded, or was by the last work on the import."""
        task = self.task(one)
        return task is not None and task.about == assumption and not task.error

    def take_refusal(self, one: Import) -> Task | None:
        """What a person found out and could not be recorded, to be told once."""
        task = self.task(one)
        if task is None or task.running or task.kind is not Kind.RECORDING or not task.error:
            return None
        return self._tasks.pop(one.id)

    def say(self, one: Import, words: str) -> None:
        """Have the next page of an import tell what was done."""
        self._said[one.id] = words

    def take_said(self, one: Import) -> str:
        """What was done, to be told once."""
        return self._said.pop(one.id, "")

    async def stop_all(self) -> None:
        """Stop what is being sent, and wait until it is over. A check is left: nothing is lost by it."""
        running = [task for task in self._tasks.values() if task.kind is not Kind.CHECKING]
        for task in running:
            task.request_stop(StopReason("the page was ended", 130))
        while any(task.running for task in running):  # noqa: ASYNC110  a second signal ends this at once
            await asyncio.sleep(TICK)
        for import_id in list(self._held):
            self._let_go(import_id)

    def forget(self, one: Import) -> None:
        """Let go of everything that is kept for an import."""
        self._let_go(one.id)
        self._tasks.pop(one.id, None)
        self._rows.pop(one.id, None)
        self._said.pop(one.id, None)

    def _begin(
        self,
        one: Import,
        kind: Kind,
        do: Callable[[Task], None],
        *,
        checks_from: dict[Status, int] | None = None,
    ) -> Task:
        """Do it on a thread; `checks_from` are the counts until the check is through that comes first."""
        known = self.task(one)
        if known is not None and known.running:
            if kind is known.kind is Kind.CHECKING:
                return known
            raise SettingsError(BUSY)
        task = Task(kind)
        if checks_from is not None:
            task.phase, task.before = str(Kind.CHECKING), checks_from
        self._tasks[one.id] = task
        # who ends the process twice does not wait for it: the ledger knows what was under way
        threading.Thread(target=task.work, args=(lambda: do(task),), name=one.id, daemon=True).start()
        return task

    def _plan(self, one: Import, task: Task) -> Plan:
        task.phase = str(Kind.CHECKING)
        with self._slots:
            task.total = self._rows.get(one.id, 0)
            plan = planning.check(self.job(one), variables=self.settings.variables, on_progress=task.see_rows)
        self._rows[one.id] = task.done
        # its rows are staged: a workbook need not stay in memory for as long as somebody thinks
        plan.opened = dataclasses.replace(plan.opened, source=plan.opened.source.with_rows(_staged))
        return plan

    def _check(self, one: Import, task: Task) -> None:
        plan = self._plan(one, task)
        self._held[one.id] = Held(plan, one.version)
        while len(self._held) > PLANS:
            self._let_go(next(iter(self._held)))

    def _send(self, one: Import, held: Held, task: Task, ended: Mapping[str, object]) -> None:
        """`ended` is what the run before came to: what holds again where nothing was sent."""
        with held.lock, held.plan as plan:
            held.closed = True
            if held.edited:
                raise SettingsError(GONE)
            task.allowed = 1 / spacing(plan.opened.limits)
            task.limits = " and ".join(map(str, plan.opened.limits))
            task.begin_sending(plan.counts, rows=plan.ready)
            try:
                summary = asyncio.run(self._run(plan, task))
            except SetupError:  # nothing was sent; after anything else it was interrupted
                self.folders.keep(one, stage=Stage.CHECK, ended=ended)
                raise
            self._finish(one, plan, summary)

    def _go_on(self, one: Import, task: Task, before: Import) -> None:
        try:
            plan = self._plan(one, task)
        except SetupError:
            self.folders.keep(one, stage=before.stage, ended=before.ended)
            raise
        self._send(one, Held(plan, one.version), task, before.ended)

    async def _run(self, plan: Plan, task: Task) -> Summary:
        task.begin_loop()
        variables = self.settings.variables
        return await pipeline.run(
            plan, on_progress=task.see, stop=task.stop, agreed=True, variables=variables
        )

    def _record(self, one: Import, assumption: Assumption, task: Task) -> None:
        with self._plan(one, task) as plan:
            task.phase = ""
            summary = asyncio.run(pipeline.record(plan, assumption))
            self._finish(one, plan, summary)
        self.say(one, recorded(assumption))

    def _finish(self, one: Import, plan: Plan, summary: Summary) -> None:
        write_copy(plan, self.folders.place(one) / "results.csv")
        self.folders.keep(one, stage=Stage.DONE, ended=outcome_of(plan, summary))

    def _let_go(self, import_id: str) -> None:
        held = self._held.pop(import_id, None)
        if held is not None:  # whoever uses it now keeps it for seconds, which nobody else is to wait for
            threading.Thread(target=held.close, name=import_id).start()


def _ended_counts(one: Import) -> dict[Status, int]:
    """Where the rows of a stopped import stand; all 0 where that is not known, as of one interrupted."""
    counts = one.ended.get("counts")
    if one.stage is not Stage.DONE or not isinstance(counts, dict):
        return no_counts()
    return {status: int(counts.get(status, 0)) for status in Status}


def _staged() -> Iterator[Row]:
    """No rows: those of a plan are staged."""
    return iter(())
