"""The HTTP server in front of an account."""

import base64
import binascii
import json
import re
import socket
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from twilio.rest import Client

from tests.twilio_api import consents, messages, resources
from tests.twilio_api.account import Seen, TwilioAccount, new_sid
from tests.twilio_api.rerouted import Rerouted
from tests.twilio_api.wire import Reply, Request, error

_Act = Callable[[TwilioAccount, Request], Reply]

_ROUTES: list[tuple[str, str, _Act]] = [
    ("GET", r"{account}\.json", resources.fetch_account),
    ("GET", r"{account}/Messages\.json", messages.list_),
    ("POST", r"{account}/Messages\.json", messages.create),
    ("GET", r"{account}/Messages/{sid}\.json", messages.fetch),
    ("POST", r"{account}/Messages/{sid}\.json", messages.update),
    ("GET", r"{account}/IncomingPhoneNumbers\.json", resources.list_numbers),
    ("GET", r"{account}/IncomingPhoneNumbers/{sid}\.json", resources.fetch_number),
    ("POST", r"{account}/IncomingPhoneNumbers/{sid}\.json", resources.update_number),
    ("GET", r"/v1/Services", resources.list_services),
    ("GET", r"/v1/Services/{sid}", resources.fetch_service),
    ("POST", r"/v1/Services/{sid}", resources.update_service),
    ("GET", r"/v1/Services/{sid}/PhoneNumbers", resources.list_service_numbers),
    ("GET", r"/v1/Services/{sid}/ShortCodes", resources.list_service_short_codes),
    ("GET", r"/v1/Deactivations", resources.fetch_deactivations),
    ("POST", r"/v1/Consents/Bulk", consents.create),
    ("GET", r"/v1/Alerts", resources.list_alerts),
    ("GET", r"/v1/Alerts/{sid}", resources.fetch_alert),
]
_PARTS = {
    "{account}": r"/2010-04-01/Accounts/(?P<account>[A-Za-z0-9]+)",
    "{sid}": r"(?P<sid>[A-Z]{2}[0-9a-f]{32})",
}


class TwilioApi:
    """A running server. All of Twilio's products are at one address, told apart by their paths.

    Attributes:
        account: what it answers from.
        url: where it is.
        broken: what went wrong in it that should not have.
    """

    def __init__(self, account: TwilioAccount | None = None) -> None:
        self.account = account or TwilioAccount()
        self.broken: list[BaseException] = []
        self.closing = threading.Event()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def client(self, **more: Any) -> Client:
        """Return Twilio's own client with the account's credentials, pointed here."""
        http_client = Rerouted(self.url, **{"timeout": 10, **more})
        return Client(self.account.sid, self.account.tokens[0], http_client=http_client)

    def close(self) -> None:
        """End every connection and every thread."""
        self.closing.set()
        self._server.shutdown()
        self._server.end_connections()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: Request) -> Reply:
        """Do what a request asks."""
        for method, pattern, act in _ROUTES:
            for part, written in _PARTS.items():
                pattern = pattern.replace(part, written)  # noqa: PLW2901
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                ids = match.groupdict()
                if ids.get("account", self.account.sid) != self.account.sid:
                    return error(404)
                asked = Request(
                    method=method,
                    path=request.path,
                    query=request.query,
                    form=request.form,
                    ids=ids,
                )
                with self.account.lock:
                    return act(self.account, asked)
        return error(404)


class _Server(ThreadingHTTPServer):
    def __init__(self, api: TwilioApi) -> None:
        self.api = api
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    daemon_threads = False  # so that the end waits for them

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        for connection in list(self._open):
            _hang_up(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        fault = sys.exception()
        if fault and not isinstance(fault, OSError):  # a client that is gone is no fault of ours
            self.api.broken.append(fault)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        api, request = self.server.api, self._request()
        user, password = self._credentials()
        if not api.account.takes(user, password):
            self._reply(error(401))
            return
        with api.account.lock:
            api.account.seen.append(
                Seen(
                    method=request.method,
                    path=request.path,
                    query=request.query,
                    form=request.form,
                )
            )
            fault = api.account.faults.take(request.method, request.path)
        truth = api.answer(request) if fault.carried_out else None
        if fault.wait_s:
            api.closing.wait(fault.wait_s)
        if fault.cut or api.closing.is_set():
            self.close_connection = True
            _hang_up(self.connection)
            return
        self._reply(truth if truth and not fault.status else error(fault.status or 500))

    def _request(self) -> Request:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        return Request(
            method=self.command,
            path=address.path,
            query=dict(parse_qsl(address.query, keep_blank_values=True)),
            form=parse_qs(body, keep_blank_values=True),
        )

    def _credentials(self) -> tuple[str, str]:
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return (user, password) if scheme.lower() == "basic" else ("", "")

    def _reply(self, reply: Reply) -> None:
        body = json.dumps(reply.body).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Twilio-Request-Id", new_sid("RQ"))
        if reply.status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="Twilio API"')
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002
        moment = datetime.now(UTC) + self.server.api.account.skew
        return format_datetime(moment, usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was first
