"""The endpoints of the review queue: what was understood only probably waits here for a person."""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from app.actions import review
from app.actions.keys import Role
from app.actions.review import Reviewed, Verdict
from app.web import access, wire
from app.web.shapes import facts
from app.wiring import Services

MOST_AT_ONCE = 1000


def blueprint(services: Services) -> Blueprint:
    """Return the routes under `/v1/reviews`."""
    reviews = Blueprint("reviews", __name__, url_prefix="/v1/reviews")

    @reviews.get("")
    def listed() -> Response:
        access.require(services, Role.READ)
        after, limit = wire.read_page(request, most=MOST_AT_ONCE)
        found = review.listed(services.db, after=after, limit=limit)
        return wire.write(
            facts.ReviewsAnswer(
                reviews=[_answer(each) for each in found], next=found[-1].id if found else after
            )
        )

    @reviews.post("/<int:review_id>/confirm")
    def confirm(review_id: int) -> Response:
        return closed(review_id, Verdict.CONFIRMED)

    @reviews.post("/<int:review_id>/dismiss")
    def dismiss(review_id: int) -> Response:
        return closed(review_id, Verdict.DISMISSED)

    def closed(review_id: int, verdict: Verdict) -> Response:
        access.require(services, Role.ADMIN)
        found = review.close(
            services.db, min(review_id, wire.LAST_ID), verdict, now=datetime.now(UTC)
        )
        return wire.write(_answer(found))

    return reviews


def _answer(found: Reviewed) -> facts.ReviewAnswer:
    return facts.ReviewAnswer(
        id=found.id,
        program=found.program,
        received_at=found.received_at,
        intent=found.intent,
        certainty=found.certainty,
        rule=found.rule,
        language=found.language,
        review=found.review,  # type: ignore[arg-type]  # the database holds no other
    )
