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

NOBODY = bytes(16)
"""The key of facts that are about no number in particular."""

REVIEW = "review"
"""The source of dismissals. The reference of a dismissal is the `Event.name` of the fact that it voids."""


class Kind(StrEnum):
    """What happened."""

    OPTED_OUT = "opted_out"  # the person asked for no more messages
    OPTED_IN = "opted_in"  # the person asked for messages
    WRONG_NUMBER = "wrong_number"  # the number is not the one of the person we meant
    HELP_ASKED = "help_asked"  # the person asked who we are
    CONSENT_ASKED = (
        "consent_asked"  # others told us of an opt-in, which the person is yet to confirm
    )
    CONSENT_IMPORTED = "consent_imported"  # another system's record: it counts where nobody refused
    DEACTIVATED = (
        "deactivated"  # the number was given up: whoever holds it next consented to nothing
    )
    UNREACHABLE = (
        "unreachable"  # a message could not be delivered: that says nothing of what is wanted
    )
    BLOCKED = "blocked"  # an operator forbade messages
    UNBLOCKED = "unblocked"  # an operator lifted what was forbidden
    DISMISSED = "dismissed"  # a person looked at a fact and found that it is none
    ERASED = "erased"  # what was held of the person was deleted, but for what the law keeps
    PURGED = "purged"  # what was due for deletion was deleted, of whichever person

    @property
    def refuses(self) -> bool:
        """Whether a fact of this kind, while it stands, refuses messages."""
        return self in _REFUSING


_REFUSING = {Kind.OPTED_OUT, Kind.WRONG_NUMBER, Kind.BLOCKED}


class Cause(StrEnum):
    """Why an operator blocks a number, or lifts a block."""

    OPERATOR = "operator"  # a decision that needs no further name
    LEGAL = "legal"  # counsel asked for it
    LITIGATOR = "litigator"  # its owner sues senders
    DECEASED = "deceased"
    MINOR = "minor"
    COMPLAINT = "complaint"
    CARRIER = "carrier"  # the carrier refuses to deliver to it


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
        certainty: how plainly it was said; `None` for kinds that are not a person's words.
        rule: the id of the rule that read it so, such as `en.keyword.stop`.
        rulepack: the version of the rules at the time.
        cause: of a block or its lifting.
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
    cause: Cause | None = None

    @property
    def name(self) -> str:
        """What no two events share: the source and its reference."""
        return event_name(self.source, self.source_ref)


def event_name(source: str, source_ref: str) -> str:
    """Return the name of the event that a source told under a reference."""
    return f"{source}:{source_ref}"
