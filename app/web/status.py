"""Is it alive, is it ready: for load balancers and people."""

from flask import Blueprint, Response

from app.version import installed
from app.web import openapi, wire
from app.web.shapes.common import Health
from app.wiring import Services


def blueprint(services: Services) -> Blueprint:
    """Return the routes that need no key."""
    status = Blueprint("status", __name__)
    description = openapi.document(installed())

    @status.get("/healthz")
    def healthz() -> Response:
        """Answer whenever the process does."""
        return wire.write(Health("ok"))

    @status.get("/readyz")
    def readyz() -> Response:
        """Answer 200 only while the database answers, and 503 otherwise."""
        services.db.ping()
        return wire.write(Health("ready"))

    @status.get("/openapi.json")
    def openapi_json() -> Response:
        return Response(description, content_type="application/json")

    return status
