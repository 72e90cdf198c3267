"""The projection equals the fold of the ledger, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.events import EVERYTHING, REVIEW, Event, Kind
from app.core.intent import Certainty
from app.core.standing import fold
from app.store import ledger, suppressions
from app.store.database import Database
from tests import ledgers

START = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = (b"a" * 16, b"b" * 16)
FACTS = st.lists(
    st.tuples(
        st.sampled_from(KEYS),
        st.sampled_from([kind for kind in Kind if kind is not Kind.DISMISSED]),
        st.integers(min_value=0, max_value=4),
        st.sampled_from([EVERYTHING, "orders", "default"]),
        st.sampled_from([None, *Certainty]),
    ),
    max_size=10,
)


def _append(
    db: Database, facts: list[tuple[bytes, Kind, int, str, Certainty | None]]
) -> list[Event]:
    events = []
    with db.begin() as tx:
        for number, (key, kind, minute, scope, certainty) in enumerate(facts):
            moment = START + timedelta(minutes=minute)
            event = Event(
                number_key=key,
                kind=kind,
                scope=scope,
                occurred_at=moment,
                recorded_at=START,
                source="test",
                source_ref=f"{START.timestamp()}-{number}",
                certainty=certainty,
            )
            assert isinstance(ledgers.append(tx, event), ledger.Appended)
            events.append(event)
    return events


def _clear(db: Database) -> None:
    with db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM events")
        tx.exec_driver_sql("DELETE FROM numbers")
        tx.exec_driver_sql("DELETE FROM suppressions")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(FACTS, st.data())
def test_the_projection_always_equals_the_fold(
    db: Database, facts: list[tuple[bytes, Kind, int, str, Certainty | None]], data: st.DataObject
) -> None:
    """Whatever was appended in whatever order, and dismissed: the table, the fold, and a rebuilt table agree."""
    _clear(db)
    events = _append(db, facts)

    for voided in data.draw(st.sets(st.sampled_from(events))) if events else ():
        dismissal = replace(voided, kind=Kind.DISMISSED, source=REVIEW, source_ref=voided.name)
        with db.begin() as tx:
            ledgers.append(tx, dismissal)
            suppressions.settle(tx, voided.number_key)
        events.append(dismissal)

    with db.snapshot() as connection:
        for key in KEYS:
            held = suppressions.many(connection, [key], "orders").get(key, [])
            folded = fold(event for event in events if event.number_key == key)
            expected = [
                word for (_, scope), word in folded.items() if scope in (EVERYTHING, "orders")
            ]
            assert sorted(held, key=str) == sorted(expected, key=str)
        assert not list(suppressions.differences(connection))
    with db.begin() as tx:
        suppressions.rebuild(tx)
    with db.snapshot() as connection:
        assert not list(suppressions.differences(connection))


def test_a_difference_is_found(db: Database) -> None:
    """A row that was changed, lost or made up is reported."""
    _append(
        db,
        [
            (KEYS[0], Kind.OPTED_OUT, 1, EVERYTHING, None),
            (KEYS[1], Kind.OPTED_OUT, 1, EVERYTHING, None),
        ],
    )
    with db.begin() as tx:
        tx.exec_driver_sql("UPDATE suppressions SET status = 'opted_in' WHERE event_id = 1")
        tx.exec_driver_sql("DELETE FROM suppressions WHERE event_id = 2")
        tx.exec_driver_sql(
            "INSERT INTO suppressions (number_key, scope, layer, status, since, rank, event_id) "
            "SELECT number_key, 'orders', layer, status, since, rank, event_id FROM suppressions"
        )

    with db.snapshot() as connection:
        found = set(suppressions.differences(connection))

    assert found == {(KEYS[0], EVERYTHING), (KEYS[1], EVERYTHING), (KEYS[0], "orders")}


def test_a_fact_told_twice_is_held_once(db: Database) -> None:
    """The unique key of source and reference is the idempotence."""
    event = _append(db, [(KEYS[0], Kind.OPTED_OUT, 1, EVERYTHING, None)])[0]

    with db.begin() as tx:
        again = ledgers.append(tx, event)
    with db.reading() as connection:
        held = ledger.read(connection, KEYS)

    assert isinstance(again, ledger.AlreadyHeld)
    assert [event for _, event in held] == [event]
