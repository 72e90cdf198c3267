"""Twilio's REST API, through Twilio's own package: whose account, at which address, and what its errors mean to us.

api = TwilioApi({"AC...": "token"}, "https://api.twilio.com")
with translated():
for number in api.client("AC...").incoming_phone_numbers.stream():
...
"""

import re
import ssl
import threading
from collections.abc import Iterator, Mapping
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
_TRY_AGAIN = 429
_THEIR_FAULT = 500
_CONNECT_TIMEOUT_S = 3.05
_NEVER_ASKED = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """What Twilio said to a request that was handed on, as it said it."""

    status: int
    content_type: str | None
    body: bytes = field(repr=False)


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
        self._of_thread = threading.local()

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
        token = self._tokens.get(account)
        if not token:
            raise Misconfigured("there is no auth token for this account in the settings")
        origin = urlsplit(self._base)
        try:
            response = self._session().post(
                f"{origin.scheme}://{origin.netloc}/2010-04-01/Accounts/{account}/Messages.json",
                data=form,
                headers={
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Accept": "application/json",
                },
                auth=HTTPBasicAuth(account, token),
                timeout=(_CONNECT_TIMEOUT_S, timeout),
                allow_redirects=False,
            )
        except requests.RequestException as fault:
            words = f"no answer from Twilio: {type(fault).__name__}"
            raise (CarrierUnreached if _was_not_asked(fault) else CarrierAway)(words) from None
        return Forwarded(
            status=response.status_code,
            content_type=response.headers.get("Content-Type"),
            body=response.content,
        )

    def cancel(self, account: str, sid: str) -> None:
        """Have a scheduled message not go out.

        Raises:
            Misconfigured: there is no token for the account.
            CarrierRefused: it went out, or was canceled before.
            CarrierAway: no clear answer; it can be asked again.
        """
        with translated():
            self.client(account).messages(sid).update(status="canceled")

    def _session(self) -> requests.Session:
        """Return this thread's own connections, which try nothing twice.

        What the environment says of proxies and certificates is read once: asked anew for each request, it costs as
        much as the request itself.
        """
        session: requests.Session | None = getattr(self._of_thread, "session", None)
        if session is None:
            session = self._of_thread.session = requests.Session()
            for name, value in session.merge_environment_settings(
                self._base, {}, None, None, None
            ).items():
                setattr(session, name, value)
            session.trust_env = False
        return session

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
