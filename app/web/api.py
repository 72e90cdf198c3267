"""The endpoints of senders: may this number be texted, and what does this text ask for?"""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from app.actions.check import check_as, check_bulk
from app.actions.keys import Role
from app.core.errors import Refusal
from app.core.intent import classify
from app.web import access, wire
from app.wiring import Services


def blueprint(services: Services) -> Blueprint:
    """Return the routes under `/v1`."""
    api = Blueprint("api", __name__, url_prefix="/v1")
    region = services.settings.default_region

    @api.post("/check")
    def check_one() -> Response:
        bearer = access.bearer()
        try:
            asked = wire.read(request, wire.CheckRequest)
        except Refusal:
            access.require(services, Role.CHECK)  # who may not ask is not told what is wrong
            raise
        checked = check_as(
            services.db,
            services.vault,
            bearer,
            to=asked.to,
            program=asked.program,
            region=asked.region or region,
        )
        decision = checked.decision
        return wire.write(
            wire.CheckAnswer(
                to=checked.to,
                program=asked.program,
                allowed=decision.allowed,
                reason=decision.reason,
                scope=decision.scope,
                since=decision.since,
                certainty=decision.certainty,
                retry_at=None,
                decision=None,
                checked_at=datetime.now(UTC),
            )
        )

    @api.post("/check/bulk")
    def check_many() -> Response:
        access.require(services, Role.CHECK)
        asked = wire.read(request, wire.BulkCheckRequest)
        checked = check_bulk(
            services.db,
            services.vault,
            to=asked.to,
            program=asked.program,
            region=asked.region or region,
        )
        allowed = sum(each.decision.allowed for each in checked)
        return wire.write(
            wire.BulkCheckAnswer(
                program=asked.program,
                checked_at=datetime.now(UTC),
                allowed=allowed,
                refused=len(checked) - allowed,
                results=[
                    wire.BulkResult(each.to, each.decision.allowed, each.decision.reason)
                    for each in checked
                ],
            )
        )

    @api.post("/classify")
    def classify_text() -> Response:
        access.require(services, Role.READ)
        asked = wire.read(request, wire.ClassifyRequest)
        reading = classify(asked.text, language=asked.language)
        return wire.write(
            wire.ClassifyAnswer(
                intent=reading.intent,
                certainty=reading.certainty,
                rule=reading.rule,
                language=reading.language,
                rulepack=reading.rulepack,
            )
        )

    return api
