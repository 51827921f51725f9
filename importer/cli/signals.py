"""Work that the first signal drains, and the second ends at once."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from importer.cli.options import interrupted
from importer.stopping import Stop, StopReason

T = TypeVar("T")


async def until_signalled(work: Callable[[Stop], Awaitable[T]], *, what_happens: str) -> T:
    """What comes of `work`, which heeds its stop. `what_happens` tells whoever pressed Ctrl-C once.

    Raises:
        InterruptedRunError: A second signal came.
    """
    stop, task = Stop(), asyncio.current_task()
    reasons = {
        signal.SIGINT: StopReason("interrupted", 130, code="interrupted"),
        signal.SIGTERM: StopReason("the process was told to end (SIGTERM)", 143, code="told_to_end"),
    }

    def on_signal(number: signal.Signals) -> None:
        if stop.wished and task is not None:
            task.cancel()
            return
        sys.stderr.write(f"\nStopping: {what_happens}. Once more stops at once.\n")
        stop.request(reasons[number])

    loop = asyncio.get_running_loop()
    for number in reasons:
        loop.add_signal_handler(number, on_signal, number)
    try:
        return await work(stop)
    except asyncio.CancelledError:
        raise interrupted(exit_code=stop.reason.exit_code if stop.reason else 130) from None
