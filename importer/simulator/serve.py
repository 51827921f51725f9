"""Run the simulator until it is told to stop."""

import asyncio
import json
import signal
from collections.abc import Callable

from importer.simulator.settings import Settings
from importer.simulator.simulator import Simulator

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def serve(settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, then finish the requests in flight.

    `announce` gets one line of JSON when the simulator listens: ``url``, ``base_urls`` by provider, and
    ``environment``, the dummy credentials by environment variable. A second signal has its default effect.

    Raises:
        OSError: The port is taken.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    async with Simulator(settings) as simulator:
        for number in _SIGNALS:
            loop.add_signal_handler(number, stop.set)
        try:
            announce(announcement(simulator))
            await stop.wait()
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)


def announcement(simulator: Simulator) -> str:
    """The line of JSON that says where the simulator is and what it accepts."""
    return json.dumps(
        {
            "url": simulator.url,
            "base_urls": simulator.base_urls,
            "environment": simulator.environment(),
        }
    )
