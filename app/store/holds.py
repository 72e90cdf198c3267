"""Litigation holds: of a number or of a program nothing is deleted until its hold is released."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from app.store.tables import Instant, holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One hold; the fields are the columns of the table.

    Attributes:
        id: its number.
        number_key: of the number that is held; `None`: it is a program.
        program: that is held; `None`: it is a number.
        sealed_reason: why, sealed to `binding`.
        placed_at: since when.
        released_at: until when; `None`: it stands.
    """

    id: int
    number_key: bytes | None
    program: str | None
    sealed_reason: bytes
    placed_at: datetime
    released_at: datetime | None


_standing = holds.c.released_at.is_(None)


def place(
    tx: Connection,
    *,
    number_key: bytes | None,
    program: str | None,
    sealed_reason: bytes,
    now: datetime,
) -> int:
    """Place a hold and return its id."""
    values = {
        "number_key": number_key,
        "program": program,
        "sealed_reason": sealed_reason,
        "placed_at": now,
    }
    placed = tx.execute(holds.insert().values(values).returning(holds.c.id))
    return int(placed.scalar_one())


def release(tx: Connection, hold_id: int, now: datetime) -> bool:
    """Release a hold and those that were placed with it; return whether there is one of that id.

    A number that is filed under several secrets has a hold for each. One that was released before keeps its date.
    """
    together = sa.select(holds.c.placed_at).where(holds.c.id == hold_id).scalar_subquery()
    found = tx.execute(
        sa.update(holds)
        .where(holds.c.placed_at == together)
        .values(released_at=sa.func.coalesce(holds.c.released_at, sa.literal(now, Instant)))
    )
    return bool(found.rowcount)


def listed(connection: Connection) -> list[Hold]:
    """Return every hold, oldest first, released ones too."""
    rows = connection.execute(sa.select(holds).order_by(holds.c.id))
    return [Hold(**row._mapping) for row in rows]


def concerning(connection: Connection, number_keys: Sequence[bytes]) -> bool:
    """Tell whether a number is held, itself."""
    held = sa.exists().where(_standing, holds.c.number_key.in_(list(number_keys)))
    return bool(connection.execute(sa.select(held)).scalar_one())


def is_held(
    number_key: sa.ColumnElement[bytes], program: sa.ColumnElement[str] | None = None
) -> sa.Exists:
    """Return the condition that a row, of that number and program, is held."""
    same = holds.c.number_key == number_key
    if program is not None:
        same = sa.or_(same, holds.c.program == program)
    return sa.exists().where(_standing, same)


def binding(placed_at: datetime, target: str) -> bytes:
    """Name the row and column that a reason is sealed to."""
    return f"holds.reason\0{placed_at.isoformat()}\0{target}".encode()
