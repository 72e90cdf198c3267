"""Access keys: who may ask. Only a hash of each is held."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from app.store.tables import Instant, access_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """One access key as it is kept; the fields are the columns of the table."""

    id: str
    name: str
    roles: str
    digest: bytes
    created_at: datetime
    revoked_at: datetime | None


_one = sa.select(access_keys).where(access_keys.c.id == sa.bindparam("id"))


def find(connection: Connection, key_id: str) -> HeldKey | None:
    """Return the key of that id, or `None`."""
    row = connection.execute(_one, {"id": key_id}).first()
    return None if row is None else HeldKey(**row._mapping)


def add(tx: Connection, key: HeldKey) -> None:
    """Keep a new key."""
    fields = {name: getattr(key, name) for name in HeldKey.__dataclass_fields__}
    tx.execute(access_keys.insert(), fields)


def listed(connection: Connection) -> list[HeldKey]:
    """Return every key, oldest first."""
    rows = connection.execute(sa.select(access_keys).order_by(access_keys.c.created_at))
    return [HeldKey(**row._mapping) for row in rows]


def revoke(tx: Connection, key_id: str, now: datetime) -> bool:
    """End a key; return whether there is one of that id. A key that was revoked before keeps its date."""
    found = tx.execute(
        sa.update(access_keys)
        .where(access_keys.c.id == key_id)
        .values(revoked_at=sa.func.coalesce(access_keys.c.revoked_at, sa.literal(now, Instant)))
    )
    return found.rowcount == 1
