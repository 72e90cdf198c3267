"""What tests do to the database of a running server, past the server."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import sqlalchemy as sa

from app.store.database import Database, parse_url


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Open a database for as long as the block lasts."""
    db = Database(parse_url(url))
    yield db
    db.dispose()


def count(url: str, table: str) -> int:
    """Return how many rows a table holds."""
    with opened(url) as db, db.reading() as connection:
        return int(connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())


@contextmanager
def writers_locked_out(url: str) -> Iterator[None]:
    """Keep every other writer waiting for as long as the block lasts; readers go on."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            yield
    else:
        with closing(psycopg.connect(url)) as connection:
            connection.execute("LOCK TABLE numbers IN EXCLUSIVE MODE")
            yield
