"""One line a request: method, route, status, milliseconds. Never a URL, a query, a number or a body."""

import logging
import time

from flask import Flask, Response, request

_log = logging.getLogger("stoplist.requests")
_START = "stoplist.start"


def register(app: Flask) -> None:
    """Log every request of the application."""

    @app.before_request
    def start() -> None:
        request.environ[_START] = time.perf_counter()

    @app.after_request
    def log(response: Response) -> Response:
        started = request.environ.get(_START)
        rule = request.url_rule
        _log.info(
            "request",
            extra={
                "method": request.method,
                # The template of the route, since what stands in its place may be anything.
                "route": rule.rule if rule else None,
                "status": response.status_code,
                "ms": round((time.perf_counter() - started) * 1000, 2) if started else None,
            },
        )
        return response
