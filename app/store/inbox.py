"""Inbound messages: what came in, how it was read, what we answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from app.store.prepared import Prepared, micros
from app.store.tables import inbox
from app.store.upsert import insert_or_ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry:
    """One message as it is kept; the fields are the columns of the table."""

    carrier: str
    message_id: str
    number_key: bytes | None
    sealed_author: bytes | None
    sender: str
    service: str | None
    channel: str
    program: str
    sealed_body: bytes
    received_at: datetime
    occurred_at: datetime
    intent: str
    certainty: str | None
    rule: str | None
    rulepack: str
    language: str | None
    unclear_negative: bool
    reply: str | None
    review: str | None
    purge_after: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a message that came before was answered with."""

    reply: str | None
    language: str | None
    program: str
    received_at: datetime


COLUMNS = tuple(InboxEntry.__dataclass_fields__)
_add = Prepared(
    lambda dialect: insert_or_ignore(dialect, inbox, "carrier", "message_id").returning(inbox.c.id),
    COLUMNS,
)
_answer_of = sa.select(inbox.c.reply, inbox.c.language, inbox.c.program, inbox.c.received_at).where(
    inbox.c.carrier == sa.bindparam("carrier"), inbox.c.message_id == sa.bindparam("message_id")
)
_unclear = sa.select(
    sa.exists().where(
        inbox.c.number_key.in_(sa.bindparam("keys", expanding=True)),
        inbox.c.sender == sa.bindparam("sender"),
        inbox.c.unclear_negative,
        inbox.c.received_at >= sa.bindparam("since"),
        inbox.c.message_id != sa.bindparam("other_than"),
    )
)


def add(tx: Connection, entry: InboxEntry) -> int | None:
    """Keep a message; return its id, or `None` when the carrier delivered it before."""
    rows = _add.run(tx, values_of(entry))
    return rows[0][0] if rows else None


def values_of(entry: InboxEntry) -> dict[str, Any]:
    """Return the values of a prepared statement that keeps a message."""
    values = {name: getattr(entry, name) for name in COLUMNS}
    values["received_at"] = micros(entry.received_at)
    values["occurred_at"] = micros(entry.occurred_at)
    values["purge_after"] = micros(entry.purge_after) if entry.purge_after else None
    return values


def answer_of(tx: Connection, carrier: str, message_id: str) -> Answered:
    """Return what a message that is held was answered with."""
    row = tx.execute(_answer_of, {"carrier": carrier, "message_id": message_id}).one()
    return Answered(**row._mapping)


def refused_unclearly_since(
    tx: Connection, number_keys: Sequence[bytes], sender: str, since: datetime, other_than: str
) -> bool:
    """Tell whether one number sent one sender another unclear refusal since an instant."""
    bound = {"keys": number_keys, "sender": sender, "since": since, "other_than": other_than}
    return bool(tx.execute(_unclear, bound).scalar_one())


def body_binding(carrier: str, message_id: str) -> bytes:
    """Name the row and column that a body is sealed to."""
    return f"inbox.body\0{carrier}\0{message_id}".encode()


def author_binding(carrier: str, message_id: str) -> bytes:
    """Name the row and column that an author's address is sealed to."""
    return f"inbox.author\0{carrier}\0{message_id}".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBody:
    """A message whose text is still held."""

    carrier: str
    message_id: str
    received_at: datetime
    intent: str
    rulepack: str
    sealed_body: bytes


_kept = (
    sa.select(*(inbox.c[name] for name in KeptBody.__dataclass_fields__))
    .where(inbox.c.sealed_body.is_not(None))
    .order_by(inbox.c.id)
)


def kept_bodies(connection: Connection) -> Iterator[KeptBody]:
    """Stream every message whose text is still held, oldest first; within a snapshot or a transaction."""
    for row in connection.execute(_kept, execution_options={"yield_per": 1000}):
        yield KeptBody(**row._mapping)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A message that somebody is to look at, or did; `review` says which."""

    id: int
    carrier: str
    message_id: str
    number_key: bytes | None
    program: str
    received_at: datetime
    intent: str
    certainty: str | None
    rule: str | None
    language: str | None
    review: str


_reviews = sa.select(*(inbox.c[name] for name in Reviewed.__dataclass_fields__))


def open_reviews(connection: Connection, *, after: int, limit: int) -> list[Reviewed]:
    """Return messages that wait to be looked at, behind an id, oldest first."""
    query = _reviews.where(inbox.c.review == "open", inbox.c.id > after).order_by(inbox.c.id)
    return [Reviewed(**row._mapping) for row in connection.execute(query.limit(limit))]


def review(connection: Connection, review_id: int) -> Reviewed | None:
    """Return one message that was ever to be looked at, or `None`."""
    query = _reviews.where(inbox.c.id == review_id, inbox.c.review.is_not(None))
    row = connection.execute(query).first()
    return None if row is None else Reviewed(**row._mapping)


def close_review(tx: Connection, review_id: int, verdict: str) -> None:
    """Note what somebody found of a message."""
    tx.execute(sa.update(inbox).where(inbox.c.id == review_id).values(review=verdict))
