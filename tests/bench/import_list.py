"""`import`: a list of opt-outs, taken in by `stoplist import`, against the same rows written by the bare driver."""

import argparse
import os
import random
import re
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from app.actions.migrate import migrate
from app.store.database import Database, parse_url
from tests.bench.race import DATABASES, RunFailed, databases, home
from tests.cast import SECRET

ROWS = 1_000_000
_TABLES = {
    "numbers": ("number_key", "sealed", "first_seen"),
    "events": ("id", "number_key", "kind", "scope", "occurred_at", "recorded_at", "source", "source_ref", "certainty"),
    "suppressions": ("number_key", "scope", "layer", "status", "since", "certainty", "rank", "event_id"),
}  # fmt: skip
_TYPES = {
    "numbers": ("bytea", "bytea", "int8"),
    "events": ("int8", "bytea", "text", "text", "int8", "int8", "text", "text", "text"),
    "suppressions": ("bytea", "text", "text", "text", "int8", "text", "int4", "int8"),
}
_Rows = dict[str, list[tuple[Any, ...]]]


def main(arguments: Sequence[str]) -> None:
    """Measure the import on each database."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench import")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"of the list ({ROWS:,})")
    parser.add_argument("--rounds", type=int, default=1, help="of each runner (1)")
    parser.add_argument("--database", choices=DATABASES, help="only this one (both)")
    given = parser.parse_args(arguments)
    for kind in [given.database] if given.database else DATABASES:
        for _ in range(given.rounds):
            with home() as path, databases(kind, path) as (url, bare):
                _measure(kind, path, url, bare, given.rows)


def number(n: int) -> str:
    """Return a number that can never be anybody's: no area code of North America begins with 0."""
    return f"+10{n:09}"


def write_list(path: Path, rows: int) -> None:
    """Write a list of opt-outs in no order, as vendors export them."""
    order = list(range(rows))
    random.Random(4).shuffle(order)
    with path.open("w", encoding="utf-8") as file:
        file.write("phone,occurred_at\n")
        file.writelines(
            f"{number(n)},2026-01-{n % 28 + 1:02}T{n % 24:02}:{n % 60:02}:00Z\n" for n in order
        )


@dataclass(frozen=True, slots=True)
class Used:
    """What a command took: seconds, seconds of processor time of its own, and at most so many bytes of memory."""

    seconds: float
    processor: float
    memory: int


def stoplist(url: str, *arguments: str) -> Used:
    """Run a command as users do.

    Raises:
        RunFailed: it did not exit with 0.
    """
    environment = {**os.environ, "STOPLIST_DATABASE_URL": url, "STOPLIST_SECRET_KEYS": SECRET}
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    memory = 0
    while process.poll() is None:
        memory = max(memory, _most_memory(process.pid))
        time.sleep(0.02)
    if process.returncode:
        raise RunFailed(f"stoplist {arguments[0]} exited with {process.returncode}")
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Used(seconds, processor, memory)


def _most_memory(pid: int) -> int:
    """Return the most memory that a running process has held so far, in bytes."""
    with suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        if most := re.search(r"VmHWM:\s+(\d+) kB", status):
            return int(most.group(1)) * 1024
    return 0


def prepare(*urls: str) -> None:
    """Make the tables of some databases."""
    for url in urls:
        db = Database(parse_url(url))
        migrate(db)
        db.dispose()


def _measure(kind: str, path: Path, url: str, bare: str, rows: int) -> None:
    file = path / "list.csv"
    write_list(file, rows)
    prepare(url, bare)
    used = stoplist(url, "import", str(file))
    written = _written(url)
    if len(written["events"]) != rows:
        raise RunFailed(f"{len(written['events']):,} of {rows:,} rows arrived")
    floor = _timed(_copy if kind == "postgresql" else _executemany, bare, written)
    again = stoplist(url, "import", str(file))
    print(f"\nimport, {kind}, {rows:,} rows")
    print(f"  ours    {rows / used.seconds:12,.0f} rows/s, at most {used.memory / 2**20:,.0f} MB")
    print(f"  again   {rows / again.seconds:12,.0f} rows/s, all of them held already")
    print(f"  floor   {rows / floor.seconds:12,.0f} rows/s")
    print(f"  ratio   {floor.seconds / used.seconds:12.2f}")
    if kind == "sqlite":
        print(f"  of processor time {floor.processor / used.processor:.2f}", flush=True)


def _timed(write: Callable[[str, _Rows], None], url: str, rows: _Rows) -> Used:
    began, processor = time.perf_counter(), time.process_time()
    write(url, rows)
    return Used(time.perf_counter() - began, time.process_time() - processor, 0)


def _written(url: str) -> _Rows:
    """Read what ours wrote, in the order of the numbers' keys: by far the fastest in which it can be written."""
    found: _Rows = {}
    with closing(_connect(url)) as connection:
        for table, columns in _TABLES.items():
            query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY number_key"
            found[table] = connection.execute(query).fetchall()
    return found


def _executemany(url: str, rows: _Rows) -> None:
    """Write the rows in one transaction, each table by one `executemany`, with room for its pages in memory."""
    with closing(_connect(url)) as connection:
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute("BEGIN IMMEDIATE")
        for table, columns in _TABLES.items():
            marks = ", ".join("?" * len(columns))
            connection.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows[table]
            )
        connection.execute("COMMIT")


def _copy(url: str, rows: _Rows) -> None:
    """Write the rows in one transaction, each table by one binary COPY."""
    with closing(_connect(url)) as connection, connection.transaction():
        for table, columns in _TABLES.items():
            statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.set_types(_TYPES[table])
                for row in rows[table]:
                    copy.write_row(row)


def _connect(url: str) -> Any:
    """Open a connection as ours are: a commit is on disk."""
    if url.startswith("postgresql:"):
        return psycopg.connect(url, autocommit=True)
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection
