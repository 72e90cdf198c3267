"""kill -9 at random moments: what was acknowledged is there, once."""

import random
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from app.store import suppressions
from tests.live import Client, LiveServer
from tests.whole.crowd import people
from tests.whole.databases import opened

# On each database: workers one by one, the whole server at once, and the master alone.
KILLS = ["worker", "worker", "server"] * 9 + ["worker", "master"] * 2
SENDERS, WORKERS = 4, 2
PATIENCE_S = 20
MOST_AT_ONCE = 10_000


class Senders:
    """People who send STOPs while the block lasts; each STOP until it is answered 2xx, as Twilio retries."""

    def __init__(self, live: LiveServer) -> None:
        self._live = live
        self._numbers = iter(people(30_000))
        self._ids = count()
        self._lock = threading.Lock()
        self._end = threading.Event()
        self.acknowledged: list[str] = []
        self._threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]

    def __enter__(self) -> "Senders":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        client = Client(self._live)
        while not self._end.is_set():
            with self._lock:
                number, message_id = next(self._numbers), f"SM{next(self._ids):032x}"
            while not self._end.is_set():
                try:
                    answer = client.message(message_id, number, "STOP")
                except requests.RequestException:
                    time.sleep(0.02)
                    continue
                assert answer.status_code in {200, 503}
                if answer.status_code == requests.codes.ok:
                    self.acknowledged.append(number)
                    break


@pytest.mark.slow
def test_every_acknowledged_stop_survives_kill_9_and_none_is_doubled(live: LiveServer) -> None:
    """Workers come back by themselves, the server with one command."""
    chance = random.Random(11)
    kills = chance.sample(KILLS, len(KILLS))
    _until(lambda: len(live.worker_pids()) == WORKERS)
    with Senders(live) as senders:
        for victim in kills:
            time.sleep(chance.uniform(0.1, 0.5))
            killed = _kill(live, victim, chance)
            _until(lambda killed=killed: not any(_runs(pid) for pid in killed))  # type: ignore[misc]
            _until(lambda: len(live.worker_pids()) == WORKERS)
            before = len(senders.acknowledged)
            _until(lambda before=before: len(senders.acknowledged) > before)  # type: ignore[misc]

    acknowledged = senders.acknowledged
    assert len(acknowledged) > len(kills)
    for start in range(0, len(acknowledged), MOST_AT_ONCE):
        some = acknowledged[start : start + MOST_AT_ONCE]
        results = Client(live).check_bulk(some).json()["results"]
        assert [r["to"] for r in results if r["allowed"]] == []
    _each_is_there_once(live.database_url, len(acknowledged))


def _kill(live: LiveServer, victim: str, chance: random.Random) -> list[int]:
    """Kill without warning; start again what does not come back by itself; return who was to end."""
    workers = live.worker_pids()
    if victim == "worker":
        killed = chance.choice(workers)
        live.kill_worker(killed)
        return [killed]
    if victim == "server":
        live.kill()
    else:
        live.kill_master()  # its workers notice that they are orphans, and end
    live.start()
    return workers


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it did not come back"
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _each_is_there_once(url: str, acknowledged: int) -> None:
    """Every number sent one STOP, so it has one message, one fact and one standing, and they agree."""
    with opened(url) as db, db.snapshot() as connection:
        counts: set[int] = set()
        for table in ("inbox", "events", "suppressions", "numbers"):
            query = f"SELECT count(*), count(DISTINCT number_key) FROM {table}"
            counts.update(connection.execute(sa.text(query)).one())
        (stored,) = counts
        # Besides those that were acknowledged, at most what was under way at the end.
        assert acknowledged <= stored <= acknowledged + SENDERS
        assert not list(suppressions.differences(connection))
