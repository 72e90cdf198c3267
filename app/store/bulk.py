"""Many facts at once: what an import appends, in one transaction a batch.

Every batch is in the order of its numbers, so that two imports never wait for each other in a circle, and so that
neighbours in the indexes are written together. What is held already is left out first: what is written then is
written plainly, on PostgreSQL by COPY.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from app.core import chain
from app.core.events import EVERYTHING, Cause, Kind
from app.core.intent import Certainty
from app.core.standing import SPEAKING, Word
from app.store import announcing, ledger, suppressions
from app.store.prepared import Prepared
from app.store.tables import EPOCH, Instant, events, numbers
from app.store.tables import suppressions as words
from app.store.upsert import insert

Name = tuple[str, str]
"""The source of a fact and its reference."""


class Overtaken(Exception):
    """Another writer told one of the facts, or noted one of the numbers, in between: nothing is written, try again."""


class Entry(NamedTuple):
    """One fact to append, in the values that the database holds: instants are `micros`, kinds are texts.

    Attributes:
        number_key: the keyed hash of the number, and so on: see `core.events.Event`.
        evidence: the commitment to what the fact rests on; `None`: it rests on nothing.
        sealed_evidence: the same, sealed to `ledger.evidence_binding`.
        sealed: the number, sealed to `numbers.binding`; `None` where numbers are not kept.
        chain: the name of the number's chain, should it have none yet.
        sealed_salt: what shows that this chain is the number's: see `numbers.Newcomer`.
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
    cause: str | None
    evidence: bytes | None
    sealed_evidence: bytes | None
    sealed: bytes | None
    chain: bytes
    sealed_salt: bytes | None


@dataclass(frozen=True, slots=True)
class Held:
    """Of a fact that the ledger holds, what tells whether another is the same."""

    number_key: bytes
    kind: str
    scope: str


_Rows = Sequence[Sequence[Any]]
_Standing = dict[bytes, tuple[bytes, bytes]]  # the name of a number's chain, and its last hash

_NUMBER = ("number_key", "sealed", "first_seen", "chain", "sealed_salt", "head")
_note_numbers = Prepared(lambda dialect: insert(dialect, numbers), _NUMBER)
_append = Prepared(lambda dialect: insert(dialect, events), ledger.COLUMNS)
_standing = sa.select(numbers.c.number_key, numbers.c.chain, numbers.c.head)


def append_many(tx: Connection, entries: Iterable[Entry]) -> dict[int, Held]:
    """Append facts that are not held yet, each behind those of its number, and let them count.

    Args:
        tx: the action's transaction.
        entries: the facts of one batch, up to 30,000.

    Returns:
        By its place among the entries, what is held under the name of each that was not appended: the same fact
        or another.

    Raises:
        Overtaken: the transaction must be given up; the same batch in another will do.
    """
    batch = list(entries)
    standing = _hold(tx, sorted({entry.number_key for entry in batch}))
    late = not_to_append(tx, batch)
    fresh = [entry for place, entry in enumerate(batch) if place not in late] if late else batch
    try:
        _append_all(tx, sorted(fresh, key=lambda entry: entry.number_key), standing)
    except Exception as fault:
        if type(fault).__name__ in {"UniqueViolation", "IntegrityError"}:
            raise Overtaken from fault
        raise
    return late


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
        for reference, number_key, kind, scope in _of_source(connection, source, references):
            found[source, reference] = Held(bytes(number_key), kind, scope)
    return found


def _of_source(connection: Connection, source: str, references: Sequence[str]) -> Iterable[Any]:
    """Return the facts of a source under some references, which are bound as one value."""
    columns = (events.c.source_ref, events.c.number_key, events.c.kind, events.c.scope)
    if connection.dialect.name == "sqlite":
        listed = sa.func.json_each(sa.literal(references, sa.JSON)).table_valued("value")
        among = events.c.source_ref.in_(sa.select(listed.c.value))
        return connection.execute(sa.select(*columns).where(events.c.source == source, among))
    given = sa.func.unnest(sa.literal(list(references), postgresql.ARRAY(sa.Text)))
    asked = given.table_valued("reference", name="asked").render_derived()
    of_name = (events.c.source == source) & (events.c.source_ref == asked.c.reference)
    # One look-up in the index for each: left to itself, the planner may read the whole ledger instead.
    one = sa.select(*columns).where(of_name).limit(1).lateral("one")
    return connection.execute(sa.select(one).select_from(asked.join(one, sa.true())))


def _hold(tx: Connection, keys: Sequence[bytes]) -> _Standing:
    """Make other writers of facts about numbers that are known wait, in the order in which everybody does."""
    if tx.dialect.name == "sqlite":
        found = _standing.where(numbers.c.number_key.in_(keys))
    else:
        given = sa.literal(list(keys), postgresql.ARRAY(sa.LargeBinary))
        known = _standing.where(numbers.c.number_key == sa.any_(given))
        found = known.order_by(numbers.c.number_key).with_for_update()
    return {bytes(k): (bytes(c), bytes(h) if h else chain.START) for k, c, h in tx.execute(found)}


def _append_all(tx: Connection, entries: Sequence[Entry], standing: _Standing) -> None:
    """Write facts of which none is held, in the order of their numbers."""
    newcomers: dict[bytes, Entry] = {}
    heads: dict[bytes, bytes] = {}
    rows = []
    for entry, event_id in zip(entries, announcing.next_ids(tx, len(entries)), strict=True):
        key = entry.number_key
        if key not in standing:
            newcomers[key] = entry
            standing[key] = entry.chain, chain.START
        named, previous = standing[key]
        row = _chained(entry, event_id, named, heads.get(key, previous))
        heads[key] = row[_HASH]
        rows.append(row)
    noted = [
        (key, entry.sealed, entry.recorded_at, entry.chain, entry.sealed_salt, heads[key])
        for key, entry in newcomers.items()
    ]
    moved = [{"of": key, "to": head} for key, head in heads.items() if key not in newcomers]
    _insert(tx, _note_numbers, numbers, _NUMBER, noted)
    _insert(tx, _append, events, ledger.COLUMNS, rows)
    if moved:
        tx.execute(ledger.advance(), moved)
    _let_count(tx, rows, newcomers)


_HASH = ledger.COLUMNS.index("hash")
_ID, _KEY, _KIND, _SCOPE, _WHEN, _CERTAINTY, _CAUSE = map(
    ledger.COLUMNS.index,
    ("id", "number_key", "kind", "scope", "occurred_at", "certainty", "cause"),
)


def _chained(entry: Entry, event_id: int, named: bytes, previous: bytes) -> tuple[Any, ...]:
    """Return a row of the ledger, its columns in the order of the table, behind the number's event before."""
    hashed = chain.digest(
        chain.Entry(
            event_id,
            named,
            previous,
            entry.kind,
            entry.scope,
            entry.occurred_at,
            entry.recorded_at,
            entry.source,
            entry.source_ref,
            entry.certainty,
            entry.rule,
            None,
            entry.cause,
            entry.evidence,
        )
    )
    said = (*entry[:_CAUSE_OF_ENTRY], None, entry.cause)  # without a rulepack: none of ours read it
    return event_id, *said, named, previous, entry.evidence, hashed, entry.sealed_evidence


_CAUSE_OF_ENTRY = Entry._fields.index("cause")


def _let_count(tx: Connection, rows: _Rows, newcomers: Mapping[bytes, Entry]) -> None:
    """Write what the facts say into the projection; of several words in one place the newest."""
    newest: dict[tuple[bytes, str, str], tuple[Any, ...]] = {}
    for row in rows:
        kind, certainty, cause = row[_KIND], row[_CERTAINTY], row[_CAUSE]
        layer, rank = _spoken(kind, certainty, cause)
        if layer is None:
            continue
        place, since = (row[_KEY], row[_SCOPE], layer), row[_WHEN]
        before = newest.get(place)
        if before is None or (since, rank) > (before[_SINCE], before[_RANK]):
            newest[place] = (*place, kind, since, certainty, cause, rank, row[_ID])
    first = [word for word in newest.values() if word[0] in newcomers]
    suppressions.apply_many(tx, [word for word in newest.values() if word[0] not in newcomers])
    _insert(tx, _first_words, words, _WORD, first)


_WORD = tuple(column.name for column in words.c)
_SINCE, _RANK = _WORD.index("since"), _WORD.index("rank")
_first_words = Prepared(lambda dialect: insert(dialect, words), _WORD)


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


def _insert(
    tx: Connection, statement: Prepared, table: sa.Table, columns: Sequence[str], rows: _Rows
) -> None:
    """Insert rows plainly, by what is the driver's fastest way."""
    if tx.dialect.name == "sqlite":
        statement.run_many(tx, rows)
        return
    driver: Any = tx.connection.driver_connection
    copied = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    with driver.cursor() as cursor, cursor.copy(copied) as copy:
        copy.set_types([_type(table.c[name].type) for name in columns])
        for row in rows:
            copy.write_row(row)


def _type(held: Any) -> str:
    """Name a column's type to PostgreSQL."""
    if isinstance(held, sa.LargeBinary):
        return "bytea"
    if isinstance(held, sa.String):
        return "text"
    return "int8" if isinstance(held, Instant | sa.BigInteger) else "int4"
