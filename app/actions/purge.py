"""Delete what is no longer needed: texts of no consequence soon, evidence after years, opt-outs never."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.actions import sealing
from app.actions.understand import MEMORY
from app.core.events import EVERYTHING, NOBODY, Event, Kind
from app.core.evidence import Evidence
from app.core.vault import Vault
from app.store import ledger, numbers, retention
from app.store.database import Database
from app.store.retention import Cutoffs, Due

SOURCE = "purge"
"""The source of the facts that something was purged."""

_AT_ONCE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Of the settings, how long things are kept; the texts of messages carry their own date.

    Attributes:
        evidence: what facts rest on.
    """

    evidence: timedelta


def due(db: Database, keep: Keep, *, now: datetime) -> Due:
    """Say what a purge would delete now.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with db.snapshot() as connection:
        return retention.count(connection, _cutoffs(keep, now))


def purge(
    db: Database, vault: Vault, keep: Keep, *, now: datetime, on_progress: Callable[[Due], None]
) -> Due:
    """Delete what is due, some thousands at a time, and write down that it was done.

    Nothing of a number or a program that is held is deleted. A purge that was interrupted is taken up by the next.

    Args:
        db: the database.
        vault: seals the note of it.
        keep: how long things are kept.
        now: the time of it.
        on_progress: told of each part.

    Raises:
        Unavailable: the database cannot be reached; what was deleted until then was written down.
    """
    gone = Due()
    while True:
        with db.begin() as tx:
            some = retention.delete(tx, _cutoffs(keep, now), most=_AT_ONCE)
            if some.total:
                event = _event(now)
                head = numbers.hold(tx, sealing.nobody(vault), now=now)
                note = Evidence(note=str(some))
                contents = sealing.contents(vault, note, event.source, event.source_ref)
                ledger.append(tx, event, head, contents=contents)
        if not some.total:
            return gone
        gone += some
        on_progress(some)


def _cutoffs(keep: Keep, now: datetime) -> Cutoffs:
    return Cutoffs(now=now, remembered=now - MEMORY, evidence=now - keep.evidence)


def _event(now: datetime) -> Event:
    return Event(
        number_key=NOBODY,
        kind=Kind.PURGED,
        scope=EVERYTHING,
        occurred_at=now,
        recorded_at=now,
        source=SOURCE,
        source_ref=secrets.token_hex(16),
    )
