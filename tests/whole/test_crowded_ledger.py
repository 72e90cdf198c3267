"""Eight processes write while the ledger is sealed again and again: the chain holds, and verify raises no alarm."""

import multiprocessing
import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.actions import seal as sealing
from app.actions import verify as verifying
from app.actions.receive import Policy, receive
from app.actions.record import Fact, record
from app.actions.review import Verdict, close
from app.core.errors import Conflict
from app.core.events import Kind
from app.core.phone import person
from app.core.seal import SealKey
from app.core.vault import Vault
from app.store import inbox, suppressions
from app.store.database import Database, parse_url
from tests.actions.test_receive import message
from tests.cast import SECRET

WRITERS = 8
KEY = SealKey(b"k" * 32)
POLICY = Policy(stop_scope="all", store_numbers=True, keep_bodies=timedelta(days=30))
TEXTS = ("STOP", "START", "no thanks, not interested", "HELP", "hello", "quit texting me")


def _write(url: str, writer: int, count: int) -> None:
    """Write as the service does: half about people whom other processes hear of too, half about new ones."""
    vault = Vault((SECRET,))
    db = Database(parse_url(url), fingerprints=vault.fingerprints)
    for place in range(count):
        shared = place % 2
        author = (
            f"+1201555{100 + place % 50:04}" if shared else f"+1{202 + writer}{2_000_000 + place}"
        )
        now = datetime.now(UTC)
        if place % 5 == 4:
            fact = Fact(to=author, region="US", kind=Kind.OPTED_OUT, scope="*", source="agent")
            record(db, vault, fact, store_numbers=True, now=now)
            continue
        said = message(
            TEXTS[place % len(TEXTS)],
            f"SM{writer}-{place - (place % 97 == 1)}",  # now and then a message comes twice
            author=person(author),
            author_address=author,
        )
        receive(db, vault, POLICY, said, now=now)
        if place % 50 == 0:
            _dismiss_one(db, now)
    db.dispose()


def _dismiss_one(db: Database, now: datetime) -> None:
    with db.reading() as connection:
        waiting = inbox.open_reviews(connection, after=0, limit=1)
    for review in waiting:
        try:
            close(db, review.id, Verdict.DISMISSED, now=now)
        except Conflict:
            continue  # another process closed it first


@pytest.mark.parametrize("count", [pytest.param(100_000, marks=pytest.mark.slow), 1_200])
def test_honest_events_raise_no_alarm(
    db: Database, database_url: str, vault: Vault, count: int
) -> None:
    """Whatever the order in which they commit."""
    context = multiprocessing.get_context("spawn")
    each = count // WRITERS * 4 // 3  # some messages tell no fact
    writers = [
        context.Process(target=_write, args=(database_url, writer, each))
        for writer in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        sealing.seal(db, KEY, now=datetime.now(UTC))
        time.sleep(0.2)
    sealing.seal(db, KEY, now=datetime.now(UTC))

    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    examined = verifying.examination(vault)
    assert list(verifying.verify(db, examined, trusted={KEY.public})) == []
    assert examined.events >= count
    assert examined.seals > 1
    with db.snapshot(unhurried=True) as connection:
        newest = connection.execute(sa.text("SELECT max(id) FROM events")).scalar_one()
        assert list(suppressions.differences(connection)) == []
    assert examined.sealed_to == newest
