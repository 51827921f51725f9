"""The rows of a large sheet checked on two processors: a second process takes them by the thousand.

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
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, Self

from importer.accounts import Account
from importer.mapping import FieldMapping
from importer.packed import Line, line_of
from importer.rows import Row
from importer.validation import Checked, validator

LARGE = 1 << 20
"""Bytes of a source from which on a second process is worth its start."""

THEIRS = 1_000
"""Rows for the second process at a time. A few hundred kilobytes go through the pipe each way."""

OURS = 100
"""Rows that are checked here until the second process is looked after: it must not wait for long."""

MOST_LATER = 10_000
"""Rows checked here while the second process has its own. One that takes longer is stuck, or in the way."""

PATIENCE = 0.0
"""Seconds to wait for the second process where there is something to do meanwhile."""


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


@dataclass(frozen=True, slots=True)
class Batch:
    """Checked rows: the lines by which they are kept, and those of which there is something to tell."""

    lines: Sequence[Line] = field(repr=False)
    of_note: Sequence[Checked]


@dataclass(slots=True)
class _Stretch:
    """Rows for the second process, and what was found of those after them, up to the next stretch."""

    rows: Sequence[Row] = ()
    after: list[Batch] = field(default_factory=list)


def checked_rows(rows: Iterable[Row], terms: Terms, second: "Second") -> Generator[Batch, None, None]:
    """All rows checked, in the same order, here and by the `second` process."""
    check, waiting = terms.checker(), iter(rows)
    second.ask(_packed(terms))
    theirs, ahead, packed = _Stretch(), _Stretch(), _packed([])  # what it has, and what it gets next
    while True:
        if second.has_answered():
            yield second.answer() or _batch(check, theirs.rows)
            yield from theirs.after
            theirs = ahead
            second.ask(packed)
            ahead = _Stretch(list(islice(waiting, THEIRS)))
            packed = _packed([(row.number, row.cells) for row in ahead.rows])
        ours = list(islice(waiting, OURS))
        if not ours:
            break
        ahead.after.append(_batch(check, ours))
        if not theirs.rows and not ahead.rows:
            yield ahead.after.pop()
        elif OURS * (len(theirs.after) + len(ahead.after)) >= MOST_LATER:
            second.end()
            yield from _rest(check, second, theirs, ahead)
            theirs, ahead = _Stretch(), _Stretch()
    yield from _rest(check, second, theirs, ahead)


def _rest(
    check: Callable[[Row], Checked], second: "Second", theirs: _Stretch, ahead: _Stretch
) -> Generator[Batch, None, None]:
    of_ahead = _batch(check, ahead.rows)  # while the second process comes to its end
    yield (second.answer() if theirs.rows else None) or _batch(check, theirs.rows)
    yield from theirs.after
    yield of_ahead
    yield from ahead.after


def _batch(check: Callable[[Row], Checked], rows: Iterable[Row]) -> Batch:
    checked = list(map(check, rows))
    return Batch(list(map(line_of, checked)), [each for each in checked if each.faults or each.findings])


class Second:
    """The second process, as long as there is one. Hold it as a context manager: it ends with that.

    Its start takes half a second, for which nobody waits: begin it before what else there is to do. It is
    asked one thing at a time: first the terms, which it answers with an empty batch, then rows.
    """

    def __init__(self, source: Path) -> None:
        self._process = _start() if _is_large(source) and _has_room() else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def ask(self, packed: bytes) -> None:
        """Have it check by terms, or the cells of numbered rows."""
        if self._process is not None:
            try:
                _write(self._process.stdin, packed)
            except OSError:
                self.end()

    def has_answered(self) -> bool:
        """Whether there is an answer, or none will come because it is gone."""
        stream = None if self._process is None else self._process.stdout
        return stream is not None and bool(select.select([stream], [], [], PATIENCE)[0])

    def answer(self) -> Batch | None:
        """Its answer, for which this waits; None if it is gone."""
        try:
            return _read(self._process.stdout) if self._process is not None else None
        except (OSError, EOFError, pickle.UnpicklingError):
            self.end()
            return None

    def end(self) -> None:
        """It is gone afterwards, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _is_large(source: Path) -> bool:
    try:
        return source.stat().st_size >= LARGE
    except (OSError, ValueError):
        return False  # whoever opens it tells why


def _has_room() -> bool:
    """Whether there is a second processor for us, and a way to ask the process whether it has answered."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return processors > 1 and os.name == "posix" and bool(sys.executable) and Path(__file__).is_file()


def _start() -> "subprocess.Popen[bytes] | None":
    ours = str(Path(__file__).parent.parent)
    paths = os.pathsep.join(filter(None, (ours, os.environ.get("PYTHONPATH"))))
    try:
        return subprocess.Popen(  # noqa: S603  this very file
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
        )
    except OSError:
        return None


def _packed(what: object) -> bytes:
    return pickle.dumps(what, pickle.HIGHEST_PROTOCOL)


def _write(stream: IO[bytes] | None, packed: bytes) -> None:
    assert stream is not None  # noqa: S101  it was asked for
    stream.write(packed)
    stream.flush()


def _read(stream: IO[bytes] | None) -> Any:
    assert stream is not None  # noqa: S101  it was asked for
    return pickle.load(stream)  # noqa: S301  from a process of ours


def serve(told: IO[bytes], out: IO[bytes]) -> None:
    """Check what rows come in, until no more come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with the process that asks
    try:
        check = _read(told).checker()
        _write(out, _packed(Batch((), ())))
        while True:
            _write(out, _packed(_batch(check, (Row(*each) for each in _read(told)))))
    except EOFError:
        return


if __name__ == "__main__":
    from importer import checking  # under its own name, which what is sent refers to

    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed must not come between the answers
    checking.serve(sys.stdin.buffer, answers)
