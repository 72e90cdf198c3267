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

from app.core.events import EVERYTHING, Cause, Event, Kind
from app.core.intent import Certainty
from app.core.standing import Word, fold, word
from app.store import ledger
from app.store.prepared import Prepared, instant, micros
from app.store.tables import programs, suppressions
from app.store.upsert import Insert, insert

WORD = (
    suppressions.c.scope,
    suppressions.c.status,
    suppressions.c.since,
    suppressions.c.certainty,
    suppressions.c.cause,
)
_KEYED = (suppressions.c.number_key, *WORD)
# The lists of keys are the driver's own work: SQLAlchemy would take longer to bind them than the database to find them.
_MANY = f"SELECT {', '.join(column.name for column in _KEYED)} FROM suppressions WHERE number_key"  # noqa: S608
_CONCERNING = f"AND scope IN ('{EVERYTHING}', %s)"
_of_everything = sa.select(*_KEYED).where(
    suppressions.c.number_key.in_(sa.bindparam("keys", expanding=True))
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
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        rows = driver.execute(f"{_MANY} = ANY(%b) {_CONCERNING}", (list(number_keys), program))
    else:
        marks = ",".join("?" * len(number_keys))
        rows = driver.execute(
            f"{_MANY} IN ({marks}) {_CONCERNING.replace('%s', '?')}", (*number_keys, program)
        )
    found: dict[bytes, list[Word]] = {}
    for number_key, *rest in rows:
        found.setdefault(number_key, []).append(word_of(*rest))
    return found


def apply(tx: Connection, event: Event, event_id: int) -> None:
    """Let an event that was just appended change the standing, if its word is the newest of its scope."""
    said = word(event)
    if said is not None:
        _apply.run(tx, values_of(event.number_key, said) | {"event_id": event_id})


def apply_many(tx: Connection, rows: Iterable[Sequence[Any]]) -> None:
    """Let many words count, each if it is the newest of its scope; rows are as the table's columns."""
    _apply.run_many(tx, rows)


def values_of(number_key: bytes, said: Word) -> dict[str, Any]:
    """Return the values of a prepared statement that writes a word; its event's id is left to the caller."""
    return {**_row(number_key, said, 0), "since": micros(said.since)}


def all_of(connection: Connection, number_keys: Sequence[bytes]) -> list[Word]:
    """Return the newest words of one number in every scope."""
    rows = connection.execute(_of_everything, {"keys": list(number_keys)})
    return [_word(*rest) for _, *rest in rows]


def settle(tx: Connection, number_key: bytes) -> None:
    """Make the words of one number anew from the ledger: what a dismissal needs."""
    tx.execute(suppressions.delete().where(suppressions.c.number_key == number_key))
    _write(tx, number_key, _newest(ledger.read(tx, [number_key])))


def rebuild(tx: Connection) -> None:
    """Make the whole projection anew from the ledger."""
    tx.execute(suppressions.delete())
    for number_key, newest in _folded(tx):
        _write(tx, number_key, newest)


def differences(connection: Connection) -> Iterator[tuple[bytes, str]]:
    """Yield the number key and scope of every row that is not what the ledger folds to, or is missing.

    Args:
        connection: of a snapshot. Ledger and projection are streamed side by side, number by number.
    """
    rows = connection.execute(
        sa.select(*_KEYED).order_by(suppressions.c.number_key),
        execution_options={"yield_per": 1000},
    )
    held = ((bytes(key), _word(*rest)) for key, *rest in rows)
    for number_key, words, newest in _side_by_side(held, _folded(connection)):
        standing = {(said.layer, said.scope): said for said in words}
        for said, _ in newest:
            if standing.pop((said.layer, said.scope), None) != said:
                yield number_key, said.scope
        yield from ((number_key, scope) for _, scope in standing)


def newest_wins(statement: Insert) -> Insert:
    """Add to an INSERT of words that a word which stands gives way to one that outranks it.

    The order is that of `Word.outranks`: the newer; on a tie the one of higher rank; an equal one changes nothing.
    """
    new, held = statement.excluded, suppressions.c
    newer = sa.or_(
        new.since > held.since, sa.and_(new.since == held.since, new["rank"] > held["rank"])
    )
    key = [column.name for column in suppressions.primary_key]
    changed = {column.name: new[column.name] for column in held if column.name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=changed, where=newer)


_apply = Prepared(
    lambda dialect: newest_wins(insert(dialect, suppressions)),
    [column.name for column in suppressions.c],
)


def _row(number_key: bytes, said: Word, event_id: int) -> dict[str, object]:
    return {
        "number_key": number_key,
        "scope": said.scope,
        "layer": said.layer.value,
        "status": said.kind.value,
        "since": said.since,
        "certainty": said.certainty.value if said.certainty else None,
        "cause": said.cause.value if said.cause else None,
        "rank": said.rank,
        "event_id": event_id,
    }


def _word(
    scope: str, status: str, since: datetime, certainty: str | None, cause: str | None
) -> Word:
    return Word(
        scope=scope,
        kind=Kind(status),
        since=since,
        certainty=Certainty(certainty) if certainty else None,
        cause=Cause(cause) if cause else None,
    )


def word_of(scope: str, status: str, since: int, certainty: str | None, cause: str | None) -> Word:
    """Return the word that the columns `WORD` of a prepared statement's row say."""
    return _word(scope, status, instant(since), certainty, cause)


def _write(tx: Connection, number_key: bytes, newest: Iterable[tuple[Word, int]]) -> None:
    rows = [_row(number_key, said, event_id) for said, event_id in newest]
    if rows:
        tx.execute(suppressions.insert(), rows)


def _newest(pairs: Sequence[tuple[int, Event]]) -> list[tuple[Word, int]]:
    """Fold one number's events, given with their ids; return each newest word with the id of its event."""
    ids = {said: event_id for event_id, event in reversed(pairs) if (said := word(event))}
    return [(said, ids[said]) for said in fold(event for _, event in pairs).values()]


def _folded(connection: Connection) -> Iterator[tuple[bytes, list[tuple[Word, int]]]]:
    """Fold the ledger number by number."""
    for number_key, group in groupby(
        ledger.read_all(connection), key=lambda pair: pair[1].number_key
    ):
        yield number_key, _newest(list(group))


def _side_by_side(
    held: Iterator[tuple[bytes, Word]], folded: Iterator[tuple[bytes, list[tuple[Word, int]]]]
) -> Iterator[tuple[bytes, list[Word], list[tuple[Word, int]]]]:
    """Yield each number that either knows, with what both say; both come in the order of the keys."""
    words = groupby(held, key=lambda pair: pair[0])
    left, right = next(words, None), next(folded, None)
    while left or right:
        key = min(side[0] for side in (left, right) if side)
        here, there = [], []
        if left and left[0] == key:
            here = [said for _, said in left[1]]
            left = next(words, None)
        if right and right[0] == key:
            there = right[1]
            right = next(folded, None)
        yield key, here, there
