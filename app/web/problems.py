"""Every error that a client sees, mapped from ours in this one place: in the one shape of RFC 9457.

What takes the place of Twilio's API answers in Twilio's shape (`app.web.twilio_shape`).
"""

import logging
import traceback

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from app.core import errors
from app.web import twilio_shape, wire
from app.web.shapes.common import Problem

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

_log = logging.getLogger("stoplist.problems")
_STATUSES = {
    errors.MalformedRequest: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.BadSignature: 403,
    errors.UnreadableTable: 400,
    errors.UnknownKey: 404,
    errors.UnknownSender: 404,
    errors.UnknownReview: 404,
    errors.UnknownHold: 404,
    errors.Conflict: 409,
    errors.UnderHold: 409,
    errors.TooManyNumbers: 413,
    errors.UnsupportedMediaType: 415,
    errors.UnknownProgram: 422,
    errors.InvalidNumber: 422,
    errors.InvalidSender: 422,
    errors.Unacceptable: 422,
    errors.CarrierRefused: 502,
    errors.Unavailable: 503,
    errors.CarrierAway: 503,
    errors.CarrierUnreached: 503,
}
_NOT_THERE = {404, 405}  # of Twilio's API we have one resource with one method
# Werkzeug's own errors; any other of its statuses is named after its title.
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 400: "malformed_request"}


def problem(status: int, code: str, detail: str) -> Response:
    """Write one problem.

    Args:
        status: the HTTP status.
        code: stable, documented, for programs.
        detail: for people; never a number, never a text.
    """
    if twilio_shape.is_asked_by(request):
        return twilio_shape.error(status, detail)
    body = Problem(
        type=f"urn:stoplist:problem:{code}",
        title=code.replace("_", " ").capitalize(),
        status=status,
        detail=detail,
        code=code,
    )
    return wire.write(body, status, CONTENT_TYPE)


def register(app: Flask) -> None:
    """Map every error of the application."""
    app.register_error_handler(errors.StoplistError, _ours)
    app.register_error_handler(HTTPException, _werkzeugs)
    app.register_error_handler(Exception, _unexpected)


def _ours(fault: errors.StoplistError) -> Response:
    status = _STATUSES.get(type(fault), 500)
    response = problem(status, fault.code, str(fault))
    if status == 401:  # noqa: PLR2004
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    if not fault.permanent:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
        _log.warning("unavailable", extra={"detail": str(fault), "cause": _cause(fault)})
    return response


def _cause(fault: errors.StoplistError) -> str | None:
    """Name what the driver said: its class and its code, not its message, which may hold values."""
    cause = getattr(fault.__cause__, "orig", None) or fault.__cause__
    if cause is None:
        return None
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return f"{type(cause).__name__} {code}" if code else type(cause).__name__


def _werkzeugs(fault: HTTPException) -> Response:
    status = fault.code or 500
    if twilio_shape.is_asked_by(request) and status in _NOT_THERE:
        return twilio_shape.error(404, twilio_shape.NOT_FOUND)
    code = _CODES.get(status, fault.name.lower().replace(" ", "_"))
    response = problem(status, code, fault.name)
    for name, value in fault.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _unexpected(fault: Exception) -> Response:
    """Answer for a mistake of ours. The log gets where it happened, not what it said: messages quote values."""
    frames = traceback.extract_tb(fault.__traceback__)
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
    _log.error("unexpected", extra={"error": type(fault).__name__, "where": where})
    return problem(500, "internal_error", "something went wrong on our side; it was noted")
