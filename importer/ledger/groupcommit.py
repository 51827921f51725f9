"""Many small writes in one durable commit: what arrives while one is under way goes into the next."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from importer.errors import LedgerError

T = TypeVar("T")
RECONNECT_AFTER = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between attempts to reach a ledger whose connection was lost. Nothing is sent meanwhile."""

Work = Callable[[sa.Connection, Sequence[Any]], Sequence[Any]]
"""Does one kind of write for all items of a batch, and gives an answer for each."""


@dataclass
class GroupCommit:
    """Writes from coroutines, on one thread, in batches. `order` is the order of the kinds in a batch.

    A batch whose error is `lost` (the connection, with or without the commit) is written again, so every
    kind of work must stand being done twice.
    """

    transaction: Callable[[], AbstractContextManager[sa.Connection]]
    order: Sequence[Work]
    lost: Callable[[Exception], bool]
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "ledger"))
    _waiting: list[tuple[Work, object, asyncio.Future[Any]]] = field(default_factory=list)
    _committing: asyncio.Task[None] | None = None

    def write(
        self, work: Callable[[sa.Connection, Sequence[Any]], Sequence[T]], item: object
    ) -> asyncio.Future[T]:
        """The answer of `work` for `item`, once it is on disk.

        When a caller who waits is cancelled, only the future is: the write goes on, no outcome is lost.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, item, done))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_waiting())
        return done

    def close(self) -> None:
        """Finish the write under way and end the thread."""
        self._thread.shutdown()

    async def _commit_waiting(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                try:
                    answers = await loop.run_in_executor(self._thread, self._commit_surely, batch)
                except Exception as error:  # noqa: BLE001  told to each that waits
                    for _, _, done in batch:
                        _unless_done(done, error)
                else:
                    for (_, _, done), answer in zip(batch, answers, strict=True):
                        if not done.done():
                            done.set_result(answer)
        finally:
            self._committing = None

    def _commit_surely(self, batch: Sequence[tuple[Work, object, object]]) -> list[Any]:
        for wait in RECONNECT_AFTER:
            try:
                return self._commit(batch)
            except LedgerError as error:
                if not self.lost(error):
                    raise
                time.sleep(wait)
        return self._commit(batch)

    def _commit(self, batch: Sequence[tuple[Work, object, object]]) -> list[Any]:
        answers: dict[int, Any] = {}
        with self.transaction() as connection:
            for work in self.order:
                positions = [position for position, (kind, _, _) in enumerate(batch) if kind == work]
                if positions:
                    found = work(connection, [batch[position][1] for position in positions])
                    answers.update(zip(positions, found, strict=True))
        return [answers[position] for position in range(len(batch))]


def _unless_done(done: asyncio.Future[Any], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
        done.exception()  # seen, even if its caller was cancelled
