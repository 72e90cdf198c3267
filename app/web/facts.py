"""The endpoints that record facts: opt-outs and opt-ins that came by other ways than a message, and blocks."""

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
        return written(
            Fact(
                to=told.to,
                region=told.region or region,
                kind=Kind.OPTED_OUT,
                scope=told.scope,
                source=told.source,
                source_ref=told.source_ref,
                occurred_at=told.occurred_at,
                note=told.note,
            )
        )

    @recording.post("/opt-ins")
    def opt_in() -> Response:
        access.require(services, Role.WRITE)
        told = wire.read(request, facts.OptInRequest)
        return written(
            Fact(
                to=told.to,
                region=told.region or region,
                kind=Kind.OPTED_IN,
                scope=told.program,
                source=told.source,
                source_ref=told.source_ref,
                occurred_at=told.occurred_at,
                note=told.note,
                consent=_consent(told.consent),
            )
        )

    @recording.post("/blocks")
    def block() -> Response:
        access.require(services, Role.ADMIN)
        told = wire.read(request, facts.BlockRequest)
        return written(
            Fact(
                to=told.to,
                region=told.region or region,
                kind=Kind.BLOCKED,
                scope=told.scope,
                source=API,
                note=told.note,
                cause=told.cause,
            )
        )

    @recording.post("/blocks/lift")
    def lift() -> Response:
        access.require(services, Role.ADMIN)
        told = wire.read(request, facts.LiftRequest)
        return written(
            Fact(
                to=told.to,
                region=told.region or region,
                kind=Kind.UNBLOCKED,
                scope=told.scope,
                source=API,
                note=told.note,
                cause=told.cause,
            )
        )

    return recording


def _consent(given: facts.ConsentGiven | None) -> Consent | None:
    if given is None:
        return None
    return Consent(**{name: getattr(given, name) for name in given.__struct_fields__})
