"""All that is held of one number, and its erasure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from app.store.tables import events, inbox, numbers, pushes, sends


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMessage:
    """One message of a number, as it is kept."""

    carrier: str
    message_id: str
    sender: str
    channel: str
    program: str
    sealed_body: bytes | None
    received_at: datetime
    intent: str
    certainty: str | None
    rule: str | None
    reply: str | None
    review: str | None
    purge_after: datetime | None


_message_columns = [inbox.c[name] for name in HeldMessage.__dataclass_fields__]


def messages(connection: Connection, number_keys: Sequence[bytes]) -> Iterator[HeldMessage]:
    """Yield every message of a number, oldest first."""
    query = sa.select(*_message_columns).where(inbox.c.number_key.in_(list(number_keys)))
    for row in connection.execute(query.order_by(inbox.c.id)):
        yield HeldMessage(**row._mapping)


def first_seen(connection: Connection, number_keys: Sequence[bytes]) -> datetime | None:
    """Return when a number was first seen; `None`: never."""
    query = sa.select(sa.func.min(numbers.c.first_seen, type_=numbers.c.first_seen.type))
    found = connection.execute(query.where(numbers.c.number_key.in_(list(number_keys))))
    moment: datetime | None = found.scalar_one()
    return moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How much was erased.

    Attributes:
        numbers: sealed numbers and places.
        bodies: texts of messages.
        evidence: what facts rested on.
    """

    numbers: int
    bodies: int
    evidence: int


def erase(
    tx: Connection, number_keys: Sequence[bytes], *, evidence_until: datetime | None
) -> Erased:
    """Erase what tells of a person: the number, where they live, the texts, what facts rest on. The facts stay.

    Args:
        tx: the action's transaction.
        number_keys: every key the number may be filed under.
        evidence_until: evidence of facts that were recorded after this is kept; `None`: none is.
    """
    keys = list(number_keys)
    sealed = sa.or_(numbers.c.sealed.is_not(None), numbers.c.sealed_place.is_not(None))
    number = (
        sa.update(numbers)
        .where(numbers.c.number_key.in_(keys), sealed)
        .values(sealed=None, sealed_place=None)
    )
    body = (
        sa.update(inbox)
        .where(inbox.c.number_key.in_(keys), inbox.c.sealed_body.is_not(None))
        .values(sealed_body=None, sealed_author=None)
    )
    evidence = sa.update(events).where(
        events.c.number_key.in_(keys), events.c.sealed_evidence.is_not(None)
    )
    # Under its key a send is still not sent again; it is answered that nothing is known of it.
    answers = sa.update(sends).where(sends.c.number_key.in_(keys))
    tx.execute(answers.values(sealed_answer=None))
    # Without the number nobody can be told of it; what the carrier was told before stays with it.
    tx.execute(pushes.delete().where(pushes.c.number_key.in_(keys)))
    if evidence_until is not None:
        evidence = evidence.where(events.c.recorded_at <= evidence_until)
    return Erased(
        numbers=tx.execute(number).rowcount,
        bodies=tx.execute(body).rowcount,
        evidence=tx.execute(evidence.values(sealed_evidence=None)).rowcount,
    )
