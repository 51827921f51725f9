"""The ledger's database: opened durably, its errors told as ours."""

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from importer.errors import LedgerError, SettingsError
from importer.ledger.tables import (
    VERSION,
    history_by_customer,
    mark_table,
    one_under_way,
    schema,
    version_table,
)


def open_engine(url: str) -> sa.Engine:
    """The database at a SQLAlchemy URL with the ledger's tables in it, made where there are none.

    Raises:
        SettingsError: The URL cannot be used: unknown, or its driver is not installed.
        LedgerError: The database cannot be used, or a later version of this program made it.
    """
    if re.match(r"(sqlite|postgresql)(\+\w+)?://", url) is None:
        raise SettingsError("A ledger is kept in SQLite or PostgreSQL: give such a URL with --ledger.")
    try:
        engine = sa.create_engine(url, pool_pre_ping=_has_server(url), hide_parameters=True)
    except ImportError as error:
        raise SettingsError(
            "The ledger given with --ledger needs a driver that is not installed. For PostgreSQL: "
            "pip install 'importer[postgres]', and a URL that begins with postgresql+psycopg://"
        ) from error
    except (SQLAlchemyError, ValueError) as error:
        raise SettingsError(
            "The ledger's address given with --ledger is none. Write it like "
            "sqlite:////path/to/ledger.sqlite3 or postgresql+psycopg://user@host/database."
        ) from error
    if engine.dialect.name == "sqlite" and engine.url.database in (None, "", ":memory:"):
        raise SettingsError("A ledger in memory would forget: give a file, like sqlite:////path/to/ledger.")
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:
        _prepare_postgresql(engine)
    try:
        _make_tables(engine)
    except LedgerError:
        engine.dispose()
        raise
    return engine


def _has_server(url: str) -> bool:
    """Whether a connection can be lost."""
    return not url.startswith("sqlite")


def missing_file(url: str) -> Path | None:
    """The file of a ledger in SQLite that is not there so far; None for any other URL, good or bad."""
    try:
        parsed = sa.make_url(url)
    except (SQLAlchemyError, ValueError):
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    path = Path(parsed.database)
    return None if path.exists() else path


def _make_tables(engine: sa.Engine) -> None:
    with trouble(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # two processes that start together must not both make the tables
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MAKING_TABLES)))
        schema.create_all(connection)
        found = connection.execute(sa.select(sa.func.max(version_table.c.version))).scalar_one()
        if found is not None and found > VERSION:
            raise LedgerError("This ledger was made by a later version of the importer: use that one.")
        if found == 1:
            _add_exclusive(connection)
        if found in (1, 2):
            _add_what_rewriting_needs(connection)
        # from 2 to 3 the table of nights came, which is made by now, as is that of the mark
        if connection.execute(sa.select(mark_table.c.mark)).first() is None:
            connection.execute(mark_table.insert().values(mark=secrets.token_hex(8)))
        connection.execute(insert(engine, version_table).values(version=VERSION).on_conflict_do_nothing())


def _add_exclusive(connection: sa.Connection) -> None:
    """From version 1 to 2: of one value that a provider keeps unique, one customer under way."""
    connection.exec_driver_sql("ALTER TABLE customer ADD COLUMN exclusive TEXT NOT NULL DEFAULT ''")
    one_under_way.create(connection, checkfirst=True)


def _add_what_rewriting_needs(connection: sa.Connection) -> None:
    """From version 2 to 3: of a run its settings and its ending, and all of what a customer's line said."""
    connection.exec_driver_sql("ALTER TABLE run ADD COLUMN job TEXT NOT NULL DEFAULT ''")
    connection.exec_driver_sql("ALTER TABLE run ADD COLUMN settings TEXT")
    connection.exec_driver_sql("ALTER TABLE run ADD COLUMN ending TEXT")
    connection.exec_driver_sql("ALTER TABLE history ADD COLUMN extra TEXT NOT NULL DEFAULT '{}'")
    history_by_customer.create(connection, checkfirst=True)


BUSY_TIMEOUT = 30.0
"""Seconds to wait while another process writes."""

MAKING_TABLES = 0x1EDCE2
"""Number of the advisory lock under which the tables are made."""


def connection_was_lost(error: Exception) -> bool:
    """Whether an error of the ledger only means that its connection has to be made anew."""
    cause = error.__cause__
    return isinstance(cause, DBAPIError) and (
        cause.connection_invalidated or isinstance(cause, OperationalError)
    )


Lines = Sequence[Mapping[str, object]]
"""Values by the names of columns, for each customer."""

Values = Mapping[str, sa.ColumnElement[Any]]
"""What stands in a statement for the values of a line."""


class Batch(Protocol):
    """A statement for many lines at once, put into the database's words only once.

    For the two writes that every row needs: compiling and checking them anew for each commit costs more
    than the database does.
    """

    def execute(self, connection: sa.Connection, lines: Lines) -> int:
        """Carry it out; how many lines of the table it changed."""


def batch(engine: sa.Engine, columns: Sequence[sa.Column[Any]], statement: Callable[[Values], Any]) -> Batch:
    """A batch of the `statement` that is made with the values of `columns`."""
    kind = AllAtOnce if engine.dialect.name == "postgresql" else OneByOne
    return kind(engine, columns, statement)


class OneByOne:
    """Each line in turn, as a library in the same process does best."""

    def __init__(
        self, engine: sa.Engine, columns: Sequence[sa.Column[Any]], statement: Callable[[Values], Any]
    ) -> None:
        names = {f"line_{column.name}": column for column in columns}
        values = {column.name: sa.bindparam(name, type_=column.type) for name, column in names.items()}
        compiled = statement(values).compile(dialect=engine.dialect)
        order = compiled.positiontup or []
        self._sql = str(compiled)
        self._constants = {name: value for name, value in compiled.params.items() if name not in names}
        self._order = [name.removeprefix("line_") if name in names else name for name in order]

    def execute(self, connection: sa.Connection, lines: Lines) -> int:
        rows = [tuple(map({**self._constants, **line}.__getitem__, self._order)) for line in lines]
        return connection.exec_driver_sql(self._sql, rows).rowcount


class AllAtOnce:
    """All lines as one document, so that a server over a network is asked once and not for each."""

    def __init__(
        self, engine: sa.Engine, columns: Sequence[sa.Column[Any]], statement: Callable[[Values], Any]
    ) -> None:
        document = sa.cast(sa.bindparam("lines", type_=sa.Text), postgresql.JSON)
        typed = (sa.column(column.name, column.type) for column in columns)
        records = sa.func.json_to_recordset(document).table_valued(*typed)
        table = records.render_derived("line", with_types=True)
        self._statement = statement({column.name: table.c[column.name] for column in columns})

    def execute(self, connection: sa.Connection, lines: Lines) -> int:
        changed: sa.CursorResult[Any] = connection.execute(self._statement, {"lines": json.dumps(lines)})
        return changed.rowcount


def insert(engine: sa.Engine, table: sa.Table) -> Any:
    """An INSERT that can name conflicts, in the words of the database."""
    return (postgresql if engine.dialect.name == "postgresql" else sqlite).insert(table)


def _prepare_sqlite(engine: sa.Engine) -> None:
    """Wait for the disk at each commit, and take the write lock at the beginning of a transaction."""
    folder = Path(engine.url.database or ".").parent
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(f"The ledger's folder {folder} cannot be made: {error.strerror}.") from error

    @sa.event.listens_for(engine, "connect")
    def _settings(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT * 1000:.0f}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare_postgresql(engine: sa.Engine) -> None:
    """Let the server notice within a minute that a machine is gone, and with it the locks of its run."""

    @sa.event.listens_for(engine, "connect")
    def _settings(connection: Any, _: object) -> None:
        if hasattr(connection, "prepare_threshold"):
            # a way through the tables that was chosen while they were empty stays with a prepared statement
            connection.prepare_threshold = None
        with connection.cursor() as cursor:
            cursor.execute("SET tcp_keepalives_idle = 20")
            cursor.execute("SET tcp_keepalives_interval = 10")
            cursor.execute("SET tcp_keepalives_count = 3")
        connection.commit()


@contextmanager
def trouble(engine: sa.Engine) -> Iterator[None]:
    """Errors of the database and the disk as LedgerError: with the ledger's place, without the statement."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
        place = engine.url.render_as_string(hide_password=True)
        raise LedgerError(
            f"The ledger {place} cannot be used: {reason[0]}. Nothing is sent that cannot be recorded. "
            f"Mend it and run the same command again; never go on with another ledger, which knows of "
            f"nobody who was sent."
        ) from error
