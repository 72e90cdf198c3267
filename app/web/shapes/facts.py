"""Facts told, held and read: opt-outs, opt-ins, blocks, histories, the feed, reviews."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from app.core.events import Cause
from app.web.shapes.common import Number, ProgramId, Region, Scope

Source = Annotated[
    str,
    Meta(
        description="Who tells: a name such as agent, email, web.",
        pattern="^[a-z0-9][a-z0-9_.-]{0,31}$",
        examples=["agent"],
    ),
]
SourceRef = Annotated[
    str,
    Meta(
        description="The source's own id of the fact. The same fact told again is one fact.",
        min_length=1,
        max_length=128,
    ),
]
Moment = Annotated[
    datetime, Meta(tz=True, description="When it happened; now, where it is left out.")
]
Note = Annotated[str, Meta(max_length=2000, description="For whoever reads the history; sealed.")]
Text = Annotated[str, Meta(max_length=2000)]


class OptOutRequest(Struct, forbid_unknown_fields=True):
    """This person wants no more messages."""

    to: Number
    source: Source
    scope: Scope = "*"
    source_ref: SourceRef | None = None
    occurred_at: Moment | None = None
    note: Note | None = None
    region: Region | None = None


class ConsentGiven(Struct, forbid_unknown_fields=True):
    """What a person agreed to, and what proves it."""

    wording: Annotated[Text, Meta(description="The sentence that was shown, word for word.")]
    medium: Annotated[Text, Meta(description="web form, paper, call, keyword, ...")]
    url: Text | None = None
    ip: Annotated[str, Meta(max_length=64)] | None = None
    proof: Text | None = None
    postcode: Annotated[str, Meta(max_length=16)] | None = None
    time_zone: Annotated[str, Meta(max_length=64, examples=["America/Chicago"])] | None = None


class OptInRequest(Struct, forbid_unknown_fields=True):
    """This person agreed to the messages of a program."""

    to: Number
    program: ProgramId
    source: Source
    source_ref: SourceRef | None = None
    occurred_at: Moment | None = None
    note: Note | None = None
    consent: ConsentGiven | None = None
    region: Region | None = None


class BlockRequest(Struct, forbid_unknown_fields=True):
    """Text this person no more, whatever they say, until the block is lifted."""

    to: Number
    cause: Cause
    scope: Scope = "*"
    note: Note | None = None
    region: Region | None = None


class LiftRequest(Struct, forbid_unknown_fields=True):
    """Lift what blocks this person in a scope, whatever its causes."""

    to: Number
    scope: Scope = "*"
    cause: Cause | None = None
    note: Note | None = None
    region: Region | None = None


class EventAnswer(Struct):
    """One fact of the ledger. `cause` and `note` are there when the fact has them."""

    id: int
    kind: str
    scope: str
    occurred_at: datetime
    recorded_at: datetime
    source: str
    source_ref: str
    certainty: str | None
    rule: str | None
    cause: str | UnsetType = UNSET
    note: str | UnsetType = UNSET


class HistoryRequest(Struct, forbid_unknown_fields=True):
    """What is known of this person?"""

    to: Number
    region: Region | None = None


class StandingAnswer(Struct):
    """Whether one program may text a person, the hour aside."""

    allowed: bool
    reason: str | None
    scope: str | None
    since: datetime | None
    certainty: str | None


class ToldEvent(EventAnswer):
    """One fact with what it rests on. `honour_by` is the tenth business day after an opt-out."""

    consent: ConsentGiven | UnsetType = UNSET
    honour_by: date | UnsetType = UNSET


class HistoryAnswer(Struct):
    """One person's story: the standing by program, and every fact, oldest first."""

    to: str
    standing: dict[str, StandingAnswer]
    events: list[ToldEvent]


class FeedAnswer(Struct):
    """Facts in ledger order. `next` is what to ask `after` with, whether or not there was anything new."""

    events: list[EventAnswer]
    next: int


class ReviewAnswer(Struct):
    """A message that was understood only probably, and waits for somebody to look at it."""

    id: int
    program: str
    received_at: datetime
    intent: str
    certainty: str | None
    rule: str | None
    language: str | None
    review: Literal["open", "confirmed", "dismissed"]


class ReviewsAnswer(Struct):
    """Messages that wait, oldest first. `next` is what to ask `after` with."""

    reviews: list[ReviewAnswer]
    next: int
