"""Audit past inbound messages: which opt-outs were in there, and which a whole-word list has missed.

Nothing is stored. What is held in memory is one small entry for each number that opted out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from app.core.intent import Certainty, Intent, Reading, classify
from app.core.phone import person

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_REFUSALS = {Intent.OPT_OUT, Intent.WRONG_NUMBER}
# What carriers match: the whole message, one word, whatever its case.
WHOLE_WORDS = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMessage:
    """One inbound message of an export.

    Attributes:
        author: as the export has it.
        text: its body.
        sent: when; `None` where the export does not say or says it in a way of its own.
        reference: the carrier's id, where there is one.
    """

    author: str
    text: str
    sent: datetime | None
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The newest refusal of one number."""

    number: str
    sent: datetime | None
    rule: str
    certainty: Certainty
    reference: str


@dataclass(slots=True)
class Audit:
    """What an export holds.

    Attributes:
        messages: how many there are.
        refusals: messages that ask for no more.
        missed: of these, how many a whole-word list passes over.
        by_rule: refusals per rule.
        by_month: refusals per month.
        missed_by_month: missed ones per month.
        standing: the newest refusal of each number that has not opted in since, by number.
    """

    messages: int = 0
    refusals: int = 0
    missed: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    by_month: Counter[str] = field(default_factory=Counter)
    missed_by_month: Counter[str] = field(default_factory=Counter)
    standing: dict[str, Refusal] = field(default_factory=dict)

    def add(self, message: PastMessage) -> None:
        """Read one message and count it."""
        self.messages += 1
        reading = classify(message.text)
        number = _number(message.author)
        held = self.standing.get(number)
        newer = held is None or (message.sent or _LONG_AGO) >= (held.sent or _LONG_AGO)
        if reading.intent is Intent.OPT_IN and held and newer:
            del self.standing[number]
        if reading.intent not in _REFUSALS:
            return
        self._count(message, reading)
        if newer:
            self.standing[number] = Refusal(
                number=number,
                sent=message.sent,
                rule=reading.rule or "",
                certainty=reading.certainty or Certainty.PROBABLE,
                reference=message.reference,
            )

    def _count(self, message: PastMessage, reading: Reading) -> None:
        month = f"{message.sent:%Y-%m}" if message.sent else "undated"
        self.refusals += 1
        self.by_rule[reading.rule or ""] += 1
        self.by_month[month] += 1
        if message.text.strip().upper() not in WHOLE_WORDS:
            self.missed += 1
            self.missed_by_month[month] += 1


def audit(messages: Iterable[PastMessage]) -> Iterator[Audit]:
    """Read every message; yield the audit after each, so that a caller can show how far it is.

    Args:
        messages: past inbound messages in any order, streamed.
    """
    report = Audit()
    for message in messages:
        report.add(message)
        yield report


def moment(written: str) -> datetime | None:
    """Read a time as exports write it: ISO 8601 or RFC 2822, UTC where no zone stands; `None` otherwise."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(written.strip())
        except ValueError:
            continue
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return None


def _number(author: str) -> str:
    known = person(author)
    return known.e164 if known else author
