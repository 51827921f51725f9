"""The wish to end a night: what is under way is finished, the rest goes on next time."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TypeVar

from importer.errors import InterruptedRunError
from importer.stopping import Stop, StopReason

T = TypeVar("T")


@dataclass(slots=True)
class Interruption:
    """Whether a night was told to end, and how that reaches what it is doing.

    `request` may be called from a signal handler, at any moment. While rows are sent, the first one drains
    them and the second ends at once; in between files the first one ends the night. What must not be cut
    short, like moving a file, runs to its end.
    """

    reason: StopReason | None = None
    _stop: Stop | None = None
    _loop: asyncio.AbstractEventLoop | None = field(default=None, repr=False)
    _task: asyncio.Task[object] | None = field(default=None, repr=False)
    _breakable: bool = False

    def request(self, reason: StopReason) -> None:
        """End the night."""
        again, self.reason = self.reason is not None, self.reason or reason
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._reach, again)
        elif self._breakable:
            raise KeyboardInterrupt

    def error(self) -> InterruptedRunError:
        """What ends a night that is not sending."""
        reason = self.reason or StopReason("interrupted", 130)
        return InterruptedRunError(
            f"The night was ended: {reason.message}. What was sent is recorded; the next night goes on.",
            exit_code=reason.exit_code,
        )

    def _reach(self, again: bool) -> None:
        if again and self._task is not None:
            self._task.cancel()
        elif self._stop is not None and self.reason is not None:
            self._stop.request(self.reason)

    def run(self, sending: Coroutine[object, object, T], stop: Stop) -> T:
        """Carry out what sends, which heeds `stop`, so that a request reaches it.

        Raises:
            InterruptedRunError: It was told to end a second time.
        """
        if self.reason is not None:
            stop.request(self.reason)
        try:
            return asyncio.run(self._within(sending, stop))
        except asyncio.CancelledError:
            raise self.error() from None

    async def _within(self, sending: Coroutine[object, object, T], stop: Stop) -> T:
        self._stop, self._task, self._loop = stop, asyncio.current_task(), asyncio.get_running_loop()
        if self.reason is not None:
            stop.request(self.reason)
        try:
            return await sending
        finally:
            self._loop = self._task = self._stop = None

    def __enter__(self) -> None:
        """From here on nothing is lost by ending at once: nothing is sent, no file is moved."""
        if self.reason is not None:
            raise self.error()
        self._breakable = True

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._breakable = False
        if kind is KeyboardInterrupt:
            raise self.error() from None
