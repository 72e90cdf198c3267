"""What one person said counts in the order in which it was sent, whatever order it was heard in."""

from datetime import UTC, datetime, timedelta

import pytest

from app.actions import review, verify
from app.actions.check import check
from app.actions.put_in_order import Sent, put_in_order
from app.actions.receive import Policy, receive
from app.actions.record import Fact, record
from app.core.events import EVERYTHING, Kind
from app.core.inbound import InboundMessage
from app.core.phone import person, sender
from app.core.standing import Reason
from app.core.vault import Vault
from app.store import suppressions
from app.store.database import Database
from tests.cast import ALICE, LONG_CODE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POLICY = Policy(stop_scope="all", store_numbers=True, keep_bodies=timedelta(days=30))


class Heard:
    """Alice's messages: when each was sent, and when its webhook came."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self.db, self.vault = db, vault
        self.said: list[Sent] = []

    def hear(self, text: str, *, sent: int, came: int) -> None:
        """Hear a text some minutes after it was sent."""
        message_id = f"SM{len(self.said)}"
        message = InboundMessage(
            carrier="twilio",
            message_id=message_id,
            author=person(ALICE),
            author_address=ALICE,
            sender=sender(LONG_CODE),
            service=None,
            channel="sms",
            text=text,
            verdict=None,
            carrier_answered=True,
            occurred_at=None,
        )
        receive(self.db, self.vault, POLICY, message, now=NOW + came * MINUTE)
        at = NOW + sent * MINUTE
        self.said.append(Sent(carrier="twilio", message_id=message_id, sent_at=at))

    def put_in_order(self) -> int:
        """Put all of it in order."""
        number = person(ALICE)
        assert number is not None
        keys = self.vault.number_keys(number)
        return put_in_order(self.db, keys, self.said, now=NOW + timedelta(hours=9))

    @property
    def reason(self) -> Reason | None:
        """Why Alice may not be texted."""
        to = {"to": ALICE, "program": "default", "region": "US"}
        return check(self.db, self.vault, **to, now=NOW).decision.reason


@pytest.fixture(name="alice")
def _alice(db: Database, vault: Vault) -> Heard:
    return Heard(db, vault)


def test_a_start_that_was_overtaken_does_not_outrank_the_stop_behind_it(alice: Heard) -> None:
    """Once; asked again there is nothing to do. The ledger is as sound as before."""
    alice.hear("STOP", sent=5, came=5)
    alice.hear("START", sent=0, came=9)
    assert alice.reason is None

    assert (alice.put_in_order(), alice.put_in_order()) == (1, 0)

    assert alice.reason is Reason.OPTED_OUT
    assert not list(verify.verify(alice.db, verify.examination(alice.vault), trusted=()))
    with alice.db.snapshot() as connection:
        assert not list(suppressions.differences(connection))


def test_a_stop_that_was_overtaken_stops_nothing_that_was_begun_again(alice: Heard) -> None:
    """The other way round."""
    alice.hear("START", sent=5, came=5)
    alice.hear("STOP", sent=0, came=9)

    alice.put_in_order()

    assert alice.reason is None


def test_what_came_in_order_is_left_as_it_is(alice: Heard) -> None:
    """However late each came; and what was sent in one second has no order that we know."""
    alice.hear("STOP", sent=0, came=3)
    alice.hear("hello", sent=1, came=2)
    alice.hear("START", sent=4, came=9)
    alice.hear("STOP", sent=4, came=8)

    assert alice.put_in_order() == 0
    assert alice.reason is None


def test_what_others_recorded_stands_where_it_stood(alice: Heard) -> None:
    """Only the messages are told again."""
    alice.hear("STOP", sent=5, came=5)
    alice.hear("START", sent=0, came=9)
    at = NOW + 2 * MINUTE
    told = Fact(
        to=ALICE, region="US", kind=Kind.OPTED_OUT, scope=EVERYTHING, source="agent", occurred_at=at
    )
    record(alice.db, alice.vault, told, store_numbers=True, now=NOW + 10 * MINUTE)

    assert alice.put_in_order() == 1
    assert alice.reason is Reason.OPTED_OUT


def test_a_fact_that_was_told_again_can_still_be_dismissed(alice: Heard) -> None:
    """It voids the one that counts now."""
    alice.hear("START", sent=5, came=5)
    alice.hear("not interested", sent=8, came=9)
    alice.hear("START", sent=6, came=10)
    assert alice.put_in_order() == 2
    assert alice.reason is Reason.OPTED_OUT

    for open_review in review.listed(alice.db, after=0, limit=10):
        review.close(
            alice.db, open_review.id, review.Verdict.DISMISSED, now=NOW + timedelta(days=1)
        )

    assert alice.reason is None
