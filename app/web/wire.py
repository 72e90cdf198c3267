"""The JSON that goes in and out: decoded, validated and described (`/openapi.json`) from these types alone."""

from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from flask import Request, Response
from msgspec import Meta, Struct
from werkzeug.exceptions import HTTPException

from app.core.errors import MalformedRequest, TooManyNumbers, UnsupportedMediaType
from app.core.phone import REGIONS, is_region

MOST_NUMBERS = 10_000

Number = Annotated[str, Meta(description="A phone number; E.164 is best, any usual spelling will do.",
                             examples=["+14155550123"])]  # fmt: skip
ProgramId = Annotated[
    str, Meta(description="The id of the program that wants to send.", examples=["default"])
]
Region = Annotated[
    str,
    Meta(
        description="The country of numbers without a country code.",
        extra_json_schema={"enum": sorted(REGIONS)},
    ),
]


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


class Health(Struct):
    """The state of the service."""

    status: str


class Problem(Struct):
    """What went wrong, after RFC 9457. `code` is stable; no field ever holds a number or a text."""

    type: str
    title: str
    status: int
    detail: str
    code: str


_Wire = TypeVar("_Wire", CheckRequest, BulkCheckRequest, ClassifyRequest)
_decoders: dict[type[Struct], msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(kind) for kind in (CheckRequest, BulkCheckRequest, ClassifyRequest)
}
_JSON = "application/json"
_encoder = msgspec.json.Encoder()


def body(request: Request) -> bytes:
    """Return the bytes of a request's body.

    Raises:
        MalformedRequest: they did not arrive whole, or not as HTTP writes them.
    """
    try:
        return request.get_data(cache=False, parse_form_data=False)
    except HTTPException:
        raise
    except Exception:  # noqa: BLE001  # each server has errors of its own for a body that is broken off
        raise MalformedRequest("the body could not be read to its end") from None


def read(request: Request, kind: type[_Wire]) -> _Wire:
    """Decode and validate the body of a request.

    Raises:
        UnsupportedMediaType: it is not declared to be JSON.
        MalformedRequest: it is not JSON of the declared shape. The message names the field, not its
            value.
        TooManyNumbers: a bulk request is too long.
    """
    # What nearly all send is compared before it is taken apart.
    if request.content_type != _JSON and request.mimetype != _JSON:  # noqa: PLR1714
        raise UnsupportedMediaType("the body must be declared as application/json")
    try:
        asked: _Wire = _decoders[kind].decode(body(request))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise MalformedRequest(_described(fault)) from None
    if isinstance(asked, BulkCheckRequest) and len(asked.to) > MOST_NUMBERS:
        raise TooManyNumbers(f"one bulk check takes up to {MOST_NUMBERS} numbers")
    if not isinstance(asked, ClassifyRequest) and asked.region and not is_region(asked.region):
        raise MalformedRequest("region is not a country code")
    return asked


def write(answer: Struct, status: int = 200, content_type: str = "application/json") -> Response:
    """Encode an answer."""
    return Response(_encoder.encode(answer), status, content_type=content_type)


def _described(fault: Exception) -> str:
    """Say what is wrong with a body without repeating any of it."""
    if not isinstance(fault, msgspec.ValidationError):
        return "the body is not JSON in UTF-8"
    if "unknown field" in str(fault):
        return "the object has a field that is not declared"
    return str(fault)
