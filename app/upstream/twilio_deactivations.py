"""Twilio's daily list of US numbers that were given up: whoever holds one next agreed to nothing."""

from collections.abc import Iterator
from datetime import date

from app.core.errors import CarrierAway
from app.upstream import http
from app.upstream.twilio import TwilioApi, translated


def deactivated(api: TwilioApi, account: str, day: date) -> Iterator[str]:
    """Yield the numbers that were given up on a day, as the list spells them.

    Args:
        api: Twilio's REST API.
        account: the AccountSid.
        day: which.

    Raises:
        CarrierAway: Twilio gives no answer, or the list breaks off.
        CarrierRefused: it says no, for instance because there is no list of that day.
        Misconfigured: there is no token for the account.
    """
    with translated():
        listed = api.client(account).messaging.v1.deactivations().fetch(date=day)
    if not listed.redirect_to:
        raise CarrierAway("Twilio named no list of that day")
    for line in http.lines(listed.redirect_to):
        number = line.strip().strip('"')
        if number:
            yield number if number.startswith("+") else f"+{number}"
