"""The time of a night, as an argument."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day in Unix time by this machine's clock, and waiting for seconds."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
