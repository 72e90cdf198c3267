"""Who draws an id says so first: what keeps readers of the ledger from passing over an event that commits late.

On SQLite there is one writer at a time, so the order of ids is the order of commits. On PostgreSQL ids are given out
before the commit, and a smaller one may appear after a greater one has been read. Therefore every writer announces
itself before it draws an id: it takes, until its transaction ends, a shared advisory lock that carries the last id
given out so far; its own will be greater. A reader looks first at the last id given out, then at the announcements,
and then reads no further than the smaller of both. Whoever draws an id up to there either has committed, and is seen,
or is announced. Nobody waits for anybody.
"""

import sqlalchemy as sa
from sqlalchemy import Connection

_KIND = (
    0x53544C  # which of PostgreSQL's advisory locks are announcements; an id is the 40 bits below
)
_LAST_ID = "(SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM events_id_seq)"
_ANNOUNCED = f"pg_advisory_xact_lock_shared(({_KIND}::bigint << 40) + {_LAST_ID})"
# CASE says in which order: first the announcement, which is never null, then the id.
_NEXT_ID = {
    "postgresql": f"CASE WHEN {_ANNOUNCED}::text IS NOT NULL THEN nextval('events_id_seq') END",
    "sqlite": "(SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'events')",
}
_LOCK = "((classid::bigint << 32) | objid::bigint)"
_horizon = sa.text(
    f"SELECT LEAST(:last, min({_LOCK} & ((1::bigint << 40) - 1))) FROM pg_locks "  # noqa: S608  # constants
    "WHERE locktype = 'advisory' AND objsubid = 1 AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    f"AND {_LOCK} >> 40 = {_KIND}"
)


def next_id(dialect: str) -> sa.ColumnElement[int]:
    """Return the expression that announces a writer and draws the id of its next event."""
    return sa.literal_column(_NEXT_ID[dialect], sa.BigInteger).label("next_id")


def next_ids(tx: Connection, count: int) -> list[int]:
    """Announce the writer and draw the ids of so many events, ascending.

    Args:
        tx: the action's transaction, which appends the events.
        count: how many.
    """
    if tx.dialect.name == "sqlite":
        first = tx.exec_driver_sql(f"SELECT {_NEXT_ID['sqlite']}").scalar_one()
        return list(range(first, first + count))
    tx.exec_driver_sql(f"SELECT {_ANNOUNCED}")
    drawn = sa.text("SELECT nextval('events_id_seq') FROM generate_series(1, :count)")
    return sorted(tx.execute(drawn, {"count": count}).scalars())


def horizon(connection: Connection) -> int | None:
    """Return the id up to which no event can appear any more; `None`: up to the last.

    Args:
        connection: from `Database.reading`, so that each look is at the present.
    """
    if connection.dialect.name == "sqlite":
        return None
    last = connection.execute(sa.text(f"SELECT {_LAST_ID}")).scalar_one()
    return int(connection.execute(_horizon, {"last": last}).scalar_one())
