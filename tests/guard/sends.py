"""What the tests of the guard share: a client that is guarded, and what went out."""

import json
from typing import Any

import responses
from twilio.rest import Client

from app.guard import GuardedHttpClient
from tests.cast import ACCOUNT, ALICE, LONG_CODE, TOKEN

CHECK_URL = "https://stoplist.example.com"
CHECK = f"{CHECK_URL}/v1/check"
MESSAGES = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
ALLOWED = {"to": ALICE, "program": "default", "allowed": True, "reason": None}
REFUSED = {
    "to": ALICE,
    "program": "default",
    "allowed": False,
    "reason": "opted_out",
    "scope": "*",
    "since": "2026-11-23T19:36:45.458417Z",
    "certainty": "definite",
    "retry_at": None,
}


def guarded(**options: Any) -> Client:
    """Return Twilio's guarded, guarded."""
    guard = GuardedHttpClient(CHECK_URL, "key", **options)
    return Client(ACCOUNT, TOKEN, http_client=guard)


def send(client: Client, **more: Any) -> Any:
    """Send a message to Alice."""
    return client.messages.create(**{"to": ALICE, "from_": LONG_CODE, "body": "Hello", **more})


def urls(wire: responses.RequestsMock) -> list[str]:
    """Return where requests went, in order."""
    return [str(call.request.url) for call in wire.calls]


def questions(wire: responses.RequestsMock) -> list[Any]:
    """Return what the check was asked, in order."""
    bodies: list[Any] = [call.request.body for call in wire.calls if call.request.url == CHECK]
    return [json.loads(body) for body in bodies]
