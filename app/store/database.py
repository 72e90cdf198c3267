"""The database: one place that knows how SQLite and PostgreSQL differ.

Two pools over one database: `begin()` for the transaction of an action, `reading()` for autocommit
reads, which cost half as much. Whatever keeps us from the data, for whatever cause, is raised as
`Unavailable`.
"""

import select
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from sqlalchemy import URL, Connection, Engine, event, exc
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from app.core.errors import Misconfigured, Unavailable
from app.store import secrets
from app.store.prepared import Prepared
from app.store.turns import Turns

_BUSY_TIMEOUT_MS = 1500
_CONNECT_TIMEOUT_S = 2  # the least that libpq takes
_POOL_TIMEOUT_S = 1.5
_STATEMENT_TIMEOUT_MS = 10_000


class Database:
    """One database, opened lazily: making this object touches nothing.

    Args:
        url: SQLite or PostgreSQL (psycopg).
        fingerprints: of the vault's secrets, newest first. Each new connection proves that the data
            was written with these; without that proof a wrong secret would find nobody suppressed.
            Empty: no proof is asked, for migrations and tools that read no numbers.
        pool_size: connections kept per process and pool.
    """

    def __init__(
        self, url: URL, *, fingerprints: tuple[str, ...] = (), pool_size: int = 10
    ) -> None:
        self.url = url
        self._fingerprints = fingerprints
        self._writer = self._engine(pool_size)
        # No reset on return: an autocommit connection has no transaction to roll back.
        self._reader = self._engine(
            pool_size, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
        )
        self._driver_error: type[Exception] = self._writer.dialect.loaded_dbapi.Error
        self._held = _Held()
        self._turns: Turns | None = None
        if self.is_sqlite:
            event.listen(self._writer, "begin", _begin_immediate)
            self._turns = Turns(url.database or "")

    def __repr__(self) -> str:
        return f"Database({self.url.render_as_string(hide_password=True)!r})"

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open the one transaction of an action; it commits when the block ends, and rolls back when it raises.

        Raises:
            Unavailable: the database could not be reached, or did not commit.
        """
        try:
            with self._turns.take() if self._turns else nullcontext(), self._writer.begin() as tx:
                yield tx
        except (exc.SQLAlchemyError, self._driver_error) as fault:
            raise _translated(fault) from fault

    def fetch(self, statement: Prepared, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one read on a connection that this thread keeps for itself, in a transaction of its own.

        It is the way of the hot path: no connection is taken from a pool and given back.

        Raises:
            Unavailable: the database could not be reached.
        """
        try:
            return statement.run_on(self._held.driver(self._reader), self._reader.name, values)
        except (exc.SQLAlchemyError, self._driver_error) as fault:
            self._held.drop()
            raise _translated(fault) from fault

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection for single reads, each in a transaction of its own.

        Raises:
            Unavailable: the database could not be reached.
        """
        try:
            with self._reader.connect() as connection:
                yield connection
        except (exc.SQLAlchemyError, self._driver_error) as fault:
            raise _translated(fault) from fault

    @contextmanager
    def snapshot(self, *, unhurried: bool = False) -> Iterator[Connection]:
        """Open a connection for many reads that all see the same instant, streams among them.

        Args:
            unhurried: whether a single read may take as long as it takes.

        Raises:
            Unavailable: the database could not be reached.
        """
        begin = "BEGIN" if self.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        with self.reading() as connection:
            connection.exec_driver_sql(begin)
            if unhurried and not self.is_sqlite:
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def ping(self) -> None:
        """Read one row.

        Raises:
            Unavailable: the database cannot be reached, or holds no tables of ours.
        """
        with self.reading() as connection:
            connection.execute(sa.text("SELECT 1 FROM programs LIMIT 1"))

    def dispose(self) -> None:
        """Close every idle connection, this thread's own among them."""
        self._held.give_back()
        self._writer.dispose()
        self._reader.dispose()

    def _engine(self, pool_size: int, **options: Any) -> Engine:
        if self.is_sqlite:
            connect_args: dict[str, Any] = {
                "timeout": _BUSY_TIMEOUT_MS / 1000,
                "isolation_level": None,  # no BEGIN behind our back: ours is BEGIN IMMEDIATE
                "cached_statements": 256,
            }
        else:
            connect_args = {
                "connect_timeout": _CONNECT_TIMEOUT_S,
                "tcp_user_timeout": _CONNECT_TIMEOUT_S * 1000,
                "options": f"-c statement_timeout={_STATEMENT_TIMEOUT_MS}",
                "application_name": "stoplist",
            }
        engine = sa.create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=_POOL_TIMEOUT_S,
            connect_args=connect_args,
            hide_parameters=True,  # an error never shows what was bound
            **options,
        )
        event.listen(engine, "connect", _tune_sqlite if self.is_sqlite else _tune_postgresql)
        if self._fingerprints:
            event.listen(engine, "connect", self._prove_secrets)
        if not self.is_sqlite:
            event.listen(engine, "checkout", _refuse_dead)
        return engine

    def _prove_secrets(self, driver: Any, _record: ConnectionPoolEntry) -> None:
        with autocommit(driver):
            secrets.prove(driver, self._fingerprints, mark="?" if self.is_sqlite else "%s")


class _Held(threading.local):
    """The connection that each thread keeps."""

    connection: PoolProxiedConnection | None = None

    def driver(self, engine: Engine) -> Any:
        """Return the driver's connection of this thread, opened anew where it is gone."""
        if self.connection is not None and is_dead(self.connection.driver_connection):
            self.drop()
        if self.connection is None:
            self.connection = engine.raw_connection()
        return self.connection.driver_connection

    def give_back(self) -> None:
        """Let the pool have this thread's connection again."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def drop(self) -> None:
        """Close this thread's connection, after whatever went wrong with it."""
        if self.connection is not None:
            self.connection.invalidate()
            self.connection = None


def is_dead(driver: Any) -> bool:
    """Tell for the price of one poll whether the server hung up on an idle connection of PostgreSQL.

    Such a connection has nothing to read unless the server said goodbye.
    """
    if isinstance(driver, sqlite3.Connection):
        return False
    if driver.closed:
        return True
    poll = select.poll()
    poll.register(driver.fileno(), select.POLLIN | select.POLLHUP)
    return bool(poll.poll(0))


def _translated(fault: Exception) -> Exception:
    """Turn a driver's error, or SQLAlchemy's around it, into ours where it means that the data is out of reach."""
    if isinstance(fault, exc.TimeoutError):
        return Unavailable("no database connection became free in time")
    said = fault.orig if isinstance(fault, exc.DBAPIError) and fault.orig else fault
    if type(said).__name__ == "UndefinedTable" or "no such table" in str(said):
        return Unavailable("the database holds no tables of ours: run `stoplist db upgrade`")
    damaged = type(said) is sqlite3.DatabaseError
    kinds = {kind.__name__ for kind in type(said).__mro__}
    if damaged or kinds & {"OperationalError", "InterfaceError"}:
        return Unavailable("the database cannot be reached")
    return fault


def _begin_immediate(connection: Connection) -> None:
    """Take SQLite's write lock at the start, so that no transaction fails halfway for want of it."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _tune_sqlite(driver: Any, _record: ConnectionPoolEntry) -> None:
    driver.execute("PRAGMA journal_mode = WAL")
    driver.execute(
        "PRAGMA synchronous = FULL"
    )  # a commit that was acknowledged survives a power cut
    driver.execute(
        "PRAGMA wal_autocheckpoint = 4000"
    )  # pages: 16 MB, so that hot pages are copied once


def _tune_postgresql(driver: Any, _record: ConnectionPoolEntry) -> None:
    with autocommit(driver):
        # A commit is acknowledged when it is on disk; a server that says otherwise is overruled,
        # one that waits for its standbys too is not.
        driver.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') = 'off'"
        )


def _refuse_dead(driver: Any, _record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Have the pool open a new connection where one died in it: nobody sees an error for a restart that is over."""
    if is_dead(driver):
        raise exc.DisconnectionError("the server closed an idle connection")


@contextmanager
def autocommit(driver: Any) -> Iterator[None]:
    """Run statements on a bare psycopg connection outside any transaction; SQLite's are so already."""
    before = getattr(driver, "autocommit", None)
    if before is False:
        driver.autocommit = True
    yield
    if before is False:
        driver.autocommit = False


def parse_url(raw: str) -> URL:
    """Read a database URL as hosting providers write it (`postgres://` too) and name the driver we use.

    Raises:
        Misconfigured: neither SQLite nor PostgreSQL, or not a URL. The message does not repeat it.
    """
    try:
        url = sa.make_url(raw)
    except exc.ArgumentError:
        raise Misconfigured("STOPLIST_DATABASE_URL is not a database URL") from None
    if url.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and url.database:
        return url
    raise Misconfigured("STOPLIST_DATABASE_URL must begin with postgresql:// or sqlite:///")
