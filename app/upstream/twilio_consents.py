"""Twilio's Consent Management API: it is told of people's consent, and cannot be asked.

https://www.twilio.com/docs/messaging/features/consent-api (a pilot; US numbers, SMS)
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.core.errors import CarrierAway
from app.upstream.twilio import TwilioApi, translated

MOST_ITEMS = 25
"""In one request."""

PAUSE_S = 0.6
"""Between two requests: Twilio takes a hundred a minute."""

_FAULT = re.compile(r"INVALID_[A-Z_]{1,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is told of one person and one sender.

    Attributes:
        id: of 32 characters, for this request alone.
        contact: the person's number in E.164.
        sender: our number, short code or messaging service.
        status: `opt-in` or `opt-out`.
        source: `website`, `offline`, `opt-in-message`, `opt-out-message` or `others`.
        since: when it was said. Aware, UTC.
    """

    id: str
    contact: str = field(repr=False)
    sender: str
    status: str
    source: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """What Twilio made of one item.

    Attributes:
        code: 0: it took it; else Twilio's own.
        fault: Twilio's name for what is wrong, such as `INVALID_SENDER_ID`; its sentences may hold numbers.
    """

    code: int
    fault: str | None = None


def tell(api: TwilioApi, account: str, items: Sequence[Item]) -> Mapping[str, Taken]:
    """Tell Twilio of up to 25 consents at once; what it was told before may be told again.

    Args:
        api: Twilio's REST API.
        account: the AccountSid.
        items: what is told.

    Returns:
        What became of each, by its id. An item that is not named may have been taken or not.

    Raises:
        CarrierAway: no answer, 429 or 5xx.
        CarrierRefused: it says no to all of it.
        Misconfigured: there is no token for the account.
    """
    with translated():
        answer = api.client(account).accounts.v1.bulk_consents.create(
            items=[_written(item) for item in items]
        )
    if not isinstance(answer.items, list):
        raise CarrierAway("Twilio did not say what became of the consents")
    return dict(_read(each) for each in answer.items if isinstance(each, dict))


def _written(item: Item) -> dict[str, str]:
    return {
        "contact_id": item.contact,
        "correlation_id": item.id,
        "sender_id": item.sender,
        "status": item.status,
        "source": item.source,
        "date_of_consent": item.since.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _read(answer: Mapping[str, object]) -> tuple[str, Taken]:
    code = answer.get("error_code")
    said = " ".join(map(str, _listed(answer.get("error_messages"))))
    fault = _FAULT.search(said.upper())
    taken = Taken(code if isinstance(code, int) else -1, fault.group() if fault else None)
    return str(answer.get("correlation_id")), taken


def _listed(given: object) -> list[object]:
    return given if isinstance(given, list) else []
