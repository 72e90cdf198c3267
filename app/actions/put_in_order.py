"""Put in order what one person said: a webhook that came late counts from its receipt, Twilio knows when it was sent.

A START that was overtaken by the STOP behind it would otherwise be the newest word. What was recorded stays; it is
dismissed, and the same fact is told again with the time at which it was sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.core.events import Event, Kind, event_name
from app.store import ledger, numbers, suppressions
from app.store.database import Database

SOURCE = "reconcile"
"""The source of dismissals of facts whose time was wrong."""

_WISHES = {Kind.OPTED_OUT, Kind.OPTED_IN, Kind.WRONG_NUMBER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message, and when it was sent."""

    carrier: str
    message_id: str
    sent_at: datetime


def retold(message_id: str) -> str:
    """Return the reference under which the fact of a message is told again with another time."""
    return f"{message_id}:sent"


def put_in_order(
    db: Database, number_keys: Sequence[bytes], said: Sequence[Sent], *, now: datetime
) -> int:
    """Tell the facts of some messages of one person again, if their order in the ledger is not that of sending.

    Args:
        db: the database.
        number_keys: every key the person's number may be filed under.
        said: the person's messages, as Twilio lists them.
        now: the time of it. Aware, UTC.

    Returns:
        How many facts were told again: none where the order is right, as nearly always.

    Raises:
        Unavailable: the database cannot be reached; nothing was changed.
    """
    with db.reading() as connection:
        if _are_in_order(_facts(connection, number_keys, said)):
            return 0
    with db.begin() as tx:
        for number_key in number_keys:
            numbers.hold_known(tx, number_key)  # other writers of its facts wait from here on
        wrong = [
            (message, fact)
            for message, fact in _facts(tx, number_keys, said)
            if fact.occurred_at != message.sent_at
        ]
        for message, fact in wrong:
            _tell_again(tx, message, fact, now)
        for number_key in {fact.number_key for _, fact in wrong}:
            suppressions.settle(tx, number_key)
    return len(wrong)


def _facts(
    connection: Connection, number_keys: Sequence[bytes], said: Sequence[Sent]
) -> list[tuple[Sent, Event]]:
    """Return the wishes that follow from these messages and stand, in the order of sending."""
    history = [event for _, event in ledger.read(connection, number_keys)]
    dismissed = {event.source_ref for event in history if event.kind is Kind.DISMISSED}
    standing = {e.name: e for e in history if e.kind in _WISHES and e.name not in dismissed}
    found = []
    for message in sorted(said, key=lambda each: each.sent_at):
        for reference in (retold(message.message_id), message.message_id):
            fact = standing.get(event_name(message.carrier, reference))
            if fact is not None:
                found.append((message, fact))
                break
    return found


def _are_in_order(facts: Sequence[tuple[Sent, Event]]) -> bool:
    """Tell whether nothing that was sent later counts as said before; what was sent in one second has no order."""
    return not any(
        early.sent_at < late.sent_at and first.occurred_at >= second.occurred_at
        for place, (early, first) in enumerate(facts)
        for late, second in facts[place + 1 :]
    )


def _tell_again(tx: Connection, message: Sent, fact: Event, now: datetime) -> None:
    again = replace(
        fact,
        occurred_at=message.sent_at,
        recorded_at=now,
        source_ref=retold(message.message_id),
    )
    void = Event(
        number_key=fact.number_key,
        kind=Kind.DISMISSED,
        scope=fact.scope,
        occurred_at=now,
        recorded_at=now,
        source=SOURCE,
        source_ref=fact.name,
    )
    for event in (again, void):
        head = numbers.hold_known(tx, fact.number_key)
        assert head is not None, "whoever is in the ledger is noted"  # noqa: S101
        ledger.append(tx, event, head, contents=None)
