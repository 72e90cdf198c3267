"""May this number be texted? The newest word decides.

Total and order-free: any set of events, arriving in any order, folds to one answer. The table of
suppressions is a cache of this fold and can be rebuilt from the ledger.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.events import EVERYTHING, Event, Kind
from app.core.intent import Certainty


class Reason(StrEnum):
    """Why a message is refused."""

    OPTED_OUT = "opted_out"
    WRONG_NUMBER = "wrong_number"
    NO_CONSENT = "no_consent"
    INVALID_NUMBER = "invalid_number"


_REASONS = {Kind.OPTED_OUT: Reason.OPTED_OUT, Kind.WRONG_NUMBER: Reason.WRONG_NUMBER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """The newest word of one number in one scope.

    Attributes:
        scope: `*` or a program id.
        kind: opted out, opted in, or wrong number.
        since: when it was said. Aware, UTC.
        certainty: how plainly; `None` when it was not read from words.
    """

    scope: str
    kind: Kind
    since: datetime
    certainty: Certainty | None

    def outranks(self, other: "Word") -> bool:
        """Tell whether this word counts and the other does not.

        The newer does; on a tie the one that refuses, then the one that reaches further. A word
        never outranks its equal, so the first of two equal words to arrive stays.
        """
        return self._order > other._order

    @property
    def _order(self) -> tuple[datetime, int, bool]:
        return self.since, self.rank, self.scope == EVERYTHING

    @property
    def rank(self) -> int:
        """The place among words of the same instant: an opt-out beats all else, and the plainer beats the vaguer."""
        return 2 * _RANKS[self.kind] + (self.certainty is Certainty.DEFINITE)


_RANKS = {Kind.OPTED_IN: 0, Kind.WRONG_NUMBER: 1, Kind.OPTED_OUT: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer to a sender, with its reason.

    Attributes:
        allowed: whether the message may be sent.
        reason: why not; `None` when allowed.
        scope: the scope of the word that decided; `None` when no word did.
        since: when that word was said.
        certainty: how plainly it was said.
    """

    allowed: bool
    reason: Reason | None = None
    scope: str | None = None
    since: datetime | None = None
    certainty: Certainty | None = None


UNHEARD = Decision(allowed=True)
"""The answer for a number of which nothing is known, where consent is not required."""


def word(event: Event) -> Word | None:
    """Return what an event says about messages being wanted; `None` when it says nothing of it."""
    if not event.kind.is_word:
        return None
    return Word(
        scope=event.scope, kind=event.kind, since=event.occurred_at, certainty=event.certainty
    )


def fold(events: Iterable[Event]) -> Mapping[str, Word]:
    """Return the newest word per scope of one number's events, in whatever order they come."""
    newest: dict[str, Word] = {}
    for event in events:
        said = word(event)
        if said is not None and (event.scope not in newest or said.outranks(newest[event.scope])):
            newest[event.scope] = said
    return newest


def decide(words: Iterable[Word], program: str, *, requires_consent: bool) -> Decision:
    """Answer for one number and one program.

    Args:
        words: the newest words of the number; those of other programs are passed over.
        program: the id of the program that wants to send.
        requires_consent: whether the program sends only to those who opted in.
    """
    newest: Word | None = None
    for said in words:
        if said.scope in (EVERYTHING, program) and (newest is None or said.outranks(newest)):
            newest = said
    if newest is None:
        return Decision(allowed=False, reason=Reason.NO_CONSENT) if requires_consent else UNHEARD
    return Decision(
        allowed=not newest.kind.refuses,
        reason=_REASONS.get(newest.kind),
        scope=newest.scope,
        since=newest.since,
        certainty=newest.certainty,
    )
