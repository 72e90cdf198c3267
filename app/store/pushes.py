"""What a carrier is still to be told of people's consent, per person and sender of ours: the outbox of the push.

A row holds no word: what is told is the one that stands when it is told. A word that is newer than what is being told
leaves the row due. What the carrier will not take stays, with its code, until there is a newer word.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from app.store.tables import feed_readers, numbers, programs, pushes, senders
from app.store.upsert import insert

_READER = "push"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One person and one sender of ours.

    Attributes:
        number_key: of the person's number.
        sender: our address.
        event_id: of the newest word when the row was claimed.
        tries: that came to nothing.
    """

    number_key: bytes
    sender: str
    event_id: int
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What the carrier will not take."""

    sender: str
    event_id: int
    code: int | None
    fault: str | None


def reached(connection: Connection) -> int:
    """Return the last event of the feed that stands in the outbox; 0: none."""
    query = sa.select(feed_readers.c.reached).where(feed_readers.c.name == _READER)
    return connection.execute(query).scalar_one_or_none() or 0


def reach(tx: Connection, before: int, event_id: int) -> bool:
    """Note how far the feed has been read; return whether nobody else read it meanwhile."""
    statement = insert(tx.dialect.name, feed_readers).values(name=_READER, reached=event_id)
    moved = tx.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"reached": statement.excluded.reached},
            where=feed_readers.c.reached == before,
        )
    )
    return bool(moved.rowcount)


def start_over(tx: Connection) -> None:
    """Have the feed read from its beginning."""
    tx.execute(sa.update(feed_readers).where(feed_readers.c.name == _READER).values(reached=0))


def add(tx: Connection, words: Iterable[tuple[bytes, str, int]], now: datetime) -> int:
    """Note that there is something new to tell; each is a number key, a sender, and the event. Return how many."""
    rows = [
        {
            "number_key": number_key,
            "sender": sender,
            "event_id": event_id,
            "tries": 0,
            "due_at": now,
        }
        for number_key, sender, event_id in words
    ]
    if not rows:
        return 0
    statement = insert(tx.dialect.name, pushes)
    anew = {name: statement.excluded[name] for name in ("event_id", "tries", "due_at")}
    newer = statement.excluded.event_id >= pushes.c.event_id
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["number_key", "sender"],
            set_={**anew, "code": None, "fault": None},
            where=newer,
        ),
        rows,
    )
    return len(rows)


def claim(tx: Connection, *, now: datetime, until: datetime, limit: int) -> list[Due]:
    """Take some of what is due for oneself until an instant, what has waited longest first."""
    free = sa.or_(pushes.c.claimed_until.is_(None), pushes.c.claimed_until <= now)
    query = (
        sa.select(*(pushes.c[name] for name in Due.__dataclass_fields__))
        .where(pushes.c.due_at <= now, free)
        .order_by(pushes.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)  # PostgreSQL's; SQLite has one writer
    )
    some = [
        Due(**{**row._mapping, "number_key": bytes(row.number_key)}) for row in tx.execute(query)
    ]
    for due in some:
        tx.execute(sa.update(pushes).where(_row(due)).values(claimed_until=until))
    return some


def done(tx: Connection, due: Due) -> None:
    """Take away what was told, or is not to be told any more; with a newer word it is due still."""
    tx.execute(pushes.delete().where(_row(due), pushes.c.event_id == due.event_id))
    _release(tx, due)


def again(tx: Connection, due: Due, at: datetime, *, code: int | None, counts: bool = True) -> None:
    """Have it told again at an instant; with a newer word it is due at once."""
    values = {"due_at": at, "tries": due.tries + counts, "code": code}
    same = sa.update(pushes).where(_row(due), pushes.c.event_id == due.event_id)
    tx.execute(same.values(values))
    _release(tx, due)


def give_up(tx: Connection, due: Due, *, code: int | None, fault: str | None) -> None:
    """Keep what the carrier will not take, with its reason; with a newer word it is due at once."""
    values = {"due_at": None, "tries": due.tries + 1, "code": code, "fault": fault}
    same = sa.update(pushes).where(_row(due), pushes.c.event_id == due.event_id)
    tx.execute(same.values(values))
    _release(tx, due)


def waiting(connection: Connection) -> int:
    """Return how many are still to be told."""
    query = sa.select(sa.func.count()).select_from(pushes).where(pushes.c.due_at.is_not(None))
    return int(connection.execute(query).scalar_one())


def refused(connection: Connection) -> list[Refused]:
    """Return what the carrier will not take, the newest word first."""
    columns = (pushes.c[name] for name in Refused.__dataclass_fields__)
    query = sa.select(*columns).where(pushes.c.due_at.is_(None)).order_by(pushes.c.event_id.desc())
    return [Refused(**row._mapping) for row in connection.execute(query)]


def sealed_number(connection: Connection, number_key: bytes) -> bytes | None:
    """Return a number as it is sealed; `None`: it is not kept."""
    query = sa.select(numbers.c.sealed).where(numbers.c.number_key == number_key)
    held = connection.execute(query).scalar_one_or_none()
    return bytes(held) if held is not None else None


def program_of(connection: Connection, sender: str) -> str | None:
    """Return the program that a sender of ours is mapped to, if it still is."""
    query = sa.select(programs.c.id).join(senders, senders.c.program == programs.c.id)
    program: str | None = connection.execute(
        query.where(senders.c.address == sender)
    ).scalar_one_or_none()
    return program


def of_number(connection: Connection, number_keys: Sequence[bytes]) -> list[str]:
    """Return the senders of which a number's wish is still to be told, or was not taken."""
    query = sa.select(pushes.c.sender).where(pushes.c.number_key.in_(list(number_keys)))
    return sorted(connection.execute(query).scalars())


def _row(due: Due) -> sa.ColumnElement[bool]:
    return sa.and_(pushes.c.number_key == due.number_key, pushes.c.sender == due.sender)


def _release(tx: Connection, due: Due) -> None:
    tx.execute(sa.update(pushes).where(_row(due)).values(claimed_until=None))
