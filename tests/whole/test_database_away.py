"""The database is away: refuse at once, lose nothing, and come back by oneself."""

import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import requests

from tests.cast import ALICE, CAROL, SECRET
from tests.live import Client, LiveServer
from tests.postgres import Postgres
from tests.whole.crowd import people


@pytest.fixture(name="own_postgres")
def _own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Postgres:
    return Postgres(tmp_path_factory.mktemp("own_postgres"))


class Load:
    """Messages and checks without end; keeps what was answered, and how long the slowest took."""

    def __init__(self, live: LiveServer) -> None:
        self._live = live
        self._end = threading.Event()
        self.statuses: set[int] = set()
        self.slowest = 0.0
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(4)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End it."""
        self._end.set()
        for thread in self._threads:
            thread.join()

    def forget(self) -> None:
        """Begin the record anew."""
        self.statuses, self.slowest = set(), 0.0

    def _run(self, place: int) -> None:
        client = Client(self._live)
        for number in people(20_000)[place::4]:
            if self._end.is_set():
                return
            for ask in (
                partial(client.message, f"SM{number}", number, "STOP"),
                partial(client.check, number),
            ):
                began = time.monotonic()
                answer = ask()
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.statuses.add(answer.status_code)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgresql_stopped_under_load_is_503_within_two_seconds_and_then_well_again(
    mode: str, own_postgres: Postgres, make_live: Callable[..., LiveServer]
) -> None:
    """Webhooks and checks alike; after its restart the first request already works."""
    live = make_live(STOPLIST_DATABASE_URL=own_postgres.create("away"), STOPLIST_SECRET_KEYS=SECRET)
    client = Client(live)
    assert client.message("SM1", ALICE, "STOP").status_code == 200
    load = Load(live)
    time.sleep(1)
    own_postgres.stop(mode)
    time.sleep(0.2)
    load.forget()
    time.sleep(2)

    refused = client.check(CAROL)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert "allowed" not in refused.json()
    assert client.message("SM2", CAROL, "STOP").status_code == 503
    assert requests.get(f"{live.url}/readyz", timeout=5).status_code == 503
    assert requests.get(f"{live.url}/healthz", timeout=5).status_code == 200
    assert load.statuses == {503}
    assert load.slowest < 2

    own_postgres.start()
    time.sleep(0.2)
    load.forget()
    assert client.check(ALICE).json()["reason"] == "opted_out"
    assert client.message("SM2", CAROL, "STOP").status_code == 200
    assert client.check(CAROL).json()["reason"] == "opted_out"
    time.sleep(1)
    load.stop()
    own_postgres.close()
    assert load.statuses == {200}


def test_sqlite_held_by_another_writer_is_503_and_never_a_lost_stop(
    make_live: Callable[..., LiveServer], tmp_path: Path
) -> None:
    """Checks go on, since readers do not wait for writers."""
    live = make_live()
    client = Client(live)
    holder = sqlite3.connect(live.data_dir / "stoplist.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    refused = client.message("SM1", ALICE, "STOP")
    during = client.check(ALICE)

    holder.execute("ROLLBACK")
    holder.close()
    assert refused.status_code == 503
    assert during.json()["allowed"] is True
    assert client.message("SM1", ALICE, "STOP").status_code == 200
    assert client.check(ALICE).json()["allowed"] is False
