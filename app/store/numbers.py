"""The numbers: of each the name and the head of its chain, and, sealed, the only place from which it can be recovered.

Who appends to a chain first takes the number's row and keeps it until the end of the transaction. So the writers of
one number wait for each other, and those of different numbers never do. The same statement says where the chain
stands and draws the id of the next event, which its hash covers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from app.core.chain import START, Head
from app.store import announcing
from app.store.prepared import Prepared, micros
from app.store.tables import numbers
from app.store.upsert import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A number as it is written down if it is new.

    Attributes:
        number_key: the keyed hash of the number.
        sealed: the number, sealed to `binding(number_key)`; `None` where numbers are not kept.
        chain: the name of its chain.
        sealed_salt: what shows that the chain is the number's, in hexadecimal, sealed to `salt_binding(number_key)`.
    """

    number_key: bytes
    sealed: bytes | None
    chain: bytes
    sealed_salt: bytes | None


def _standing(dialect: str) -> tuple[sa.ColumnElement[Any], ...]:
    return numbers.c.chain, numbers.c.head, announcing.next_id(dialect)


def _insert_and_lock(dialect: str) -> ReturningInsert[tuple[bytes, bytes | None, int]]:
    statement = insert(dialect, numbers)
    # An update that changes nothing locks the row and returns it, in the same round trip.
    unchanged = {"first_seen": numbers.c.first_seen}
    locking = statement.on_conflict_do_update(index_elements=["number_key"], set_=unchanged)
    return locking.returning(*_standing(dialect))


def _lock(dialect: str) -> ReturningUpdate[tuple[bytes, bytes | None, int]]:
    statement = sa.update(numbers).where(numbers.c.number_key == sa.bindparam("key"))
    return statement.values(first_seen=numbers.c.first_seen).returning(*_standing(dialect))


_hold = Prepared(_insert_and_lock, ["number_key", "sealed", "first_seen", "chain", "sealed_salt"])
_hold_known = Prepared(_lock)


def hold(tx: Connection, newcomer: Newcomer, *, now: datetime) -> Head:
    """Note a number if it is new, and make other writers of facts about it wait until this transaction ends.

    Args:
        tx: the action's transaction. On SQLite it is the only writer as it is.
        newcomer: the number as it is written if it is new.
        now: the time of first sight.

    Returns:
        Where its chain stands, for one event that this transaction may append.
    """
    values = {
        "number_key": newcomer.number_key,
        "sealed": newcomer.sealed,
        "first_seen": micros(now),
        "chain": newcomer.chain,
        "sealed_salt": newcomer.sealed_salt,
    }
    return _head(_hold.run(tx, values)[0])


def hold_known(tx: Connection, number_key: bytes) -> Head | None:
    """Do as `hold` does for a number that was noted before; return `None` where it was not."""
    rows = _hold_known.run(tx, {"key": number_key})
    return _head(rows[0]) if rows else None


def _head(row: Sequence[Any]) -> Head:
    chain, head, next_id = row
    return Head(bytes(chain), START if head is None else bytes(head), next_id)


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


def salt_binding(number_key: bytes) -> bytes:
    """Name the row and column that the salt of a chain's name is sealed to."""
    return b"numbers.salt\0" + number_key
