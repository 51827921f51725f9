"""The rows of a large sheet checked on two processors: a second process takes a part of each stretch.

Both do the same with a row, so it makes no difference who checks it. The second process is this file, run by
the same interpreter; it is told through its standard input what to do, and ends when that ends. If it cannot
be started, or is gone, all rows are checked here.
"""

import os
import pickle
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Self

from importer.accounts import Account
from importer.mapping import FieldMapping
from importer.rows import Row
from importer.validation import Checked, validator

ALONE = 1_000
"""Rows that are checked before a second process is worth its start."""

STRETCH = 1_000
"""Rows at a time. A few hundred kilobytes go through the pipe each way."""

SHARE = 0.65
"""Of a stretch for the second process. This one also reads the sheet and keeps the results, which costs half
as much as checking: the two then end at about the same time."""

PATIENCE = 0.0
"""Seconds to wait for the start of the second process at each stretch: meanwhile there is enough to do."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What rows are checked by: what `importer.validation.validator` takes."""

    account: Account
    mapping: FieldMapping
    columns: tuple[str, ...]
    identity: tuple[str, ...] = ()
    again: str = ""
    repair: bool = False
    rounded: frozenset[str] = frozenset()

    def checker(self) -> Callable[[Row], Checked]:
        """What checks one row."""
        return validator(
            self.account,
            self.mapping,
            self.columns,
            identity=self.identity,
            again=self.again,
            repair=self.repair,
            rounded=self.rounded,
        )


def checked_rows(rows: Iterable[Row], terms: Terms, *, alone: int = ALONE) -> Generator[Checked, None, None]:
    """Each row checked, in the same order. `alone` is how many are, before a second process is started."""
    check, waiting = terms.checker(), iter(rows)
    yield from map(check, islice(waiting, alone))
    stretch = list(islice(waiting, STRETCH))
    with _Second(terms if stretch else None) as second:
        before: list[Checked] = []
        while stretch:
            theirs = second.give(stretch[: int(SHARE * len(stretch))])
            yield from before  # what becomes of these goes on while the second process is at work
            ours = list(map(check, stretch[len(theirs) :]))
            before = (second.take(theirs) or list(map(check, theirs))) + ours
            stretch = list(islice(waiting, STRETCH))
        yield from before


class _Second:
    """The second process, as long as there is one."""

    def __init__(self, terms: Terms | None) -> None:
        self._process = _start(terms) if terms is not None and _has_room() else None
        self._ready = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def give(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Have it check `rows`; those that it took, which are all or none."""
        if self._process is None or not self._is_ready(self._process):
            return ()
        try:
            _write(self._process.stdin, [row.cells for row in rows])
        except OSError:
            self._end()
            return ()
        return rows

    def take(self, rows: Sequence[Row]) -> list[Checked]:
        """What it found of the rows that it took last; nothing if it is gone."""
        if self._process is None or not rows:
            return []
        try:
            found = _read(self._process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            self._end()
            return []
        return [Checked(row, *parts) for row, parts in zip(rows, found, strict=True)]

    def _is_ready(self, process: "subprocess.Popen[bytes]") -> bool:
        """Whether it is through with its start, for which nobody waits."""
        if not self._ready and _is_waiting(process.stdout):
            try:
                self._ready = _read(process.stdout) == READY
            except (OSError, EOFError, pickle.UnpicklingError):
                self._end()
        return self._ready

    def _end(self) -> None:
        process, self._process, self._ready = self._process, None, False
        if process is not None:
            process.kill()
            process.communicate()


READY = "ready"


def _is_waiting(stream: IO[bytes] | None) -> bool:
    """Whether there is something to read."""
    return stream is not None and bool(select.select([stream], [], [], PATIENCE)[0])


def _has_room() -> bool:
    """Whether there is a second processor for us, and a way to ask the process whether it is ready."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return processors > 1 and os.name == "posix" and bool(sys.executable) and Path(__file__).is_file()


def _start(terms: Terms) -> "subprocess.Popen[bytes] | None":
    ours = str(Path(__file__).parent.parent)
    paths = os.pathsep.join(filter(None, (ours, os.environ.get("PYTHONPATH"))))
    try:
        process = subprocess.Popen(  # noqa: S603  this very file
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
        )
        _write(process.stdin, terms)
    except OSError:
        return None
    return process


def _write(stream: IO[bytes] | None, value: object) -> None:
    assert stream is not None  # noqa: S101  it was asked for
    pickle.dump(value, stream, pickle.HIGHEST_PROTOCOL)
    stream.flush()


def _read(stream: IO[bytes] | None) -> Any:
    assert stream is not None  # noqa: S101  it was asked for
    return pickle.load(stream)  # noqa: S301  from a process of ours


def serve(told: IO[bytes], out: IO[bytes]) -> None:
    """Check what rows come in, until no more come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with the process that asks
    check = _read(told).checker()
    _write(out, READY)
    while True:
        try:
            cells = _read(told)
        except EOFError:
            return
        checked = [check(Row(0, each)) for each in cells]
        _write(out, [(c.faults, c.findings, c.identity, c.key, c.exclusive, c.body) for c in checked])


if __name__ == "__main__":
    from importer import checking  # under its own name, which what is sent refers to

    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed must not come between the answers
    checking.serve(sys.stdin.buffer, answers)
