"""May this number be texted? What stands in force decides.

Total and order-free: any set of events, arriving in any order, folds to one answer. The table of
suppressions is a cache of this fold and can be rebuilt from the ledger.

A history is read in layers that do not touch each other: a person's own wish, an operator's block,
a consent that waits for its confirmation, a consent on another system's record, and the end of a
number's life. In each layer and scope the newest word stands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.events import EVERYTHING, Cause, Event, Kind
from app.core.intent import Certainty
from app.core.program import Terms


class Reason(StrEnum):
    """Why a message is refused."""

    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    WRONG_NUMBER = "wrong_number"
    NO_CONSENT = "no_consent"
    QUIET_HOURS = "quiet_hours"
    INVALID_NUMBER = "invalid_number"


class Layer(StrEnum):
    """What a word is about; words of different layers never outrank each other."""

    WISH = "wish"  # what the person wants
    BLOCK = "block"  # what operators forbid
    ASKED = "asked"  # a consent that waits for the person's YES
    CONSENT = "consent"  # a consent on another system's record
    LIFE = "life"  # whether the number is still its owner's


_REASONS = {
    Kind.OPTED_OUT: Reason.OPTED_OUT,
    Kind.WRONG_NUMBER: Reason.WRONG_NUMBER,
    Kind.BLOCKED: Reason.BLOCKED,
}
_LAYERS = {
    Kind.OPTED_OUT: Layer.WISH,
    Kind.OPTED_IN: Layer.WISH,
    Kind.WRONG_NUMBER: Layer.WISH,
    Kind.BLOCKED: Layer.BLOCK,
    Kind.UNBLOCKED: Layer.BLOCK,
    Kind.CONSENT_ASKED: Layer.ASKED,
    Kind.CONSENT_IMPORTED: Layer.CONSENT,
    Kind.DEACTIVATED: Layer.LIFE,
}
SPEAKING = frozenset(_LAYERS)
"""The kinds of event that say whether messages are wanted."""

# Among words of one instant: what refuses beats what does not, and an opt-out a wrong number.
_RANKS = {Kind.WRONG_NUMBER: 1, Kind.OPTED_OUT: 2, Kind.BLOCKED: 1}
_CERTAINTIES = (None, Certainty.PROBABLE, Certainty.DEFINITE)
_CAUSES = (None, *Cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """The newest word of one number in one layer and scope.

    Attributes:
        scope: `*` or a program id.
        kind: what was said.
        since: when it was said. Aware, UTC.
        certainty: how plainly; `None` when it is not a person's words.
        cause: of a block.
    """

    scope: str
    kind: Kind
    since: datetime
    certainty: Certainty | None = None
    cause: Cause | None = None

    def outranks(self, other: "Word") -> bool:
        """Tell whether this word counts and the other of its layer does not.

        The newer does; on a tie the one that refuses, then the one that reaches further. A word
        never outranks its equal, so the first of two equal words to arrive stays.
        """
        return self._order > other._order

    @property
    def layer(self) -> Layer:
        """What it is about."""
        return _LAYERS[self.kind]

    @property
    def rank(self) -> int:
        """The place among words of the same instant: a refusal beats all else, the plainer the vaguer."""
        plainness = _CERTAINTIES.index(self.certainty)
        cause = _CAUSES.index(self.cause)
        return (_RANKS.get(self.kind, 0) * len(_CERTAINTIES) + plainness) * len(_CAUSES) + cause

    @property
    def _order(self) -> tuple[datetime, int, bool]:
        return self.since, self.rank, self.scope == EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer to a sender, with its reason.

    Attributes:
        allowed: whether the message may be sent.
        reason: why not; `None` when allowed.
        scope: the scope of the word that decided; `None` when no word did.
        since: when that word was said.
        certainty: how plainly it was said.
        cause: of the block that decided.
        retry_at: from when it may be sent, or would be well; `None`: it is not a matter of the hour.
    """

    allowed: bool
    reason: Reason | None = None
    scope: str | None = None
    since: datetime | None = None
    certainty: Certainty | None = None
    cause: Cause | None = None
    retry_at: datetime | None = None


UNHEARD = Decision(allowed=True)
"""The answer for a number of which nothing is known, where consent is not required."""

NO_CONSENT = Decision(allowed=False, reason=Reason.NO_CONSENT)

Standing = Mapping[tuple[Layer, str], Word]
"""The newest words of one number, by layer and scope."""


def word(event: Event) -> Word | None:
    """Return what an event says about messages being wanted; `None` when it says nothing of it."""
    if event.kind not in _LAYERS:
        return None
    return Word(
        scope=event.scope,
        kind=event.kind,
        since=event.occurred_at,
        certainty=event.certainty,
        cause=event.cause,
    )


def fold(events: Iterable[Event]) -> Standing:
    """Return the newest words of one number's events, in whatever order they come; dismissed facts say nothing."""
    history = list(events)
    dismissed = {event.source_ref for event in history if event.kind is Kind.DISMISSED}
    newest: dict[tuple[Layer, str], Word] = {}
    for event in history:
        said = word(event)
        if said is None or event.name in dismissed:
            continue
        place = said.layer, said.scope
        if place not in newest or said.outranks(newest[place]):
            newest[place] = said
    return newest


def decide(words: Iterable[Word], terms: Terms) -> Decision:
    """Answer for one number and one program, the hour aside.

    Args:
        words: the newest words of the number; those of other programs are passed over.
        terms: of the program that wants to send.
    """
    newest: dict[Layer, Word] = {}
    for said in words:
        if said.scope not in (EVERYTHING, terms.id) or said.kind is Kind.UNBLOCKED:
            continue  # a lift ends the block of its own scope, whose place it took
        if said.layer not in newest or said.outranks(newest[said.layer]):
            newest[said.layer] = said
    if blocked := newest.get(Layer.BLOCK):
        return _because_of(blocked)
    wish = newest.get(Layer.WISH)
    if wish and wish.kind.refuses:
        return _because_of(wish)
    consent = _still_holds(wish, newest) or _still_holds(newest.get(Layer.CONSENT), newest)
    if consent:
        return _because_of(consent)
    return NO_CONSENT if terms.needs_opt_in else UNHEARD


def awaits_yes(words: Iterable[Word], program: str, since: datetime) -> bool:
    """Tell whether a consent waits for the person's YES: asked for since an instant, and not answered."""
    of_program = [said for said in words if said.scope in (EVERYTHING, program)]
    asked = max((w.since for w in of_program if w.layer is Layer.ASKED), default=None)
    answered = max((w.since for w in of_program if w.layer is Layer.WISH), default=None)
    return asked is not None and asked >= since and (answered is None or answered < asked)


def _still_holds(consent: Word | None, newest: Mapping[Layer, Word]) -> Word | None:
    """Return a consent unless the number was given up since."""
    ended = newest.get(Layer.LIFE)
    return None if consent and ended and ended.since >= consent.since else consent


def _because_of(said: Word) -> Decision:
    return Decision(
        allowed=not said.kind.refuses,
        reason=_REASONS.get(said.kind),
        scope=said.scope,
        since=said.since,
        certainty=said.certainty,
        cause=said.cause,
    )
