"""kill -9 at random moments: what was acknowledged is there, once."""

import random
import threading
import time
from collections.abc import Callable
from itertools import count

import pytest
import requests
import sqlalchemy as sa

from app.store import suppressions
from app.store.database import Database, parse_url
from tests.live import Client, LiveServer
from tests.whole.crowd import people

KILLS = 30  # on each database; every third one ends the whole server
SENDERS = 4


class Senders:
    """People who send STOPs for as long as they are let; each STOP until it is answered 2xx, as Twilio retries."""

    def __init__(self, live: LiveServer) -> None:
        self._live = live
        self._numbers = iter(people(20_000))
        self._ids = count()
        self._lock = threading.Lock()
        self._end = threading.Event()
        self.acknowledged: list[str] = []
        self._threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let them finish what they are at."""
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
                if answer.status_code == requests.codes.ok:
                    self.acknowledged.append(number)
                    break


@pytest.mark.slow
def test_every_acknowledged_stop_survives_kill_9_and_none_is_doubled(
    live: LiveServer, make_live: Callable[..., LiveServer]
) -> None:
    """Workers come back by themselves, the server with one command."""
    chance = random.Random(11)
    senders = Senders(live)
    for kill in range(KILLS):
        before = len(senders.acknowledged)
        time.sleep(chance.uniform(0.1, 0.5))
        if kill % 3 == 2:
            live.kill()
            live.start()
        else:
            live.kill_worker(chance.choice(live.worker_pids()))
        deadline = time.monotonic() + 20
        while len(senders.acknowledged) == before and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(senders.acknowledged) > before, "it did not come back"
    senders.stop()

    acknowledged = senders.acknowledged
    results = Client(live).check_bulk(acknowledged).json()["results"]
    assert len(acknowledged) > KILLS
    assert [r["to"] for r in results if r["allowed"]] == []
    _none_is_doubled(live)


def _none_is_doubled(live: LiveServer) -> None:
    url = live.settings.get("STOPLIST_DATABASE_URL") or f"sqlite:///{live.data_dir / 'stoplist.db'}"
    db = Database(parse_url(url))
    with db.snapshot() as connection:
        for table, key in (("events", "number_key"), ("inbox", "number_key")):
            query = f"SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY {key} HAVING count(*) > 1) AS doubled"
            assert connection.execute(sa.text(query)).scalar_one() == 0
        kept, facts = (
            connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("inbox", "events")
        )
        assert kept == facts
        assert not list(suppressions.differences(connection))
    db.dispose()
