"""May this number be texted, what does this text ask for, and what was I told then?"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from app.web.shapes.common import Number, ProgramId, Region

MOST_NUMBERS = 10_000


class CheckRequest(Struct, forbid_unknown_fields=True):
    """May this number be texted?"""

    to: Number
    program: ProgramId = "default"
    region: Region | None = None


class CheckAnswer(Struct):
    """Whether one number may be texted now, and why not."""

    to: str
    program: str
    allowed: bool
    reason: str | None
    scope: str | None
    since: datetime | None
    certainty: str | None
    retry_at: datetime | None
    decision: str | None
    checked_at: datetime


class BulkCheckRequest(Struct, forbid_unknown_fields=True):
    """May these numbers be texted? Up to 10,000 at once."""

    to: list[Number]
    program: ProgramId = "default"
    region: Region | None = None


class BulkResult(Struct):
    """The answer for one of many numbers."""

    to: str
    allowed: bool
    reason: str | None


class BulkCheckAnswer(Struct):
    """The answers in the order of the request, and their counts."""

    program: str
    checked_at: datetime
    allowed: int
    refused: int
    results: list[BulkResult]


class VerifyRequest(Struct, forbid_unknown_fields=True):
    """Is this decision ours, and what did it say?"""

    decision: Annotated[str, Meta(description="The token of an earlier check.", max_length=400)]
    to: Number | None = None
    region: Region | None = None


class VerifyAnswer(Struct):
    """What a decision said. All but `valid` are null where it is none of ours, or was changed.

    `expired` tells whether a message can no longer be sent on its word; `matches` whether it was given for the
    number of the request, null when the request names none.
    """

    valid: bool
    allowed: bool | None = None
    reason: str | None = None
    program: str | None = None
    checked_at: datetime | None = None
    expires_at: datetime | None = None
    expired: bool | None = None
    matches: bool | None = None


class ClassifyRequest(Struct, forbid_unknown_fields=True):
    """What does this text ask for?"""

    text: Annotated[str, Meta(description="The text of a message.", max_length=10_000)]
    language: (
        Annotated[str, Meta(pattern="^[a-z]{2}$", description="ISO 639-1, if it is known.")] | None
    ) = None


class ClassifyAnswer(Struct):
    """How a text was understood."""

    intent: str
    certainty: str | None
    rule: str | None
    language: str | None
    rulepack: str
