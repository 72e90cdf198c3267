"""The sealed numbers: the only place from which a number can be recovered."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from app.store.tables import numbers
from app.store.upsert import insert_or_ignore

_locked = (
    sa.select(numbers.c.number_key)
    .where(numbers.c.number_key == sa.bindparam("number_key"))
    .with_for_update()
)


def hold(tx: Connection, number_key: bytes, *, sealed: bytes | None, now: datetime) -> None:
    """Note a number if it is new, and make other writers of facts about it wait until this transaction ends.

    Args:
        tx: the action's transaction.
        number_key: the keyed hash of the number.
        sealed: the number, sealed to `binding(number_key)`; `None` where numbers are not kept.
        now: the time of first sight.
    """
    tx.execute(
        insert_or_ignore(tx, numbers, "number_key"),
        {"number_key": number_key, "sealed": sealed, "first_seen": now},
    )
    if tx.dialect.name != "sqlite":
        # SQLite has one writer at a time as it is.
        tx.execute(_locked, {"number_key": number_key})


def binding(number_key: bytes) -> bytes:
    """Name the row and column that a number is sealed to."""
    return b"numbers.sealed\0" + number_key
