"""Whatever is thrown at a running server, it answers 4xx in the one error shape, and goes on."""

import json
import socket
from collections.abc import Callable, Iterator

import pytest

from tests.cast import ALICE, CAROL
from tests.live import WEBHOOK, Client, LiveServer

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
JSON = b"Content-Type: application/json\r\n"
CHECK = b"POST /v1/check HTTP/1.1\r\nHost: x\r\n"
HOOK = b"POST " + WEBHOOK.encode() + b" HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: x\r\n"


def _sized(head: bytes, body: bytes) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _chunked(head: bytes, chunk: bytes, times: int) -> bytes:
    part = b"%x\r\n%s\r\n" % (len(chunk), chunk)
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + part * times + b"0\r\n\r\n"


# Each is a whole request; {key} is replaced by a valid access key.
KEY = b"Authorization: Bearer {key}\r\n"
REQUESTS = {
    "a form that is not UTF-8": _sized(HOOK + FORM, b"Body=\xff\xfe&MessageSid=%ff"),
    "a form of ten megabytes": _sized(HOOK + FORM, b"Body=" + b"x" * 10_000_000),
    "ten megabytes in chunks": _chunked(HOOK + FORM, b"x" * 100_000, 100),
    "JSON to the webhook": _sized(HOOK + JSON, b"{}"),
    "no body to the webhook": _sized(HOOK, b""),
    "ten thousand fields": _sized(HOOK + FORM, b"&".join(b"a%d=1" % n for n in range(10_000))),
    "a signature that is not ASCII": _sized(
        HOOK.replace(b"Signature: x", b"Signature: \xff\xc3\xa9") + FORM, b"MessageSid=SM1"
    ),
    "JSON that is not UTF-8": _sized(CHECK + KEY + JSON, b'{"to": "\xff"}'),
    "JSON nested a hundred thousand deep": _sized(CHECK + KEY + JSON, b"[" * 100_000),
    "an object nested deep in a number": _sized(CHECK + KEY + JSON, b'{"to":' * 50_000),
    "a lone surrogate": _sized(CHECK + KEY + JSON, b'{"to": "\\ud800"}'),
    "JSON of ten megabytes": _sized(CHECK + KEY + JSON, b'{"to": "' + b"1" * 10_000_000 + b'"}'),
    "half of a JSON object": _sized(CHECK + KEY + JSON, b'{"to": "+1'),
    "a form to the check": _sized(CHECK + KEY + FORM, b"to=1"),
    "an empty body": _sized(CHECK + KEY + JSON, b""),
    "a key that is not ASCII": _sized(CHECK + b"Authorization: Bearer \xff\xc3\xa9\r\n" + JSON, b"{}"),
    "a very long key": _sized(CHECK + b"Authorization: Bearer " + b"x" * 8000 + b"\r\n" + JSON, b"{}"),
    "a flood of headers": _sized(CHECK + b"".join(b"X-%d: 1\r\n" % n for n in range(5000)), b"{}"),
    "one huge header": _sized(CHECK + b"X: " + b"x" * 100_000 + b"\r\n", b"{}"),
    "a header without a colon": CHECK + b"nonsense\r\n\r\n",
    "a NUL in a header": CHECK + b"X: a\0b\r\n\r\n",
    "a request line of nonsense": b"\x16\x03\x01\x02\x00 \xff\r\n\r\n",
    "a very long path": b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "an unknown path": b"GET /+12015550123?to=+12015550123 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path that is not UTF-8": b"GET /%ff%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "another method": b"DELETE /v1/check HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method of nonsense": b"G=T / HTTP/1.1\r\nHost: x\r\n\r\n",
    "two lengths": CHECK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "a length of nonsense": CHECK + b"Content-Length: x\r\n\r\n{}",
    "a chunk of nonsense": CHECK + KEY + JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "an unknown transfer coding": CHECK + b"Transfer-Encoding: nonsense\r\n\r\n",
    "an HTTP version of nonsense": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "a host of nonsense": b"POST /webhooks/twilio/messages HTTP/1.1\r\nHost: \xff:x y\r\n" + FORM + b"\r\n",
}  # fmt: skip


@pytest.fixture(scope="module", name="shared_live")
def _shared_live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path_factory.mktemp("malformed") / "data")
    yield live.start()
    live.kill()


@pytest.mark.parametrize("name", REQUESTS)
def test_a_malformed_request_is_4xx_in_the_one_error_shape(
    name: str, shared_live: LiveServer
) -> None:
    """Never 5xx, never a traceback, and the next request is served."""
    request = REQUESTS[name].replace(b"{key}", shared_live.access_key.encode())

    status, head, body = _exchange(shared_live.port, request)

    assert 400 <= status < 500
    assert "application/problem+json" in head
    assert list(json.loads(body)) == ["type", "title", "status", "detail", "code"]
    assert json.loads(body)["status"] == status
    assert "Traceback" not in body
    assert "201555" not in body
    assert Client(shared_live).check(CAROL).json()["allowed"] is True


@pytest.mark.parametrize("missing", ["MessageSid", "From", "To"])
def test_a_signed_message_without_a_field_is_400(missing: str, shared_live: LiveServer) -> None:
    """Signed by Twilio's validator, and yet not a message."""
    answer = Client(shared_live).message("SM1", ALICE, "STOP", **{"SmsSid": "", missing: ""})

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")


def test_what_was_thrown_at_it_stands_in_no_log(shared_live: LiveServer) -> None:
    """Neither numbers nor texts nor the secrets of the request."""
    client = Client(shared_live)
    client.message("SM77", ALICE, "please stop texting me, I am Alice")
    client.check("(201) 555-0123")
    for request in REQUESTS.values():
        _exchange(shared_live.port, request)

    logged = shared_live.output.read_text(errors="replace").partition("first access key")[2]

    for spelling in (
        "2015550123",
        "555-0123",
        "555 0123",
        "%2B1201",
        "I am Alice",
        "stop texting",
        "Traceback",
    ):
        assert spelling not in logged


def _exchange(port: int, request: bytes) -> tuple[int, str, str]:
    """Send raw bytes; return the status, the head and the body of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it answered before it read all, and hung up
        answer = b"".join(iter(_reader(connection), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), head.decode("latin-1"), body.decode()


def _reader(connection: socket.socket) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return connection.recv(65536)
        except ConnectionResetError:
            return b""

    return read
