"""The Consent Management API: `https://accounts.twilio.com/v1/Consents/Bulk`. It is told, and cannot be asked.

The codes of single items beside 0 and 30646, and what is answered to an account that does not have the API, are
guesses. That a consent moves the block list is documented, for opt-ins not on toll-free numbers.
"""

import json
import re
from typing import Any

from tests.twilio_api.account import TwilioAccount
from tests.twilio_api.wire import Reply, Request, error

MOST_ITEMS = 25
INVALID = 30646
_CONTACT = re.compile(r"\+1[2-9][0-9]{9}")
_SENDER = re.compile(r"MG[0-9a-f]{32}|\+[1-9][0-9]{6,14}|[0-9]{5,6}")
_SOURCES = {"website", "offline", "opt-in-message", "opt-out-message", "others"}


def create(account: TwilioAccount, request: Request) -> Reply:
    """Take what is told of some consents, each by itself."""
    if not account.has_consents:
        return error(403)
    told = [json.loads(item) for item in request.form.get("Items", ())]
    if not 0 < len(told) <= MOST_ITEMS:
        return error(400, 20001, "Items must hold 1 to 25 objects")
    answered = [item for item in told if item.get("contact_id") not in account.unheard]
    return Reply(201, {"items": [_take(account, item) for item in answered]})


def _take(account: TwilioAccount, item: dict[str, Any]) -> dict[str, Any]:
    faults = [name for name, holds in _checks(item).items() if not holds]
    if not faults:
        place, status = (item["sender_id"], item["contact_id"]), item["status"]
        account.consents[place] = status
        if status == "opt-out":
            account.blocks.add(place)
        else:
            account.blocks.discard(place)
    messages = [f"{name}: {item.get('contact_id')}" for name in faults]
    code = INVALID if faults else 0
    return {
        "correlation_id": item.get("correlation_id"),
        "error_code": code,
        "error_messages": messages,
    }


def _checks(item: dict[str, Any]) -> dict[str, bool]:
    return {
        "INVALID_CORRELATION_ID": len(item.get("correlation_id", "")) == 32,
        "INVALID_SENDER_ID": bool(_SENDER.fullmatch(item.get("sender_id", ""))),
        "INVALID_CONTACT_ID": bool(_CONTACT.fullmatch(item.get("contact_id", ""))),
        "INVALID_STATUS": item.get("status") in {"opt-in", "opt-out"},
        "INVALID_SOURCE": item.get("source") in _SOURCES,
    }
