"""Receive one message from a person: understand it, write it down, and only then say what to answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.actions import sealing
from app.actions.understand import REFUSALS, Conversation, understand
from app.core.chain import Head
from app.core.events import EVERYTHING, Event, Kind
from app.core.evidence import Evidence
from app.core.inbound import InboundMessage
from app.core.intent import Certainty, Intent, Reading, classify
from app.core.program import Program
from app.core.replies import Reply, in_time, render
from app.core.standing import Decision, Reason, decide
from app.core.vault import Vault
from app.store import inbox, ledger, numbers, questions, recording
from app.store.database import Database

_KINDS = {
    Intent.OPT_OUT: Kind.OPTED_OUT,
    Intent.OPT_IN: Kind.OPTED_IN,
    Intent.WRONG_NUMBER: Kind.WRONG_NUMBER,
    Intent.HELP: Kind.HELP_ASKED,
}
_SILENT_AFTER = {Reason.OPTED_OUT, Reason.WRONG_NUMBER, Reason.BLOCKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Of the settings, what bears on a received message.

    Attributes:
        stop_scope: `all` or `program`: what a STOP ends where its program does not say.
        store_numbers: whether to keep the number, sealed, beside its hash.
        keep_bodies: how long the text of a message of no consequence is kept.
    """

    stop_scope: str
    store_numbers: bool
    keep_bodies: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What became of a message.

    Attributes:
        intent: how it was understood; `None` when it was delivered before.
        text: what to answer the person; `None`: nothing.
    """

    intent: Intent | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealed:
    """A message as it will be kept: made before the transaction, which holds up other writers."""

    keys: tuple[bytes, ...]  # of the author's number; none: the author is no person
    newcomer: numbers.Newcomer | None
    author: bytes | None  # the address of an author who is no person
    body: bytes
    contents: ledger.Contents


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """A message with all that is known of it: which program it answers, how it was read, when."""

    message: InboundMessage
    sealed: _Sealed
    head: Head | None  # of the chain of the author's number
    program: Program
    before: Decision  # how the number stood for the program until now
    reading: Reading
    received_at: datetime

    @property
    def is_from_a_person(self) -> bool:
        return bool(self.sealed.keys)

    @property
    def occurred_at(self) -> datetime:
        return self.message.occurred_at or self.received_at


def receive(
    db: Database, vault: Vault, policy: Policy, message: InboundMessage, *, now: datetime
) -> Received:
    """Keep a message and all that follows from it, in one transaction, before anything is answered.

    A message that was delivered before changes nothing and is answered as it was then.

    Args:
        db: the database.
        vault: hashes and seals.
        policy: the settings that bear on it.
        message: as the carrier delivered it, verified.
        now: the time of receipt. Aware, UTC.

    Raises:
        Unavailable: nothing was stored; the carrier must try again.
    """
    reading = classify(message.text)
    sealed = _seal(vault, policy, message)
    with db.begin() as tx:
        heard = _hear(tx, message, reading, sealed, now)
        reply = _reply(heard)
        entry, event = _entry(policy, heard, reply), _event(policy, heard)
        if not recording.keep(tx, entry, event, head=heard.head, contents=sealed.contents):
            return Received(intent=None, text=_answer_again(tx, heard, now))
    return Received(
        intent=heard.reading.intent, text=_text(reply, heard.program, heard.reading.language)
    )


def _seal(vault: Vault, policy: Policy, message: InboundMessage) -> _Sealed:
    keys = vault.number_keys(message.author) if message.author else ()
    carrier, message_id = message.carrier, message.message_id
    newcomer = author = None
    if message.author:
        newcomer = sealing.newcomer(vault, message.author, keys[0], keep=policy.store_numbers)
    else:
        binding = inbox.author_binding(carrier, message_id)
        author = vault.seal(message.author_address, bound_to=binding)
    return _Sealed(
        keys=keys,
        newcomer=newcomer,
        author=author,
        body=vault.seal(message.text, bound_to=inbox.body_binding(carrier, message_id)),
        contents=sealing.contents(vault, Evidence(text=message.text), carrier, message_id),
    )


def _hear(
    tx: Connection, message: InboundMessage, reading: Reading, sealed: _Sealed, now: datetime
) -> _Heard:
    """Find out what a message answers; other messages of its number wait from here on."""
    keys = sealed.keys
    head = numbers.hold(tx, sealed.newcomer, now=now) if sealed.newcomer else None
    addresses = [sender.address for sender in (message.sender, message.service) if sender]
    program, words = questions.for_message(tx, addresses, keys)
    conversation = Conversation(program=program, words=words, keys=keys, now=now)
    reading = understand(tx, message, reading, conversation)
    return _Heard(
        message=message,
        sealed=sealed,
        head=head,
        program=program,
        before=decide(words, program),
        reading=reading,
        received_at=now,
    )


def _reply(heard: _Heard) -> Reply | None:
    """Choose what to answer: only where the carrier does not, only in time, and never a second time."""
    intent, message = heard.reading.intent, heard.message
    if not heard.is_from_a_person or message.carrier_answered or intent is Intent.NONE:
        return None
    if not in_time(heard.occurred_at, heard.received_at):
        return None
    if intent is Intent.HELP:
        return Reply.HELP
    if intent in REFUSALS:
        return None if heard.before.reason in _SILENT_AFTER else Reply.OPTED_OUT
    if heard.before.reason is Reason.BLOCKED:
        return None  # it would promise messages that will not come
    already_in = heard.before.allowed and heard.before.since is not None
    return None if already_in else Reply.OPTED_IN


def _entry(policy: Policy, heard: _Heard, reply: Reply | None) -> inbox.InboxEntry:
    message, reading, sealed = heard.message, heard.reading, heard.sealed
    review = _needs_review(heard)
    consequence = review or reading.intent is not Intent.NONE
    return inbox.InboxEntry(
        carrier=message.carrier,
        message_id=message.message_id,
        number_key=sealed.keys[0] if sealed.keys else None,
        sealed_author=sealed.author,
        sender=message.sender.address,
        service=message.service.address if message.service else None,
        channel=message.channel,
        program=heard.program.id,
        sealed_body=sealed.body,
        received_at=heard.received_at,
        occurred_at=heard.occurred_at,
        intent=reading.intent.value,
        certainty=reading.certainty.value if reading.certainty else None,
        rule=reading.rule,
        rulepack=reading.rulepack,
        language=reading.language,
        unclear_negative=reading.unclear_negative,
        reply=reply.value if reply else None,
        review="open" if review else None,
        purge_after=None if consequence else heard.received_at + policy.keep_bodies,
    )


def _needs_review(heard: _Heard) -> bool:
    """Ask a person to look where the words were vague, or where nobody is named whom a refusal could protect."""
    refused = heard.reading.intent in REFUSALS
    return refused and (heard.reading.certainty is Certainty.PROBABLE or not heard.is_from_a_person)


def _event(policy: Policy, heard: _Heard) -> Event | None:
    """Return the fact that follows from a message; `None`: it tells nothing of anybody."""
    message, reading = heard.message, heard.reading
    if not heard.is_from_a_person or reading.intent not in _KINDS:
        return None
    return Event(
        number_key=heard.sealed.keys[0],
        kind=_KINDS[reading.intent],
        scope=_scope(policy, heard),
        occurred_at=heard.occurred_at,
        recorded_at=heard.received_at,
        source=message.carrier,
        source_ref=message.message_id,
        certainty=reading.certainty,
        rule=reading.rule,
        rulepack=reading.rulepack,
    )


def _scope(policy: Policy, heard: _Heard) -> str:
    """Say how far the word reaches: a refusal over everything unless it is narrowed, the rest over its program."""
    reading = heard.reading
    if reading.intent is Intent.WRONG_NUMBER:
        return EVERYTHING
    if reading.intent is Intent.OPT_OUT:
        narrowed = (heard.program.stop_scope or policy.stop_scope) == "program"
        return heard.program.id if narrowed and not reading.everything else EVERYTHING
    return heard.program.id


def _answer_again(tx: Connection, heard: _Heard, now: datetime) -> str | None:
    """Answer a redelivery as the first delivery was, while a confirmation may still be sent."""
    before = inbox.answer_of(tx, heard.message.carrier, heard.message.message_id)
    if before.reply is None or not in_time(before.received_at, now):
        return None
    return _text(Reply(before.reply), heard.program, before.language)


def _text(reply: Reply | None, program: Program, language: str | None) -> str | None:
    if reply is None:
        return None
    if reply in program.replies:
        return program.replies[reply]
    return render(reply, language=language, brand=program.brand, contact=program.contact)
