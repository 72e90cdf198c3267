"""The feed: a reader that polls never skips an event that commits late."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from app.core.events import EVERYTHING, Event, Kind
from app.store import feed
from app.store.database import Database
from tests import ledgers

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WRITERS, EACH = 8, 40


def _write(tx: Connection, name: str) -> None:
    """Write one event of a number of its own, as every action does: hold the number, then append."""
    key = name.encode().rjust(16, b"-")
    event = Event(
        number_key=key,
        kind=Kind.OPTED_OUT,
        scope=EVERYTHING,
        occurred_at=NOW,
        recorded_at=NOW,
        source="test",
        source_ref=name,
    )
    ledgers.append(tx, event)


def _read(db: Database, after: int = 0, limit: int = 1000) -> list[tuple[int, str]]:
    with db.reading() as connection:
        found = feed.after(connection, after, limit=limit)
    return [(event_id, event.source_ref) for event_id, event in found]


def test_an_event_that_commits_late_is_waited_for(db: Database) -> None:
    """Whoever drew the smaller id and has not committed holds back what comes behind it."""
    if db.is_sqlite:
        with db.begin() as tx:
            _write(tx, "only")  # there is one writer at a time, so nobody can be late
        assert [name for _, name in _read(db)] == ["only"]
        return
    with db.begin() as tx:
        _write(tx, "before")
    with db.begin() as late:
        _write(late, "late")
        with db.begin() as tx:
            _write(tx, "early")
        assert [name for _, name in _read(db)] == ["before"]
    assert [name for _, name in _read(db)] == ["before", "late", "early"]


def test_a_writer_that_gave_up_holds_nobody_back(db: Database) -> None:
    """Its id is a gap in the numbers and none in the feed."""
    with db.begin() as tx:
        _write(tx, "first")
        tx.execute(sa.text("SELECT 1"))
    try:
        with db.begin() as tx:
            _write(tx, "never")
            raise KeyError
    except KeyError:
        pass
    with db.begin() as tx:
        _write(tx, "second")

    assert [name for _, name in _read(db)] == ["first", "second"]


def test_a_reader_that_polls_while_many_write_misses_nothing(db: Database) -> None:
    """Ids only rise, and in the end every event was seen once."""
    seen: list[tuple[int, str]] = []
    done = threading.Event()

    def poll() -> None:
        finished = False
        while True:
            found = _read(db, seen[-1][0] if seen else 0, limit=7)
            seen.extend(found)
            if not found and finished:
                return
            finished = done.is_set()

    def write(writer: int) -> None:
        chance = random.Random(writer)
        for place in range(EACH):
            with db.begin() as tx:
                _write(tx, f"{writer}.{place}")
                time.sleep(chance.choice((0, 0, 0.002, 0.01)) if not db.is_sqlite else 0)

    reader = threading.Thread(target=poll)
    reader.start()
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    done.set()
    reader.join()

    assert [event_id for event_id, _ in seen] == sorted({event_id for event_id, _ in seen})
    names = {f"{writer}.{place}" for writer in range(WRITERS) for place in range(EACH)}
    assert {name for _, name in seen} == names
