"""Understand a message in its conversation: the program's words, an open question, the carrier's verdict, memory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.core.inbound import InboundMessage
from app.core.intent import Certainty, Hearing, Intent, Reading, classify
from app.core.program import Program
from app.core.standing import Word, awaits_yes
from app.store import inbox

REFUSALS = {Intent.OPT_OUT, Intent.WRONG_NUMBER}
"""What a person can ask for that ends messages."""

MEMORY = timedelta(days=30)
"""How long an unclear refusal is remembered, so that a second one counts."""

_YES_WITHIN = timedelta(days=30)  # of the question
_CARRIER_RULE = "carrier.opt_out_type"
_MEMORY_RULE = "memory.two_unclear_negatives"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What a message answers.

    Attributes:
        program: of the sender that was texted.
        words: the author's newest words that concern it.
        keys: every key the author's number may be filed under; none: the author is no person.
        now: the time of receipt.
    """

    program: Program
    words: Sequence[Word]
    keys: Sequence[bytes]
    now: datetime


def understand(
    tx: Connection, message: InboundMessage, reading: Reading, answered: Conversation
) -> Reading:
    """Say what a person asks for.

    Args:
        tx: the action's transaction.
        message: as it came.
        reading: of its text alone.
        answered: what it answers.
    """
    hearing = _hearing(answered)
    if hearing is not None:
        reading = classify(message.text, hearing=hearing)
    reading = _with_verdict(reading, message.verdict)
    if answered.keys and reading.unclear_negative and reading.intent is Intent.NONE:
        return _remembered(tx, message, reading, answered)
    return reading


def _hearing(answered: Conversation) -> Hearing | None:
    """Return what changes the reading of a text: the program's own words, a question that is open."""
    program = answered.program
    if awaits_yes(answered.words, program.id, answered.now - _YES_WITHIN):
        return replace(program.hearing or Hearing(), yes_opts_in=True)
    return program.hearing


def _with_verdict(reading: Reading, verdict: Intent | None) -> Reading:
    """Let the carrier be one more voice: its STOP is a STOP, and its other words count where we heard no refusal."""
    refused = reading.intent in REFUSALS
    definite_stop = reading.intent is Intent.OPT_OUT and reading.certainty is Certainty.DEFINITE
    if verdict is None or verdict is reading.intent is not Intent.OPT_OUT:
        return reading
    if definite_stop or (refused and verdict is not Intent.OPT_OUT):
        return reading
    return replace(
        reading, intent=verdict, certainty=Certainty.DEFINITE, rule=_CARRIER_RULE, span=None
    )


def _remembered(
    tx: Connection, message: InboundMessage, reading: Reading, answered: Conversation
) -> Reading:
    """Read the second unclear refusal to one sender within thirty days as an opt-out."""
    since = answered.now - MEMORY
    sender = message.sender.address
    if not inbox.refused_unclearly_since(tx, answered.keys, sender, since, message.message_id):
        return reading
    return replace(
        reading, intent=Intent.OPT_OUT, certainty=Certainty.PROBABLE, rule=_MEMORY_RULE, span=None
    )
