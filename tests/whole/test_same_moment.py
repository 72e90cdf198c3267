"""The same thing twice, and opposite things, at the same moment."""

from threading import Barrier

import sqlalchemy as sa

from app.store import suppressions
from app.store.database import Database
from tests.cast import ALICE, SHORT_CODE
from tests.live import Client, LiveServer
from tests.whole.crowd import at_once, people
from tests.whole.databases import count, opened

ROUNDS, DELIVERIES = 200, 5
PAIRS = 1000
# The oracle, in words of its own: the newest fact; of two of the same instant the opt-out.
NEWEST = sa.text(
    "SELECT kind FROM events ORDER BY occurred_at DESC, CASE kind WHEN 'opted_out' THEN 0 ELSE 1 END LIMIT 1"
)
LATE = sa.text(
    "SELECT count(*) FROM events AS late WHERE EXISTS "
    "(SELECT 1 FROM events WHERE id = late.id - 1 AND occurred_at > late.occurred_at)"
)


def test_a_message_delivered_five_times_at_once_is_one_fact_with_five_equal_answers(
    live: LiveServer,
) -> None:
    """The unique keys are the idempotence, also between processes."""
    clients = [Client(live) for _ in range(DELIVERIES)]
    ready = Barrier(DELIVERIES)

    def deliver(client: Client) -> list[tuple[int, str]]:
        answers = []
        for place, number in enumerate(people(ROUNDS)):
            ready.wait(timeout=60)
            answer = client.message(f"SM{place}", number, "stop", to=SHORT_CODE)
            answers.append((answer.status_code, answer.text))
        return answers

    for answers in zip(*at_once(DELIVERIES, deliver, clients), strict=True):
        (answer,) = set(answers)
        assert answer[0] == 200
        assert "<Message>" in answer[1]

    for table in ("events", "inbox", "suppressions", "numbers"):
        assert count(live.database_url, table) == ROUNDS, table
    with opened(live.database_url) as db, db.snapshot() as connection:
        assert not list(suppressions.differences(connection))


def test_stop_and_start_at_the_same_moment_leave_the_newest_word_standing(
    live: LiveServer,
) -> None:
    """A thousand pairs for one number; after each the answer is that of the newest fact, whichever was last stored."""
    clients = {"STOP": Client(live), "START": Client(live)}
    checker = Client(live)
    with opened(live.database_url) as db:
        after_each = Agreement(db, checker)
        ready = Barrier(len(clients), action=after_each)

        def post(text: str) -> set[int]:
            statuses = set()
            for pair in range(PAIRS):
                ready.wait(timeout=60)
                statuses.add(clients[text].message(f"SM{text}{pair}", ALICE, text).status_code)
            return statuses

        assert at_once(len(clients), post, clients) == [{200}, {200}]
        after_each()

        assert after_each.wrong == []
        assert after_each.answers == {True, False}
        with db.snapshot() as connection:
            assert not list(suppressions.differences(connection))
            # Proof that the race was one: some facts were stored after younger ones.
            assert connection.execute(LATE).scalar_one() > 0
    assert count(live.database_url, "events") == 2 * PAIRS


class Agreement:
    """Compares what the check answers with the newest fact of the ledger; keeps where they differ."""

    def __init__(self, db: Database, checker: Client) -> None:
        self._db = db
        self._checker = checker
        self.calls = 0
        self.wrong: list[int] = []
        self.answers: set[bool] = set()

    def __call__(self) -> None:
        """Compare once."""
        self.calls += 1
        allowed = self._checker.check(ALICE).json()["allowed"]
        with self._db.reading() as connection:
            newest = connection.execute(NEWEST).scalar_one_or_none()
        if allowed is (newest == "opted_out"):
            self.wrong.append(self.calls)
        self.answers.add(allowed)
