"""The database: one place that knows how SQLite and PostgreSQL differ.

Two pools over one database: `begin()` for the transaction of an action, `reading()` for autocommit
reads, which cost half as much. Whatever keeps us from the data, for whatever cause, is raised as
`Unavailable`.
"""

import select
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from sqlalchemy import URL, Connection, Engine, event, exc
from sqlalchemy.pool import ConnectionPoolEntry

from app.core.errors import Misconfigured, Unavailable
from app.store import secrets
from app.store.turns import Turns

_BUSY_TIMEOUT_MS = 1500
_CONNECT_TIMEOUT_S = 2  # the least that libpq takes
_POOL_TIMEOUT_S = 1.5
_STATEMENT_TIMEOUT_MS = 10_000
_OUT_OF_REACH = (exc.OperationalError, exc.InterfaceError)


class Database:
    """One database, opened lazily: making this object touches nothing.

    Args:
        url: SQLite or PostgreSQL (psycopg).
        fingerprints: of the vault's secrets, newest first. Each new connection proves that the data
            was written with these; without that proof a wrong secret would find nobody suppressed.
            Empty: no proof is asked, for migrations and tools that read no numbers.
        pool_size: connections kept per process and pool.
    """

    def __init__(self, url: URL, *, fingerprints: tuple[str, ...] = (), pool_size: int = 5) -> None:
        self.url = url
        self._fingerprints = fingerprints
        self._writer = self._engine(pool_size)
        # No reset on return: an autocommit connection has no transaction to roll back.
        self._reader = self._engine(
            pool_size, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
        )
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
        except exc.DBAPIError as fault:
            raise _translated(fault) from fault
        except exc.TimeoutError as fault:
            raise Unavailable("no database connection became free in time") from fault

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection for single reads, each in a transaction of its own.

        Raises:
            Unavailable: the database could not be reached.
        """
        try:
            with self._reader.connect() as connection:
                yield connection
        except exc.DBAPIError as fault:
            raise _translated(fault) from fault
        except exc.TimeoutError as fault:
            raise Unavailable("no database connection became free in time") from fault

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a connection for many reads that all see the same instant, streams among them.

        Raises:
            Unavailable: the database could not be reached.
        """
        begin = "BEGIN" if self.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        with self.reading() as connection:
            connection.exec_driver_sql(begin)
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
        """Close every idle connection."""
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


def _translated(fault: exc.DBAPIError) -> Exception:
    """Turn a driver's error into ours where it means that the data is out of reach."""
    missing_table = type(fault.orig).__name__ == "UndefinedTable" or "no such table" in str(
        fault.orig
    )
    if missing_table:
        return Unavailable("the database holds no tables of ours: run `stoplist db upgrade`")
    damaged = isinstance(fault.orig, sqlite3.DatabaseError) and type(fault) is exc.DatabaseError
    if isinstance(fault, _OUT_OF_REACH) or fault.connection_invalidated or damaged:
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
    driver.execute("PRAGMA foreign_keys = ON")


def _tune_postgresql(driver: Any, _record: ConnectionPoolEntry) -> None:
    with autocommit(driver):
        # A commit is acknowledged when it is on disk; a server that says otherwise is overruled,
        # one that waits for its standbys too is not.
        driver.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') = 'off'"
        )


def _refuse_dead(driver: Any, _record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Notice for the price of one poll that the server hung up while the connection lay in the pool.

    An idle connection has nothing to read unless the server said goodbye. The pool then opens a new
    one, so that nobody sees an error for a restart that is over.
    """
    poll = select.poll()
    poll.register(driver.fileno(), select.POLLIN | select.POLLHUP)
    if poll.poll(0):
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
