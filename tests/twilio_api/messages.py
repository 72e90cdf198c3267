"""The Messages resource: `/2010-04-01/Accounts/<sid>/Messages.json`.

What is known of Twilio stands here as it is: two equal requests to send are two messages, since
there is no idempotency key; a block answers 21610 at once where a number sends, and only later,
behind a 201, where a messaging service does. Who may send from a number is not judged, and the HTTP
status of 30409 is a guess.
"""

import operator
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from tests.twilio_api.account import Message, TwilioAccount, new_sid, now
from tests.twilio_api.wire import Reply, Request, error, list_of_2010, rfc2822

_ADDRESS = re.compile(r"(?:[a-z]+:)?\+[1-9][0-9]{6,14}")
_BOUNDS = {"DateSent": operator.eq, "DateSent<": operator.le, "DateSent>": operator.ge}


def create(account: TwilioAccount, request: Request) -> Reply:
    """Send a message."""
    to = request.given("To")
    sender, service = request.given("From"), request.given("MessagingServiceSid")
    if not to:
        return error(400, 21604, "A 'To' phone number is required.")
    if not sender and not service:
        return error(400, 21603, "A 'From' phone number is required.")
    if not any(request.given(name) for name in ("Body", "MediaUrl", "ContentSid")):
        return error(400, 21602, "Message body is required.")
    if not _ADDRESS.fullmatch(to):
        return error(400, 21211, "Invalid 'To' Phone Number")
    blocked = bool({(service or sender, to), (sender, to)} & account.blocks)
    if blocked and not service:
        return error(400, 21610, "Attempt to send to unsubscribed recipient")
    message = _accepted(to, sender, service, request)
    account.messages.append(message)
    reply = Reply(201, _json(account, message))
    if blocked:
        message.status, message.error_code = "failed", 21610
    elif message.status != "scheduled":
        message.status, message.date_sent = "sent", now()
    return reply


def _accepted(to: str, sender: str | None, service: str | None, request: Request) -> Message:
    media = len(request.form.get("MediaUrl", ()))
    scheduled = request.given("ScheduleType") == "fixed"
    return Message(
        to=to,
        author=sender,
        body=request.given("Body") or "",
        direction="outbound-api",
        status="scheduled" if scheduled else "accepted" if service else "queued",
        sid=new_sid("MM" if media else "SM"),
        service_sid=service,
        media=media,
        form=request.form,
    )


def list_(account: TwilioAccount, request: Request) -> Reply:
    """List messages, newest first; there is no filter for the direction."""
    to, author = request.query.get("To"), request.query.get("From")
    found = [
        message
        for message in reversed(account.messages)
        if (not to or message.to == to)
        and (not author or message.author == author)
        and _in_time(account, message, request.query)
    ]
    found.sort(key=lambda message: message.date_created, reverse=True)
    return list_of_2010(request, "messages", found, lambda message: _json(account, message))


def fetch(account: TwilioAccount, request: Request) -> Reply:
    """Return one message."""
    message = _one(account, request)
    return Reply(200, _json(account, message)) if message else error(404)


def update(account: TwilioAccount, request: Request) -> Reply:
    """Cancel a message that is scheduled, or take the text out of one."""
    message = _one(account, request)
    if message is None:
        return error(404)
    if request.given("Status") == "canceled":
        if message.status != "scheduled":
            return error(409, 30409, "This message cannot be canceled")
        message.status = "canceled"
    if request.given("Body") == "":
        message.body = ""
    return Reply(200, _json(account, message))


def _one(account: TwilioAccount, request: Request) -> Message | None:
    sid = request.ids["sid"]
    return next((message for message in account.messages if message.sid == sid), None)


def _in_time(account: TwilioAccount, message: Message, query: Mapping[str, str]) -> bool:
    for name, holds in _BOUNDS.items():
        bound = query.get(name)
        if bound is None:
            continue
        if message.date_sent is None:
            return False
        if account.whole_days or "T" not in bound:
            kept = holds(message.date_sent.astimezone(UTC).date(), date.fromisoformat(bound[:10]))
        else:
            kept = holds(message.date_sent, datetime.fromisoformat(bound))
        if not kept:
            return False
    return True


def _json(account: TwilioAccount, message: Message) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{account.sid}/Messages/{message.sid}"
    return {
        "account_sid": account.sid,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": rfc2822(message.date_created),
        "date_sent": rfc2822(message.date_sent),
        "date_updated": rfc2822(message.date_sent or message.date_created),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": None,
        "from": message.author,
        "messaging_service_sid": message.service_sid,
        "num_media": str(message.media),
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }
