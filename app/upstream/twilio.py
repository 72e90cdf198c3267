"""Twilio's REST API, through Twilio's own package: whose account, at which address, and what its errors mean to us.

api = TwilioApi({"AC...": "token"}, "https://api.twilio.com")
with translated():
for number in api.client("AC...").incoming_phone_numbers.stream():
...
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from app.core.errors import CarrierAway, CarrierRefused, Misconfigured

TIMEOUT_S = 10.0
"""For one request: the longest silence that is borne, on connecting and on reading."""

_REGIONAL = re.compile(r"api(?:\.(?P<edge>[a-z-]+))?(?:\.(?P<region>[a-z]{2}\d))?\.twilio\.com")
_TRY_AGAIN = 429
_THEIR_FAULT = 500


class TwilioApi:
    """The accounts that we hold credentials of.

    Args:
        tokens: AccountSid to its auth token.
        base: where the API is: Twilio's own address, one of its regions, or another server altogether.
    """

    def __init__(self, tokens: Mapping[str, str], base: str) -> None:
        self._tokens = dict(tokens)
        self._base = base
        found = _REGIONAL.fullmatch(urlsplit(base).hostname or "")
        self._routed = {k: v for k, v in found.groupdict().items() if v} if found else None

    def __repr__(self) -> str:
        return f"TwilioApi({len(self._tokens)} accounts)"

    @property
    def accounts(self) -> tuple[str, ...]:
        """The AccountSids, in the order of the settings."""
        return tuple(self._tokens)

    def client(self, account: str, *, timeout: float = TIMEOUT_S) -> Client:
        """Return Twilio's client for one account.

        Raises:
            Misconfigured: there is no token for the account.
        """
        token = self._tokens.get(account)
        if not token:
            raise Misconfigured("there is no auth token for this account in the settings")
        http_client = self._http_client(timeout)
        return Client(account, token, http_client=http_client, **(self._routed or {}))

    def _http_client(self, timeout: float) -> HttpClient:
        if self._routed is not None:
            return TwilioHttpClient(timeout=timeout)
        return _Rerouted(self._base, timeout)


class _Rerouted(TwilioHttpClient):  # type: ignore[misc]  # twilio is untyped
    """Twilio's HTTP client for another server: for all products, and for the next pages that answers name."""

    def __init__(self, base: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base = urlsplit(base)

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> Response:
        """Make a request there."""
        there = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        return super().request(method, urlunsplit(there), *rest, **more)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what goes wrong with a request into our errors.

    Raises:
        CarrierAway: no answer, or one that says to try again; what was asked may have been done all the same.
        CarrierRefused: an answer that says no; with Twilio's own code.
    """
    try:
        yield
    except TwilioRestException as fault:
        if fault.status == _TRY_AGAIN or fault.status >= _THEIR_FAULT:
            raise CarrierAway(f"Twilio answered {fault.status}", status=fault.status) from None
        raise CarrierRefused(
            f"Twilio answered {fault.status}, code {fault.code}",
            status=fault.status,
            carrier_code=fault.code,
        ) from None
    except (requests.RequestException, TwilioException) as fault:
        raise CarrierAway(f"no answer from Twilio: {type(fault).__name__}") from None
