"""`scrub`: a table of numbers against a million suppressions, half of the numbers suppressed."""

import argparse
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import psycopg

from app.core.phone import PhoneNumber
from app.core.vault import Vault
from tests.bench.import_list import number, prepare, stoplist, write_list
from tests.bench.race import DATABASES, databases, home
from tests.cast import SECRET

ROWS = 1_000_000
_AT_ONCE = 5_000


def main(arguments: Sequence[str]) -> None:
    """Measure the scrub on each database."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench scrub")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"of the table ({ROWS:,})")
    parser.add_argument("--suppressed", type=int, default=ROWS, help=f"numbers ({ROWS:,})")
    parser.add_argument("--rounds", type=int, default=1, help="of each runner (1)")
    parser.add_argument("--database", choices=DATABASES, help="only this one (both)")
    given = parser.parse_args(arguments)
    for kind in [given.database] if given.database else DATABASES:
        with home() as path, databases(kind, path) as (url, _):
            _measure(kind, path, url, given)


def _measure(kind: str, path: Path, url: str, given: argparse.Namespace) -> None:
    listed, table = path / "list.csv", path / "table.csv"
    write_list(listed, given.suppressed)
    prepare(url)
    stoplist(url, "import", str(listed))
    _write_table(table, given)
    print(f"\nscrub, {kind}, {given.rows:,} rows against {given.suppressed:,} suppressions")
    for _ in range(given.rounds):
        used = stoplist(url, "scrub", str(table), "-o", str(path / "out.csv"))
        floor = _floor(url, table)
        print(
            f"  ours {given.rows / used.seconds:10,.0f} rows/s "
            f"({given.rows / used.processor:,.0f} for a second of processor time), "
            f"at most {used.memory / 2**20:,.0f} MB   floor {given.rows / floor:10,.0f} look-ups/s   "
            f"ratio {floor / used.seconds:.2f}",
            flush=True,
        )


def _write_table(path: Path, given: argparse.Namespace) -> None:
    """Write a table of which every other number is suppressed, in no order."""
    order = random.Random(6)
    with path.open("w", encoding="utf-8") as file:
        file.write("name,phone\n")
        file.writelines(
            f"Somebody,{number(order.randrange(given.suppressed) + n % 2 * given.suppressed)}\n"
            for n in range(given.rows)
        )


def _floor(url: str, table: Path) -> float:
    """Look the table's keys up with the bare driver, as many at once as ours; return the seconds of that alone."""
    vault = Vault((SECRET,))
    with table.open(encoding="utf-8") as file:
        next(file)
        keys = [vault.number_key(PhoneNumber(e164=row[9:].rstrip())) for row in file]
    with closing(_Finder(url)) as finder:
        began = time.perf_counter()
        for first in range(0, len(keys), _AT_ONCE):
            finder.find(keys[first : first + _AT_ONCE])
        return time.perf_counter() - began


class _Finder:
    """The bare driver, which looks up keys."""

    def __init__(self, url: str) -> None:
        columns = "number_key, scope, status, since, certainty, cause"
        query = f"SELECT {columns} FROM suppressions WHERE number_key"
        if url.startswith("postgresql:"):
            server = psycopg.connect(url, autocommit=True)
            self.close: Callable[[], None] = server.close
            self.find: Callable[[list[bytes]], object] = lambda keys: server.execute(
                f"{query} = ANY(%b)", [keys], binary=True
            ).fetchall()
        else:
            embedded = sqlite3.connect(url.removeprefix("sqlite:///"))
            self.close = embedded.close
            self.find = lambda keys: embedded.execute(
                f"{query} IN ({','.join('?' * len(keys))})", keys
            ).fetchall()
