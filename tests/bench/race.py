"""The service and its floor, side by side: same gunicorn settings, same client, round about."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench import floors
from tests.bench.load import Job, Load, Measured
from tests.cast import SECRET
from tests.live import LiveServer
from tests.postgres import Postgres

DATABASES = ("sqlite", "postgresql")
_MOST_A_SECOND = 6_000  # requests made for each second of a round: more than are ever answered
_START_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says of a race.

    Attributes:
        databases: which to run on.
        rounds: how often each runner runs; a first round that counts for nothing comes before.
        seconds: how long a round takes.
        connections: requests under way at once.
        workers: processes of each server.
        against: another checkout of the service, to race against in place of the floor.
    """

    databases: Sequence[str]
    rounds: int
    seconds: float
    connections: int
    workers: int
    against: Path | None = None

    @property
    def requests(self) -> int:
        """How many requests a round may use up."""
        return int(_MOST_A_SECOND * self.seconds) + self.connections


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One runner of a race.

    Attributes:
        port: where it listens.
        requests: makes so many new requests.
    """

    port: int
    requests: Callable[[int], Sequence[bytes]]


class RunFailed(Exception):
    """A request was not answered with a 2xx, so that there is nothing to measure."""


def options(name: str, arguments: Sequence[str], *, counts: bool = True) -> Options:
    """Read the options of a race.

    Args:
        name: of the bench.
        arguments: of the command line.
        counts: whether how many requests are under way is for the command line to say.
    """
    parser = argparse.ArgumentParser(prog=f"python -m tests.bench {name}")
    parser.add_argument("--rounds", type=int, default=7, help="of each runner (7)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of a round (2)")
    if counts:
        parser.add_argument("--connections", type=int, default=16, help="kept alive (16)")
    parser.add_argument("--workers", type=int, default=2, help="processes of each server (2)")
    parser.add_argument("--against", type=Path, help="another checkout, in place of the floor")
    parser.add_argument("--database", choices=DATABASES, help="only this one (both)")
    read = parser.parse_args(arguments)
    return Options(
        databases=[read.database] if read.database else DATABASES,
        rounds=read.rounds,
        seconds=read.seconds,
        connections=read.connections if counts else 1,
        workers=read.workers,
        against=read.against and read.against.resolve(),
    )


def race(title: str, ours: Entry, floor: Entry, given: Options) -> None:
    """Run ours and its floor in turns and print the table.

    Raises:
        RunFailed: a request failed.
    """
    _print_table(title, in_turns(title, {"ours": ours, "floor": floor}, given))


def in_turns(title: str, entries: Mapping[str, Entry], given: Options) -> dict[str, list[Measured]]:
    """Let each runner run a round, then the next, and return what each of their rounds was.

    Raises:
        RunFailed: a request failed.
    """
    runs: dict[str, list[Measured]] = {name: [] for name in entries}
    with Load() as load:
        for number in range(given.rounds + 1):
            for name, entry in entries.items():
                seconds = given.seconds if number else min(1.0, given.seconds)
                job = Job(
                    port=entry.port,
                    requests=entry.requests(given.requests),
                    connections=given.connections,
                    seconds=seconds,
                )
                measured = load.run(job)
                if measured.failure:
                    raise RunFailed(f"{title}, {name}: {measured.failure}")
                if number:
                    runs[name].append(measured)
    return runs


@contextmanager
def databases(kind: str, home: Path) -> Iterator[tuple[str, str]]:
    """Yield the URLs of two databases of a kind, for ours and for the floor, which end with the block."""
    if kind == "sqlite":
        yield f"sqlite:///{home / 'ours.db'}", f"sqlite:///{home / 'floor.db'}"
        return
    (home / "postgres").mkdir()
    postgres = Postgres(home / "postgres")
    try:
        yield postgres.create("ours"), postgres.create("floor")
    finally:
        postgres.close()


@contextmanager
def ours(
    home: Path,
    url: str,
    given: Options,
    *,
    code: Path | None = None,
    more: Mapping[str, str] | None = None,
) -> Iterator[LiveServer]:
    """Run the service as users start it, this checkout of it or another, with further settings."""
    settings = {
        "STOPLIST_PUBLIC_URL": floors.PUBLIC_URL,
        "STOPLIST_SECRET_KEYS": SECRET,
        "STOPLIST_DATABASE_URL": url,
        **(more or {}),
    }
    name = "theirs" if code else "data"
    server = LiveServer(home / name, settings, workers=given.workers, code=code)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@contextmanager
def floor(name: str, given: Options, settings: Mapping[str, str]) -> Iterator[int]:
    """Run a floor and yield its port."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.floors", name, str(port), str(given.workers)],
        env={**os.environ, **settings},
        start_new_session=True,
    )
    try:
        _wait(port)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def home() -> Iterator[Path]:
    """Yield a directory that is gone after the block."""
    with tempfile.TemporaryDirectory(prefix="stoplist-bench-", ignore_cleanup_errors=True) as path:
        yield Path(path)


def post(path: str, content_type: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Write a whole request."""
    lines = [f"POST {path} HTTP/1.1", "Host: stoplist.example", f"Content-Type: {content_type}"]
    lines += [
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _print_table(title: str, runs: Mapping[str, Sequence[Measured]]) -> None:
    pairs = zip(runs["ours"], runs["floor"], strict=True)
    ratios = sorted(ours.rate / floor.rate for ours, floor in pairs)
    print(f"\n{title}")
    print(f"  {'':8}{'requests/s':>12}{'p50 ms':>10}{'p99 ms':>10}")
    for name, measured in runs.items():
        rate = median(each.rate for each in measured)
        p50, p99 = (median(each.percentile(q) for each in measured) * 1000 for q in (50, 99))
        print(f"  {name:8}{rate:12,.0f}{p50:10.2f}{p99:10.2f}")
    spread = f"rounds from {ratios[0]:.2f} to {ratios[-1]:.2f}"
    print(f"  ratio   {median(ratios):12.2f}  ({spread})", flush=True)


def _wait(port: int) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
