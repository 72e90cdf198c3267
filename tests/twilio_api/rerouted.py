"""Twilio's own HTTP clients, sent to another address.

The package has no base URL. Setting `client.api.base_url` moves one product, and not the second page
of a list of `messaging` or `monitor`, which is named by a whole URL. An HTTP client that puts another
origin in place of `https://<product>.twilio.com` moves all of them, whatever calls it.
"""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response


def rerouted(url: str, base: str) -> str:
    """Return a URL of Twilio's with its scheme and host replaced by those of a base; any other URL as it is."""
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".twilio.com"):
        return url
    origin = urlsplit(base)
    return urlunsplit(parts._replace(scheme=origin.scheme, netloc=origin.netloc))


class Rerouted(TwilioHttpClient):  # type: ignore[misc]  # twilio is untyped
    """Twilio's HTTP client for another base; further keywords are the package's."""

    def __init__(self, base: str, **more: Any) -> None:
        super().__init__(**more)
        self._base = base

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> Response:
        """Make a request there."""
        return super().request(method, rerouted(url, self._base), *rest, **more)


class AsyncRerouted(AsyncTwilioHttpClient):  # type: ignore[misc]
    """Twilio's asynchronous HTTP client for another base."""

    def __init__(self, base: str, **more: Any) -> None:
        super().__init__(**more)
        self._base = base

    async def request(self, method: str, url: str, *rest: Any, **more: Any) -> Response:
        """Make a request there."""
        return await super().request(method, rerouted(url, self._base), *rest, **more)
