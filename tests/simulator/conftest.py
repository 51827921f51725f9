"""A clock, and simulators that are stopped when the test is over."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from importer.simulator import Settings, Simulator

from .callers import Caller, Clock

Start = Callable[..., Awaitable[Caller]]


@pytest.fixture
def clock() -> Clock:
    """The clock of the simulators that `start` starts."""
    return Clock()


@pytest.fixture
async def start(clock: Clock) -> AsyncIterator[Start]:
    """Starts a simulator with these settings, on the test's clock, without limits unless asked for."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def begin(**settings: Any) -> Caller:
            given = {"clock": clock, "limits": False, **settings}
            return Caller(await stack.enter_async_context(Simulator(Settings(**given))), session)

        yield begin
