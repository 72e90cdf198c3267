"""Twilio's REST API in small: a real HTTP server on this machine, and the account behind it.

    account = twilio_api.account
    account.block(ALICE, sender=LONG_CODE)                  # what Twilio would refuse
    account.goes_wrong(Fault(status=429), times=2)          # what goes wrong next
    twilio_api.client().messages.create(to=BOB, from_=LONG_CODE, body="Hello")
    assert account.sends[0].to == BOB                       # what was sent

It is true to what is known of Twilio where our programs depend on it, and says so where it only guesses.
"""

from tests.twilio_api.account import Alert, Message, Number, Service, ShortCode, TwilioAccount
from tests.twilio_api.faults import Fault
from tests.twilio_api.rerouted import AsyncRerouted, Rerouted
from tests.twilio_api.server import TwilioApi

__all__ = [
    "Alert",
    "AsyncRerouted",
    "Fault",
    "Message",
    "Number",
    "Rerouted",
    "Service",
    "ShortCode",
    "TwilioAccount",
    "TwilioApi",
]
