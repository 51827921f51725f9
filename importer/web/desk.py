"""The imports under way: at most one piece of work for each, and the plan that its check made."""

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Semaphore

from importer import pipeline, planning
from importer.errors import SettingsError
from importer.jobs import Job
from importer.planning import Plan
from importer.results.tally import CauseCount, Tally
from importer.rows import Status, Summary
from importer.settling import Assumption
from importer.stopping import StopReason
from importer.web.folders import Folders, Import, Stage
from importer.web.settings import ServeSettings
from importer.web.work import Kind, Task

CHECKS = 2
"""So many sheets are checked at once; a check takes all of a processor."""

PLANS = 20
"""So many plans are kept; each holds its rows on disk. One that is gone is made again when asked for."""


@dataclass(slots=True)
class Held:
    """A plan that is kept, and what is told of it. Whoever uses the plan holds the `lock`."""

    plan: Plan
    counts: dict[Status, int]
    causes: list[CauseCount]
    version: int
    lock: Lock = field(default_factory=Lock)


class Desk:
    """Begins work, keeps plans, and ends everything in good order. Called from one thread."""

    def __init__(self, settings: ServeSettings, folders: Folders) -> None:
        self.settings = settings
        self.folders = folders
        self._tasks: dict[str, Task] = {}
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._slots = Semaphore(CHECKS)

    def task(self, one: Import) -> Task | None:
        """The last piece of work on an import, over or not."""
        return self._tasks.get(one.id)

    def is_busy(self, one: Import) -> bool:
        """Whether something is being done for an import."""
        task = self.task(one)
        return task is not None and task.running

    def held(self, one: Import) -> Held | None:
        """The plan of an import as it stands now, where there is one."""
        held = self._held.get(one.id)
        return held if held is not None and held.version == one.version else None

    def job(self, one: Import) -> Job:
        """What the library is told."""
        place = self.folders.place(one)
        mapping = place / "mapping.toml"
        return Job(
            source=place / one.file,
            provider=one.provider,
            environment=one.environment,
            account=one.account,
            base_url=self.settings.base_urls.get(one.provider, ""),
            mapping=mapping if mapping.exists() else None,
            output=place / "results.xlsx",
            ledger=self.settings.ledger,
            limits=self.settings.limits,
            settle_after=self.settings.settle_after,
            repair=one.repair,
        )

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
        del self._held[one.id]
        kept = self.folders.keep(one, stage=Stage.SENDING)
        return self._begin(kept, Kind.SENDING, lambda task: self._send(kept, held, task))

    def record(self, one: Import, assumption: Assumption) -> Task:
        """Record what a person found out about an unknown row."""
        self._let_go(one.id)
        return self._begin(one, Kind.RECORDING, lambda task: self._record(one, assumption, task))

    async def stop_all(self) -> None:
        """Stop what is being sent, and wait until it is over."""
        running = [task for task in self._tasks.values() if task.running]
        for task in running:
            task.request_stop(StopReason("the page was ended", 130))
        for task in running:
            await asyncio.to_thread(task.ended.wait)
        for import_id in list(self._held):
            self._let_go(import_id)

    def forget(self, one: Import) -> None:
        """Let go of everything that is kept for an import."""
        self._let_go(one.id)
        self._tasks.pop(one.id, None)

    def _begin(self, one: Import, kind: Kind, do: Callable[[Task], None]) -> Task:
        known = self.task(one)
        if known is not None and known.running:
            return known
        task = Task(kind)
        self._tasks[one.id] = task
        threading.Thread(target=task.work, args=(lambda: do(task),), name=f"{kind} {one.id}").start()
        return task

    def _check(self, one: Import, task: Task) -> None:
        with self._slots:
            plan = planning.check(self.job(one), variables=self.settings.variables, on_progress=task.see_rows)
            try:
                held = _told(plan, one.version)
            except BaseException:
                plan.close()
                raise
        self._held[one.id] = held
        while len(self._held) > PLANS:
            self._let_go(next(iter(self._held)))

    def _send(self, one: Import, held: Held, task: Task) -> None:
        with held.lock, held.plan as plan:
            task.before = dict(plan.counts)
            task.total = plan.ready
            try:
                summary = asyncio.run(self._run(plan, task))
            except BaseException:
                self.folders.keep(one, stage=Stage.CHECK)
                raise
            self._finish(one, plan, summary)

    async def _run(self, plan: Plan, task: Task) -> Summary:
        task.begin_loop()
        variables = self.settings.variables
        return await pipeline.run(
            plan, on_progress=task.see, stop=task.stop, agreed=True, variables=variables
        )

    def _record(self, one: Import, assumption: Assumption, task: Task) -> None:
        with planning.check(
            self.job(one), variables=self.settings.variables, on_progress=task.see_rows
        ) as plan:
            summary = asyncio.run(pipeline.record(plan, assumption))
            self._finish(one, plan, summary)

    def _finish(self, one: Import, plan: Plan, summary: Summary) -> None:
        tally = Tally()
        unknown = []
        for row, result in tally.watch(plan.results()):
            if result.status is Status.UNKNOWN:
                unknown.append({"row": row.number, "message": result.message})
        ended = {
            "run": summary.run,
            "at": time.time(),
            "counts": {str(status): count for status, count in summary.counts.items()},
            "exit_code": summary.exit_code,
            "seconds": summary.seconds,
            "stopped": summary.stopped,
            "causes": [_cause(each) for each in tally.causes()],
            "unknown": unknown[:500],
        }
        self.folders.keep(one, stage=Stage.DONE, ended=ended)

    def _let_go(self, import_id: str) -> None:
        held = self._held.pop(import_id, None)
        if held is not None:
            with held.lock:
                held.plan.close()


def _told(plan: Plan, version: int) -> Held:
    tally = Tally()
    for _ in tally.watch(plan.results()):
        pass
    return Held(plan, tally.counts, tally.causes(), version)


def _cause(seen: CauseCount) -> dict[str, object]:
    cause = seen.cause
    return {
        "code": cause.code,
        "status": str(seen.status),
        "count": seen.count,
        "rows": seen.rows,
        "meaning": cause.meaning,
        "who": str(cause.who),
        "how": cause.how,
    }
