"""The gate: Twilio's Messages resource, with the check in front of it. Any Twilio SDK sends through it.

    POST /2010-04-01/Accounts/AC.../Messages.json
    Authorization: Basic <AccountSid:auth token, or AccountSid:access key>
    Idempotency-Key: <the sender's own, if it likes>

    To=%2B12015550123&From=%2B12015550100&Body=Hello

https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
"""

import hmac
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, request

from app.actions import keys
from app.actions.keys import Role
from app.actions.send import Gate, send
from app.core.errors import MalformedRequest, Unauthenticated, UnsupportedMediaType
from app.web import twilio_shape, wire
from app.wiring import Services

FORM = "application/x-www-form-urlencoded"
_KEY_HEADERS = ("I-Twilio-Idempotency-Token", "Idempotency-Key")
_MOST_KEY_CHARACTERS = 255


def blueprint(services: Services) -> Blueprint:
    """Return the route; without an account in the settings it is not there: 404."""
    room = Blueprint("gate", __name__, url_prefix=twilio_shape.PREFIX)
    settings = services.settings
    gate = Gate(
        db=services.db,
        vault=services.vault,
        twilio=services.twilio,
        region=settings.default_region,
        store_numbers=settings.store_numbers == "sealed",
        clock=lambda: datetime.now(UTC),
    )

    @room.post("/Accounts/<account_sid>/Messages.json")
    def create_message(account_sid: str) -> Response:
        if not settings.twilio_tokens:
            abort(404)
        _authenticate(services, account_sid)
        if request.query_string:
            raise MalformedRequest("parameters stand in the body, none in the query")
        if request.mimetype != FORM:
            raise UnsupportedMediaType(f"the body must be declared as {FORM}")
        answer = send(gate, account_sid, wire.body(request), key=_idempotency_key())
        return twilio_shape.response(answer)

    return room


def _authenticate(services: Services, account: str) -> None:
    """Let the holder of an account's token pass, or of an access key that stands in for it.

    Raises:
        Unauthenticated: neither.
        Forbidden: an access key without the role.
        Unavailable: an access key that cannot be proven now.
    """
    shown = request.authorization
    user, password = (shown.username, shown.password) if shown else (None, None)
    tokens = services.settings.twilio_tokens.get(account)
    if tokens is None or user != account or not password:
        raise Unauthenticated("Authenticate: as user with the AccountSid that the address names")
    given = password.encode()
    matches = [hmac.compare_digest(given, token.encode()) for token in tokens]
    if not any(matches):
        keys.prove(services.db, password, Role.WRITE)


def _idempotency_key() -> str | None:
    given = {request.headers[name] for name in _KEY_HEADERS if name in request.headers}
    if not given:
        return None
    key = given.pop()
    if given or not 0 < len(key) <= _MOST_KEY_CHARACTERS or not key.isprintable():
        raise MalformedRequest(
            f"an idempotency key is one, of 1 to {_MOST_KEY_CHARACTERS} printable characters"
        )
    return key
