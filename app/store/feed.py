"""The ledger as a feed: a reader that asks again and again for what is new never skips an event (`announcing`)."""

import sqlalchemy as sa
from sqlalchemy import Connection

from app.core.events import Event
from app.store import announcing, ledger
from app.store.tables import events


def after(connection: Connection, event_id: int, *, limit: int) -> list[tuple[int, Event]]:
    """Return the events that follow one in the ledger, in its order; those that may still be overtaken are left out.

    Args:
        connection: from `Database.reading`, so that each look is at the present.
        event_id: the last event that was read; 0: none.
        limit: how many at most.
    """
    query = sa.select(events).where(events.c.id > event_id).order_by(events.c.id).limit(limit)
    horizon = announcing.horizon(connection)
    if horizon is not None:
        query = query.where(events.c.id <= horizon)
    return ledger.events_of(connection.execute(query))
