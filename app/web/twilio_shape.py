"""What is answered below `/2010-04-01/`: always in the shape of Twilio's API, whose place the gate takes."""

from flask import Request, Response

from app.core import twilio_answers
from app.core.twilio_answers import Answer

PREFIX = "/2010-04-01"
NOT_FOUND = "The requested resource was not found"
_WANTS_BASIC = 'Basic realm="Twilio API"'


def is_asked_by(request: Request) -> bool:
    """Tell whether a request is for that API."""
    return request.path.startswith(f"{PREFIX}/")


def response(answer: Answer) -> Response:
    """Write an answer as it stands."""
    written = Response(answer.body, answer.status, content_type=answer.content_type)
    if answer.retry_after is not None:
        written.headers["Retry-After"] = str(answer.retry_after)
    return written


def error(status: int, message: str) -> Response:
    """Write an error of ours; the message never holds a number."""
    written = response(twilio_answers.error(status, message))
    if status == 401:  # noqa: PLR2004
        written.headers["WWW-Authenticate"] = _WANTS_BASIC
    return written
