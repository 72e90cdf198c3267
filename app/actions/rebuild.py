"""Rebuild the projection from the ledger, number by number, while the service runs."""

from collections.abc import Iterator
from itertools import groupby, islice

from app.store import numbers, suppressions
from app.store.database import Database

_AT_ONCE = 50  # numbers whose other writers wait meanwhile


def rebuild(db: Database, *, mend: bool) -> Iterator[tuple[bytes, str]]:
    """Yield the number key and scope of every row of the projection that is not what the ledger says.

    Args:
        db: the database.
        mend: whether to make these numbers' rows anew; else nothing is changed.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with db.snapshot(unhurried=True) as connection:
        differing = groupby(suppressions.differences(connection), key=lambda pair: pair[0])
        found = ((key, [scope for _, scope in pairs]) for key, pairs in differing)
        while batch := list(islice(found, _AT_ONCE)):
            if mend:
                _settle(db, [key for key, _ in batch])
            yield from ((key, scope) for key, scopes in batch for scope in scopes)


def _settle(db: Database, number_keys: list[bytes]) -> None:
    """Fold some numbers' events anew, in the order of their keys, so that no two such writers block each other."""
    with db.begin() as tx:
        for key in number_keys:
            numbers.hold_known(tx, key)
            suppressions.settle(tx, key)
