"""Look after scheduled messages: call off what a person refused, once the request that brought the refusal is answered.

Nobody who says STOP waits for Twilio's API. What a process leaves undone because it died, or Twilio was away, is done
after whatever request comes next.
"""

import time
from datetime import UTC, datetime

from flask import Flask, Response, after_this_request

from app.actions.call_off import call_off
from app.core.errors import Unavailable
from app.core.phone import PhoneNumber
from app.wiring import Services

LOOK_EVERY_S = 15.0


def call_off_soon(services: Services, number: PhoneNumber) -> None:
    """Call off what is scheduled for one person, as soon as the present request is answered."""
    if not services.settings.twilio_tokens:
        return

    @after_this_request
    def then(response: Response) -> Response:
        response.call_on_close(lambda: _look(services, number))
        return response


def register(app: Flask, services: Services) -> None:
    """Look for what was left undone, every so often and after any request."""
    if not services.settings.twilio_tokens:
        return
    due = time.monotonic()

    @app.after_request
    def look(response: Response) -> Response:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + LOOK_EVERY_S
            response.call_on_close(lambda: _look(services, None))
        return response


def _look(services: Services, number: PhoneNumber | None) -> None:
    now = datetime.now(UTC)
    try:
        call_off(services.db, services.vault, services.twilio, number=number, now=now)
    except Unavailable:
        return  # it is due again later
