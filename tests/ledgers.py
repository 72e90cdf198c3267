"""Ledgers for tests, written the way that actions write them."""

from datetime import datetime

from sqlalchemy import Connection

from app.actions import sealing
from app.core import chain
from app.core.chain import Head
from app.core.events import Event
from app.core.evidence import Evidence
from app.core.vault import Vault
from app.store import ledger, numbers, suppressions


def hold(tx: Connection, number_key: bytes, *, now: datetime) -> Head:
    """Take the turn of a number of which no more is known than its key."""
    newcomer = numbers.Newcomer(
        number_key=number_key, sealed=None, chain=chain.begin(None).chain, sealed_salt=None
    )
    return numbers.hold(tx, newcomer, now=now)


def append(
    tx: Connection, event: Event, *, vault: Vault | None = None, text: str | None = None
) -> ledger.Appended | ledger.AlreadyHeld:
    """Append an event behind those of its number and let it count, with a text that it rests on."""
    contents = None
    if vault and text is not None:
        contents = sealing.contents(vault, Evidence(text=text), event.source, event.source_ref)
    head = hold(tx, event.number_key, now=event.recorded_at)
    appended = ledger.append(tx, event, head, contents=contents)
    if isinstance(appended, ledger.Appended):
        suppressions.apply(tx, event, appended.event_id)
    return appended
