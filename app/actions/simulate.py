"""Simulate a message from a person: post to a running server what Twilio would post, then ask the check."""

import secrets
from dataclasses import dataclass
from typing import Any

from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
)

from app.core.errors import Unavailable
from app.upstream import http

PATH = "/webhooks/twilio/messages"
NO_ACCOUNT = "AC" + "0" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Whom to sign as.

    Attributes:
        account: the AccountSid.
        secret: its auth token, a SharedKey's secret, or the local token.
        shared_key: the SharedKey's id; `None` for a token.
    """

    account: str
    secret: str
    shared_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What the server said.

    Attributes:
        message_id: of the simulated message.
        status: of the webhook's answer.
        answer: the webhook's answer, TwiML when it is well.
        check: the check's answer; `None` when no access key was given.
    """

    message_id: str
    status: int
    answer: str
    check: dict[str, Any] | None


def simulate(
    *,
    text: str,
    author: str,
    sender: str,
    server: str,
    public: str,
    signer: Signer,
    access_key: str | None,
) -> Simulated:
    """Post one signed inbound message and ask whether its author may still be texted.

    Args:
        text: what the person writes.
        author: the person's number in E.164.
        sender: the address of ours that is texted.
        server: where the server is, such as `http://127.0.0.1:8000`.
        public: the public address it checks signatures over; usually the same.
        signer: whom to sign as.
        access_key: with the role `check`; without one the check is left out.

    Raises:
        Unavailable: the server does not answer.
    """
    message_id = "SM" + secrets.token_hex(16)
    fields = {
        "MessageSid": message_id,
        "SmsSid": message_id,
        "SmsMessageSid": message_id,
        "AccountSid": signer.account,
        "From": author,
        "To": sender,
        "Body": text,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        "FromZip": "",
    }
    algorithm = HMAC_SHA256 if signer.shared_key else HMAC_SHA1
    signature = RequestValidator(signer.secret).compute_signature(public + PATH, fields, algorithm)
    headers = {"X-Twilio-Signature": signature}
    if signer.shared_key:
        headers[SIGNATURE_SETTINGS_HEADER] = f"key={signer.shared_key},algorithm={algorithm}"
    said = http.post_form(server + PATH, fields, headers)
    return Simulated(
        message_id=message_id,
        status=said.status,
        answer=said.body,
        check=_check(server, author, access_key) if access_key else None,
    )


def _check(server: str, to: str, access_key: str) -> dict[str, Any]:
    said = http.post_json(f"{server}/v1/check", {"to": to}, bearer=access_key)
    try:
        return said.json()
    except ValueError:
        raise Unavailable(f"the check answered {said.status} and no JSON") from None
