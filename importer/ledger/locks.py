"""Who is alive: each run holds a lock for as long as its process lives, and no longer.

A lock dies with its process, whatever ended it, so that "the owner is gone" is certain and never a guess
from clocks or process ids.
"""

import hashlib
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from filelock import FileLock, Timeout
from platformdirs import user_state_path
from sqlalchemy.exc import DBAPIError


class RunLocks(Protocol):
    """The locks of runs that share a ledger."""

    def hold(self, run: str) -> None:
        """Hold the lock of a run, and of no other, until it is released or this process ends."""

    def is_held(self, run: str) -> bool:
        """Whether a living process, this one included, holds the lock of a run."""

    def keep(self) -> None:
        """Make sure that the lock is still held; take it again where it was lost."""

    def release(self) -> None:
        """Let go of the lock."""


def run_locks(engine: sa.Engine) -> RunLocks:
    """The locks that fit a ledger: files beside SQLite, advisory locks in PostgreSQL."""
    if engine.dialect.name == "postgresql":
        return AdvisoryLocks(engine)
    return FileLocks(Path(engine.url.database or "ledger").with_suffix(".runs"))


class FileLocks:
    """Locked files in a folder beside the ledger; the operating system lets go of a dead process's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: FileLock | None = None

    def _path(self, run: str) -> Path:
        return self._folder / f"{run}.lock"

    def hold(self, run: str) -> None:
        self.release()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._held = FileLock(self._path(run), thread_local=False)
        self._held.acquire(timeout=0)

    def is_held(self, run: str) -> bool:
        if self._held is not None and Path(self._held.lock_file) == self._path(run):
            return self._held.is_locked
        if not self._path(run).exists():
            return False
        probe = FileLock(self._path(run), thread_local=False)
        try:
            probe.acquire(timeout=0)
        except Timeout:
            return True
        probe.release()
        self._path(run).unlink(missing_ok=True)
        return False

    def keep(self) -> None:
        pass  # a file stays locked as long as its process lives

    def release(self) -> None:
        if self._held is not None:
            path = Path(self._held.lock_file)
            path.unlink(missing_ok=True)
            self._held.release()
            self._held = None


class AdvisoryLocks:
    """Session-level advisory locks; the server lets go of them when the connection of their owner ends."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._connection: sa.Connection | None = None
        self._run = ""

    def hold(self, run: str) -> None:
        self.release()
        self._run = run
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(sa.select(sa.func.pg_advisory_lock(_number(run))))
        self._connection = connection

    def keep(self) -> None:
        if not self._run:
            return
        if self._connection is not None:
            try:
                self._connection.execute(sa.select(1))
            except DBAPIError:
                lost, self._connection = self._connection, None
                lost.invalidate()
                lost.close()
        if self._connection is None:
            self.hold(self._run)

    def is_held(self, run: str) -> bool:
        if run == self._run:
            return True
        with self._engine.connect() as connection:
            taken = connection.execute(
                sa.select(sa.func.pg_try_advisory_xact_lock(_number(run)))
            ).scalar_one()
        return not taken

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._run = ""


def job_lock(engine: sa.Engine, job: str) -> FileLock | None:
    """The lock of a job on this machine, held; None where a living process, or this one, has it already.

    It lies beside a ledger in SQLite, else in the user's state folder: it keeps two nights of one machine
    apart. Of machines that share a ledger each has its own; the ledger keeps their customers single.
    """
    sqlite = engine.dialect.name == "sqlite"
    place = Path(engine.url.database or "ledger") if sqlite else user_state_path("importer") / "ledger"
    folder = place.with_suffix(".jobs")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(folder / f"{job}.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock


def _number(run: str) -> int:
    """A 64-bit number for a run, as PostgreSQL's advisory locks want it."""
    return int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), signed=True)
