"""`check`: may this number be texted, asked of 100,000 suppressions, half of the time about one of them."""

import random
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import requests
import sqlalchemy as sa

from app.core.phone import PhoneNumber
from app.core.vault import Vault
from app.store.database import Database, parse_url
from app.store.tables import suppressions
from tests.bench import floors
from tests.bench.race import Entry, Options, databases, floor, home, options, ours, post, race
from tests.cast import SECRET
from tests.live import LiveServer

SUPPRESSED = 100_000
_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 5_000


def main(arguments: Sequence[str]) -> None:
    """Measure `POST /v1/check` against its floor."""
    given = options("check", arguments)
    for kind in given.databases:
        with home() as path:
            _measure(kind, path, given)


def _measure(kind: str, path: Path, given: Options) -> None:
    with ExitStack() as stack:
        url, _ = stack.enter_context(databases(kind, path))
        server = stack.enter_context(ours(path, url, given))
        _suppress(url)
        answer = _answer(server)
        port = stack.enter_context(floor("check", given, {floors.ANSWER: answer}))
        asked = _Asked(server.access_key)
        race(
            f"check, {kind}, {SUPPRESSED:,} suppressions",
            Entry(port=server.port, requests=asked.requests),
            Entry(port=port, requests=asked.requests),
            given,
        )


class _Asked:
    """Who is asked about: every other one suppressed, none twice in a round."""

    def __init__(self, access_key: str) -> None:
        self._headers = {"Authorization": f"Bearer {access_key}"}
        self._random = random.Random(2)

    def requests(self, count: int) -> list[bytes]:
        half = (count + 1) // 2
        known = self._random.sample(range(SUPPRESSED), half)
        unknown = self._random.sample(range(SUPPRESSED, 2 * SUPPRESSED), half)
        return [
            post(
                floors.CHECK,
                "application/json",
                self._headers,
                b'{"to":"%s"}' % _number(n).encode(),
            )
            for pair in zip(known, unknown, strict=True)
            for n in pair
        ]


def _number(n: int) -> str:
    """Return a number that can never be anybody's: no area code of North America begins with 0."""
    return f"+10{n:09}"


def _suppress(url: str) -> None:
    """Write the suppressions as their STOPs would have left them."""
    vault = Vault((SECRET,))
    db = Database(parse_url(url))
    statement = sa.insert(suppressions)
    for first in range(0, SUPPRESSED, _BATCH):
        rows = [
            {
                "number_key": vault.number_key(PhoneNumber(e164=_number(n))),
                "scope": "*",
                "layer": "wish",
                "status": "opted_out",
                "since": _SINCE,
                "certainty": "definite",
                "rank": 5,
                "event_id": n + 1,
            }
            for n in range(first, first + _BATCH)
        ]
        with db.begin() as tx:
            tx.execute(statement, rows)
    with db.reading() as connection:
        connection.execute(sa.text("ANALYZE"))
    db.dispose()


def _answer(server: LiveServer) -> str:
    """Return a refusal, and see on the way that the suppressions are found."""
    headers = {"Authorization": f"Bearer {server.access_key}"}
    url = server.url + floors.CHECK
    refused, allowed = (
        requests.post(url, json={"to": _number(n)}, headers=headers, timeout=10)
        for n in (0, SUPPRESSED)
    )
    assert refused.json()["reason"] == "opted_out", refused.text
    assert allowed.json()["allowed"], allowed.text
    return refused.text
