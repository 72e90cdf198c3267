"""Write the rows of many facts as fast as each driver can: on SQLite by `executemany`, on PostgreSQL by COPY.

Rows are in the values that the database holds, with their columns in the order of `NUMBER`, `EVENT` and `WORD`.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

import psycopg.errors
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from app.store import suppressions
from app.store.ledger import advance
from app.store.prepared import Prepared
from app.store.tables import events, numbers
from app.store.tables import suppressions as words
from app.store.upsert import insert

Rows = Sequence[tuple[Any, ...]]

NUMBER = ("number_key", "sealed", "first_seen", "chain", "sealed_salt", "head")
EVENT = tuple(column.name for column in events.c)
WORD = tuple(column.name for column in words.c)

_add_number = Prepared(lambda dialect: insert(dialect, numbers), list(NUMBER))
_add_event = Prepared(lambda dialect: insert(dialect, events), list(EVENT))


class Raced(Exception):
    """Another writer told one of the facts, or of one of the numbers, at the same moment: try again."""


def write(tx: Connection, newcomers: Rows, moved: Rows, facts: Rows, said: Rows) -> None:
    """Write numbers, the heads of their chains, events and words.

    Args:
        tx: the action's transaction.
        newcomers: numbers that are new.
        moved: of numbers that are known, the head of the chain and the key.
        facts: events, none of them held already.
        said: words, at most one for a number, layer and scope; each counts if it is the newest.

    Raises:
        Raced: nothing may be committed.
    """
    try:
        if tx.dialect.name == "postgresql":
            _copy(tx, "numbers", NUMBER, newcomers)
            if moved:
                with _driver(tx).cursor() as cursor:
                    cursor.executemany(_MOVE, moved)
            _copy(tx, "events", EVENT, facts)
            tx.execute(CreateTable(_staged, if_not_exists=True))
            _copy(tx, "staged_words", WORD, said)
            tx.execute(_apply_staged)
        else:
            _add_number.run_many(tx, newcomers)
            if moved:
                tx.execute(advance(), [{"to": head, "of": key} for head, key in moved])
            _add_event.run_many(tx, facts)
            suppressions.apply_many(tx, said)
    except (psycopg.errors.UniqueViolation, sqlite3.IntegrityError) as fault:
        raise Raced from fault


def _driver(tx: Connection) -> Any:
    return tx.connection.driver_connection


# PostgreSQL.

_MOVE = "UPDATE numbers SET head = %b WHERE number_key = %b"
_staged = sa.Table(
    "staged_words",
    sa.MetaData(),
    *[sa.Column(column.name, column.type) for column in words.c],
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)
_apply_staged = suppressions.newest_wins(
    postgresql.insert(words).from_select(list(WORD), sa.select(_staged))
)


def _copy(tx: Connection, table: str, columns: Sequence[str], rows: Rows) -> None:
    if not rows:
        return
    kinds = [_kind_of(table, name) for name in columns]
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    with _driver(tx).cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(kinds)
        for row in rows:
            copy.write_row(row)


def _kind_of(table: str, column: str) -> str:
    held = {"numbers": numbers, "events": events, "staged_words": _staged}[table].c[column]
    compiled = held.type.compile(postgresql.dialect())  # type: ignore[no-untyped-call]
    return {"BYTEA": "bytea", "BIGINT": "int8", "INTEGER": "int4"}.get(compiled, "text")
