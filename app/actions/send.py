"""Send a message through Twilio if its recipient may be texted: once, with a record that is older than the request.

What is known of a send at any instant stands in the table of sends: `sending` is committed before Twilio is asked, so
that a process which dies leaves no message of which nobody knows; nothing is ever sent a second time by itself.

The recipient is checked when the record is written, right before Twilio is asked. A STOP that is committed after that
check and before Twilio's own answer crosses with the message on the wire: nothing on this side can prevent that.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.actions import record
from app.actions.answer_again import Asked, answer_again
from app.actions.call_off import call_off
from app.actions.check import check_number
from app.core import twilio_answers
from app.core.errors import (
    CarrierAway,
    CarrierUnreached,
    StoplistError,
    Unavailable,
)
from app.core.events import EVERYTHING, Cause, Event, Kind
from app.core.evidence import Evidence
from app.core.outgoing import Outgoing, read
from app.core.phone import PhoneNumber
from app.core.standing import Decision
from app.core.twilio_answers import (
    NO_RECIPIENT,
    NOT_SENT,
    UNKNOWN,
    UNSUBSCRIBED,
    Answer,
)
from app.core.vault import Vault
from app.store import programs, sends
from app.store.database import Database
from app.store.sends import NewSend, Outcome, State
from app.upstream.twilio import TwilioApi

SOURCE = "twilio"
_ANSWERS_KEPT = timedelta(days=7)
_REQUEST_TIMEOUT, _TOO_MANY, _UNAUTHORIZED = 408, 429, 401
_log = logging.getLogger("stoplist.send")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What sends go through.

    Attributes:
        db: the database.
        vault: hashes and seals.
        twilio: is handed what may be sent.
        region: whose national spelling of numbers is assumed.
        store_numbers: whether facts keep the number, sealed, beside its hash.
        clock: tells the time. Aware, UTC.
    """

    db: Database
    vault: Vault
    twilio: TwilioApi
    region: str
    store_numbers: bool
    clock: Callable[[], datetime]


def send(gate: Gate, account: str, body: bytes, *, key: str | None) -> Answer:
    """Check, hand on, and answer what Twilio answered; or refuse, in Twilio's shape.

    Args:
        gate: what it goes through.
        account: whose message it is: an AccountSid of ours.
        body: the form, as Twilio takes it.
        key: the sender's own for this message, under which it is sent once; `None`: it gave none.

    Raises:
        MalformedRequest: the form cannot be read; nothing was sent.
        Conflict: the key was used for another message; nothing was sent.
        Unavailable: the database cannot be reached; nothing was sent.
    """
    message = read(body, gate.region)
    if not message.is_addressed:
        return NO_RECIPIENT
    asked = Asked.under(gate.vault, account, key, message.canonical_form)
    began = gate.clock()
    with gate.db.begin() as tx:
        held = sends.find(tx, asked.keys)
        new = NewSend(
            account=account,
            idempotency_key=asked.keys[0] if key else None,
            request_hash=asked.hashes[0] if key else None,
            number_key=gate.vault.number_key(message.number) if message.number else None,
            program=programs.program_of_first(tx, message.senders),
            sender=message.sender,
            service=message.service,
            send_at=message.send_at,
            created_at=began,
            purge_after=began + _ANSWERS_KEPT,
        )
        send_id = None if held else sends.begin(tx, new)
        if send_id is None and held is None:
            held = sends.find(tx, asked.keys)
    if send_id is None:
        return answer_again(gate.db, gate.vault, gate.clock, held, asked) if held else NOT_SENT
    sending = _Sending(gate, send_id, new, message)
    decision = sending.decide()
    return sending.hand_on() if decision.allowed else sending.refuse(decision)


@dataclass(frozen=True, slots=True)
class _Sending:
    """One message whose record is written."""

    gate: Gate
    send_id: int
    new: NewSend
    message: Outgoing

    def decide(self) -> Decision:
        """Ask the check, for the hour at which the message would arrive."""
        gate, now = self.gate, self.gate.clock()
        arrives = max(now, self.message.send_at or now)
        try:
            return check_number(
                gate.db, gate.vault, self.message.number, program=self.new.program, now=arrives
            )
        except StoplistError:
            self._finish_if_possible(Outcome(state=State.UNSENT, finished_at=gate.clock()), None)
            raise

    def refuse(self, decision: Decision) -> Answer:
        """Note our own refusal and return it."""
        answer = twilio_answers.refused(decision, self.new.program)
        now = self.gate.clock()
        outcome = Outcome(
            state=State.REFUSED,
            finished_at=now,
            decided_at=now,
            reason=decision.reason,
            status=answer.status,
            code=answer.fields["code"],
        )
        self._finish(outcome, answer)
        return answer

    def hand_on(self) -> Answer:
        """Ask Twilio, once, and note what it answered."""
        gate, decided = self.gate, self.gate.clock()
        try:
            forwarded = gate.twilio.forward(self.new.account, self.message.form)
        except CarrierUnreached as fault:
            _log.warning("not sent", extra={"send": self.send_id, "detail": str(fault)})
            outcome = Outcome(state=State.UNSENT, finished_at=gate.clock(), decided_at=decided)
            answer = NOT_SENT
        except CarrierAway as fault:
            _log.warning("unknown", extra={"send": self.send_id, "detail": str(fault)})
            outcome = Outcome(state=State.UNKNOWN, finished_at=gate.clock(), decided_at=decided)
            answer = UNKNOWN
        else:
            answer = Answer(
                status=forwarded.status, body=forwarded.body, content_type=forwarded.content_type
            )
            outcome = _outcome(answer, decided, gate.clock())
            if outcome.state is State.UNKNOWN:
                _log.warning("unknown", extra={"send": self.send_id, "status": answer.status})
                answer = UNKNOWN
        return self._noted(outcome, answer)

    def _noted(self, outcome: Outcome, answer: Answer) -> Answer:
        """Note what Twilio made of the message, and what that tells of the person."""
        noted = self._finish_if_possible(replace(outcome, status=answer.status), answer)
        if not outcome.sid or not self.message.send_at:
            return answer
        if not noted:
            return self._take_back(outcome.sid)
        with suppress(Unavailable):  # a STOP that came while Twilio was asked; else it is due later
            self._call_off()
        return answer

    def _call_off(self) -> None:
        gate = self.gate
        call_off(gate.db, gate.vault, gate.twilio, number=self.message.number, now=gate.clock())

    def _take_back(self, sid: str) -> Answer:
        """Cancel a scheduled message that no STOP would find, since its record could not be finished."""
        try:
            self.gate.twilio.cancel(self.new.account, sid)
        except StoplistError:
            return UNKNOWN
        return NOT_SENT

    def _finish_if_possible(self, outcome: Outcome, answer: Answer | None) -> bool:
        """Note an outcome that is true whether or not it can be noted."""
        try:
            self._finish(outcome, answer)
        except Unavailable as fault:
            _log.warning("not noted", extra={"send": self.send_id, "detail": str(fault)})
            return False
        return True

    def _finish(self, outcome: Outcome, answer: Answer | None) -> None:
        nothing_done = outcome.state is State.UNSENT or outcome.status in {_TOO_MANY, _UNAUTHORIZED}
        gate, release = self.gate, nothing_done
        if answer and self.new.idempotency_key and not release:
            binding = sends.answer_binding(self.send_id)
            sealed = gate.vault.seal(twilio_answers.dumps(answer), bound_to=binding)
            outcome = replace(outcome, sealed_answer=sealed)
        blocks = outcome.code == UNSUBSCRIBED and outcome.reason is None
        blocked = self._blocked(outcome.finished_at) if blocks and self.message.number else None
        with gate.db.begin() as tx:
            if blocked:
                record.keep(tx, *blocked)
            sends.finish(tx, self.send_id, outcome, release=release)

    def _blocked(self, now: datetime) -> tuple[Event, record.Sealed]:
        """Return the fact that Twilio does not deliver to this person, who told it so where we did not hear."""
        number: PhoneNumber | None = self.message.number
        assert number is not None  # noqa: S101
        event = Event(
            number_key=self.gate.vault.number_key(number),
            kind=Kind.BLOCKED,
            scope=EVERYTHING,
            occurred_at=now,
            recorded_at=now,
            source=SOURCE,
            source_ref=f"{UNSUBSCRIBED}:{self.send_id}",
            cause=Cause.CARRIER,
        )
        told = Evidence(note=f"Twilio refused a send with {UNSUBSCRIBED}")
        sealed = record.seal(
            self.gate.vault, number, event, told, store_numbers=self.gate.store_numbers
        )
        return event, sealed


def _outcome(answer: Answer, decided: datetime, now: datetime) -> Outcome:
    """Read what Twilio made of a message: only a plain yes is one, and only a plain no."""
    said, status = answer.fields, answer.status
    sid, code = said.get("sid"), said.get("code")
    if status // 100 == 2 and isinstance(sid, str):  # noqa: PLR2004
        state = State.ACCEPTED
    elif status // 100 == 4 and status != _REQUEST_TIMEOUT:  # noqa: PLR2004
        state = State.REFUSED
    else:
        state = State.UNKNOWN
    return Outcome(
        state=state,
        finished_at=now,
        decided_at=decided,
        status=status,
        code=code if isinstance(code, int) and abs(code) < 2**31 else None,
        sid=_id(sid),
    )


def _id(given: object) -> str | None:
    fits = isinstance(given, str) and given.isascii() and given.isalnum() and len(given) <= 64  # noqa: PLR2004
    return str(given) if fits else None
