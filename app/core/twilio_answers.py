"""What Twilio's REST API answers, as bytes: its error shape, and our refusals in it.

    {"code": 21610, "message": "...", "more_info": "https://www.twilio.com/docs/errors/21610", "status": 400}

Senders reach us through Twilio's own SDKs, which read these four fields and `details`.
https://www.twilio.com/docs/usage/twilios-response#exceptions
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.core.standing import Decision, Reason

UNSUBSCRIBED = 21610  # https://www.twilio.com/docs/api/errors/21610
INVALID_TO = 21211  # https://www.twilio.com/docs/api/errors/21211
MISSING_TO = 21604  # https://www.twilio.com/docs/api/errors/21604
AUTHENTICATE = 20003  # https://www.twilio.com/docs/api/errors/20003
_GENERAL = 20000  # plus the status, where Twilio has no narrower code
_RETRY_AFTER_S = 2

_WORDS = {
    Reason.OPTED_OUT: "the recipient asked for no more messages",
    Reason.BLOCKED: "messages to the recipient are blocked until an operator lifts it",
    Reason.WRONG_NUMBER: "the number is not that of the person it was meant for",
    Reason.NO_CONSENT: "the recipient has not agreed to messages of this program",
    Reason.QUIET_HOURS: "it is night where the recipient is",
    Reason.INVALID_NUMBER: "'To' is not a phone number that could be checked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, whoever gave it.

    Attributes:
        status: of HTTP.
        body: as it goes over the wire.
        content_type: of the body; `None`: none was named.
        retry_after: in seconds, when the same request may do better; `None`: it may not, or nobody knows.
    """

    status: int
    body: bytes = field(repr=False)
    content_type: str | None = "application/json"
    retry_after: int | None = None

    @property
    def fields(self) -> Mapping[str, Any]:
        """The body as a JSON object, empty where it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


def error(
    status: int,
    message: str,
    *,
    code: int | None = None,
    details: Mapping[str, Any] | None = None,
    retry_after: int | None = None,
) -> Answer:
    """Write an error.

    Args:
        status: of HTTP.
        message: for people; never a number, never a text.
        code: Twilio's own; by default the general one of the status.
        details: for programs.
        retry_after: see `Answer`.
    """
    general = AUTHENTICATE if status == 401 else _GENERAL + status  # noqa: PLR2004
    body: dict[str, Any] = {
        "code": code or general,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code or general}",
        "status": status,
    }
    if details is not None:
        body["details"] = details
    return Answer(status=status, body=json.dumps(body).encode(), retry_after=retry_after)


def refused(decision: Decision, program: str) -> Answer:
    """Write our own refusal: as Twilio refuses who unsubscribed, or what is no number.

    Args:
        decision: that refuses.
        program: that wanted to send.
    """
    reason = decision.reason or Reason.BLOCKED
    details = {
        "reason": reason.value,
        "program": program,
        "scope": decision.scope,
        "since": _rfc3339(decision.since),
        "certainty": decision.certainty.value if decision.certainty else None,
        "retry_at": _rfc3339(decision.retry_at),
    }
    code = INVALID_TO if reason is Reason.INVALID_NUMBER else UNSUBSCRIBED
    message = f"Stoplist refuses this message ({reason.value}): {_WORDS[reason]}."
    return error(400, message, code=code, details=details)


NO_RECIPIENT = error(400, "A 'To' phone number is required.", code=MISSING_TO)

NOT_SENT = error(
    503,
    "Twilio cannot be reached. The message was not sent; it can be tried again.",
    details={"outcome": "not_sent"},
    retry_after=_RETRY_AFTER_S,
)

UNKNOWN = error(
    503,
    "It is not known whether Twilio took this message: no clear answer came. It is not tried again by itself; "
    "to send it again may send it twice.",
    details={"outcome": "unknown"},
)

ON_ITS_WAY = error(
    409,
    "A message under this idempotency key is being sent at this moment. Ask again with the same key.",
    details={"outcome": "sending"},
    retry_after=_RETRY_AFTER_S,
)


def dumps(answer: Answer) -> str:
    """Write an answer down, for the vault."""
    body = answer.body.decode("utf-8", "surrogateescape")
    return json.dumps({"status": answer.status, "type": answer.content_type, "body": body})


def loads(written: str) -> Answer:
    """Read what `dumps` wrote, byte for byte."""
    held = json.loads(written)
    body = held["body"].encode("utf-8", "surrogateescape")
    return Answer(status=held["status"], body=body, content_type=held["type"])


def _rfc3339(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
