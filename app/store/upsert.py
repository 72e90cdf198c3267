"""INSERT ... ON CONFLICT: the same clause in both databases, built by two dialects of SQLAlchemy."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def insert(dialect: str, table: Table) -> Insert:
    """Begin an INSERT that can carry an ON CONFLICT clause, for the dialect of that name."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def insert_or_ignore(dialect: str, table: Table, *key: str) -> Insert:
    """Insert a row, or nothing where one with the same key stands."""
    return insert(dialect, table).on_conflict_do_nothing(index_elements=list(key))
