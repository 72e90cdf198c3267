"""Clients that stall in the middle of a request: others are answered meanwhile, and the threads come free again."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.cast import ALICE
from tests.live import Client, LiveServer

THREADS, TIMEOUT_S = 4, 3
ROOT = Path(__file__).parents[2]


@pytest.fixture(name="quick")
def _quick(make_live: Callable[..., LiveServer]) -> Iterator[LiveServer]:
    """A server of one process under gunicorn's own command, as in the Procfile, that is soon out of patience."""
    live = make_live(workers=1)
    live.stop()
    line = (ROOT / "Procfile").read_text().split("web: gunicorn ")[1].split()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{live.port}"]
    with live.output.open("ab") as output:
        process = subprocess.Popen(
            [*command, "--timeout", str(TIMEOUT_S), *line],
            env=live.environment,
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            requests.get(f"{live.url}/healthz", timeout=1)
            break
        except requests.RequestException:
            time.sleep(0.05)
    yield live
    process.terminate()
    process.wait(timeout=40)


def _stalling(live: LiveServer, sent: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", live.port), timeout=30)
    connection.sendall(sent)
    return connection


def _begun(live: LiveServer) -> dict[str, bytes]:
    """Return requests that break off: in the head, and in the body."""
    host = b"Host: 127.0.0.1\r\n"
    key = f"Authorization: Bearer {live.access_key}\r\n".encode()
    json = b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    return {
        "head": b"POST /v1/check HTTP/1.1\r\n" + host + b"Content-Le",
        "body": b"POST /v1/check HTTP/1.1\r\n" + host + key + json + b'{"to": ',
    }


@pytest.mark.parametrize("place", ["head", "body"])
def test_others_are_answered_while_some_stall_and_are_dropped(
    quick: LiveServer, place: str
) -> None:
    """All threads but one are taken; the stalled keep their own end open, and nobody waits for them."""
    with ExitStack() as stack, ThreadPoolExecutor(THREADS) as pool:
        began = time.monotonic()
        stalled = [
            stack.enter_context(_stalling(quick, _begun(quick)[place])) for _ in range(THREADS - 1)
        ]
        dropped = [pool.submit(_dropped, connection) for connection in stalled]
        slowest = 0.0
        while time.monotonic() - began < TIMEOUT_S + 3:
            asked = time.monotonic()
            assert Client(quick).check(ALICE).json()["allowed"] is True
            slowest = max(slowest, time.monotonic() - asked)
            time.sleep(0.05)
        waited = [each.result() - began for each in dropped]

    assert slowest < 1
    assert all(TIMEOUT_S - 0.5 < each < TIMEOUT_S + 2 for each in waited), waited


def _dropped(connection: socket.socket) -> float:
    """Wait until the server has nothing more to say to a client but that it is at fault; return when that was."""
    answer = connection.recv(65536)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 "), answer
    return time.monotonic()


def test_with_every_thread_taken_the_next_waits_for_one_that_is_dropped(quick: LiveServer) -> None:
    """And not for good."""
    with ExitStack() as stack:
        for _ in range(THREADS):
            stack.enter_context(_stalling(quick, _begun(quick)["head"]))
        time.sleep(0.2)
        began = time.monotonic()

        answer = Client(quick).check(ALICE)

        assert answer.json()["allowed"] is True
        assert 1 < time.monotonic() - began < TIMEOUT_S + 4
