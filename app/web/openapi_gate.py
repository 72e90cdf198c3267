"""The description of the gate: Twilio's request and its shape of an answer, which are not of our making."""

from typing import Any

PATH = "/2010-04-01/Accounts/{account_sid}/Messages.json"
_JSON = "application/json"
_OF_TWILIO = {
    "type": "object",
    "required": ["code", "message", "more_info", "status"],
    "properties": {
        "code": {"type": "integer"},
        "message": {"type": "string"},
        "more_info": {"type": "string"},
        "status": {"type": "integer"},
        "details": {"type": "object"},
    },
}


def describe() -> dict[str, Any]:
    """Describe the one operation."""
    statuses = {
        400: "Refused: 21610 with our reason, 21211 and 21604 for what is no recipient; or Twilio's own answer.",
        401: "Neither the account's token nor an access key.",
        403: "The access key does not have the role.",
        404: "No Twilio account is configured.",
        409: "The idempotency key was used for another message, or is being sent under.",
        413: "A body over the limit.",
        415: "The body is not declared as a form.",
        429: "Twilio's own answer.",
        503: "Not sent, where the answer has Retry-After; else nobody knows whether it was.",
    }
    body = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}
    sid = {"type": "string", "pattern": "^AC[0-9a-f]{32}$"}
    return {
        "operationId": "createMessage",
        "summary": "Twilio's own request to send a message, with the check in front of it.",
        "description": "Answered in Twilio's shape. The user is the AccountSid; the password its auth token, or an "
        "access key with the role `write`.",
        "security": [{"twilioBasic": []}],
        "parameters": [{"name": "account_sid", "in": "path", "required": True, "schema": sid}],
        "requestBody": {"required": True, "content": body},
        "responses": {
            "201": {
                "description": "Twilio's own answer.",
                "content": {_JSON: {"schema": {"type": "object"}}},
            },
            **{
                str(status): {"description": words, "content": {_JSON: {"schema": _OF_TWILIO}}}
                for status, words in statuses.items()
            },
        },
    }
