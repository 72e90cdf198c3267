"""The web application: wired, with its routes and its errors. The one file that knows all of `web/`."""

from flask import Flask

from app import logs
from app.config import Settings
from app.core.intent import classify
from app.web import (
    access_log,
    api,
    facts,
    gate,
    history,
    problems,
    programs,
    reviews,
    scheduled,
    scrub,
    status,
    subjects,
    webhooks,
)
from app.wiring import settings_from, wire

MOST_BODY_BYTES = 1024 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. Nothing is opened until the first request.

    Args:
        settings: as read; from the environment when not given.

    Raises:
        Misconfigured: with every fault found.
    """
    settings = settings or settings_from()
    services = wire(settings, make=True)
    logs.configure(settings.log_format)
    app = Flask("stoplist", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MOST_BODY_BYTES, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.url_map.merge_slashes = False  # a redirect would lose what was posted
    app.extensions["stoplist"] = services
    classify("")  # loads the rules now, before workers are forked, not at the first message
    access_log.register(app, logs.writer(settings.log_format))
    problems.register(app)
    scheduled.register(app, services)
    for room in (api, facts, gate, history, programs, reviews, scrub, subjects, webhooks, status):
        app.register_blueprint(room.blueprint(services))
    return app
