"""The database is away: refuse at once, lose nothing, and come back by oneself."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest
import requests

from tests.cast import ALICE, CAROL, SECRET
from tests.live import Client, LiveServer
from tests.postgres import Postgres
from tests.whole.crowd import people
from tests.whole.databases import count, writers_locked_out

CLIENTS = 4


@pytest.fixture(name="own_postgres")
def _own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("own_postgres"))
    yield server
    server.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer under load."""

    what: str  # message | check
    number: str
    began: float
    seconds: float
    response: requests.Response


class Load:
    """Messages and checks without end while the block lasts; keeps every answer."""

    def __init__(self, live: LiveServer) -> None:
        self._live = live
        self._end = threading.Event()
        self.answers: list[Answer] = []
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(CLIENTS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def between(self, start: float, end: float) -> list[Answer]:
        """Return the answers to requests that began in a span of time."""
        return [answer for answer in self.answers if start <= answer.began < end]

    def _run(self, place: int) -> None:
        client = Client(self._live)
        for number in people(20_000)[place::CLIENTS]:
            for what, ask in (
                ("message", partial(client.message, f"SM{number}", number, "STOP")),
                ("check", partial(client.check, number)),
            ):
                if self._end.is_set():
                    return
                began = time.monotonic()
                response = ask()
                seconds = time.monotonic() - began
                self.answers.append(Answer(what, number, began, seconds, response))


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgresql_stopped_under_load_is_503_within_two_seconds_and_then_well_again(
    mode: str, own_postgres: Postgres, make_live: Callable[..., LiveServer]
) -> None:
    """Webhooks and checks alike, from the first moment to the last; what was answered 200 is there afterwards."""
    live = make_live(STOPLIST_DATABASE_URL=own_postgres.create("away"), STOPLIST_SECRET_KEYS=SECRET)
    with Load(live) as load:
        time.sleep(1)
        own_postgres.stop(mode)
        away_from = time.monotonic()
        time.sleep(1.5)
        assert requests.get(f"{live.url}/readyz", timeout=5).status_code == 503
        assert requests.get(f"{live.url}/healthz", timeout=5).status_code == 200
        away_until = time.monotonic()
        own_postgres.start()
        back_from = time.monotonic()
        time.sleep(1)

    _are_refusals_with_a_reason([a for a in load.answers if a.response.status_code != 200])
    assert max(answer.seconds for answer in load.answers) < 2
    away = load.between(away_from, away_until)
    assert {(a.what, a.response.status_code) for a in away} == {("message", 503), ("check", 503)}
    back = load.between(back_from, time.monotonic())
    assert {(a.what, a.response.status_code) for a in back} == {("message", 200), ("check", 200)}
    stored = {a.number for a in load.answers if a.what == "message" and a.response.ok}
    results = Client(live).check_bulk(sorted(stored)).json()["results"]
    assert [r["to"] for r in results if r["allowed"]] == []


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_the_first_requests_after_a_restart_of_postgresql_see_no_error(
    mode: str, own_postgres: Postgres, make_live: Callable[..., LiveServer]
) -> None:
    """Nobody asked while it was away, so every connection in every pool is dead without anyone knowing."""
    url = own_postgres.create("idle")
    live = make_live(STOPLIST_DATABASE_URL=url, STOPLIST_SECRET_KEYS=SECRET)
    with Load(live):
        time.sleep(0.5)
    before = count(url, "events")
    own_postgres.stop(mode)
    own_postgres.start()

    client = Client(live)
    statuses = [client.check(CAROL).status_code for _ in range(20)]
    statuses += [client.message(f"SM{n}", CAROL, "STOP").status_code for n in range(20)]

    assert set(statuses) == {200}
    assert count(url, "events") == before + 20
    assert client.check(CAROL).json()["reason"] == "opted_out"


def test_sqlite_held_by_another_writer_is_503_and_never_a_lost_stop(
    make_live: Callable[..., LiveServer],
) -> None:
    """Checks go on, since readers do not wait for writers."""
    live = make_live()
    client = Client(live)
    with writers_locked_out(live.database_url):
        began = time.monotonic()
        refused = client.message("SM1", ALICE, "STOP")
        seconds = time.monotonic() - began
        during = client.check(ALICE)

    assert seconds < 2
    _are_refusals_with_a_reason([Answer("message", ALICE, began, seconds, refused)])
    assert during.json()["allowed"] is True
    assert count(live.database_url, "inbox") == 0
    assert client.message("SM1", ALICE, "STOP").status_code == 200
    assert client.check(ALICE).json()["allowed"] is False


def _are_refusals_with_a_reason(answers: list[Answer]) -> None:
    """Hold answers against the one error shape."""
    assert answers
    for answer in answers:
        response = answer.response
        assert (response.status_code, response.json()["code"]) == (503, "unavailable")
        assert response.headers["Content-Type"] == "application/problem+json"
        assert int(response.headers["Retry-After"]) > 0
        assert list(response.json()) == ["type", "title", "status", "detail", "code"]
