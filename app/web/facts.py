"""The endpoints that record facts: opt-outs and opt-ins that came by other ways than a message, and blocks."""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from app.actions.keys import Role
from app.actions.record import Fact, record
from app.core.events import Kind
from app.core.evidence import Consent
from app.core.phone import canonical
from app.web import access, answers, scheduled, wire
from app.web.shapes import facts
from app.wiring import Services

API = "api"
"""The source of facts that name no other."""


def blueprint(services: Services) -> Blueprint:
    """Return the routes that write."""
    recording = Blueprint("facts", __name__, url_prefix="/v1")
    region = services.settings.default_region
    store_numbers = services.settings.store_numbers == "sealed"

    def written(fact: Fact) -> Response:
        now = datetime.now(UTC)
        held = record(services.db, services.vault, fact, store_numbers=store_numbers, now=now)
        if held.is_new and held.event.kind.refuses:
            scheduled.call_off_soon(services, canonical(fact.to, fact.region))
        answer = answers.event(held.event_id, held.event, note=fact.note if held.is_new else None)
        return wire.write(answer, 201 if held.is_new else 200)

    @recording.post("/opt-outs")
    def opt_out() -> Response:
        access.require(services, Role.WRITE)
        told = wire.read(request, facts.OptOutRequest)
        return written(_fact(told, Kind.OPTED_OUT, region, scope=told.scope, source=told.source))

    @recording.post("/opt-ins")
    def opt_in() -> Response:
        access.require(services, Role.WRITE)
        told = wire.read(request, facts.OptInRequest)
        consent = _consent(told.consent)
        fact = _fact(told, Kind.OPTED_IN, region, scope=told.program, source=told.source)
        return written(replace(fact, consent=consent))

    @recording.post("/blocks")
    def block() -> Response:
        access.require(services, Role.ADMIN)
        told = wire.read(request, facts.BlockRequest)
        return written(_fact(told, Kind.BLOCKED, region, scope=told.scope, source=API))

    @recording.post("/blocks/lift")
    def lift() -> Response:
        access.require(services, Role.ADMIN)
        told = wire.read(request, facts.LiftRequest)
        return written(_fact(told, Kind.UNBLOCKED, region, scope=told.scope, source=API))

    return recording


_Told = facts.OptOutRequest | facts.OptInRequest | facts.BlockRequest | facts.LiftRequest


def _fact(told: _Told, kind: Kind, region: str, *, scope: str, source: str) -> Fact:
    """Return the fact that a request tells; not every request can tell all of it."""
    return Fact(
        to=told.to,
        region=told.region or region,
        kind=kind,
        scope=scope,
        source=source,
        source_ref=getattr(told, "source_ref", None),
        occurred_at=getattr(told, "occurred_at", None),
        note=told.note,
        cause=getattr(told, "cause", None),
    )


def _consent(given: facts.ConsentGiven | None) -> Consent | None:
    if given is None:
        return None
    return Consent(**{name: getattr(given, name) for name in given.__struct_fields__})
