"""The sealed numbers: the only place from which a number can be recovered."""

from datetime import datetime
from typing import Any

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


def hold(
    number_key: bytes, *, sealed: bytes | None, now: datetime
) -> tuple[Prepared, dict[str, Any]]:
    """Return the step that notes a number if it is new, and makes other writers of facts about it wait.

    They wait until the transaction ends in which the step is run; on SQLite it is the only writer as it is.

    Args:
        number_key: the keyed hash of the number.
        sealed: the number, sealed to `binding(number_key)`; `None` where numbers are not kept.
        now: the time of first sight.
    """
    return _hold, {"number_key": number_key, "sealed": sealed, "first_seen": micros(now)}


def binding(number_key: bytes) -> bytes:
    """Name the row and column that a number is sealed to."""
    return b"numbers.sealed\0" + number_key
