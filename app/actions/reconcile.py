"""Reconcile with Twilio: learn what the webhook missed, and find what was sent to people after they said stop.

Every inbound message that Twilio lists goes the way of one that its webhook delivers, so that doing it twice changes
nothing. Nobody is answered: whoever wrote then has long gone on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.actions.put_in_order import Sent, put_in_order
from app.actions.receive import Policy, receive
from app.core.inbound import InboundMessage
from app.core.intent import Intent
from app.core.phone import PhoneNumber, person, sender, split_channel
from app.core.standing import Reason, decide, fold
from app.core.vault import Vault
from app.store import ledger, questions, reconciliations
from app.store.database import Database
from app.upstream.twilio import TwilioApi
from app.upstream.twilio_messages import ListedMessage, messages

CARRIER = "twilio"
OVERLAP = timedelta(hours=1)
"""How far behind the end of the last run the next one begins: a message may be listed late."""

FIRST_TIME = timedelta(days=2)
"""How far back the first run looks, unless it is told."""

_ANSWERED_WITHIN = timedelta(minutes=5)
_BREACHES = {Reason.OPTED_OUT, Reason.WRONG_NUMBER, Reason.BLOCKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A message that was sent to somebody after they had said stop.

    Attributes:
        message_id: of the message.
        program: that its sender texts for.
        reason: why it should not have been sent.
        seconds: that had passed since they said it.
    """

    message_id: str
    program: str
    reason: Reason
    seconds: float


@dataclass(slots=True, kw_only=True)
class Report:
    """What was found.

    Attributes:
        inbound: messages from people that Twilio lists.
        missed: the ids of those that the webhook had not delivered.
        missed_refusals: how many of these asked for no more.
        reordered: facts whose webhook had come in another order than the messages were sent.
        outbound: messages to people that Twilio lists.
        breaches: those that should not have been sent.
    """

    inbound: int = 0
    missed: list[str] = field(default_factory=list)
    missed_refusals: int = 0
    reordered: int = 0
    outbound: int = 0
    breaches: list[Breach] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was missed and nothing sent wrongly."""
        return not (self.missed or self.breaches)


def begin_at(db: Database, account: str, *, now: datetime) -> datetime:
    """Return from when an account is to be reconciled: a little before the end of its last run.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with db.reading() as connection:
        reached = reconciliations.reached(connection, account)
    return (reached - OVERLAP) if reached else now - FIRST_TIME


def reconcile(
    db: Database,
    vault: Vault,
    api: TwilioApi,
    policy: Policy,
    *,
    account: str,
    since: datetime,
    now: datetime,
    on_day: Callable[[int], None] = lambda _count: None,
) -> Report:
    """Read the messages of an account again.

    A run that is broken off is taken up by the next, at the day it had reached.

    Args:
        db: the database.
        vault: hashes and seals.
        api: Twilio's REST API.
        policy: the settings that bear on a received message.
        account: the AccountSid.
        since: from when. Aware.
        now: until when. Aware.
        on_day: told of each day, with how many messages it had.

    Raises:
        CarrierAway, CarrierRefused, Misconfigured: see `app.upstream.twilio_messages.messages`.
        Unavailable: the database cannot be reached.
    """
    report = Report()
    before: Mapping[PhoneNumber, Sequence[Sent]] = {}
    for day in messages(api, account, since=since, until=now):
        for message in day:
            if message.is_inbound:
                _take(db, vault, policy, message, report, now=now)
        said = _by_person(day)
        for number, some in said.items():
            together = [*before.get(number, ()), *some]
            if len(together) > 1:
                report.reordered += put_in_order(db, vault.number_keys(number), together, now=now)
        before = said
        # All that people said that day is known now, so that what was sent to them can be judged.
        for message in day:
            if not message.is_inbound:
                report.outbound += 1
                breach = _judge(db, vault, message)
                if breach:
                    report.breaches.append(breach)
        if day:
            with db.begin() as tx:
                reconciliations.reach(tx, account, day[-1].sent_at)
        on_day(len(day))
    return report


def _take(
    db: Database,
    vault: Vault,
    policy: Policy,
    message: ListedMessage,
    report: Report,
    *,
    now: datetime,
) -> None:
    report.inbound += 1
    received = receive(db, vault, policy, _inbound(message), now=now)
    if received.intent is not None:
        report.missed.append(message.sid)
        report.missed_refusals += received.intent in {Intent.OPT_OUT, Intent.WRONG_NUMBER}


def _by_person(day: Iterable[ListedMessage]) -> dict[PhoneNumber, list[Sent]]:
    said: dict[PhoneNumber, list[Sent]] = {}
    for message in day:
        author = person(split_channel(message.author)[1]) if message.is_inbound else None
        if author is not None:
            sent = Sent(carrier=CARRIER, message_id=message.sid, sent_at=message.sent_at)
            said.setdefault(author, []).append(sent)
    return said


def _inbound(message: ListedMessage) -> InboundMessage:
    channel, address = split_channel(message.author)
    return InboundMessage(
        carrier=CARRIER,
        message_id=message.sid,
        author=person(address),
        author_address=address,
        sender=sender(message.to),
        service=sender(message.service) if message.service else None,
        channel=channel,
        text=message.body,
        verdict=None,
        carrier_answered=True,  # or nobody did: it is too late
        occurred_at=message.sent_at,
    )


def _judge(db: Database, vault: Vault, message: ListedMessage) -> Breach | None:
    """Hold a message that was sent against what its recipient had said until then."""
    number = person(split_channel(message.to)[1])
    if number is None:
        return None
    keys = vault.number_keys(number)
    addresses = [sender(raw).address for raw in (message.author, message.service) if raw]
    with db.reading() as connection:
        history = [event for _, event in ledger.read(connection, keys)]
        if not history:
            return None
        program, _ = questions.for_message(connection, addresses or [message.sid], keys)
    before = [event for event in history if event.occurred_at <= message.sent_at]
    decision = decide(fold(before).values(), program)
    if decision.reason not in _BREACHES or decision.since is None:
        return None
    if _answers(message, (event.occurred_at for event in before)):
        return None
    return Breach(
        message_id=message.sid,
        program=program.id,
        reason=decision.reason,
        seconds=(message.sent_at - decision.since).total_seconds(),
    )


def _answers(message: ListedMessage, said: Iterable[datetime]) -> bool:
    """Tell whether a message is the answer to something the person wrote minutes before, such as a confirmation."""
    is_reply = message.direction == "outbound-reply"
    return is_reply and any(message.sent_at - moment <= _ANSWERED_WITHIN for moment in said)
