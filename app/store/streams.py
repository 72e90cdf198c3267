"""Read whole tables row by row in flat memory, as the driver gives them, whatever somebody may have put there."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from sqlalchemy import Connection

_AT_ONCE = 2000
_names = count()


def stream(connection: Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query.

    Args:
        connection: of a snapshot. Several streams may run side by side on it.
        query: constant, without values to bind.
    """
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        # Text that is no UTF-8 was not written by us: it is to be found, not to stop the search.
        driver.text_factory = _as_it_is
        try:
            yield from driver.execute(query)
        finally:
            driver.text_factory = str
        return
    with driver.cursor(name=f"stream_{next(_names)}") as cursor:
        cursor.itersize = _AT_ONCE
        yield from cursor.execute(query, binary=True)


def _as_it_is(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
