"""Read a file in a process of its own that may have so much memory: what becomes of it, and at what cost."""

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60
"""Seconds, on the slowest machine; each file here takes a few at most."""

ADDRESSES = 3 << 30
"""Bytes that the process may reserve, libraries and stacks included."""


@dataclass(frozen=True)
class Read:
    """`outcome` is the message of the error, or "" where the file was read; `peak` is in megabytes."""

    outcome: str
    rows: int
    peak: int


def read_bounded(path: Path) -> Read:
    """Open `path` and read all of its rows; the process must end by itself and say nothing else."""
    process = subprocess.run(
        [sys.executable, "-m", "tests.bounded", str(path)], capture_output=True, text=True, timeout=PATIENCE
    )
    assert process.returncode == 0, process.stderr[-2000:]
    assert process.stderr == ""
    return Read(**json.loads(process.stdout))


def peak() -> int:
    """Megabytes that this process has had at most; not those of the one it was forked from."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) >> 10


def main(path: Path) -> None:
    """What `read_bounded` starts."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    from importer.errors import SourceError
    from importer.source import open_source

    outcome, rows = "", 0
    try:
        for row in open_source(path).rows():
            rows += 1
            assert all(len(cell) <= 1_000_000 for cell in row.cells)
    except SourceError as error:
        outcome = str(error)
    print(json.dumps({"outcome": outcome, "rows": rows, "peak": peak()}))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
