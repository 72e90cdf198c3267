"""The person's rights: to see all that is held of them, and to have it erased."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from app.actions.history import History, Told, history
from app.core import place
from app.core.errors import UnderHold, Unsealable
from app.core.events import EVERYTHING, Event, Kind
from app.core.evidence import Evidence
from app.core.phone import canonical
from app.core.place import Place
from app.core.vault import Vault
from app.store import holds, inbox, ledger, numbers, pushes, subject
from app.store.database import Database
from app.store.subject import Erased as Erased  # noqa: PLC0414  # the web and the command line show it
from app.store.subject import HeldMessage

LAW_KEEPS = timedelta(days=1827)
"""How long the evidence of consents and refusals is kept by law: 16 CFR 310.5(a), five years."""

SOURCE = "erasure"
"""The source of the facts that something was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message with its text; `None`: the text was deleted."""

    held: HeldMessage
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """All that is held of one person.

    Attributes:
        story: the standing and every fact with what it rests on.
        first_seen: since when the number is known; `None`: it is not.
        number_is_kept: whether the number itself is held, sealed, and not only its hash.
        place: where they live, as a consent told; `None`: not known.
        messages: every message of theirs, oldest first.
        pending_pushes: the senders whose carrier is still to be told of the person's wish, or did not take it.
        under_hold: whether a litigation hold forbids deletion.
    """

    story: History
    first_seen: datetime | None
    number_is_kept: bool
    place: Place | None
    messages: Sequence[Message]
    pending_pushes: Sequence[str]
    under_hold: bool


def export(db: Database, vault: Vault, *, to: str, region: str) -> Subject:
    """Return all that is held of a person.

    Args:
        db: the database.
        vault: hashes and seals.
        to: the number, in any usual spelling.
        region: whose national spelling is assumed where there is no country code.

    Raises:
        InvalidNumber: it cannot be a phone number.
        Unavailable: the database cannot be reached.
    """
    story = history(db, vault, to=to, region=region)
    keys = vault.number_keys(canonical(to, region))
    with db.snapshot() as connection:
        seen = subject.first_seen(connection, keys)
        kept = numbers.are_kept(connection, keys)
        places = numbers.places(connection, keys)
        messages = list(subject.messages(connection, keys))
        pending = pushes.of_number(connection, keys)
        held = holds.concerning(connection, keys)
    return Subject(
        story=story,
        first_seen=seen,
        number_is_kept=kept,
        place=_place(vault, places),
        messages=[Message(held=each, text=_text(vault, each)) for each in messages],
        pending_pushes=pending,
        under_hold=held,
    )


def erase(
    db: Database, vault: Vault, *, to: str, region: str, evidence_too: bool, now: datetime
) -> Erased:
    """Erase what is held of a person, but for the bare suppression and what the law keeps.

    The keyed hash, and the facts with their times and rules, stay: without them the person would be texted again.

    Args:
        db: the database.
        vault: hashes and seals.
        to: the number, in any usual spelling.
        region: whose national spelling is assumed where there is no country code.
        evidence_too: erase also the evidence of the last five years, which the law of some countries wants kept.
        now: the time of it.

    Raises:
        InvalidNumber: it cannot be a phone number.
        UnderHold: a litigation hold forbids it; nothing was erased.
        Unavailable: nothing was erased.
    """
    keys = vault.number_keys(canonical(to, region))
    until = None if evidence_too else now - LAW_KEEPS
    with db.begin() as tx:
        heads = {key: numbers.hold_known(tx, key) for key in keys}
        if holds.concerning(tx, keys):
            raise UnderHold("a litigation hold on this number forbids it: release it first")
        erased = subject.erase(tx, keys, evidence_until=until)
        for key, head in heads.items():
            if head is not None:
                ledger.append(tx, _event(key, now), head, contents=None)
    return erased


def as_document(held: Subject) -> dict[str, Any]:
    """Return all that is held of a person as plain values, instants as they are."""
    return {
        "to": held.story.to,
        "first_seen": held.first_seen,
        "number_is_kept": held.number_is_kept,
        "place": asdict(held.place) if held.place else None,
        "under_hold": held.under_hold,
        "standing": {
            program: {
                "allowed": decision.allowed,
                "reason": decision.reason,
                "scope": decision.scope,
                "since": decision.since,
                "certainty": decision.certainty,
            }
            for program, decision in held.story.standing.items()
        },
        "events": [_event_document(told) for told in held.story.events],
        "messages": [_message_document(message) for message in held.messages],
        "pending_pushes": list(held.pending_pushes),
    }


def _event_document(told: Told) -> dict[str, Any]:
    event, evidence = told.event, told.evidence or Evidence()
    return {
        "id": told.event_id,
        "kind": event.kind,
        "scope": event.scope,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "source": event.source,
        "source_ref": event.source_ref,
        "certainty": event.certainty,
        "rule": event.rule,
        "cause": event.cause,
        "text": evidence.text,
        "note": evidence.note,
        "consent": asdict(evidence.consent) if evidence.consent else None,
    }


def _message_document(message: Message) -> dict[str, Any]:
    held = message.held
    return {
        "received_at": held.received_at,
        "sender": held.sender,
        "channel": held.channel,
        "program": held.program,
        "text": message.text,
        "read_as": held.intent,
        "certainty": held.certainty,
        "rule": held.rule,
        "answered_with": held.reply,
        "review": held.review,
        "deleted_after": held.purge_after,
    }


def what_stays(*, evidence_too: bool) -> list[str]:
    """Say in words what an erasure leaves, and why."""
    stays = [
        "the keyed hash of the number, with its opt-outs and blocks: without it the person would be texted again",
        "the facts with their times, sources and rules, without any text: they prove what was done",
    ]
    if not evidence_too:
        stays.append(
            "texts and consents that facts of the last five years rest on: 16 CFR 310.5(a) wants them kept"
        )
    return stays


def _place(vault: Vault, places: dict[bytes, bytes]) -> Place | None:
    for key, sealed in places.items():
        try:
            return place.loads(vault.open(sealed, bound_to=numbers.place_binding(key)))
        except Unsealable:
            continue
    return None


def _text(vault: Vault, held: HeldMessage) -> str | None:
    if held.sealed_body is None:
        return None
    try:
        return vault.open(
            held.sealed_body, bound_to=inbox.body_binding(held.carrier, held.message_id)
        )
    except Unsealable:
        return None


def _event(number_key: bytes, now: datetime) -> Event:
    return Event(
        number_key=number_key,
        kind=Kind.ERASED,
        scope=EVERYTHING,
        occurred_at=now,
        recorded_at=now,
        source=SOURCE,
        source_ref=secrets.token_hex(16),
    )
