"""Statements of the hot paths: written in SQLAlchemy Core, compiled once, run by the driver itself.

Running a Core statement through a SQLAlchemy connection costs several times what the driver takes for it. The
statements that run for every check and every message are therefore compiled to the dialect's SQL the first time,
and then handed to the driver of the same connection, in the same transaction. Their values are the driver's own:
instants are `micros(...)`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.base import Executable

from app.store.tables import EPOCH

_MICROSECOND = timedelta(microseconds=1)
_DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(),
    "postgresql": postgresql.psycopg.dialect(),  # type: ignore[no-untyped-call]
}


class Prepared:
    """One statement for both databases.

    Args:
        build: makes the Core statement for the dialect of that name.
        columns: for an INSERT, the columns it fills.
    """

    def __init__(self, build: Any, columns: Sequence[str] | None = None) -> None:
        self._build = build
        self._columns = columns
        self._compiled: dict[str, _Compiled] = {}

    @classmethod
    def of(cls, statement: Executable) -> "Prepared":
        """Prepare a statement that is the same in both dialects."""
        return cls(partial(_same, statement))

    def run(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run it within a connection's transaction and return the rows, none for a statement that has none."""
        return self.run_on(connection.connection.driver_connection, connection.dialect.name, values)

    def run_many(self, connection: Connection, rows: Iterable[Sequence[Any]]) -> None:
        """Run an INSERT for many rows, each the values of `columns` in their order."""
        driver, dialect = connection.connection.driver_connection, connection.dialect.name
        compiled = self._compiled.get(dialect) or self._compile(dialect)
        assert driver is not None  # noqa: S101
        columns = self._columns or ()
        if compiled.order is None:
            named = [dict(zip(columns, row, strict=True)) for row in rows]
            if named:
                driver.cursor().executemany(compiled.sql, named)
            return
        assert list(compiled.order) == list(columns)  # noqa: S101  # else values would be swapped
        driver.executemany(compiled.sql, rows)

    def run_on(self, driver: Any, dialect: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run it on a driver's own connection."""
        compiled = self._compiled.get(dialect) or self._compile(dialect)
        bound = {**compiled.constants, **values} if compiled.constants else values
        if compiled.order is None:
            cursor = driver.execute(compiled.sql, bound)
        else:
            cursor = driver.execute(compiled.sql, [bound[name] for name in compiled.order])
        return cursor.fetchall() if cursor.description else []

    def _compile(self, dialect: str) -> "_Compiled":
        statement = self._build(dialect)
        compiled = statement.compile(
            dialect=_DIALECTS[dialect],
            column_keys=self._columns,
            compile_kwargs={"render_postcompile": True},
        )
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        made = _Compiled(str(compiled), compiled.positiontup, constants)
        self._compiled[dialect] = made
        return made


class _Compiled:
    """A statement in one dialect: its SQL, the order of its values (`None`: by name), its constants."""

    __slots__ = ("constants", "order", "sql")

    def __init__(self, sql: str, order: Sequence[str] | None, constants: Mapping[str, Any]) -> None:
        self.sql = sql
        self.order = order
        self.constants = constants


def micros(moment: datetime) -> int:
    """Return an aware time as the database holds it: whole microseconds since 1970."""
    return (moment - EPOCH) // _MICROSECOND


def instant(held: int) -> datetime:
    """Return an instant as the database holds it as an aware time in UTC."""
    return EPOCH + held * _MICROSECOND


def _same(statement: Executable, _dialect: str) -> Executable:
    return statement
