"""Write a message down with the fact that follows from it: inbox, ledger, projection.

On PostgreSQL the three are one statement, and so one round trip; SQLite, which has no such statement and no round
trips, runs them one after the other. Both write the same rows, and nothing for a message that is held already.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql

from app.core.chain import Head
from app.core.events import Event
from app.core.standing import word
from app.store import inbox, ledger, suppressions
from app.store.prepared import Prepared
from app.store.tables import events, numbers
from app.store.tables import inbox as inbox_table
from app.store.tables import suppressions as suppressions_table


def keep(
    tx: Connection,
    entry: inbox.InboxEntry,
    event: Event | None,
    *,
    head: Head | None,
    contents: ledger.Contents | None,
) -> bool:
    """Keep a message, and the fact it tells.

    Args:
        tx: the action's transaction.
        entry: the message.
        event: the fact that follows from it; `None`: none does.
        head: see `ledger.append`; `None` is for a message that tells no fact.
        contents: see `ledger.append`.

    Returns:
        Whether the message is new; if the carrier delivered it before, nothing is written.
    """
    said = word(event) if event else None
    if event and head and said and tx.dialect.name == "postgresql":
        values = {
            **_prefixed("kept", inbox.values_of(entry)),
            **_prefixed("event", ledger.values_of(event, head, contents)),
            "word_layer": said.layer.value,
            "word_rank": said.rank,
        }
        return bool(_all_at_once.run(tx, values))
    if inbox.add(tx, entry) is None:
        return False
    if event and head:
        appended = ledger.append(tx, event, head, contents=contents)
        if isinstance(appended, ledger.Appended):
            suppressions.apply(tx, event, appended.event_id)
    return True


def _in_one_statement(_dialect: str) -> sa.Select[tuple[int]]:
    kept = (
        postgresql.insert(inbox_table)
        .values({name: _bound("kept", inbox_table, name) for name in inbox.COLUMNS})
        .on_conflict_do_nothing(index_elements=["carrier", "message_id"])
        .returning(inbox_table.c.id)
        .cte("kept")
    )
    facts = ledger.COLUMNS
    appended = (
        postgresql.insert(events)
        .from_select(facts, sa.select(*_all_bound("event", events, facts)).select_from(kept))
        .on_conflict_do_nothing(index_elements=["source", "source_ref"])
        .returning(events.c.id, events.c.number_key, events.c.hash)
        .cte("appended")
    )
    advanced = (
        sa.update(numbers)
        .where(numbers.c.number_key == appended.c.number_key)
        .values(head=appended.c.hash)
        .returning(numbers.c.number_key)
        .cte("advanced")
    )
    names = [column.name for column in suppressions_table.c if column.name != "event_id"]
    said = sa.select(*(_said(name) for name in names), appended.c.id)
    applied = (
        suppressions.newest_wins(
            postgresql.insert(suppressions_table).from_select([*names, "event_id"], said)
        )
        .returning(suppressions_table.c.scope)
        .cte("applied")
    )
    return sa.select(kept.c.id).add_cte(appended, advanced, applied)


_all_at_once = Prepared(_in_one_statement)


def _all_bound(prefix: str, table: Table, names: Iterable[str]) -> list[sa.BindParameter[Any]]:
    return [_bound(prefix, table, name) for name in names]


# What a word says is what its event says: it is bound once.
_OF_EVENT = {
    "number_key": "number_key",
    "scope": "scope",
    "status": "kind",
    "since": "occurred_at",
    "certainty": "certainty",
    "cause": "cause",
}


def _said(name: str) -> sa.BindParameter[Any]:
    if name in _OF_EVENT:
        return _bound("event", events, _OF_EVENT[name])
    return _bound("word", suppressions_table, name)


def _bound(prefix: str, table: Table, name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(f"{prefix}_{name}", type_=table.c[name].type)


def _prefixed(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}_{name}": value for name, value in values.items()}
