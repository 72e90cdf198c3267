"""Many facts at once: what an import appends, in one transaction a batch.

Every batch is sorted by number, so that two imports never wait for each other in a circle, and so that neighbours in
the indexes are written together. First the numbers that are known are held; then the facts that are known are left
out; then the rest is chained (`core.chain`) and written plainly. Where another writer told of one of them in between,
the batch fails whole, as `Raced`, and is tried again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain as in_a_row
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from app.core import chain
from app.core.chain import START
from app.core.events import EVERYTHING, Cause, Kind
from app.core.intent import Certainty
from app.core.standing import SPEAKING, Word
from app.store import announcing, writing
from app.store.tables import EPOCH, events, numbers

Name = tuple[str, str]
"""The source of a fact and its reference."""

_Heads = dict[
    bytes, tuple[bytes, bytes]
]  # by the number's key: its chain, and the hash of its last event
_VARIABLES = 30_000  # that SQLite binds in one statement


class Entry(NamedTuple):
    """One fact to append, in the values that the database holds: instants are `micros`, kinds are texts.

    Attributes:
        number_key: the keyed hash of the number, and so on: see `core.events.Event`.
        evidence: the commitment to what it rests on; `None`: it rests on nothing.
        sealed_evidence: what it rests on, sealed to `ledger.evidence_binding`; `None`: nothing is held.
        number: the number, sealed to `numbers.binding`; `None` where numbers are not kept.
        chain: the name of the number's chain, if the number is new.
        sealed_salt: what shows that the chain is the number's, sealed to `numbers.salt_binding`.
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
    evidence: bytes | None
    sealed_evidence: bytes | None
    number: bytes | None
    chain: bytes
    sealed_salt: bytes | None

    @property
    def name(self) -> Name:
        """What no two facts share."""
        return self.source, self.source_ref


@dataclass(frozen=True, slots=True)
class Held:
    """Of a fact that the ledger holds, what tells whether another is the same."""

    number_key: bytes
    kind: str
    scope: str


def append_many(tx: Connection, entries: Iterable[Entry]) -> dict[int, Held]:
    """Append facts that are not held yet, and let them count.

    Args:
        tx: the action's transaction.
        entries: the facts of one batch.

    Returns:
        By its place among the entries, what is held under the name of each that was not appended: the same fact
        or another.

    Raises:
        Raced: see `app.store.writing.write`.
    """
    batch = list(entries)
    heads = _hold(tx, sorted({entry.number_key for entry in batch}))
    late = not_to_append(tx, batch)
    fresh = [entry for place, entry in enumerate(batch) if place not in late]
    fresh.sort(key=lambda entry: entry.number_key)
    known = set(heads)
    rows = _chained(heads, fresh, announcing.next_ids(tx, len(fresh)))
    newcomers = {entry.number_key: entry for entry in reversed(fresh)}
    writing.write(
        tx,
        [
            (key, entry.number, entry.recorded_at, entry.chain, entry.sealed_salt, heads[key][1])
            for key, entry in newcomers.items()
            if key not in known
        ],
        [(heads[key][1], key) for key in newcomers if key in known],
        rows,
        _spoken_in(zip((row[0] for row in rows), fresh, strict=True)),
    )
    return late


def _hold(tx: Connection, keys: Sequence[bytes]) -> _Heads:
    """Make other writers of facts about known numbers wait; return where the chains of these stand."""
    columns = sa.select(numbers.c.number_key, numbers.c.chain, numbers.c.head)
    if tx.dialect.name == "postgresql":
        one_of = numbers.c.number_key == sa.any_(
            sa.literal(list(keys), postgresql.ARRAY(sa.LargeBinary))
        )
        held = tx.execute(columns.where(one_of).order_by(numbers.c.number_key).with_for_update())
    else:
        parts = [keys[first : first + _VARIABLES] for first in range(0, len(keys), _VARIABLES)]
        held = in_a_row.from_iterable(  # type: ignore[assignment]
            tx.execute(columns.where(numbers.c.number_key.in_(part))) for part in parts
        )
    return {bytes(key): (bytes(name), bytes(head or START)) for key, name, head in held}


def _chained(heads: _Heads, entries: Sequence[Entry], ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return the rows of events, each behind the one before of its number, and move the heads there."""
    rows = []
    for entry, event_id in zip(entries, ids, strict=True):
        name, previous = heads.get(entry.number_key) or (entry.chain, START)
        said = entry[1:11]
        digest = chain.digest(chain.Entry(event_id, name, previous, *said, entry.evidence))
        heads[entry.number_key] = name, digest
        links = name, previous, entry.evidence, digest
        rows.append((event_id, entry.number_key, *said, *links, entry.sealed_evidence))
    return rows


def _spoken_in(told: Iterable[tuple[int, Entry]]) -> list[tuple[Any, ...]]:
    """Return rows of the projection: of what is said of one number, layer and scope, the newest word."""
    newest: dict[tuple[bytes, str, str], tuple[Any, ...]] = {}
    for event_id, entry in told:
        layer, rank = _spoken(entry.kind, entry.certainty, entry.cause)
        if layer is None:
            continue
        place = entry.number_key, entry.scope, layer
        standing = newest.get(place)
        if standing is None or (entry.occurred_at, rank) > (standing[4], standing[7]):
            newest[place] = (
                *place, entry.kind, entry.occurred_at, entry.certainty, entry.cause, rank, event_id,
            )  # fmt: skip
    return list(newest.values())


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
