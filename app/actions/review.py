"""Review what was understood only probably: confirm it, or dismiss it, which voids the fact."""

from datetime import datetime
from enum import StrEnum

from app.actions.put_in_order import retold
from app.core.errors import Conflict, UnknownReview
from app.core.events import REVIEW, Event, Kind, event_name
from app.store import inbox, ledger, numbers, suppressions
from app.store.database import Database
from app.store.inbox import Reviewed as Reviewed  # noqa: PLC0414  # the web lists them


class Verdict(StrEnum):
    """What a person found."""

    CONFIRMED = "confirmed"  # it was understood rightly
    DISMISSED = "dismissed"  # it was not what the person asked for


def listed(db: Database, *, after: int, limit: int) -> list[Reviewed]:
    """Return the messages that wait for somebody to look at them, oldest first."""
    with db.reading() as connection:
        return inbox.open_reviews(connection, after=after, limit=limit)


def close(db: Database, review_id: int, verdict: Verdict, *, now: datetime) -> Reviewed:
    """Close a review. The same verdict again changes nothing.

    Args:
        db: the database.
        review_id: of the message.
        verdict: what was found. A dismissal voids the fact that followed from the message, as if it had never been.
        now: the time of it.

    Raises:
        UnknownReview: there is no such review.
        Conflict: it was closed with the other verdict.
        Unavailable: nothing was stored.
    """
    with db.begin() as tx:
        held = inbox.review(tx, review_id)
        if held is None:
            raise UnknownReview("there is no review of that id")
        head = numbers.hold_known(tx, held.number_key) if held.number_key else None
        if head is not None:
            held = inbox.review(tx, review_id) or held
        if held.review != "open":
            if held.review != verdict:
                raise Conflict(f"this review was closed before: {held.review}")
            return held
        inbox.close_review(tx, review_id, verdict.value)
        fact = ledger.find(tx, held.carrier, retold(held.message_id)) or ledger.find(
            tx, held.carrier, held.message_id
        )
        if verdict is Verdict.DISMISSED and fact is not None:
            assert head is not None, "whoever is in the ledger is noted"  # noqa: S101
            ledger.append(tx, _dismissal(fact[1], now), head, contents=None)
            suppressions.settle(tx, fact[1].number_key)
        return inbox.review(tx, review_id) or held


def _dismissal(fact: Event, now: datetime) -> Event:
    return Event(
        number_key=fact.number_key,
        kind=Kind.DISMISSED,
        scope=fact.scope,
        occurred_at=now,
        recorded_at=now,
        source=REVIEW,
        source_ref=event_name(fact.source, fact.source_ref),
    )
