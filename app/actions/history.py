"""One person's story, and the ledger as a feed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.core import business_days, evidence
from app.core.errors import Unsealable
from app.core.events import Event, Kind
from app.core.evidence import Evidence
from app.core.phone import canonical
from app.core.standing import Decision, decide
from app.core.vault import Vault
from app.store import feed, ledger, programs, suppressions
from app.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One fact with what it rests on.

    Attributes:
        event_id: its place in the ledger.
        event: the fact.
        evidence: what it rests on; `None`: nothing is held.
        honour_by: of an opt-out: the tenth business day after it.
    """

    event_id: int
    event: Event
    evidence: Evidence | None
    honour_by: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One person's story.

    Attributes:
        to: the number in E.164.
        standing: for every program, whether it may text the number, the hour aside.
        events: every fact, in the order we learned of them.
    """

    to: str
    standing: Mapping[str, Decision]
    events: Sequence[Told]


def history(db: Database, vault: Vault, *, to: str, region: str) -> History:
    """Return all that is known of a number.

    Args:
        db: the database.
        vault: hashes and seals.
        to: the number, in any usual spelling.
        region: whose national spelling is assumed where there is no country code.

    Raises:
        InvalidNumber: it cannot be a phone number.
        Unavailable: the database cannot be reached.
    """
    number = canonical(to, region)
    keys = vault.number_keys(number)
    with db.snapshot() as connection:
        words = suppressions.all_of(connection, keys)
        standing = {p.id: decide(words, p) for p in programs.listed(connection)}
        events = ledger.read(connection, keys)
        sealed = ledger.evidence(connection, keys)
    told = [
        Told(
            event_id=event_id,
            event=event,
            evidence=_opened(vault, event, sealed.get(event_id)),
            honour_by=business_days.deadline(event.occurred_at.date())
            if event.kind is Kind.OPTED_OUT
            else None,
        )
        for event_id, event in events
    ]
    return History(to=number.e164, standing=standing, events=told)


def events_after(db: Database, event_id: int, *, limit: int) -> list[tuple[int, Event]]:
    """Return the facts behind one in the ledger, with their ids; a reader that polls never misses any.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with db.reading() as connection:
        return feed.after(connection, event_id, limit=limit)


def _opened(vault: Vault, event: Event, sealed: bytes | None) -> Evidence | None:
    if sealed is None:
        return None
    binding = ledger.evidence_binding(event.source, event.source_ref)
    try:
        return evidence.loads(vault.open(sealed, bound_to=binding))
    except Unsealable:
        return None  # a secret that is gone takes the words with it, not the fact
