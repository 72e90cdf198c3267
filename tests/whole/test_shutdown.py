"""The end of a server, when it is asked to end."""

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import requests
from twilio.request_validator import RequestValidator

from tests.cast import ALICE, TOKEN
from tests.live import WEBHOOK, Client, LiveServer, inbound_form
from tests.whole.crowd import at_once, people
from tests.whole.databases import count, writers_locked_out

CLIENTS = 6


def test_sigterm_finishes_what_is_in_flight(live: LiveServer) -> None:
    """Messages that are waiting for the database when the signal comes are stored and answered; exit code 0."""

    def stop(number: str) -> requests.Response:
        return Client(live).message(f"SM{number}", number, "STOP")

    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        with writers_locked_out(live.database_url):
            under_way = [pool.submit(stop, number) for number in people(CLIENTS)]
            time.sleep(0.3)
            ending = pool.submit(live.stop)
            time.sleep(0.3)
            assert not any(request.done() for request in under_way)
        statuses = [request.result().status_code for request in under_way]
        code = ending.result()

    assert statuses == [200] * CLIENTS
    assert code == 0
    assert count(live.database_url, "events") == CLIENTS


def test_sigterm_in_the_middle_of_a_body_waits_for_the_rest(
    make_live: Callable[..., LiveServer],
) -> None:
    """The message that was still arriving is stored and answered."""
    live = make_live()
    form = inbound_form("SM1", ALICE, "STOP")
    signature = RequestValidator(TOKEN).compute_signature(live.url + WEBHOOK, form)
    body = urlencode(form).encode()
    head = (
        f"POST {WEBHOOK} HTTP/1.1\r\nHost: 127.0.0.1:{live.port}\r\nX-Twilio-Signature: {signature}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with (
        socket.create_connection(("127.0.0.1", live.port), timeout=10) as connection,
        ThreadPoolExecutor(1) as pool,
    ):
        connection.sendall(head.encode() + body[:20])
        time.sleep(0.3)
        ending = pool.submit(live.stop)
        time.sleep(0.3)
        connection.sendall(body[20:])
        answer = connection.recv(4096)
        code = ending.result()

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert code == 0
    assert count(live.database_url, "events") == 1


def test_sigterm_under_load_loses_no_answered_message(make_live: Callable[..., LiveServer]) -> None:
    """Clients post until nobody listens any more; what was answered by then is stored."""
    live = make_live()
    answered: list[int] = []

    def post(numbers: list[str]) -> None:
        client = Client(live)
        for number in numbers:
            try:
                answered.append(client.message(f"SM{number}", number, "STOP").status_code)
            except requests.ConnectionError:
                return

    def end(_: object) -> int:
        while len(answered) < 50:
            time.sleep(0.01)
        return live.stop()

    crowd = people(20_000)
    with ThreadPoolExecutor(1) as pool:
        ending = pool.submit(end, None)
        at_once(4, post, [crowd[n::4] for n in range(4)])
        code = ending.result()

    assert code == 0
    assert set(answered) == {200}
    assert len(answered) >= 50
    assert count(live.database_url, "events") >= len(answered)
