"""A load that costs little beside what it measures: requests made beforehand, over connections kept alive.

It runs in a process of its own, so that neither building requests nor reading results is on anybody's clock.
"""

import multiprocessing
import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")
_END_OF_HEAD = b"\r\n\r\n"
_STUCK_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to send.

    Attributes:
        port: of a server on this machine.
        requests: whole requests as bytes, each sent at most once.
        connections: how many requests are under way at once.
        seconds: when to stop sending, if the requests last.
    """

    port: int
    requests: Sequence[bytes]
    connections: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came back.

    Attributes:
        elapsed: seconds from the first request to the last answer.
        latencies: seconds of each answered request, sorted.
        failure: the first answer that was no 2xx, or what broke; `None`: all went well.
    """

    elapsed: float
    latencies: Sequence[float]
    failure: str | None

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.elapsed

    def percentile(self, percent: float) -> float:
        """Return the latency that so many percent of the requests stayed under, in seconds."""
        last = len(self.latencies) - 1
        return self.latencies[min(last, int(len(self.latencies) * percent / 100))]


class Load:
    """The process that sends; it ends with the block."""

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pipe.close()
        self._process.join(timeout=_STUCK_S)

    def run(self, job: Job) -> Measured:
        """Send until the time or the requests are used up; every request that was sent is answered."""
        self._pipe.send(job)
        measured: Measured = self._pipe.recv()
        return measured


class _Failed(Exception):
    """An answer that is no success."""


def _serve(pipe: Connection) -> None:
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        pipe.send(_run(job))


def _run(job: Job) -> Measured:
    connections = [
        socket.create_connection(("127.0.0.1", job.port), timeout=_STUCK_S)
        for _ in range(job.connections)
    ]
    latencies: list[float] = []
    failure = None
    start = time.perf_counter()
    try:
        for latency in _latencies(connections, job, start + job.seconds):
            latencies.append(latency)  # noqa: PERF402  # what came before a failure is kept
    except (_Failed, OSError) as fault:
        failure = str(fault)
    elapsed = time.perf_counter() - start
    for connection in connections:
        connection.close()
    return Measured(elapsed=elapsed, latencies=sorted(latencies), failure=failure)


def _latencies(connections: Sequence[socket.socket], job: Job, deadline: float) -> Iterator[float]:
    """Yield how long each request took. A connection sends its next request as soon as it has its answer."""
    clock = time.perf_counter
    waiting = iter(job.requests)
    sent: dict[socket.socket, float] = {}
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection, selectors.EVENT_READ)
            sent[connection] = clock()
            connection.sendall(next(waiting))
        while sent:
            ready = selector.select(_STUCK_S)
            if not ready:
                raise _Failed(f"no answer in {_STUCK_S:.0f} s")
            for key, _ in ready:
                connection: socket.socket = key.fileobj  # type: ignore[no-redef]
                _read_answer(connection)
                now = clock()
                yield now - sent.pop(connection)
                request = next(waiting, None) if now < deadline else None
                if request is not None:
                    sent[connection] = clock()
                    connection.sendall(request)


def _read_answer(connection: socket.socket) -> None:
    """Read one answer to its last byte.

    Raises:
        _Failed: it is no 2xx, or the server hung up.
    """
    answer = b""
    whole = None
    while whole is None or len(answer) < whole:
        part = connection.recv(65536)
        if not part:
            raise _Failed("the server hung up")
        answer += part
        end = answer.find(_END_OF_HEAD)
        if whole is None and end >= 0:
            length = _LENGTH.search(answer, 0, end)
            whole = end + len(_END_OF_HEAD) + (int(length.group(1)) if length else 0)
    if not answer.startswith(b"HTTP/1.1 2"):
        raise _Failed(answer.partition(b"\r\n")[0].decode("latin-1"))
