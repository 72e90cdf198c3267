"""What a carrier is to be told of one person's consent to one sender: the word that stands, or nothing.

Pure. A refusal is always told. An opt-in is told only where it takes a refusal back and is fresh: a carrier lifts a
block of its own for it, and an older one may have been overtaken by a STOP that never reached us.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.events import EVERYTHING, Event, Kind
from app.core.phone import Sender, SenderKind
from app.core.standing import Layer, Word, fold

FRESH = timedelta(days=1)
"""How old an opt-in may be when it is told."""

_PAPER = {"agent", "call", "email", "letter", "paper", "phone"}
_WEB = {"preferences", "web", "website"}


class Status(StrEnum):
    """What the person wants."""

    OPTED_IN = "opt-in"
    OPTED_OUT = "opt-out"


class Medium(StrEnum):
    """How they said it."""

    WEBSITE = "website"
    OFFLINE = "offline"
    OPT_IN_MESSAGE = "opt-in-message"
    OPT_OUT_MESSAGE = "opt-out-message"
    OTHERS = "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What is to be told.

    Attributes:
        status: what the person wants.
        medium: how they said it.
        since: when. Aware, UTC.
    """

    status: Status
    medium: Medium
    since: datetime


def concerns(kind: Kind) -> bool:
    """Tell whether an event of this kind may change what is to be told."""
    return kind in {Kind.OPTED_OUT, Kind.WRONG_NUMBER, Kind.OPTED_IN}


def consent(
    history: Sequence[Event], sender: Sender, program: str, *, now: datetime
) -> Consent | None:
    """Return what the carrier of a sender is to be told of one person; `None`: nothing.

    Args:
        history: every event of the person's number.
        sender: one of our addresses.
        program: that it texts for.
        now: the present. Aware, UTC.
    """
    newest = _newest(said for said in fold(history).values() if said.scope in (EVERYTHING, program))
    wish = newest.get(Layer.WISH)
    if wish is None:
        return None
    if wish.kind is Kind.OPTED_IN and not _lifts(wish, newest, history, sender, program, now):
        return None
    status = Status.OPTED_OUT if wish.kind.refuses else Status.OPTED_IN
    return Consent(status=status, medium=_medium(wish, status, history), since=wish.since)


def _newest(words: Iterable[Word]) -> dict[Layer, Word]:
    newest: dict[Layer, Word] = {}
    for said in words:
        if said.layer not in newest or said.outranks(newest[said.layer]):
            newest[said.layer] = said
    return newest


def _lifts(
    wish: Word,
    newest: dict[Layer, Word],
    history: Iterable[Event],
    sender: Sender,
    program: str,
    now: datetime,
) -> bool:
    """Tell whether an opt-in takes a refusal back that the carrier may hold, and nothing speaks against it."""
    if sender.kind is SenderKind.TOLL_FREE or now - wish.since > FRESH:
        return False  # a toll-free network's block is lifted by its own START alone
    life, block = newest.get(Layer.LIFE), newest.get(Layer.BLOCK)
    if (life and life.since >= wish.since) or (block and block.kind is Kind.BLOCKED):
        return False
    return any(
        event.kind in {Kind.OPTED_OUT, Kind.WRONG_NUMBER}
        and event.scope in (EVERYTHING, program)
        and event.occurred_at <= wish.since
        for event in history
    )


def _medium(wish: Word, status: Status, history: Iterable[Event]) -> Medium:
    for event in history:
        if (event.kind, event.scope, event.occurred_at) == (wish.kind, wish.scope, wish.since):
            if event.rule is not None:  # it was read from a text of theirs
                out = status is Status.OPTED_OUT
                return Medium.OPT_OUT_MESSAGE if out else Medium.OPT_IN_MESSAGE
            if event.source in _WEB:
                return Medium.WEBSITE
            return Medium.OFFLINE if event.source in _PAPER else Medium.OTHERS
    return Medium.OTHERS
