"""Lists, in processes of their own: an import that is killed, a scrub over a real connection."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from app.store import suppressions
from app.store.database import Database, parse_url
from tests.cast import ALICE, SECRET
from tests.live import Client, LiveServer
from tests.postgres import Postgres
from tests.whole.crowd import people

ROWS = 30_000
KILLS = 6


@pytest.fixture(name="crowd_list")
def _crowd_list(tmp_path: Path) -> Path:
    """Opt-outs of thousands, some of them twice, some without a date."""
    file = tmp_path / "crowd.csv"
    crowd = people(ROWS)
    rows = [f"{number},{'2026-01-05' if place % 3 else ''}" for place, number in enumerate(crowd)]
    file.write_text("\n".join(["phone,date", *rows, *rows[:1000]]) + "\n")
    return file


def _command(live: LiveServer, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli", *arguments],
        env=live.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _database(live: LiveServer) -> Database:
    url = live.settings.get("STOPLIST_DATABASE_URL") or f"sqlite:///{live.data_dir / 'stoplist.db'}"
    return Database(parse_url(url))


def _events(db: Database) -> int:
    with db.reading() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM events")).scalar_one())


@pytest.mark.slow
def test_an_import_that_is_killed_and_run_again_leaves_the_same_and_no_double(
    live: LiveServer, crowd_list: Path
) -> None:
    """Kill -9 while batches are written; in between, the service answers."""
    db = _database(live)
    killed = 0
    for _ in range(KILLS):
        before = _events(db)
        process = _command(live, "import", str(crowd_list))
        while process.poll() is None and _events(db) == before:
            time.sleep(0.002)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.communicate()
        assert Client(live).check(ALICE).status_code == 200

    last = _command(live, "import", str(crowd_list))
    said, _ = last.communicate()

    distinct = len(set(crowd_list.read_text().splitlines()[1:]))
    assert (last.returncode, killed > 0) == (0, True), said
    assert _events(db) == distinct
    with db.snapshot() as connection:
        doubled = "SELECT count(*) FROM (SELECT 1 FROM events GROUP BY number_key HAVING count(*) > 1) AS d"
        assert connection.execute(sa.text(doubled)).scalar_one() == 0
        assert not list(suppressions.differences(connection))
    db.dispose()


def _scrub(live: LiveServer, table: bytes | Iterator[bytes]) -> requests.Response:
    headers = {"Authorization": f"Bearer {live.access_key}", "Content-Type": "text/csv"}
    return requests.post(f"{live.url}/v1/scrub", data=table, headers=headers, timeout=60, stream=True)  # fmt: skip


def test_a_long_table_goes_through_a_real_server(live: LiveServer) -> None:
    """Sent with its length, and in chunks without one."""
    Client(live).message("SM1", ALICE, "STOP")
    crowd = people(15_000)
    assert ALICE in crowd
    table = ("name,phone\n" + "".join(f"{'x' * 100},{number}\n" for number in crowd)).encode()
    assert len(table) > 1024 * 1024

    for body in (table, iter([table[:700_000], table[700_000:]])):
        answer = _scrub(live, body)
        lines = answer.content.decode().splitlines()
        assert answer.status_code == 200
        assert lines[0] == "name,phone,allowed,reason"
        assert len(lines) == len(crowd) + 1
        assert [line for line in lines[1:] if not line.endswith(",true,")] == [
            f"{'x' * 100},{ALICE},false,opted_out"
        ]


def test_a_scrub_whose_database_goes_away_is_broken_off(
    make_live: Callable[..., LiveServer], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The client sees an error, and never a short table that looks whole."""
    postgres = Postgres(tmp_path_factory.mktemp("scrubbed"))
    live = make_live(STOPLIST_DATABASE_URL=postgres.create("scrubbed"), STOPLIST_SECRET_KEYS=SECRET)
    row = f"{'x' * 1000},{ALICE}\n"
    answer = _scrub(live, ("name,phone\n" + row * 60_000).encode())
    pieces = answer.iter_content(65536)
    assert answer.status_code == 200
    assert next(pieces)

    postgres.stop("immediate")

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        for _ in pieces:
            pass
    assert Client(live).check(ALICE).status_code == 503
    postgres.start()
    postgres.close()
    assert "Traceback" not in live.output.read_text()
    assert "2015550123" not in live.output.read_text()
