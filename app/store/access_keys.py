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


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyProof:
    """Of a key, what its bearer is held against."""

    digest: bytes
    roles: str
    revoked: bool


_proof = sa.select(access_keys.c.digest, access_keys.c.roles, access_keys.c.revoked_at).where(
    access_keys.c.id == sa.bindparam("id")
)


def proof(connection: Connection, key_id: str) -> KeyProof | None:
    """Return what proves the key of that id, or `None`."""
    row = connection.execute(_proof, {"id": key_id}).first()
    if row is None:
        return None
    return KeyProof(digest=bytes(row.digest), roles=row.roles, revoked=row.revoked_at is not None)


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
