"""The messages that Twilio holds of an account: what people sent us, and what was sent to them.

Twilio keeps them for good and lists the newest first. They are read a day at a time, the oldest day first, so that
memory stays flat and what was said first is learnt first.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from app.core.errors import CarrierAway
from app.upstream.twilio import TwilioApi, translated

PAGE_SIZE = 1000
_TRIES = 5
_FIRST_WAIT_S = 0.5
_DAY = timedelta(days=1)
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMessage:
    """One message as Twilio lists it.

    Attributes:
        sid: its id.
        author: the address it is from; empty where Twilio tells none yet.
        to: the address it is to.
        service: the messaging service it went through, or `None`.
        body: its text.
        direction: `inbound`, `outbound-api`, `outbound-call`, `outbound-reply`.
        sent_at: when it went out; of an inbound one, when Twilio called the webhook. Aware, UTC.
    """

    sid: str
    author: str
    to: str
    service: str | None
    body: str
    direction: str
    sent_at: datetime

    @property
    def is_inbound(self) -> bool:
        """Whether a person sent it to us."""
        return self.direction == "inbound"


def messages(
    api: TwilioApi,
    account: str,
    *,
    since: datetime,
    until: datetime,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[list[ListedMessage]]:
    """Yield the messages of an account, those of a day together and in the order in which they went out.

    More is asked for than is needed, and what lies outside is dropped here: Twilio compares days, not hours.

    Args:
        api: Twilio's REST API.
        account: the AccountSid.
        since: from when. Aware.
        until: to when. Aware.
        sleep: waits some seconds before something is asked again.

    Raises:
        CarrierAway: Twilio gives no answer, however often it is asked.
        CarrierRefused: it says no.
        Misconfigured: there is no token for the account.
    """
    client = api.client(account)
    day = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= until:
        listed: dict[str, ListedMessage] = {}
        first = partial(
            client.messages.page,
            page_size=PAGE_SIZE,
            date_sent_after=day - _DAY,
            date_sent_before=day + 2 * _DAY,
        )
        page = _insist(first, sleep)
        while page is not None:
            for message in page:
                read = _read(message)
                if read and day <= read.sent_at < day + _DAY and since <= read.sent_at <= until:
                    listed[read.sid] = read
            page = _insist(page.next_page, sleep)
        yield sorted(listed.values(), key=lambda message: (message.sent_at, message.sid))
        day += _DAY


def _insist(ask: Callable[[], _Found], sleep: Callable[[float], None]) -> _Found:
    """Ask again, some times and ever later, where no answer came."""
    for tried in range(_TRIES):
        try:
            with translated():
                return ask()
        except CarrierAway:
            if tried == _TRIES - 1:
                raise
            sleep(_FIRST_WAIT_S * 2**tried)
    raise AssertionError


def _read(message: Any) -> ListedMessage | None:
    if message.date_sent is None:
        return None  # it has not gone out
    return ListedMessage(
        sid=message.sid,
        author=message.from_ or "",
        to=message.to or "",
        service=message.messaging_service_sid,
        body=message.body or "",
        direction=message.direction,
        sent_at=message.date_sent.astimezone(UTC),
    )
