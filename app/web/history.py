"""The endpoints that read: one person's story, and the feed of every fact."""

from flask import Blueprint, Response, request

from app.actions.history import events_after, history
from app.actions.keys import Role
from app.web import access, answers, wire
from app.web.shapes import facts
from app.wiring import Services

MOST_AT_ONCE = 1000


def blueprint(services: Services) -> Blueprint:
    """Return the routes of those who look back."""
    reading = Blueprint("history", __name__, url_prefix="/v1")
    region = services.settings.default_region

    @reading.post("/history")
    def story() -> Response:
        access.require(services, Role.READ)
        asked = wire.read(request, facts.HistoryRequest)
        known = history(services.db, services.vault, to=asked.to, region=asked.region or region)
        standing = answers.standing(known.standing)
        events = [answers.told_event(told) for told in known.events]
        return wire.write(facts.HistoryAnswer(to=known.to, standing=standing, events=events))

    @reading.get("/events")
    def feed() -> Response:
        access.require(services, Role.READ)
        after, limit = wire.read_page(request, most=MOST_AT_ONCE)
        found = events_after(services.db, after, limit=limit)
        return wire.write(
            facts.FeedAnswer(
                events=[answers.event(event_id, held) for event_id, held in found],
                next=found[-1][0] if found else after,
            )
        )

    return reading
