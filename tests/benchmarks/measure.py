"""Time whole processes, ours and a rival's in turn, so that a machine whose speed drifts harms neither."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent.parent
PYTHON = sys.executable


@dataclass(frozen=True, slots=True)
class Timed:
    """One run of one process: wall-clock and processor seconds, and its largest resident size in MB."""

    seconds: float
    processor: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of some repetitions."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Figure":
        """The median and the spread of `values`."""
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.least:.3g} to {self.most:.3g})"


def timed(command: Sequence[object], *, folder: Path, allowed: Sequence[int] = (0,)) -> Timed:
    """Run a command to its end.

    Raises:
        RuntimeError: It ended with a code that is not `allowed`.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder), **CREDENTIALS}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed, as rivals are, is compiled
    with (folder / "told.txt").open("w+") as told:
        began = time.perf_counter()
        process = subprocess.Popen(
            list(map(str, command)), cwd=folder, env=environment, stdout=told, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in allowed:
            told.seek(0)
            raise RuntimeError(f"{command[:4]} ended with {process.returncode}: {told.read()[-2000:]}")
    return Timed(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


CREDENTIALS = {"HITPAY_API_KEY": "benchmark"}

Runs = Callable[[], Timed]


def ratios(ours: Runs, rival: Runs, *, repeat: int) -> tuple[Figure, Figure, Figure]:
    """Seconds of ours, of the rival, and ours over the rival's pair by pair."""
    pairs = [(ours(), rival()) for _ in range(repeat)]
    return (
        Figure.of([one.seconds for one, _ in pairs]),
        Figure.of([other.seconds for _, other in pairs]),
        Figure.of([one.seconds / other.seconds for one, other in pairs]),
    )


@contextmanager
def serving(folder: Path, *options: object) -> Iterator["Server"]:
    """The benchmark's server in a process of its own."""
    command = [PYTHON, "-m", "tests.benchmarks.server", *map(str, options)]
    environment: Mapping[str, str] = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    server = Server(process, process.stdout, int(process.stdout.readline()))
    try:
        yield server
    finally:
        server.end()


@dataclass(slots=True)
class Server:
    """A server under way."""

    process: "subprocess.Popen[str]"
    out: IO[str]
    port: int
    last_words: str = ""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def end(self) -> None:
        """Have it end, and keep what it tells."""
        if self.process.poll() is None:
            self.process.terminate()
            self.last_words = self.out.read()
            self.process.wait()
