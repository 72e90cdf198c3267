"""A partner's hashes while they are compared with our numbers: kept on disk, gone when they are closed."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice

_AT_ONCE = 1_000
_TABLES = """
CREATE TABLE given (hash BLOB, place INTEGER, row TEXT, PRIMARY KEY (hash, place)) WITHOUT ROWID;
CREATE TABLE matched (hash BLOB PRIMARY KEY) WITHOUT ROWID;
"""


class Hashes:
    """The hashes of a list, each with the row it stands in."""

    def __init__(self) -> None:
        # A database without a name is a private file that has no name either.
        self._scratch = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._scratch.executescript(_TABLES)
        self._scratch.execute("BEGIN")
        self._places = 0

    def close(self) -> None:
        """Forget them."""
        self._scratch.close()

    def add(self, hashed: bytes, row: str) -> None:
        """Keep one hash, 32 bytes, with its row."""
        self._places += 1
        self._scratch.execute("INSERT INTO given VALUES (?, ?, ?)", (hashed, self._places, row))

    def matching(self, hashes: Sequence[bytes]) -> Iterator[tuple[bytes, str]]:
        """Yield the hashes that are among these, each with each of its rows."""
        rest = iter(hashes)
        while some := list(islice(rest, _AT_ONCE)):
            marks = ",".join("?" * len(some))
            query = f"SELECT hash, row FROM given WHERE hash IN ({marks}) ORDER BY place"  # noqa: S608  # marks alone
            found = self._scratch.execute(query, some).fetchall()
            self._scratch.executemany(
                "INSERT OR IGNORE INTO matched VALUES (?)", [(hashed,) for hashed, _ in found]
            )
            yield from found

    def unmatched(self) -> int:
        """Return how many different hashes matched nothing so far."""
        (count,) = self._scratch.execute(
            "SELECT (SELECT count(DISTINCT hash) FROM given) - (SELECT count(*) FROM matched)"
        ).fetchone()
        return int(count)
