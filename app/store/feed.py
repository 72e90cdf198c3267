"""The ledger as a feed: a reader that asks again and again for what is new never skips an event.

On SQLite there is one writer at a time, so the order of ids is the order of commits. On PostgreSQL ids are given out
before the commit, and a smaller one may appear after a greater one has been read. Therefore every writer announces
itself before it draws an id: it takes, until its transaction ends, a shared advisory lock that carries the last id
given out so far; its own will be greater. A reader looks first at the last id given out, then at the announcements,
and then reads no further than the smaller of both. Whoever draws an id up to there either has committed, and is seen,
or is announced. Nobody waits for anybody.
"""

import sqlalchemy as sa
from sqlalchemy import Connection

from app.core.events import Event
from app.store import ledger
from app.store.tables import events

_KIND = (
    0x53544C  # which of PostgreSQL's advisory locks are announcements; an id is the 40 bits below
)
_LAST_ID = "(SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM events_id_seq)"
_LOCK = "((classid::bigint << 32) | objid::bigint)"
_horizon = sa.text(
    f"SELECT LEAST(:last, min({_LOCK} & ((1::bigint << 40) - 1))) FROM pg_locks "  # noqa: S608  # constants
    "WHERE locktype = 'advisory' AND objsubid = 1 AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    f"AND {_LOCK} >> 40 = {_KIND}"
)


def announcement() -> sa.ColumnElement[None]:
    """Return the expression that announces a writer on PostgreSQL; to be run before an event gets its id."""
    return sa.literal_column(f"pg_advisory_xact_lock_shared(({_KIND}::bigint << 40) + {_LAST_ID})")


def after(connection: Connection, event_id: int, *, limit: int) -> list[tuple[int, Event]]:
    """Return the events that follow one in the ledger, in its order; those that may still be overtaken are left out.

    Args:
        connection: from `Database.reading`, so that each look is at the present.
        event_id: the last event that was read; 0: none.
        limit: how many at most.
    """
    query = sa.select(events).where(events.c.id > event_id).order_by(events.c.id).limit(limit)
    if connection.dialect.name == "postgresql":
        last = connection.execute(sa.text(f"SELECT {_LAST_ID}")).scalar_one()
        horizon = connection.execute(_horizon, {"last": last}).scalar_one()
        query = query.where(events.c.id <= horizon)
    return ledger.events_of(connection.execute(query))
