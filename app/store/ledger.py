"""The ledger: every fact, in the order we learned it. It is appended to and read; there is no update and no delete."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from app.core.events import Cause, Event, Kind
from app.core.intent import Certainty
from app.store.prepared import Prepared, micros
from app.store.tables import events
from app.store.upsert import insert_or_ignore


@dataclass(frozen=True, slots=True)
class Appended:
    """The fact is new; `event_id` is its place in the ledger."""

    event_id: int


@dataclass(frozen=True, slots=True)
class AlreadyHeld:
    """The source told us this fact before."""


_append = Prepared(
    lambda dialect: insert_or_ignore(dialect, events, "source", "source_ref").returning(
        events.c.id
    ),
    [column.name for column in events.c if column.name != "id"],
)


def append(
    tx: Connection, event: Event, *, sealed_evidence: bytes | None
) -> Appended | AlreadyHeld:
    """Write a fact down, unless its source and reference are held already.

    Args:
        tx: the action's transaction.
        event: the fact.
        sealed_evidence: what was said, sealed to `evidence_binding(event)`.
    """
    rows = _append.run(tx, values_of(event, sealed_evidence))
    return Appended(rows[0][0]) if rows else AlreadyHeld()


def values_of(event: Event, sealed_evidence: bytes | None) -> dict[str, Any]:
    """Return the values of a prepared statement that writes an event."""
    return {
        "number_key": event.number_key,
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
        "sealed_evidence": sealed_evidence,
    }


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
