"""The sealed numbers: the only place from which a number can be recovered."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.sql.dml import ReturningInsert

from app.store import feed
from app.store.prepared import Prepared, micros
from app.store.tables import numbers
from app.store.upsert import Insert, insert


def _insert_and_lock(dialect: str) -> Insert | ReturningInsert[None]:
    statement = insert(dialect, numbers)
    if dialect == "sqlite":
        return statement.on_conflict_do_nothing(index_elements=["number_key"])
    # An update that changes nothing locks the row, in the same round trip.
    unchanged = {"number_key": statement.excluded.number_key}
    locking = statement.on_conflict_do_update(index_elements=["number_key"], set_=unchanged)
    return locking.returning(feed.announcement())


_hold = Prepared(_insert_and_lock, ["number_key", "sealed", "first_seen"])


def hold(tx: Connection, number_key: bytes, *, sealed: bytes | None, now: datetime) -> None:
    """Note a number if it is new, and make other writers of facts about it wait until this transaction ends.

    Args:
        tx: the action's transaction. On SQLite it is the only writer as it is.
        number_key: the keyed hash of the number.
        sealed: the number, sealed to `binding(number_key)`; `None` where numbers are not kept.
        now: the time of first sight.
    """
    _hold.run(tx, {"number_key": number_key, "sealed": sealed, "first_seen": micros(now)})


_page = (
    sa.select(numbers.c.number_key, numbers.c.sealed)
    .where(numbers.c.number_key > sa.bindparam("last"))
    .order_by(numbers.c.number_key)
    .limit(sa.bindparam("limit"))
)


def after(
    connection: Connection, number_key: bytes, *, limit: int
) -> list[tuple[bytes, bytes | None]]:
    """Return the numbers that follow one in the order of their keys, each with its key and as it is sealed."""
    rows = connection.execute(_page, {"last": number_key, "limit": limit})
    return [(bytes(key), None if sealed is None else bytes(sealed)) for key, sealed in rows]


_place = sa.select(numbers.c.number_key, numbers.c.sealed_place).where(
    numbers.c.number_key.in_(sa.bindparam("keys", expanding=True)),
    numbers.c.sealed_place.is_not(None),
)


def places(connection: Connection, number_keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return where the people of these numbers live, sealed to `place_binding`; those of whom it is known."""
    rows = connection.execute(_place, {"keys": list(number_keys)})
    return {bytes(row.number_key): bytes(row.sealed_place) for row in rows}


def are_kept(connection: Connection, number_keys: Sequence[bytes]) -> bool:
    """Tell whether a number itself is held, sealed, under any of its keys."""
    kept = sa.exists().where(
        numbers.c.number_key.in_(list(number_keys)), numbers.c.sealed.is_not(None)
    )
    return bool(connection.execute(sa.select(kept)).scalar_one())


def known(connection: Connection, number_keys: Sequence[bytes]) -> list[bytes]:
    """Return those of some keys under which a number is filed."""
    query = sa.select(numbers.c.number_key).where(numbers.c.number_key.in_(list(number_keys)))
    return [bytes(key) for key in connection.execute(query).scalars()]


def keep_place(tx: Connection, number_key: bytes, sealed: bytes) -> None:
    """Note where the person of a number lives."""
    tx.execute(
        sa.update(numbers).where(numbers.c.number_key == number_key).values(sealed_place=sealed)
    )


def binding(number_key: bytes) -> bytes:
    """Name the row and column that a number is sealed to."""
    return b"numbers.sealed\0" + number_key


def place_binding(number_key: bytes) -> bytes:
    """Name the row and column that a person's place is sealed to."""
    return b"numbers.place\0" + number_key
