"""The HTTP clients: they ask, and hand on what may be sent to the package's own."""

import logging
import re
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import requests
from twilio.http import AsyncHttpClient, HttpClient
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

from .check import Answer, Guard, Program, Send

_CHECK_TIMEOUT_S = 5.0
_TWILIO_TIMEOUT_S = 30.0  # the package's own default is to wait for ever
_VISIBLE = re.compile(r"[!-~]+")


class GuardedHttpClient(HttpClient):  # type: ignore[misc]
    """Ask whether a message may be sent, then hand the request on to an HTTP client of the `twilio` package.

    Args:
        check_url: where Stoplist is, such as `https://stoplist.example.com`.
        access_key: one with the role `check`.
        program: that sends, by its id, or what finds it from a message's parameters.
        region: whose national spelling of numbers is assumed, such as `US`; else the server's own.
        timeout: seconds to wait for the check to connect, and again for its answer to go on.
        http_client: what talks to Twilio; it must not try a send twice.

    Raises:
        ValueError: the address or the access key cannot be one.
    """

    def __init__(
        self,
        check_url: str,
        access_key: str,
        *,
        program: Program = "default",
        region: str | None = None,
        timeout: float = _CHECK_TIMEOUT_S,
        http_client: HttpClient | None = None,
    ) -> None:
        super().__init__(logging.getLogger("twilio.http_client"), False, timeout)
        self._guard = Guard(_endpoint(check_url), program, region)
        self._inner = http_client or TwilioHttpClient(timeout=_TWILIO_TIMEOUT_S)
        self._session = requests.Session()
        self._session.auth = _Bearer(_bearer(access_key))

    def request(
        self, method: str, url: str, params: Any = None, data: Any = None, **more: Any
    ) -> Response:
        """Make a request to Twilio, if it may be made; arguments as the package names them.

        Raises:
            CheckFailed: nobody could say whether it may.
        """
        send = self._guard.read(method, url, params, data)
        if send is not None:
            answer = self._ask(send)
            refusal = send.judge(self._ask(send) if answer.dropped else answer)
            if refusal is not None:
                return refusal
        return self._inner.request(method, url, params=params, data=data, **more)

    def _ask(self, send: Send) -> Answer:
        try:
            response = self._session.post(
                self._guard.url, json=send.question, timeout=self.timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            return _unanswered(error)
        return Answer(response.status_code, response.content)


class AsyncGuardedHttpClient(AsyncHttpClient):  # type: ignore[misc]
    """What `GuardedHttpClient` is, for the package's `create_async`; to be made where the event loop runs.

    Args and Raises: as there; `timeout` is in seconds for the whole of a check. `async with`, or
    `close`, ends its connections and those of its HTTP client.
    """

    def __init__(
        self,
        check_url: str,
        access_key: str,
        *,
        program: Program = "default",
        region: str | None = None,
        timeout: float = _CHECK_TIMEOUT_S,
        http_client: AsyncHttpClient | None = None,
    ) -> None:
        super().__init__(logging.getLogger("twilio.async_http_client"), True, timeout)
        self._guard = Guard(_endpoint(check_url), program, region)
        headers = {"Authorization": f"Bearer {_bearer(access_key)}"}
        self._inner = http_client or AsyncTwilioHttpClient(timeout=_TWILIO_TIMEOUT_S)
        limit = aiohttp.ClientTimeout(total=timeout)
        self._session = aiohttp.ClientSession(headers=headers, timeout=limit)

    async def request(
        self, method: str, url: str, params: Any = None, data: Any = None, **more: Any
    ) -> Response:
        """Make a request to Twilio, if it may be made; arguments as the package names them.

        Raises:
            CheckFailed: nobody could say whether it may.
        """
        send = self._guard.read(method, url, params, data)
        if send is not None:
            answer = await self._ask(send)
            refusal = send.judge(await self._ask(send) if answer.dropped else answer)
            if refusal is not None:
                return refusal
        if more.get("timeout") is None:
            # The package's asynchronous client forgets its own time-out unless each request names it.
            more["timeout"] = self._inner.timeout
        return await self._inner.request(method, url, params=params, data=data, **more)

    async def _ask(self, send: Send) -> Answer:
        try:
            async with self._session.post(
                self._guard.url, json=send.question, allow_redirects=False
            ) as response:
                return Answer(response.status, await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            return _unanswered(error)

    async def close(self) -> None:
        """End all connections."""
        await self._session.close()
        if isinstance(self._inner, AsyncTwilioHttpClient):
            await self._inner.close()

    async def __aenter__(self) -> "AsyncGuardedHttpClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class _Bearer(requests.auth.AuthBase):
    """Show an access key. As a header alone it would give way to what a `.netrc` says of the host."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def _unanswered(error: Exception) -> Answer:
    late = isinstance(error, requests.Timeout | TimeoutError)
    dropped = isinstance(error, requests.ConnectionError | aiohttp.ClientConnectionError)
    return Answer(fault=type(error).__name__, dropped=dropped and not late)


def _endpoint(check_url: str) -> str:
    parts = urlsplit(check_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("check_url must be an address such as https://stoplist.example.com")
    return f"{check_url.rstrip('/')}/v1/check"


def _bearer(access_key: str) -> str:
    if not _VISIBLE.fullmatch(access_key.strip()):
        raise ValueError("access_key must be an access key as it was shown")
    return access_key.strip()
