"""Seal the ledger: close all events since the last seal under one signed root, and hand the seal to a witness."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from app.core.errors import Unavailable
from app.core.merkle import Tree
from app.core.seal import FIRST, Seal, SealKey
from app.store import announcing, seals
from app.store.database import Database
from app.store.prepared import micros
from app.upstream import http

_SUCCESS = range(200, 300)


def seal(db: Database, key: SealKey, *, now: datetime) -> Seal | None:
    """Close the events since the last seal; return the new seal, or `None` where there are no such events.

    Nobody waits: the events are read in a snapshot, and only the seal itself is written. Events that may still be
    overtaken by one with a smaller id are left to the next seal.

    Args:
        db: the database.
        key: signs.
        now: the time of it. Aware, UTC.

    Raises:
        Unavailable: nothing was sealed.
    """
    while True:
        made = _make(db, key, now)
        if made is None:
            return None
        with db.begin() as tx:
            if seals.add(tx, made):
                return made
        # Somebody else sealed in between: what is left over is behind that seal.


def _make(db: Database, key: SealKey, now: datetime) -> Seal | None:
    with db.reading() as connection:
        horizon = announcing.horizon(connection)
    tree, first, last = Tree(), 0, 0
    with db.snapshot(unhurried=True) as connection:
        before = seals.newest(connection)
        after = before.last_event if before else 0
        for last, digest in seals.hashes(connection, after=after, to=horizon):  # the last one stays
            first = first or last
            tree.add(digest)
    if not tree.size:
        return None
    return key.seal(
        id=before.id + 1 if before else 1,
        previous=before.digest() if before else FIRST,
        first_event=first,
        last_event=last,
        events=tree.size,
        sealed_at=micros(now),
        root=tree.root(),
    )


def newest(db: Database) -> Seal | None:
    """Return the last seal, or `None`.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with db.reading() as connection:
        return seals.newest(connection)


def tell_file(db: Database, witness: Path) -> int:
    """Append to a witness file, a line each, every seal that it does not hold yet; return how many.

    Raises:
        Unavailable: the file cannot be written; the same again will mend it.
    """
    try:
        with witness.open("a+", encoding="utf-8") as file:
            file.seek(0)
            last = max(_ids(file), default=0)
            with db.reading() as connection:
                missing = seals.behind(connection, last)
            file.writelines(f"{each.write()}\n" for each in missing)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        raise Unavailable(f"the witness {witness} cannot be written: {fault.strerror}") from None
    return len(missing)


def _ids(lines: Iterator[str]) -> Iterator[int]:
    for line in lines:
        try:
            yield Seal.read(line).id
        except ValueError:
            continue  # `verify` says so


def tell_url(seal: Seal, url: str) -> None:
    """Post a seal to a witness, as JSON.

    Raises:
        Unavailable: it did not answer, or not with a success; the same again does no harm.
    """
    said: dict[str, Any] = json.loads(seal.write())
    answer = http.post_json(url, said)
    if answer.status not in _SUCCESS:
        raise Unavailable(
            f"the witness answered {answer.status}: the seal stands, but is not witnessed there"
        )
