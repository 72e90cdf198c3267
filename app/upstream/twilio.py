"""Twilio's REST API, through Twilio's own package: whose account, at which address, and what its errors mean to us.

api = TwilioApi({"AC...": "token"}, "https://api.twilio.com")
with translated():
for number in api.client("AC...").incoming_phone_numbers.stream():
...
"""

import re
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.auth import HTTPBasicAuth
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from app.core.errors import CarrierAway, CarrierRefused, CarrierUnreached, Misconfigured

TIMEOUT_S = 10.0
"""For one request: the longest silence that is borne, on connecting and on reading."""

_REGIONAL = re.compile(r"api(?:\.(?P<edge>[a-z-]+))?(?:\.(?P<region>[a-z]{2}\d))?\.twilio\.com")
_UNAUTHORIZED = 401
_TRY_AGAIN = 429
_THEIR_FAULT = 500
_CONNECT_TIMEOUT_S = 3.05
_FORM_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
}
_NEVER_ASKED = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """What Twilio said to a request that was handed on, as it said it."""

    status: int
    content_type: str | None
    body: bytes = field(repr=False)


class TwilioApi:
    """The accounts that we hold credentials of.

    While a token is rotated there are two of an account, and which one Twilio takes changes at some moment: what it
    answers 401 was not done, and is asked again with the other, which comes first from then on.

    Args:
        tokens: AccountSid to its auth token, or to several, the one to try first before the others.
        base: where the API is: Twilio's own address, one of its regions, or another server altogether.
    """

    def __init__(self, tokens: Mapping[str, str | Sequence[str]], base: str) -> None:
        self._tokens = {
            account: (some,) if isinstance(some, str) else tuple(some)
            for account, some in tokens.items()
        }
        self._base = base
        found = _REGIONAL.fullmatch(urlsplit(base).hostname or "")
        self._routed = {k: v for k, v in found.groupdict().items() if v} if found else None
        self._of_thread = threading.local()

    def __repr__(self) -> str:
        return f"TwilioApi({len(self._tokens)} accounts)"

    @property
    def accounts(self) -> tuple[str, ...]:
        """The AccountSids, in the order of the settings."""
        return tuple(self._tokens)

    def client(self, account: str, *, timeout: float = TIMEOUT_S) -> Client:
        """Return Twilio's client for one account, with the token that Twilio took last.

        Raises:
            Misconfigured: there is no token for the account.
        """
        return self._client(account, self._tokens_of(account)[0], timeout)

    def forward(self, account: str, form: str, *, timeout: float = TIMEOUT_S) -> Forwarded:
        """Hand on a request to send a message, once, whatever becomes of it.

        The package's own HTTP client is not used: it keeps its last answer where another thread may
        replace it, and takes bytes for text.

        Args:
            account: whose message it is.
            form: as it goes over the wire.
            timeout: seconds of silence that are borne once Twilio was asked.

        Raises:
            Misconfigured: there is no token for the account.
            CarrierUnreached: Twilio was not asked.
            CarrierAway: it was, or may have been; no answer came.
        """
        for token in self._tokens_of(account):
            forwarded = self._post(account, token, form, timeout)
            if forwarded.status != _UNAUTHORIZED:
                self._prefer(account, token)
                break
        return forwarded

    def cancel(self, account: str, sid: str) -> None:
        """Have a scheduled message not go out.

        Raises:
            Misconfigured: there is no token for the account.
            CarrierRefused: it went out, or was canceled before.
            CarrierAway: no clear answer; it can be asked again.
        """
        *others, last = self._tokens_of(account)
        for token in (*others, last):
            try:
                with translated():
                    self._client(account, token).messages(sid).update(status="canceled")
            except CarrierRefused as fault:
                if fault.status != _UNAUTHORIZED or token == last:
                    raise
            else:
                self._prefer(account, token)
                return

    def _tokens_of(self, account: str) -> tuple[str, ...]:
        tokens = self._tokens.get(account)
        if not tokens:
            raise Misconfigured("there is no auth token for this account in the settings")
        return tokens

    def _prefer(self, account: str, token: str) -> None:
        tokens = self._tokens[account]
        if token != tokens[0]:
            self._tokens[account] = (token, *(each for each in tokens if each != token))

    def _client(self, account: str, token: str, timeout: float = TIMEOUT_S) -> Client:
        http_client = self._http_client(timeout)
        return Client(account, token, http_client=http_client, **(self._routed or {}))

    def _post(self, account: str, token: str, form: str, timeout: float) -> Forwarded:
        origin = urlsplit(self._base)
        asked = requests.Request(
            "POST",
            f"{origin.scheme}://{origin.netloc}/2010-04-01/Accounts/{account}/Messages.json",
            data=form,
            headers=_FORM_HEADERS,
            auth=HTTPBasicAuth(account, token),
        )
        try:
            response = self._connections().send(asked.prepare(), timeout)
        except requests.RequestException as fault:
            words = f"no answer from Twilio: {type(fault).__name__}"
            raise (CarrierUnreached if _was_not_asked(fault) else CarrierAway)(words) from None
        return Forwarded(
            status=response.status_code,
            content_type=response.headers.get("Content-Type"),
            body=response.content,
        )

    def _connections(self) -> "_Connections":
        """Return this thread's own."""
        held: _Connections | None = getattr(self._of_thread, "connections", None)
        if held is None:
            held = self._of_thread.connections = _Connections(self._base)
        return held

    def _http_client(self, timeout: float) -> HttpClient:
        if self._routed is not None:
            return TwilioHttpClient(timeout=timeout)
        return _Rerouted(self._base, timeout)


class _Connections:
    """Connections that are kept, and try nothing twice.

    What the environment says of proxies and certificates is read once: asked anew for each request, as a session of
    `requests` does, it costs as much as the request itself. Redirects are not followed and cookies not kept.
    """

    def __init__(self, base: str) -> None:
        session = requests.Session()
        self._adapter = session.get_adapter(base)
        self._ways = session.merge_environment_settings(base, {}, False, None, None)

    def send(self, asked: requests.PreparedRequest, timeout: float) -> requests.Response:
        """Make a request, and read its answer to the end."""
        response = self._adapter.send(asked, timeout=(_CONNECT_TIMEOUT_S, timeout), **self._ways)
        response.content  # noqa: B018  # reading it may fail, and gives the connection free
        return response


class _Rerouted(TwilioHttpClient):  # type: ignore[misc]  # twilio is untyped
    """Twilio's HTTP client for another server: for all products, and for the next pages that answers name."""

    def __init__(self, base: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base = urlsplit(base)

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> Response:
        """Make a request there."""
        there = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        return super().request(method, urlunsplit(there), *rest, **more)


def _was_not_asked(fault: requests.RequestException) -> bool:
    """Tell whether a request failed before anything of it went out."""
    cause: BaseException | None = fault.args[0] if fault.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    while isinstance(cause, BaseException):
        if isinstance(cause, _NEVER_ASKED):
            return True
        cause = next((part for part in cause.args if isinstance(part, BaseException)), None)
    return False


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
