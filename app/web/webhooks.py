"""The carriers' webhooks: verify, parse, receive, and only then answer 2xx."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import quote, urlsplit

from flask import Blueprint, Request, Response, abort, request

from app.actions.delivery import take_report
from app.actions.receive import Policy, receive
from app.actions.understand import REFUSALS
from app.carriers import registry
from app.carriers.base import WireRequest
from app.core.inbound import Failure
from app.web import scheduled, wire
from app.wiring import Services


def blueprint(services: Services) -> Blueprint:
    """Return the webhook of every carrier that has a secret; the others are not there: 404."""
    webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")
    settings = services.settings
    carriers = registry.configured(settings, local_token=services.local_token)
    policy = Policy(
        stop_scope=settings.stop_scope,
        store_numbers=settings.store_numbers == "sealed",
        keep_bodies=timedelta(days=settings.keep_bodies_days),
    )

    @webhooks.post("/<carrier>/messages")
    def inbound(carrier: str) -> Response:
        adapter = carriers.get(carrier)
        if adapter is None:
            abort(404)
        wire_request = _wire_request(request, settings.public_url)
        adapter.verify(wire_request)
        message = adapter.parse(wire_request)
        received = receive(services.db, services.vault, policy, message, now=datetime.now(UTC))
        if received.intent in REFUSALS and message.author:
            scheduled.call_off_soon(services, message.author)
        reply = adapter.reply(received.text)
        return Response(reply.body, content_type=reply.content_type)

    @webhooks.post("/<carrier>/status")
    def delivery(carrier: str) -> Response:
        adapter = carriers.get(carrier)
        if adapter is None:
            abort(404)
        wire_request = _wire_request(request, settings.public_url)
        adapter.verify(wire_request)
        report = adapter.parse_report(wire_request)
        take_report(
            services.db,
            services.vault,
            report,
            store_numbers=policy.store_numbers,
            now=datetime.now(UTC),
        )
        if report.failure is Failure.BLOCKED and report.recipient:
            scheduled.call_off_soon(services, report.recipient)
        return Response(status=204)

    return webhooks


def _wire_request(request: Request, public_url: str | None) -> WireRequest:
    """Return a request as raw as it came.

    The URL is the public one: what the carrier was told, which a proxy in front of us may have
    rewritten. Its path and query must be the bytes of the request line, since the carrier signed
    those and Flask has decoded them.
    """
    return WireRequest(
        url=(public_url or _forwarded(request)) + _raw_target(request),
        headers=cast(Mapping[str, str], request.headers),
        body=wire.body(request),
    )


def _forwarded(request: Request) -> str:
    """Return the scheme and host that the nearest proxy says it was asked for, else those of the request.

    They are believed for nothing but the URL that a signature is checked over.
    """
    environ = request.environ
    scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip()
    host = environ.get("HTTP_X_FORWARDED_HOST", "").rpartition(",")[2].strip()
    return f"{scheme or request.scheme}://{host or request.host}"


def _raw_target(request: Request) -> str:
    environ = request.environ
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not raw:
        query = environ.get("QUERY_STRING", "")
        path = quote(request.root_path + request.path, safe="/:@!$&'()*+,;=~-._")
        return f"{path}?{query}" if query else path
    if raw.startswith("/"):
        return cast(str, raw)
    parts = urlsplit(raw)  # a proxy may send the absolute form
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
