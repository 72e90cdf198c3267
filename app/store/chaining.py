"""Chain many events at once: what an import appends with.

    heads = chaining.hold_many(tx, newcomers, now=now)
    ids = announcing.next_ids(tx, len(facts))
    rows, moved = chaining.chain_many(heads, facts, ids)
    tx.execute(events.insert(), rows)
    chaining.advance_many(tx, moved)

Facts that are held already must be left out beforehand: a row that is not written breaks the chain behind it. So the
rows are inserted plainly, and where another writer told one of the facts in between, the batch fails whole and is
tried again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from app.core.chain import START, Head
from app.core.events import Event
from app.store.ledger import Contents, advance, values_of
from app.store.numbers import Newcomer
from app.store.tables import numbers
from app.store.upsert import insert_or_ignore

Fact = tuple[Event, Contents | None]


def hold_many(
    tx: Connection, newcomers: Sequence[Newcomer], *, now: datetime
) -> dict[bytes, tuple[bytes, bytes]]:
    """Note the numbers that are new, and make other writers of facts about any of them wait.

    Args:
        tx: the action's transaction.
        newcomers: each number as it is written if it is new.
        now: the time of first sight.

    Returns:
        For each number's key, the name of its chain and the hash of its last event.
    """
    # In one order for all, so that no two writers wait for each other in a ring.
    by_key = {newcomer.number_key: newcomer for newcomer in newcomers}
    keys = sorted(by_key)
    rows = [
        {
            "number_key": key,
            "sealed": by_key[key].sealed,
            "first_seen": now,
            "chain": by_key[key].chain,
            "sealed_salt": by_key[key].sealed_salt,
        }
        for key in keys
    ]
    if rows:
        tx.execute(insert_or_ignore(tx.dialect.name, numbers, "number_key"), rows)
    return {
        bytes(key): (bytes(chain), head or START)
        for key, chain, head in tx.execute(_held, {"keys": keys})
    }


_held = (
    sa.select(numbers.c.number_key, numbers.c.chain, numbers.c.head)
    .where(numbers.c.number_key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(numbers.c.number_key)
    .with_for_update()
)


def chain_many(
    heads: Mapping[bytes, tuple[bytes, bytes]], facts: Sequence[Fact], ids: Sequence[int]
) -> tuple[list[dict[str, Any]], dict[bytes, bytes]]:
    """Return the rows of many events, each behind the one before of its number, and where the chains stand then.

    Args:
        heads: for the number of every fact, the name of its chain and the hash of its last event.
        facts: the events with what they rest on, in the order of the ledger, none of them held already.
        ids: for each its place in the ledger, ascending.
    """
    moved: dict[bytes, bytes] = {}
    rows = []
    for (event, contents), event_id in zip(facts, ids, strict=True):
        chain, last = heads[event.number_key]
        head = Head(chain, moved.get(event.number_key, last), event_id)
        row = values_of(event, head, contents)
        moved[event.number_key] = row["hash"]
        rows.append({**row, "occurred_at": event.occurred_at, "recorded_at": event.recorded_at})
    return rows, moved


def advance_many(tx: Connection, moved: Mapping[bytes, bytes]) -> None:
    """Write down where chains stand, by the number's key."""
    if moved:
        tx.execute(advance(), [{"of": key, "to": head} for key, head in moved.items()])
