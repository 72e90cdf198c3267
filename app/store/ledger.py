"""The ledger: every fact, in the order we learned it. It is appended to and read; there is no update and no delete."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from app.core.chain import Entry, Head, digest
from app.core.events import Cause, Event, Kind
from app.core.intent import Certainty
from app.store.prepared import Prepared, micros
from app.store.tables import events, numbers
from app.store.upsert import insert_or_ignore


@dataclass(frozen=True, slots=True)
class Appended:
    """The fact is new; `event_id` is its place in the ledger."""

    event_id: int


@dataclass(frozen=True, slots=True)
class AlreadyHeld:
    """The source told us this fact before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a fact rests on, as it is kept.

    Attributes:
        sealed: what `app.core.evidence.dumps` wrote, sealed to `evidence_binding`.
        commitment: what stands in the event's hash for it.
    """

    sealed: bytes
    commitment: bytes


COLUMNS = tuple(column.name for column in events.c)


def append(
    tx: Connection, event: Event, head: Head, *, contents: Contents | None
) -> Appended | AlreadyHeld:
    """Write a fact down behind those of its number, unless its source and reference are held already.

    Args:
        tx: the action's transaction.
        event: the fact.
        head: where the number's chain stands, from `numbers.hold` in this transaction. Each is for one event.
        contents: what it rests on.
    """
    values = values_of(event, head, contents)
    if tx.dialect.name == "postgresql":
        rows = _append_and_advance.run(tx, values)
        return Appended(rows[0][0]) if rows else AlreadyHeld()
    if not _append.run(tx, values):
        return AlreadyHeld()
    _advance.run(tx, {"of": event.number_key, "to": values["hash"]})
    return Appended(head.next_id)


def values_of(event: Event, head: Head, contents: Contents | None) -> dict[str, Any]:
    """Return the values of a prepared statement that writes an event behind the head of its chain."""
    values: dict[str, Any] = {
        "id": head.next_id,
        "chain": head.chain,
        "previous": head.previous,
        "kind": event.kind.value,
        "scope": event.scope,
        "occurred_at": micros(event.occurred_at),
        "recorded_at": micros(event.recorded_at),
        "source": event.source,
        "source_ref": event.source_ref,
        "certainty": event.certainty.value if event.certainty else None,
        "rule": event.rule,
        "rulepack": event.rulepack,
        "cause": event.cause.value if event.cause else None,
        "evidence": contents.commitment if contents else None,
    }
    values["hash"] = digest(Entry(**values))
    values["number_key"] = event.number_key
    values["sealed_evidence"] = contents.sealed if contents else None
    return values


def advance() -> sa.Update:
    """Return the statement that moves the head of the chain of the number `of` to the hash `to`."""
    statement = sa.update(numbers).where(numbers.c.number_key == sa.bindparam("of"))
    return statement.values(head=sa.bindparam("to", type_=sa.LargeBinary))


def _appending(dialect: str) -> ReturningInsert[tuple[int]]:
    return insert_or_ignore(dialect, events, "source", "source_ref").returning(events.c.id)


def _appending_and_advancing(_dialect: str) -> ReturningUpdate[tuple[int]]:
    given = {name: sa.bindparam(name, type_=events.c[name].type) for name in COLUMNS}
    insert = postgresql.insert(events).values(given)
    appended = (
        insert.on_conflict_do_nothing(index_elements=["source", "source_ref"])
        .returning(events.c.id, events.c.number_key, events.c.hash)
        .cte("appended")
    )
    return (
        sa.update(numbers)
        .where(numbers.c.number_key == appended.c.number_key)
        .values(head=appended.c.hash)
        .returning(appended.c.id)
    )


_append = Prepared(_appending, COLUMNS)
_advance = Prepared.of(advance())
_append_and_advance = Prepared(_appending_and_advancing)


def evidence_binding(source: str, source_ref: str) -> bytes:
    """Name the row and column that an event's evidence is sealed to."""
    return f"events.evidence\0{source}\0{source_ref}".encode()


_of_numbers = (
    sa.select(events)
    .where(events.c.number_key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(events.c.id)
)


def read(connection: Connection, number_keys: Sequence[bytes]) -> list[tuple[int, Event]]:
    """Return every event filed under any of one number's keys, with its id, in ledger order."""
    return events_of(connection.execute(_of_numbers, {"keys": list(number_keys)}))


def read_all(connection: Connection) -> Iterable[tuple[int, Event]]:
    """Stream the whole ledger, grouped by number, each number's events in ledger order.

    Args:
        connection: of a transaction or a snapshot, which a stream needs.
    """
    rows = connection.execute(
        sa.select(events).order_by(events.c.number_key, events.c.id),
        execution_options={"yield_per": 1000},
    )
    for row in rows:
        yield row.id, _event(row)


def events_of(rows: Iterable[Row[tuple[object, ...]]]) -> list[tuple[int, Event]]:
    """Return the events of rows of the whole table, with their ids."""
    return [(row.id, _event(row)) for row in rows]


_one = sa.select(events).where(
    events.c.source == sa.bindparam("source"), events.c.source_ref == sa.bindparam("source_ref")
)


def find(connection: Connection, source: str, source_ref: str) -> tuple[int, Event] | None:
    """Return the event that a source told under a reference, with its id, or `None`."""
    found = events_of(connection.execute(_one, {"source": source, "source_ref": source_ref}))
    return found[0] if found else None


_evidence = sa.select(events.c.id, events.c.sealed_evidence).where(
    events.c.number_key.in_(sa.bindparam("keys", expanding=True)),
    events.c.sealed_evidence.is_not(None),
)


def evidence(connection: Connection, number_keys: Sequence[bytes]) -> dict[int, bytes]:
    """Return what the events of one number rest on, sealed, by the event's id; see `evidence_binding`."""
    rows = connection.execute(_evidence, {"keys": list(number_keys)})
    return {row.id: bytes(row.sealed_evidence) for row in rows}


def _event(row: Row[tuple[object, ...]]) -> Event:
    return Event(
        number_key=bytes(row.number_key),
        kind=Kind(row.kind),
        scope=row.scope,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        source=row.source,
        source_ref=row.source_ref,
        certainty=Certainty(row.certainty) if row.certainty else None,
        rule=row.rule,
        rulepack=row.rulepack,
        cause=Cause(row.cause) if row.cause else None,
    )
