"""One line a request: method, route, status, milliseconds. Never a URL, a query, a number or a body."""

import time
from collections.abc import Callable
from typing import cast

from flask import Flask, Request, Response, request

_START = "stoplist.start"


def register(app: Flask, write: Callable[[str, dict[str, object]], None]) -> None:
    """Log every request of the application.

    Args:
        app: the application.
        write: writes one line: the event's name and its fields.
    """

    @app.before_request
    def start() -> None:
        request.environ[_START] = time.perf_counter()

    @app.after_request
    def log(response: Response) -> Response:
        asked = cast(Request, request._get_current_object())  # type: ignore[attr-defined]
        started = asked.environ.get(_START)
        rule = asked.url_rule
        fields = {
            "method": asked.method,
            # The template of the route, since what stands in its place may be anything.
            "route": rule.rule if rule else None,
            "status": response.status_code,
            "ms": round((time.perf_counter() - started) * 1000, 2) if started else None,
        }
        write("request", fields)
        return response
