"""The instant a webhook has been answered, every other process refuses."""

from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest

from tests.cast import SECRET
from tests.conftest import BOTH
from tests.live import Client, LiveServer
from tests.postgres import Postgres
from tests.whole.crowd import at_once, people

RACES, RACERS = 1000, 4


@pytest.mark.parametrize("database", BOTH)
def test_a_check_in_another_process_refuses_from_the_answer_on(
    database: str, make_live: Callable[..., LiveServer], request: pytest.FixtureRequest
) -> None:
    """Two servers on one database: a STOP to one, the check to the other, a thousand times."""
    first = make_live(workers=1, **_settings(database, request))
    url = first.settings.get("STOPLIST_DATABASE_URL", f"sqlite:///{first.data_dir / 'stoplist.db'}")
    secret = (
        first.settings.get("STOPLIST_SECRET_KEYS") or (first.data_dir / "secret-keys").read_text()
    )
    second = make_live(workers=1, STOPLIST_DATABASE_URL=url, STOPLIST_SECRET_KEYS=secret)
    (second.data_dir / "access-key").write_text(first.access_key)
    numbers = people(RACES)

    def race(racer: int) -> list[str]:
        told, asked = Client(first), Client(second)
        late = []
        for number in numbers[racer::RACERS]:
            assert told.message(f"SM{number}", number, "STOP").status_code == 200
            if asked.check(number).json()["allowed"]:
                late.append(number)
        return late

    assert list(chain.from_iterable(at_once(RACERS, race, range(RACERS)))) == []


def test_no_database_is_open_when_workers_are_made(make_live: Callable[..., LiveServer]) -> None:
    """SQLite's locks do not survive a fork, and it does not notice: a worker would read the past."""
    live = make_live()
    processes = [live.pid, *live.worker_pids()]
    open_files = [fd.readlink() for pid in processes for fd in Path(f"/proc/{pid}/fd").iterdir()]

    assert not [path for path in open_files if path.name.startswith("stoplist.db")]


def _settings(database: str, request: pytest.FixtureRequest) -> dict[str, str]:
    if database == "sqlite":
        return {}
    postgres: Postgres = request.getfixturevalue("postgres")
    return {"STOPLIST_DATABASE_URL": postgres.create("right_away"), "STOPLIST_SECRET_KEYS": SECRET}
