"""The seals, and what they and the chains are held against: every event and number, streamed as it stands."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import Connection

from app.core.chain import Entry
from app.core.examination import HeldEvent, HeldNumber
from app.core.seal import Seal
from app.store.streams import stream
from app.store.tables import seals
from app.store.upsert import insert_or_ignore

_FIELDS = tuple(Seal.__dataclass_fields__)
_ENTRY = ", ".join(Entry._fields)
_newest = sa.select(*(seals.c[name] for name in _FIELDS)).order_by(seals.c.id.desc()).limit(1)
_behind = sa.select(*(seals.c[name] for name in _FIELDS)).order_by(seals.c.id)


def add(tx: Connection, seal: Seal) -> bool:
    """Keep a seal; return whether its place was free."""
    values = {name: getattr(seal, name) for name in _FIELDS}
    kept = insert_or_ignore(tx.dialect.name, seals, "id").values(values).returning(seals.c.id)
    return tx.execute(kept).first() is not None


def newest(connection: Connection) -> Seal | None:
    """Return the last seal, or `None`."""
    row = connection.execute(_newest).first()
    return None if row is None else Seal(**row._mapping)


def find(connection: Connection, seal_id: int) -> Seal | None:
    """Return the seal of that id, or `None`."""
    row = connection.execute(_behind.where(seals.c.id == seal_id)).first()
    return None if row is None else Seal(**row._mapping)


def behind(connection: Connection, seal_id: int) -> list[Seal]:
    """Return the seals that follow one; 0: all."""
    return [Seal(**row._mapping) for row in connection.execute(_behind.where(seals.c.id > seal_id))]


def held(connection: Connection) -> Iterator[Seal]:
    """Stream every seal by id; this and what follows needs a snapshot."""
    query = f"SELECT {', '.join(_FIELDS)} FROM seals ORDER BY id"  # noqa: S608  # constants
    for row in stream(connection, query):
        yield Seal(**dict(zip(_FIELDS, row, strict=True)))


def hashes(
    connection: Connection, *, after: int = 0, to: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """Stream the id and the hash of every event, by id: those behind one, up to one."""
    upper = "" if to is None else f" AND id <= {to:d}"
    query = f"SELECT id, hash FROM events WHERE id > {after:d}{upper} ORDER BY id"  # noqa: S608  # integers
    return stream(connection, query)


def events_by_number(connection: Connection) -> Iterator[HeldEvent]:
    """Stream the ledger, number by number, each number's events by id."""
    query = (
        f"SELECT number_key, hash, sealed_evidence, {_ENTRY} FROM events ORDER BY number_key, id"  # noqa: S608
    )
    for number_key, digest, sealed, *entry in stream(connection, query):
        yield HeldEvent(number_key, digest, sealed, Entry(*entry))


def numbers(connection: Connection) -> Iterator[HeldNumber]:
    """Stream the numbers by key."""
    query = "SELECT number_key, chain, head, sealed, sealed_salt FROM numbers ORDER BY number_key"
    for row in stream(connection, query):
        yield HeldNumber(*row)
