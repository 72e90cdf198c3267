"""For Python senders: HTTP clients for the `twilio` package that ask the check before each message.

    guard = GuardedHttpClient("https://stoplist.example.com", access_key)
    client = twilio.rest.Client(account_sid, auth_token, http_client=guard)

A refused message raises `TwilioRestException` with status 400 and code 21610, from the package's own
code, as if Twilio had refused it. A message that nobody could answer for is not sent either, and
raises `CheckFailed`. Every other request passes through as it is.

Nothing of ours is imported here and nothing is logged. Imports are relative, so that a sender can also
copy this folder and give it any name.
"""

from .check import CheckFailed, Program
from .clients import AsyncGuardedHttpClient, GuardedHttpClient

__all__ = ["AsyncGuardedHttpClient", "CheckFailed", "GuardedHttpClient", "Program"]
