"""What is due for deletion, and its deletion: contents go, the facts and their order stay."""

from dataclasses import dataclass, fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from app.store.holds import is_held
from app.store.tables import events, inbox, numbers, sends, suppressions

_TABLES = {
    "bodies": inbox,
    "evidence": events,
    "messages": inbox,
    "numbers": numbers,
    "answers": sends,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoffs:
    """Until which instant each kind of thing is past its time.

    Attributes:
        now: bodies of no consequence carry their own date, which is compared with this.
        remembered: before this no two unclear refusals are held against each other.
        evidence: facts that were recorded before this have rested on their evidence for long enough.
    """

    now: datetime
    remembered: datetime
    evidence: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """How much is due, or was deleted.

    Attributes:
        bodies: texts of messages.
        evidence: what facts rest on.
        messages: messages of no consequence, once they are forgotten too.
        numbers: sealed numbers of whom nothing else is held.
        answers: what sends were answered with, and the keys to ask for it again; the records of sends stay.
    """

    bodies: int = 0
    evidence: int = 0
    messages: int = 0
    numbers: int = 0
    answers: int = 0

    def __add__(self, other: "Due") -> "Due":
        return Due(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    @property
    def total(self) -> int:
        """All of it."""
        return sum(getattr(self, field.name) for field in fields(self))


def count(connection: Connection, at: Cutoffs) -> Due:
    """Count what is due, and change nothing."""
    return Due(
        **{
            name: connection.execute(
                sa.select(sa.func.count()).select_from(_TABLES[name]).where(due)
            ).scalar_one()
            for name, due in _due(at).items()
        }
    )


def delete(tx: Connection, at: Cutoffs, *, most: int) -> Due:
    """Delete some of what is due: of each kind so many at most, so that nobody waits for long."""
    due = _due(at)

    def some(column: sa.Column[int] | sa.Column[bytes], name: str) -> sa.ColumnElement[bool]:
        return column.in_(sa.select(column).where(due[name]).limit(most).scalar_subquery())

    bare_message = {"sealed_body": None, "sealed_author": None}
    bodies = sa.update(inbox).where(some(inbox.c.id, "bodies")).values(bare_message)
    evidence = sa.update(events).where(some(events.c.id, "evidence")).values(sealed_evidence=None)
    messages = inbox.delete().where(some(inbox.c.id, "messages"))
    bare_send = {"sealed_answer": None, "idempotency_key": None, "request_hash": None}
    answers = sa.update(sends).where(some(sends.c.id, "answers")).values(bare_send)
    strangers = numbers.delete().where(some(numbers.c.number_key, "numbers"))
    return Due(
        bodies=tx.execute(bodies).rowcount,
        evidence=tx.execute(evidence).rowcount,
        messages=tx.execute(messages).rowcount,
        numbers=tx.execute(strangers).rowcount,
        answers=tx.execute(answers).rowcount,
    )


def _due(at: Cutoffs) -> dict[str, sa.ColumnElement[bool]]:
    free = ~is_held(inbox.c.number_key, inbox.c.program)
    past = sa.and_(inbox.c.purge_after <= at.now, free)
    old = sa.and_(inbox.c.purge_after.is_(None), inbox.c.received_at <= at.evidence, free)
    forgotten = sa.and_(past, inbox.c.received_at <= at.remembered)
    of_number = [
        sa.exists().where(table.c.number_key == numbers.c.number_key)
        for table in (events, suppressions)
    ]
    has_message = sa.exists().where(
        inbox.c.number_key == numbers.c.number_key, sa.not_(sa.func.coalesce(forgotten, sa.false()))
    )
    return {
        "bodies": sa.and_(sa.or_(past, old), inbox.c.sealed_body.is_not(None)),
        "evidence": sa.and_(
            events.c.sealed_evidence.is_not(None),
            events.c.recorded_at <= at.evidence,
            ~is_held(events.c.number_key, events.c.scope),
        ),
        "messages": forgotten,
        "answers": sa.and_(
            sends.c.purge_after <= at.now,
            sends.c.idempotency_key.is_not(None),
            ~is_held(sends.c.number_key, sends.c.program),
        ),
        "numbers": ~sa.or_(*of_number, has_message, is_held(numbers.c.number_key)),
    }
