"""The endpoints of a person's rights, for whoever answers their letter."""

from datetime import UTC, datetime

import msgspec
from flask import Blueprint, Response, request

from app.actions import subject
from app.actions.keys import Role
from app.web import access, wire
from app.web.shapes import subjects as shapes
from app.wiring import Services


def blueprint(services: Services) -> Blueprint:
    """Return the routes under `/v1/subjects`."""
    subjects = Blueprint("subjects", __name__, url_prefix="/v1/subjects")
    region = services.settings.default_region

    @subjects.post("/export")
    def export() -> Response:
        access.require(services, Role.ADMIN)
        asked = wire.read(request, shapes.SubjectRequest)
        held = subject.export(
            services.db, services.vault, to=asked.to, region=asked.region or region
        )
        return wire.write(msgspec.convert(subject.as_document(held), shapes.SubjectAnswer))

    @subjects.post("/erase")
    def erase() -> Response:
        access.require(services, Role.ADMIN)
        asked = wire.read(request, shapes.EraseRequest)
        erased = subject.erase(
            services.db,
            services.vault,
            to=asked.to,
            region=asked.region or region,
            evidence_too=asked.evidence_too,
            now=datetime.now(UTC),
        )
        return wire.write(
            shapes.ErasedAnswer(
                numbers=erased.numbers,
                bodies=erased.bodies,
                evidence=erased.evidence,
                stays=subject.what_stays(evidence_too=asked.evidence_too),
            )
        )

    return subjects
