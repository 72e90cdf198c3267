"""Events are chained by whoever appends them, one by one or many at once."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from app.core.chain import START
from app.core.events import EVERYTHING, Event, Kind
from app.store import announcing, chaining, ledger, numbers
from app.store.database import Database
from app.store.tables import events
from app.store.tables import numbers as numbers_table
from tests import ledgers

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEYS = (b"a" * 16, b"b" * 16, b"c" * 16)


def _event(key: bytes, name: str) -> Event:
    return Event(
        number_key=key,
        kind=Kind.OPTED_OUT,
        scope=EVERYTHING,
        occurred_at=NOW,
        recorded_at=NOW,
        source="test",
        source_ref=name,
    )


def _rows(db: Database, key: bytes) -> list[Any]:
    query = sa.select(events).where(events.c.number_key == key).order_by(events.c.id)
    with db.reading() as connection:
        return list(connection.execute(query))


def _head(db: Database, key: bytes) -> bytes | None:
    query = sa.select(numbers_table.c.head).where(numbers_table.c.number_key == key)
    with db.reading() as connection:
        head: bytes | None = connection.execute(query).scalar_one()
    return head


def test_each_event_carries_the_hash_of_the_one_before_of_its_number(db: Database) -> None:
    """The first carries zeros, and the number's row the hash of the last."""
    for name in ("1", "2", "3"):
        with db.begin() as tx:
            ledgers.append(tx, _event(KEYS[0], name))
            ledgers.append(tx, _event(KEYS[1], name + "b"))

    rows = _rows(db, KEYS[0])
    assert [row.previous for row in rows] == [START, rows[0].hash, rows[1].hash]
    assert {row.chain for row in rows}.isdisjoint({row.chain for row in _rows(db, KEYS[1])})
    assert _head(db, KEYS[0]) == rows[2].hash


def test_a_fact_that_is_held_already_moves_nothing(db: Database) -> None:
    """The chain stands where it stood."""
    with db.begin() as tx:
        ledgers.append(tx, _event(KEYS[0], "1"))
    before = _head(db, KEYS[0])
    with db.begin() as tx:
        ledgers.append(tx, _event(KEYS[0], "1"))

    assert _head(db, KEYS[0]) == before
    assert len(_rows(db, KEYS[0])) == 1


def test_a_number_that_was_never_noted_is_not_held(db: Database) -> None:
    """And one that was stands as it did."""
    with db.begin() as tx:
        assert numbers.hold_known(tx, KEYS[0]) is None
        first = ledgers.hold(tx, KEYS[0], now=NOW)
        again = numbers.hold_known(tx, KEYS[0])

    assert again
    assert (again.chain, again.previous) == (first.chain, START)


def test_many_at_once_are_chained_like_one_by_one(db: Database) -> None:
    """Behind what the numbers had, and several of one number behind each other."""
    with db.begin() as tx:
        ledgers.append(tx, _event(KEYS[1], "before"))
    facts = [(_event(KEYS[n % 3], f"many {n}"), None) for n in range(7)]
    newcomers = [
        numbers.Newcomer(number_key=key, sealed=None, chain=key * 2, sealed_salt=None)
        for key in KEYS
    ]
    with db.begin() as tx:
        heads = chaining.hold_many(tx, newcomers, now=NOW)
        ids = announcing.next_ids(tx, len(facts))
        rows, moved = chaining.chain_many(heads, facts, ids)
        tx.execute(events.insert(), rows)
        chaining.advance_many(tx, moved)
    with db.begin() as tx:
        assert isinstance(ledgers.append(tx, _event(KEYS[2], "after")), ledger.Appended)

    for key, count in zip(KEYS, (3, 3, 3), strict=True):
        held = _rows(db, key)
        assert len(held) == count
        assert [row.previous for row in held] == [START, *(row.hash for row in held[:-1])]
        assert _head(db, key) == held[-1].hash
        assert held[0].chain == (key * 2 if key != KEYS[1] else held[1].chain)


def test_a_batch_of_nothing_is_nothing(db: Database) -> None:
    """No number, no event."""
    with db.begin() as tx:
        assert chaining.hold_many(tx, [], now=NOW) == {}
        assert announcing.next_ids(tx, 0) == []
        chaining.advance_many(tx, {})
