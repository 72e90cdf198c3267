"""Many facts at once: what an import appends, in one transaction a batch.

Every batch is sorted by number, so that two imports never wait for each other in a circle, and so that neighbours in
the indexes are written together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from app.core.events import EVERYTHING, Cause, Kind
from app.core.intent import Certainty
from app.core.standing import SPEAKING, Word
from app.store import feed, suppressions
from app.store.prepared import Prepared
from app.store.tables import EPOCH, events, numbers
from app.store.tables import suppressions as words
from app.store.upsert import insert_or_ignore

Name = tuple[str, str]
"""The source of a fact and its reference."""


class Entry(NamedTuple):
    """One fact to append, in the values that the database holds: instants are `micros`, kinds are texts.

    Its first fields are the columns of the ledger behind the id, in their order.

    Attributes:
        number_key: the keyed hash of the number, and so on: see `core.events.Event`.
        sealed_evidence: what it rests on, sealed to `ledger.evidence_binding`; `None`: nothing is held.
        number: the number, sealed to `numbers.binding`; `None` where numbers are not kept.
    """

    number_key: bytes
    kind: str
    scope: str
    occurred_at: int
    recorded_at: int
    source: str
    source_ref: str
    certainty: str | None
    rule: str | None
    rulepack: str | None
    cause: str | None
    sealed_evidence: bytes | None
    number: bytes | None


@dataclass(frozen=True, slots=True)
class Held:
    """Of a fact that the ledger holds, what tells whether another is the same."""

    number_key: bytes
    kind: str
    scope: str


_FACT = tuple(column.name for column in events.c if column.name != "id")
_fact_of_entry = itemgetter(slice(len(_FACT)))
_number_of_entry = itemgetter(*map(Entry._fields.index, ("number_key", "number", "recorded_at")))
_WORD = tuple(column.name for column in words.c)
_note_number = Prepared(
    lambda dialect: insert_or_ignore(dialect, numbers, "number_key"),
    ["number_key", "sealed", "first_seen"],
)
_append = Prepared(
    lambda dialect: insert_or_ignore(dialect, events, "source", "source_ref"), list(_FACT)
)

_last_id = Prepared.of(sa.select(sa.func.coalesce(sa.func.max(events.c.id), 0)))
_since = Prepared.of(
    sa.select(events.c.id, events.c.source, events.c.source_ref)
    .where(events.c.id > sa.bindparam("last"))
    .order_by(events.c.id)
)


def append_many(tx: Connection, entries: Iterable[Entry]) -> dict[int, Held]:
    """Append facts that are not held yet, and let them count.

    Args:
        tx: the action's transaction.
        entries: the facts of one batch.

    Returns:
        By its place among the entries, what is held under the name of each that was not appended: the same fact
        or another.
    """
    batch = list(entries)
    if tx.dialect.name == "postgresql":
        # Announced before any id is drawn, or readers of the feed could miss what comes late.
        tx.execute(sa.select(feed.announcement()))
    fresh: dict[Name, Entry] = {}
    for entry in batch:
        fresh.setdefault((entry.source, entry.source_ref), entry)
    in_order = sorted(fresh.values(), key=itemgetter(0))
    if tx.dialect.name == "postgresql":
        appended = _append_on_postgresql(tx, in_order)
    else:
        appended = _append_on_sqlite(tx, in_order)
    if len(appended) == len(batch):
        return {}
    return _not_appended(tx, batch, fresh, appended)


def not_to_append(connection: Connection, entries: Sequence[Entry]) -> dict[int, Held]:
    """Return what `append_many` would, and write nothing; of facts that come twice in a batch the second is late."""
    names = [(entry.source, entry.source_ref) for entry in entries]
    standing = held(connection, dict.fromkeys(names))
    late: dict[int, Held] = {}
    for place, (name, entry) in enumerate(zip(names, entries, strict=True)):
        if name in standing:
            late[place] = standing[name]
        else:
            standing[name] = Held(entry.number_key, entry.kind, entry.scope)
    return late


def held(connection: Connection, names: Iterable[Name]) -> dict[Name, Held]:
    """Return what the ledger holds under these names; a name that is not held is absent."""
    by_source: dict[str, list[str]] = {}
    for source, reference in names:
        by_source.setdefault(source, []).append(reference)
    found: dict[Name, Held] = {}
    for source, references in by_source.items():
        query = sa.select(events.c.source_ref, events.c.number_key, events.c.kind, events.c.scope)
        rows = connection.execute(
            query.where(events.c.source == source, _any_of(connection, references))
        )
        for reference, number_key, kind, scope in rows:
            found[source, reference] = Held(bytes(number_key), kind, scope)
    return found


def _any_of(connection: Connection, references: Sequence[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a reference is one of these, which are bound as one value."""
    if connection.dialect.name == "postgresql":
        given = sa.literal(list(references), postgresql.ARRAY(sa.Text))
        return events.c.source_ref == sa.any_(given)
    listed = sa.func.json_each(sa.literal(references, sa.JSON)).table_valued("value")
    return events.c.source_ref.in_(sa.select(listed.c.value))


def _not_appended(
    tx: Connection, batch: Sequence[Entry], fresh: Mapping[Name, Entry], appended: set[Name]
) -> dict[int, Held]:
    late = {
        place: name
        for place, entry in enumerate(batch)
        if (name := (entry.source, entry.source_ref)) not in appended or fresh[name] is not entry
    }
    standing = held(tx, dict.fromkeys(late.values()))
    return {place: standing[name] for place, name in late.items()}


def _append_on_sqlite(tx: Connection, entries: Sequence[Entry]) -> set[Name]:
    _note_number.run_many(tx, map(_number_of_entry, entries))
    last = _last_id.run(tx, {})[0][0]
    _append.run_many(tx, map(_fact_of_entry, entries))
    new = _since.run(tx, {"last": last})
    appended = {(source, reference) for _, source, reference in new}
    if len(new) < len(entries):
        entries = [e for e in entries if (e.source, e.source_ref) in appended]
    spoken: list[Sequence[Any] | None] = [
        _word(entry, row[0]) for entry, row in zip(entries, new, strict=True)
    ]
    suppressions.apply_many(tx, [row for row in spoken if row is not None])
    return appended


def _word(entry: Entry, event_id: int) -> Sequence[Any] | None:
    """Return a row of the projection, its columns in the order of the table; `None`: the fact is no word."""
    layer, rank = _spoken(entry.kind, entry.certainty, entry.cause)
    if layer is None:
        return None
    certainty, cause = entry.certainty, entry.cause
    place = entry.number_key, entry.scope, layer
    return *place, entry.kind, entry.occurred_at, certainty, cause, rank, event_id


@cache
def _spoken(
    kind: str, certainty: str | None, cause: str | None
) -> tuple[str, int] | tuple[None, None]:
    """Return the layer and rank of a fact's word; of one that is no word, nothing."""
    if kind not in SPEAKING:
        return None, None
    said = Word(
        scope=EVERYTHING,
        kind=Kind(kind),
        since=EPOCH,
        certainty=Certainty(certainty) if certainty else None,
        cause=Cause(cause) if cause else None,
    )
    return said.layer.value, said.rank


# PostgreSQL: the batch comes by COPY into a table of its own, and is appended from there in one statement.
_staged = sa.Table(
    "staged_facts",
    sa.MetaData(),
    *[sa.Column(name, events.c[name].type) for name in _FACT],
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("layer", sa.Text),
    sa.Column("rank", sa.Integer),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)
_TYPES = ["bytea", "text", "text", "int8", "int8", *["text"] * 6, "bytea", "bytea", "text", "int4"]
_copy = f"COPY staged_facts ({', '.join(_staged.c.keys())}) FROM STDIN (FORMAT BINARY)"
_note_numbers = (
    postgresql.insert(numbers)
    .from_select(
        ["number_key", "sealed", "first_seen"],
        sa.select(_staged.c.number_key, _staged.c.sealed, _staged.c.recorded_at).order_by(
            _staged.c.number_key
        ),
    )
    .on_conflict_do_nothing(index_elements=["number_key"])
)


def _append_on_postgresql(tx: Connection, entries: Sequence[Entry]) -> set[Name]:
    tx.execute(CreateTable(_staged, if_not_exists=True))
    driver: Any = tx.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_copy) as copy:
        copy.set_types(_TYPES)
        for entry in entries:
            copy.write_row((*entry, *_spoken(entry.kind, entry.certainty, entry.cause)))
    noted = tx.execute(_note_numbers).rowcount
    keys = {entry.number_key for entry in entries}
    if noted < len(keys):
        # Hold those that were known before, as `numbers.hold` does, in the order in which everybody does.
        known = numbers.c.number_key == sa.any_(
            sa.literal(list(keys), postgresql.ARRAY(sa.LargeBinary))
        )
        tx.execute(
            sa.select(sa.literal(1)).where(known).order_by(numbers.c.number_key).with_for_update()
        )
    return {(source, reference) for source, reference in _append_staged.run(tx, {})}


def _in_one_statement(_dialect: str) -> sa.Select[tuple[str, str]]:
    appended = (
        postgresql.insert(events)
        .from_select(_FACT, sa.select(*[_staged.c[name] for name in _FACT]).order_by(_staged.c.number_key))
        .on_conflict_do_nothing(index_elements=["source", "source_ref"])
        .returning(events.c.id, events.c.source, events.c.source_ref)
        .cte("appended")
    )  # fmt: skip
    staged = _staged.c
    place = (staged.number_key, staged.scope, staged.layer)
    columns = {
        **{name: staged[name] for name in ("number_key", "scope", "layer", "certainty", "cause", "rank")},
        "status": staged.kind,
        "since": staged.occurred_at,
        "event_id": appended.c.id,
    }  # fmt: skip
    same = (staged.source == appended.c.source) & (staged.source_ref == appended.c.source_ref)
    newest = sa.func.row_number().over(
        partition_by=place, order_by=(staged.occurred_at.desc(), staged.rank.desc(), appended.c.id)
    )
    spoken = (
        sa.select(*[columns[name].label(name) for name in _WORD], newest.label("newest"))
        .select_from(_staged.join(appended, same))
        .where(staged.layer.is_not(None))
        .subquery()
    )
    # No statement may change a row twice, so that of several words in one place only the newest is written.
    said = sa.select(*[spoken.c[name] for name in _WORD]).where(spoken.c.newest == 1)
    applied = (
        suppressions.newest_wins(postgresql.insert(words).from_select(list(_WORD), said))
        .returning(words.c.scope)
        .cte("applied")
    )
    return sa.select(appended.c.source, appended.c.source_ref).add_cte(applied)


_append_staged = Prepared(_in_one_statement)
