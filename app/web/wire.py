"""Requests in, answers out: the bytes of HTTP, and the shapes that they hold."""

from functools import cache
from typing import TypeVar

import msgspec
from flask import Request, Response
from msgspec import Struct
from werkzeug.exceptions import HTTPException

from app.core.errors import MalformedRequest, TooManyNumbers, UnsupportedMediaType
from app.core.phone import is_region
from app.web.shapes.checks import MOST_NUMBERS, BulkCheckRequest

_Shape = TypeVar("_Shape", bound=Struct)
LAST_ID = 2**40  # more rows than there will be of anything; a greater number is no id
_JSON = "application/json"
_encoder = msgspec.json.Encoder()


@cache
def _decoder(kind: type[_Shape]) -> msgspec.json.Decoder[_Shape]:
    return msgspec.json.Decoder(kind)


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


def read(request: Request, kind: type[_Shape]) -> _Shape:
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
        asked: _Shape = _decoder(kind).decode(body(request))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise MalformedRequest(_described(fault)) from None
    if isinstance(asked, BulkCheckRequest) and len(asked.to) > MOST_NUMBERS:
        raise TooManyNumbers(f"one bulk check takes up to {MOST_NUMBERS} numbers")
    region = getattr(asked, "region", None)
    if region is not None and not is_region(region):
        raise MalformedRequest("region is not a country code")
    return asked


def read_page(request: Request, *, most: int) -> tuple[int, int]:
    """Read `after` and `limit` of a request's query: after which id, and how many at most.

    Raises:
        MalformedRequest: one is no whole number, or too great, or there is another name in the query.
    """
    unknown = set(request.args) - {"after", "limit"}
    if unknown:
        raise MalformedRequest("the query takes after and limit, and nothing else")
    after = _whole_number(request, "after", default=0, most=LAST_ID)
    return after, _whole_number(request, "limit", default=min(100, most), most=most)


def _whole_number(request: Request, name: str, *, default: int, most: int) -> int:
    given = request.args.get(name)
    if not given:
        return default
    digits = given.isascii() and given.isdigit() and len(given) <= len(str(most))
    if not digits or int(given) > most:
        raise MalformedRequest(f"{name} must be a whole number from 0 to {most}")
    return int(given)


def write(answer: Struct, status: int = 200, content_type: str = "application/json") -> Response:
    """Encode an answer."""
    return Response(_encoder.encode(answer), status, content_type=content_type)


def _described(fault: Exception) -> str:
    """Say what is wrong with a body without repeating any of it."""
    if not isinstance(fault, msgspec.ValidationError):
        return "the body is not JSON in UTF-8"
    said = str(fault)
    if "unknown field" in said:
        return "the object has a field that is not declared"
    if "Invalid enum value" in said:
        return f"the value is none of those that are declared{said[said.rfind(' - at') :]}"
    return said
