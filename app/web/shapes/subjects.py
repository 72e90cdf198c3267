"""A person's rights: all that is held of them, and its erasure."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from app.web.shapes.common import Number, Region
from app.web.shapes.facts import ConsentGiven, StandingAnswer


class SubjectRequest(Struct, forbid_unknown_fields=True):
    """What is held of this person?"""

    to: Number
    region: Region | None = None


class EraseRequest(Struct, forbid_unknown_fields=True):
    """Erase what is held of this person, but for the bare suppression and what the law keeps."""

    to: Number
    evidence_too: Annotated[
        bool,
        Meta(description="Also the evidence of the last five years, which some laws want kept."),
    ] = False
    region: Region | None = None


class SubjectEvent(Struct):
    """One fact, with what it rests on: the words of the person, a note, a consent."""

    id: int
    kind: str
    scope: str
    occurred_at: datetime
    recorded_at: datetime
    source: str
    source_ref: str
    certainty: str | None
    rule: str | None
    cause: str | None
    text: str | None
    note: str | None
    consent: ConsentGiven | None


class SubjectMessage(Struct):
    """One message of the person. A `text` of null was deleted."""

    received_at: datetime
    sender: str
    channel: str
    program: str
    text: str | None
    read_as: str
    certainty: str | None
    rule: str | None
    answered_with: str | None
    review: str | None
    deleted_after: datetime | None


class PlaceAnswer(Struct):
    """Where the person lives, as a consent told."""

    postcode: str | None
    time_zone: str | None


class SubjectAnswer(Struct):
    """All that is held of a person."""

    to: str
    first_seen: datetime | None
    number_is_kept: bool
    place: PlaceAnswer | None
    under_hold: bool
    standing: dict[str, StandingAnswer]
    events: list[SubjectEvent]
    messages: list[SubjectMessage]
    pending_pushes: Annotated[
        list[str],
        Meta(
            description="Senders whose carrier is to be told of the person's wish, or did not take it."
        ),
    ]


class ErasedAnswer(Struct):
    """How much was erased, and what stays, with the reason."""

    numbers: int
    bodies: int
    evidence: int
    stays: list[str]
