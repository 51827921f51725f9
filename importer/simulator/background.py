"""A simulator in a thread of its own, for callers without an event loop."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from importer.simulator.settings import Settings
from importer.simulator.simulator import Simulator


@contextmanager
def running_simulator(settings: Settings | None = None) -> Iterator[Simulator]:
    """A simulator that listens, from a background thread, inside ``with``.

    Raises:
        OSError: The port is taken.
    """
    simulator = Simulator(settings)
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
        thread.start()
        try:
            _wait_for(simulator.start(), loop)
            yield simulator
        finally:
            _wait_for(simulator.stop(), loop)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


def _wait_for(work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
    asyncio.run_coroutine_threadsafe(work, loop).result()
