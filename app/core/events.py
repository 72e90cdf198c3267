"""What we hold as fact: the kinds of event in the ledger.

An event is written once and never changed. What is believed of a number is a fold over its events
(`app.core.standing`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.intent import Certainty

EVERYTHING = "*"
"""The scope of a fact about all that we send."""


class Kind(StrEnum):
    """What happened."""

    OPTED_OUT = "opted_out"  # the person asked for no more messages
    OPTED_IN = "opted_in"  # the person asked for messages
    WRONG_NUMBER = "wrong_number"  # the number is not the one of the person we meant
    HELP_ASKED = "help_asked"  # the person asked who we are

    @property
    def is_word(self) -> bool:
        """Whether the event says if messages are wanted; the newest such word counts."""
        return self is not Kind.HELP_ASKED

    @property
    def refuses(self) -> bool:
        """Whether a word of this kind refuses messages."""
        return self in {Kind.OPTED_OUT, Kind.WRONG_NUMBER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact about one number.

    Attributes:
        number_key: the keyed hash of the number, 16 bytes.
        kind: what happened.
        scope: `*`, or the id of the program it is about.
        occurred_at: when it happened: the carrier's time, else ours of receipt. Aware, UTC.
        recorded_at: when we learned of it. Aware, UTC.
        source: who told us: `twilio`, `api`, `import`, ...
        source_ref: the source's own id of it. With `source` it is unique: the same fact told again
            is one fact.
        certainty: how plainly it was said; `None` for kinds that were not read from words.
        rule: the id of the rule that read it so, such as `en.keyword.stop`.
        rulepack: the version of the rules at the time.
    """

    number_key: bytes
    kind: Kind
    scope: str
    occurred_at: datetime
    recorded_at: datetime
    source: str
    source_ref: str
    certainty: Certainty | None = None
    rule: str | None = None
    rulepack: str | None = None
