"""Record a fact that came by other ways than a message: an agent's note, a form, an e-mail, an operator's block."""

import re
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from app.actions import programs, sealing
from app.core import place
from app.core.errors import Conflict, Unacceptable
from app.core.events import EVERYTHING, REVIEW, Cause, Event, Kind
from app.core.evidence import Consent, Evidence
from app.core.intent import Certainty
from app.core.phone import PhoneNumber, canonical
from app.core.quiet_hours import clock
from app.core.vault import Vault
from app.store import ledger, numbers, suppressions
from app.store.database import Database

_SKEW = timedelta(minutes=5)  # between the clock of whoever tells us and ours
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,31}")
_MOST_REF_CHARACTERS = 128
_WISHES = {Kind.OPTED_OUT, Kind.OPTED_IN, Kind.CONSENT_ASKED, Kind.WRONG_NUMBER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact as somebody tells it.

    Attributes:
        to: the number, in any usual spelling.
        region: whose national spelling is assumed where there is no country code.
        kind: what happened. An opt-in to a program with double opt-in waits for the person's YES.
        scope: `*` or a program id.
        source: who tells: `agent`, `email`, `web`, ...
        source_ref: the source's own id of it; `None`: it has none, and the fact is a new one.
        occurred_at: when it happened; `None`: now.
        note: of whoever records it.
        consent: of an opt-in: what was agreed to, and what proves it.
        cause: of a block or its lifting.
    """

    to: str
    region: str
    kind: Kind
    scope: str
    source: str
    source_ref: str | None = None
    occurred_at: datetime | None = None
    note: str | None = None
    consent: Consent | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A fact as it stands in the ledger.

    Attributes:
        event_id: its place there.
        event: the fact.
        is_new: whether it was not held before.
    """

    event_id: int
    event: Event
    is_new: bool


def record(
    db: Database, vault: Vault, fact: Fact, *, store_numbers: bool, now: datetime
) -> Recorded:
    """Write a fact down and let it count, in one transaction. The same fact told again is the one that is held.

    Args:
        db: the database.
        vault: hashes and seals.
        fact: as it is told.
        store_numbers: whether to keep the number, sealed, beside its hash.
        now: the time of our knowing. Aware, UTC.

    Raises:
        InvalidNumber: it cannot be a phone number.
        Unacceptable: the source, its reference, the time or the zone cannot be.
        UnknownProgram: the scope is neither `*` nor a program.
        Conflict: the source told another fact under that reference.
        Unavailable: nothing was stored.
    """
    number = canonical(fact.to, fact.region)
    _require_zone(fact.consent)
    event = Event(
        number_key=vault.number_key(number),
        kind=fact.kind,
        scope=fact.scope,
        occurred_at=_occurred(fact.occurred_at, now),
        recorded_at=now,
        source=_source(fact.source),
        source_ref=_source_ref(fact.source_ref),
        certainty=Certainty.DEFINITE if fact.kind in _WISHES else None,
        cause=fact.cause,
    )
    told = Evidence(note=fact.note, consent=fact.consent)
    sealed = seal(vault, number, event, told, store_numbers=store_numbers)
    with db.begin() as tx:
        event = _under_its_terms(tx, event)
        event_id = keep(tx, event, sealed)
        if event_id is None:
            return _held(tx, event, vault.number_keys(number))
    return Recorded(event_id=event_id, event=event, is_new=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What is personal of a fact, as it will be kept: made before the transaction, which holds up other writers."""

    newcomer: numbers.Newcomer
    contents: ledger.Contents
    place: bytes | None


def seal(
    vault: Vault, number: PhoneNumber, event: Event, evidence: Evidence, *, store_numbers: bool
) -> Sealed:
    """Seal what is personal of a fact.

    Args:
        vault: seals.
        number: that the fact is about.
        event: the fact.
        evidence: what it rests on.
        store_numbers: whether to keep the number, sealed, beside its hash.
    """
    known = place.Place.of(evidence.consent)
    at_home = numbers.place_binding(event.number_key)
    return Sealed(
        newcomer=sealing.newcomer(vault, number, event.number_key, keep=store_numbers),
        contents=sealing.contents(vault, evidence, event.source, event.source_ref),
        place=vault.seal(place.dumps(known), bound_to=at_home) if known else None,
    )


def keep(tx: Connection, event: Event, sealed: Sealed) -> int | None:
    """Write a fact down and let it count.

    Args:
        tx: the action's transaction; other writers of facts about the number wait until it ends.
        event: the fact.
        sealed: what is personal of it.

    Returns:
        Its place in the ledger; `None`: it is held already, and nothing was written.
    """
    head = numbers.hold(tx, sealed.newcomer, now=event.recorded_at)
    appended = ledger.append(tx, event, head, contents=sealed.contents)
    if isinstance(appended, ledger.AlreadyHeld):
        return None
    suppressions.apply(tx, event, appended.event_id)
    if sealed.place:
        numbers.keep_place(tx, event.number_key, sealed.place)
    return appended.event_id


def _under_its_terms(tx: Connection, event: Event) -> Event:
    """Hold an event against the program that it is about."""
    if event.scope == EVERYTHING and event.kind is not Kind.OPTED_IN:
        return event
    program = programs.require(tx, event.scope)
    if event.kind is Kind.OPTED_IN and program.double_opt_in:
        return replace(event, kind=Kind.CONSENT_ASKED)
    return event


def _held(tx: Connection, event: Event, number_keys: tuple[bytes, ...]) -> Recorded:
    """Return the fact that is held under the reference of one that is told again."""
    found = ledger.find(tx, event.source, event.source_ref)
    assert found is not None, "the ledger forgot what it just said it holds"  # noqa: S101
    event_id, held = found
    same_kind = held.kind is event.kind or {held.kind, event.kind} == _OPT_INS
    if not same_kind or held.scope != event.scope or held.number_key not in number_keys:
        raise Conflict("the source told another fact under this source_ref: give this one its own")
    return Recorded(event_id=event_id, event=held, is_new=False)


_OPT_INS = {Kind.OPTED_IN, Kind.CONSENT_ASKED}


def _require_zone(consent: Consent | None) -> None:
    if consent and consent.time_zone and clock(consent.time_zone) is None:
        raise Unacceptable("consent.time_zone is no IANA name, such as America/Chicago")


def _occurred(told: datetime | None, now: datetime) -> datetime:
    """Return when it happened; nothing happens in the future, where it would outrank what is said until then."""
    if told is None:
        return now
    if not _EARLIEST <= told <= now + _SKEW:
        raise Unacceptable("occurred_at is in the future, or before 1990")
    return min(told.astimezone(UTC), now)


def _source(source: str) -> str:
    if not _SOURCE.fullmatch(source) or source == REVIEW:
        raise Unacceptable(
            "source is a name such as agent, email or web: lower-case letters, digits, `_`, `.` and `-`, up to 32; "
            f"`{REVIEW}` is taken"
        )
    return source


def _source_ref(given: str | None) -> str:
    if given is None:
        return secrets.token_hex(16)
    if not given or len(given) > _MOST_REF_CHARACTERS or not given.isprintable():
        raise Unacceptable(f"source_ref must be 1 to {_MOST_REF_CHARACTERS} printable characters")
    return given
