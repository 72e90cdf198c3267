"""The endpoints of senders: may this number be texted, and what does this text ask for?"""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from app.actions.check import check_as, check_bulk
from app.actions.decisions import verify
from app.actions.keys import Role
from app.core.errors import Refusal
from app.core.intent import classify
from app.web import access, wire
from app.web.shapes import checks
from app.wiring import Services


def blueprint(services: Services) -> Blueprint:
    """Return the routes under `/v1`."""
    api = Blueprint("api", __name__, url_prefix="/v1")
    region = services.settings.default_region

    @api.post("/check")
    def check_one() -> Response:
        bearer = access.bearer()
        try:
            asked = wire.read(request, checks.CheckRequest)
        except Refusal:
            access.require(services, Role.CHECK)  # who may not ask is not told what is wrong
            raise
        now = datetime.now(UTC)
        checked = check_as(
            services.db,
            services.vault,
            bearer,
            to=asked.to,
            program=asked.program,
            region=asked.region or region,
            now=now,
        )
        decision = checked.decision
        return wire.write(
            checks.CheckAnswer(
                to=checked.to,
                program=asked.program,
                allowed=decision.allowed,
                reason=decision.reason,
                scope=decision.scope,
                since=decision.since,
                certainty=decision.certainty,
                retry_at=decision.retry_at,
                decision=checked.token,
                checked_at=now,
            )
        )

    @api.post("/check/bulk")
    def check_many() -> Response:
        access.require(services, Role.CHECK)
        asked = wire.read(request, checks.BulkCheckRequest)
        now = datetime.now(UTC)
        checked = check_bulk(
            services.db,
            services.vault,
            to=asked.to,
            program=asked.program,
            region=asked.region or region,
            now=now,
        )
        allowed = sum(each.decision.allowed for each in checked)
        return wire.write(
            checks.BulkCheckAnswer(
                program=asked.program,
                checked_at=now,
                allowed=allowed,
                refused=len(checked) - allowed,
                results=[
                    checks.BulkResult(each.to, each.decision.allowed, each.decision.reason)
                    for each in checked
                ],
            )
        )

    @api.post("/decisions/verify")
    def verify_decision() -> Response:
        access.require(services, Role.READ)
        asked = wire.read(request, checks.VerifyRequest)
        verified = verify(
            services.vault, asked.decision, to=asked.to, region=asked.region or region
        )
        if verified is None:
            return wire.write(checks.VerifyAnswer(valid=False))
        said = verified.said
        return wire.write(
            checks.VerifyAnswer(
                valid=True,
                allowed=said.reason is None,
                reason=said.reason,
                program=said.program,
                checked_at=said.checked_at,
                expires_at=said.good_until,
                expired=datetime.now(UTC) > said.good_until,
                matches=verified.matches,
            )
        )

    @api.post("/classify")
    def classify_text() -> Response:
        access.require(services, Role.READ)
        asked = wire.read(request, checks.ClassifyRequest)
        reading = classify(asked.text, language=asked.language)
        return wire.write(
            checks.ClassifyAnswer(
                intent=reading.intent,
                certainty=reading.certainty,
                rule=reading.rule,
                language=reading.language,
                rulepack=reading.rulepack,
            )
        )

    return api
