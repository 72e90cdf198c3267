"""What was sent through us, or was not, and why: written before Twilio is asked, and finished with what it said.

No number and no text stands here. What Twilio answered, which holds both, is sealed, and only for who asks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from app.core.events import EVERYTHING, Kind
from app.store.prepared import Prepared, micros
from app.store.tables import sends, suppressions
from app.store.upsert import insert_or_ignore


class State(StrEnum):
    """What became of a message. Where a process died, `sending` is the last that is known."""

    SENDING = "sending"  # Twilio is being asked, or was when we died
    ACCEPTED = "accepted"  # Twilio took it
    REFUSED = "refused"  # we refused it, or Twilio did
    UNSENT = "unsent"  # Twilio was not asked
    UNKNOWN = "unknown"  # Twilio was asked and gave no clear answer: it may have gone out


class CalledOff(StrEnum):
    """What became of a scheduled message whose person refused before it went out."""

    CANCELED = "canceled"
    FAILED = "failed"  # Twilio would not: it had gone out, or was canceled before


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSend:
    """A message that is about to be sent; the fields are columns of the table.

    Attributes:
        idempotency_key: keyed hash of the sender's own key; `None`: it gave none.
        request_hash: keyed hash of what is asked under it.
        number_key: of the recipient; `None`: what is named is no number.
        purge_after: until when the answer can be given again.
    """

    account: str
    idempotency_key: bytes | None
    request_hash: bytes | None
    number_key: bytes | None
    program: str
    sender: str | None
    service: str | None
    send_at: datetime | None
    created_at: datetime
    purge_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of it; the fields are columns of the table."""

    state: State
    finished_at: datetime
    decided_at: datetime | None = None
    reason: str | None = None
    status: int | None = None
    code: int | None = None
    sid: str | None = None
    sealed_answer: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSend:
    """A send as it is held, of what the same key is answered by."""

    id: int
    state: State
    request_hash: bytes
    sealed_answer: bytes | None
    created_at: datetime


_COLUMNS = tuple(NewSend.__dataclass_fields__)
_INSTANTS = ("send_at", "created_at", "purge_after")
_begin = Prepared(
    lambda dialect: insert_or_ignore(dialect, sends, "idempotency_key").returning(sends.c.id),
    (*_COLUMNS, "state"),
)
_OUTCOME = tuple(Outcome.__dataclass_fields__)
_finish = Prepared.of(
    sa.update(sends)
    .where(sends.c.id == sa.bindparam("send_id"))
    .values({name: sa.bindparam(f"new_{name}") for name in _OUTCOME})
)
_release = (
    sa.update(sends)
    .where(sends.c.id == sa.bindparam("send_id"))
    .values(idempotency_key=None, request_hash=None)
)
_held = sa.select(*(sends.c[name] for name in HeldSend.__dataclass_fields__))


def begin(tx: Connection, new: NewSend) -> int | None:
    """Note a message before it is sent; return its id, or `None` when its key is held by another."""
    values: dict[str, Any] = {name: getattr(new, name) for name in _COLUMNS}
    values |= {name: micros(values[name]) for name in _INSTANTS if values[name]}
    rows = _begin.run(tx, {**values, "state": State.SENDING.value})
    return rows[0][0] if rows else None


def find(connection: Connection, idempotency_keys: Sequence[bytes]) -> HeldSend | None:
    """Return the send under any of these keys, or `None`."""
    if not idempotency_keys:
        return None
    query = _held.where(sends.c.idempotency_key.in_(list(idempotency_keys)))
    row = connection.execute(query).first()
    if row is None:
        return None
    return HeldSend(**{**row._mapping, "state": State(row.state)})


def finish(tx: Connection, send_id: int, outcome: Outcome, *, release: bool) -> None:
    """Note what became of a message.

    Args:
        tx: the action's transaction.
        send_id: of the message.
        outcome: what became of it.
        release: whether its key may send anew, since nothing was done under it.
    """
    values: dict[str, Any] = {f"new_{name}": getattr(outcome, name) for name in _OUTCOME}
    for name in ("new_finished_at", "new_decided_at"):
        values[name] = micros(values[name]) if values[name] else None
    _finish.run(tx, {**values, "new_state": outcome.state.value, "send_id": send_id})
    if release:
        tx.execute(_release, {"send_id": send_id})


def give_up(tx: Connection, send_id: int) -> None:
    """Note that nobody will learn any more what became of a message, unless somebody did."""
    still = sa.update(sends).where(sends.c.id == send_id, sends.c.state == State.SENDING.value)
    tx.execute(still.values(state=State.UNKNOWN.value))


def answer_binding(send_id: int) -> bytes:
    """Name the row and column that an answer is sealed to."""
    return f"sends.answer\0{send_id}".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A message that Twilio holds until its time."""

    id: int
    account: str
    sid: str
    number_key: bytes
    program: str


_REFUSING = [kind.value for kind in Kind if kind.refuses]
_scheduled = (
    sa.select(*(sends.c[name] for name in Scheduled.__dataclass_fields__))
    .where(sends.c.send_at.is_not(None), sends.c.sid.is_not(None), sends.c.called_off.is_(None))
    .order_by(sends.c.id)
)


def doubtful(
    connection: Connection,
    now: datetime,
    number_keys: Sequence[bytes] | None,
    *,
    after: int,
    limit: int,
) -> list[Scheduled]:
    """Return scheduled messages that are yet to go out and of whose people a refusal is held.

    Whether it is the refusal that stands is for a check to say.

    Args:
        connection: to read.
        now: the present.
        number_keys: all of one number; `None`: of everybody, each under the key it was sent to.
        after: the id of the last that was seen.
        limit: how many at most.
    """
    refused = sa.exists().where(
        suppressions.c.scope.in_([EVERYTHING, sends.c.program]),
        suppressions.c.status.in_(_REFUSING),
        suppressions.c.number_key == sends.c.number_key
        if number_keys is None
        else suppressions.c.number_key.in_(list(number_keys)),
    )
    query = _scheduled.where(sends.c.send_at > now, sends.c.id > after, refused).limit(limit)
    if number_keys is not None:
        query = query.where(sends.c.number_key.in_(list(number_keys)))
    return [
        Scheduled(**{**row._mapping, "number_key": bytes(row.number_key)})
        for row in connection.execute(query)
    ]


def note_called_off(tx: Connection, send_id: int, became: CalledOff) -> None:
    """Note what became of a scheduled message whose person refused; of two who ask at once, one is told no."""
    noting = sa.update(sends).where(sends.c.id == send_id)
    if became is CalledOff.FAILED:
        noting = noting.where(sends.c.called_off.is_(None))
    tx.execute(noting.values(called_off=became.value))
