"""The same thing twice, and opposite things, at the same moment."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from app.core.standing import fold
from app.store import ledger, suppressions
from app.store.database import Database, parse_url
from tests.cast import ALICE, SHORT_CODE
from tests.live import Client, LiveServer
from tests.whole.crowd import at_once, people

ROUNDS = 200
PAIRS = 1000


@pytest.fixture(name="ledger_of")
def _ledger_of() -> Iterator[Callable[[LiveServer], Database]]:
    """Return an opener of a running server's database."""
    opened: list[Database] = []

    def open_database(live: LiveServer) -> Database:
        url = (
            live.settings.get("STOPLIST_DATABASE_URL")
            or f"sqlite:///{live.data_dir / 'stoplist.db'}"
        )
        opened.append(Database(parse_url(url)))
        return opened[-1]

    yield open_database
    for db in opened:
        db.dispose()


def test_a_message_delivered_five_times_at_once_is_one_fact_with_five_equal_answers(
    live: LiveServer, ledger_of: Callable[[LiveServer], Database]
) -> None:
    """The unique keys are the idempotence, also between processes."""
    clients = [Client(live) for _ in range(5)]
    numbers = people(ROUNDS)

    for place, number in enumerate(numbers):
        answers = at_once(
            5,
            lambda client: client.message(f"SM{place}", number, "stop", to=SHORT_CODE),  # noqa: B023
            clients,
        )
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.text for answer in answers}) == 1
        assert "<Message>" in answers[0].text

    with ledger_of(live).snapshot() as connection:
        for table in ("events", "inbox", "suppressions"):
            count = connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
            assert count == ROUNDS, table


def test_stop_and_start_at_the_same_moment_leave_the_newest_word_standing(
    live: LiveServer, ledger_of: Callable[[LiveServer], Database]
) -> None:
    """A thousand pairs for one number; after every hundred the check, the table and the fold agree."""
    stopper, starter, checker = Client(live), Client(live), Client(live)
    db = ledger_of(live)

    def post(what: tuple[Client, str, str]) -> int:
        client, message_id, text = what
        return client.message(message_id, ALICE, text).status_code

    for pair in range(PAIRS):
        statuses = at_once(
            2, post, [(stopper, f"SMa{pair}", "STOP"), (starter, f"SMb{pair}", "START")]
        )
        assert statuses == [200, 200]
        if pair % 100 == 99:
            _agree(db, allowed=checker.check(ALICE).json()["allowed"])


def _agree(db: Database, *, allowed: bool) -> None:
    with db.snapshot() as connection:
        events = [event for _, event in ledger.read_all(connection)]
        newest = max(fold(events).values(), key=lambda word: (word.since, word.kind.refuses))
        assert allowed is not newest.kind.refuses
        assert newest.since == max(event.occurred_at for event in events)
        assert not list(suppressions.differences(connection))
