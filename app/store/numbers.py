"""The sealed numbers: the only place from which a number can be recovered."""

from datetime import datetime

from sqlalchemy import Connection

from app.store.prepared import Prepared, micros
from app.store.tables import numbers
from app.store.upsert import Insert, insert


def _insert_and_lock(dialect: str) -> Insert:
    statement = insert(dialect, numbers)
    if dialect == "sqlite":
        return statement.on_conflict_do_nothing(index_elements=["number_key"])
    # An update that changes nothing locks the row, in the same round trip.
    unchanged = {"number_key": statement.excluded.number_key}
    return statement.on_conflict_do_update(index_elements=["number_key"], set_=unchanged)


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


def binding(number_key: bytes) -> bytes:
    """Name the row and column that a number is sealed to."""
    return b"numbers.sealed\0" + number_key
