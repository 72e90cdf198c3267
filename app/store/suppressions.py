"""The projection: per number and scope the newest word, so that a check is one indexed read.

It is a cache of the ledger, kept in the same transaction; `rebuild` makes it anew and `differences`
compares.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from app.core.events import EVERYTHING, Event, Kind
from app.core.intent import Certainty
from app.core.standing import Word, fold, word
from app.store import ledger
from app.store.prepared import Prepared, instant, micros
from app.store.tables import programs, suppressions
from app.store.upsert import Insert, insert

_columns = (
    suppressions.c.number_key,
    suppressions.c.scope,
    suppressions.c.status,
    suppressions.c.since,
    suppressions.c.certainty,
)


_of_numbers = sa.select(*_columns).where(
    suppressions.c.number_key.in_(sa.bindparam("keys", expanding=True)),
    suppressions.c.scope.in_([EVERYTHING, sa.bindparam("program")]),
)


@cache
def concerning(keys: int) -> sa.ColumnElement[bool]:
    """Return the condition for the words of a number, filed under so many keys, that concern a program.

    The statement binds `key_0`, `key_1`, ... and joins `programs`.
    """
    if not keys:
        return sa.false()
    given = [sa.bindparam(f"key_{n}", type_=sa.LargeBinary) for n in range(keys)]
    in_scope = suppressions.c.scope.in_([EVERYTHING, programs.c.id])
    return suppressions.c.number_key.in_(given) & in_scope


def bound_keys(number_keys: Sequence[bytes]) -> dict[str, bytes]:
    """Return what `concerning` binds."""
    return {f"key_{n}": key for n, key in enumerate(number_keys)}


def many(
    connection: Connection, number_keys: Sequence[bytes], program: str
) -> dict[bytes, list[Word]]:
    """Return the newest words of many numbers by key; a key of which nothing is known is absent."""
    found: dict[bytes, list[Word]] = {}
    rows = connection.execute(_of_numbers, {"keys": number_keys, "program": program})
    for number_key, *rest in rows:
        found.setdefault(bytes(number_key), []).append(_word(*rest))
    return found


def apply(tx: Connection, event: Event, event_id: int) -> None:
    """Let an event that was just appended change the standing, if its word is the newest of its scope."""
    said = word(event)
    if said is not None:
        _apply.run(tx, values_of(event.number_key, said) | {"event_id": event_id})


def values_of(number_key: bytes, said: Word) -> dict[str, Any]:
    """Return the values of a prepared statement that writes a word; its event's id is left to the caller."""
    return {**_row(number_key, said, 0), "since": micros(said.since)}


def rebuild(tx: Connection) -> None:
    """Make the whole projection anew from the ledger."""
    tx.execute(suppressions.delete())
    for number_key, newest in _folded(tx):
        for said, event_id in newest:
            tx.execute(suppressions.insert(), _row(number_key, said, event_id))


def differences(connection: Connection) -> Iterator[tuple[bytes, str]]:
    """Yield the number key and scope of every row that is not what the ledger folds to, or is missing."""
    held = {
        (bytes(row.number_key), row.scope): _word(row.scope, row.status, row.since, row.certainty)
        for row in connection.execute(sa.select(*_columns))
    }
    for number_key, newest in _folded(connection):
        for said, _ in newest:
            if held.pop((number_key, said.scope), None) != said:
                yield number_key, said.scope
    yield from held


def newest_wins(statement: Insert) -> Insert:
    """Add to an INSERT of words that a word which stands gives way to one that outranks it.

    The order is that of `Word.outranks`: the newer; on a tie the one of higher rank; an equal one changes nothing.
    """
    new, held = statement.excluded, suppressions.c
    newer = sa.or_(
        new.since > held.since, sa.and_(new.since == held.since, new["rank"] > held["rank"])
    )
    changed = {name: new[name] for name in ("status", "since", "certainty", "rank", "event_id")}
    return statement.on_conflict_do_update(
        index_elements=["number_key", "scope"], set_=changed, where=newer
    )


_apply = Prepared(
    lambda dialect: newest_wins(insert(dialect, suppressions)),
    [column.name for column in suppressions.c],
)


def _row(number_key: bytes, said: Word, event_id: int) -> dict[str, object]:
    return {
        "number_key": number_key,
        "scope": said.scope,
        "status": said.kind.value,
        "since": said.since,
        "certainty": said.certainty.value if said.certainty else None,
        "rank": said.rank,
        "event_id": event_id,
    }


def _word(scope: str, status: str, since: datetime, certainty: str | None) -> Word:
    return Word(
        scope=scope,
        kind=Kind(status),
        since=since,
        certainty=Certainty(certainty) if certainty else None,
    )


def word_of(scope: str, status: str, since: int, certainty: str | None) -> Word:
    """Return the word that `scope, status, since, certainty` of a prepared statement's row say."""
    return _word(scope, status, instant(since), certainty)


def _folded(connection: Connection) -> Iterable[tuple[bytes, list[tuple[Word, int]]]]:
    """Fold the ledger number by number, each newest word with the id of its event."""
    for number_key, group in groupby(
        ledger.read_all(connection), key=lambda pair: pair[1].number_key
    ):
        pairs = list(group)
        ids = {
            (said.scope, said): event_id
            for event_id, event in reversed(pairs)
            if (said := word(event))
        }
        newest = fold(event for _, event in pairs)
        yield number_key, [(said, ids[scope, said]) for scope, said in newest.items()]
