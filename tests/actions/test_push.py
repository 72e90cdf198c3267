"""Telling Twilio of consents, against a real server that behaves like it, on both databases."""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.actions import programs, subject
from app.actions import push as actions
from app.actions.push import Pushed, collect, push
from app.actions.record import Fact, record
from app.core.errors import Misconfigured
from app.core.events import EVERYTHING, Cause, Kind
from app.core.program import Program
from app.core.vault import Vault
from app.store.database import Database
from app.store.tables import feed_readers, numbers, pushes
from app.upstream.twilio import TwilioApi
from tests.cast import ACCOUNT, ALICE, BOB, CAROL, LONG_CODE, SHORT_CODE, TOKEN, TOLL_FREE
from tests.twilio_api import Fault
from tests.twilio_api import TwilioApi as SmallTwilio
from tests.whole.crowd import people

START = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Pusher:
    """Facts as others record them, and the push, under a clock of the test's own."""

    def __init__(self, db: Database, vault: Vault, twilio_api: SmallTwilio) -> None:
        self.db, self.vault = db, vault
        self.account = twilio_api.account
        self.api = TwilioApi({ACCOUNT: TOKEN}, twilio_api.url)
        self.now = START
        self.slept: list[float] = []

    def say(self, to: str, kind: Kind, scope: str = EVERYTHING, **more: Any) -> None:
        """Record a fact."""
        self.now += timedelta(seconds=1)
        fact = Fact(to=to, region="US", kind=kind, scope=scope, source="web", **more)
        record(self.db, self.vault, fact, store_numbers=True, now=self.now)

    def push(self, **more: Any) -> Pushed:
        """Collect and push."""
        collect(self.db, now=self.now)
        return push(
            self.db,
            self.vault,
            self.api,
            account=ACCOUNT,
            **{
                "clock": lambda: self.now,
                "sleep": self.slept.append,
                "chance": lambda: 1.0,
                **more,
            },
        )

    def rows(self) -> list[Any]:
        """Return the outbox."""
        with self.db.reading() as connection:
            return list(connection.execute(sa.select(pushes)))

    def items(self) -> list[dict[str, Any]]:
        """Return every item that Twilio was told."""
        return [json.loads(item) for seen in self.account.seen for item in seen.form["Items"]]


@pytest.fixture(name="pusher")
def _pusher(db: Database, vault: Vault, twilio_api: SmallTwilio) -> Pusher:
    offers = Program(id="offers", name="Offers")
    programs.put(db, offers, senders=[SHORT_CODE, TOLL_FREE], region="US")
    programs.map_sender(db, LONG_CODE, "default", region="US")
    return Pusher(db, vault, twilio_api)


def test_an_opt_out_is_told_once_for_every_sender_that_it_reaches(pusher: Pusher) -> None:
    """With what it was and when; of nobody else."""
    pusher.say(ALICE, Kind.OPTED_OUT)
    pusher.say(BOB, Kind.OPTED_OUT, "offers")
    pusher.say(CAROL, Kind.OPTED_IN, "offers")

    first, second = pusher.push(), pusher.push()

    assert (first.told, first.refused, second.told) == (5, 0, 0)
    reached = {(LONG_CODE, ALICE), (SHORT_CODE, ALICE), (TOLL_FREE, ALICE)}
    assert pusher.account.blocks == reached | {(SHORT_CODE, BOB), (TOLL_FREE, BOB)}
    (item,) = (i for i in pusher.items() if i["sender_id"] == LONG_CODE)
    assert (item["source"], item["date_of_consent"]) == ("website", "2026-06-01T00:00:01Z")
    assert pusher.rows() == []


def test_a_refusal_that_was_taken_back_is_told_but_not_for_toll_free(pusher: Pusher) -> None:
    """Its network's block is lifted by its own START alone."""
    pusher.say(ALICE, Kind.OPTED_OUT)
    pusher.push()
    pusher.say(ALICE, Kind.OPTED_IN, "offers")

    pusher.push()

    assert pusher.account.consents == {
        (LONG_CODE, ALICE): "opt-out",
        (SHORT_CODE, ALICE): "opt-in",
        (TOLL_FREE, ALICE): "opt-out",
    }


def test_an_opt_in_that_is_old_or_followed_by_a_refusal_or_a_block_is_not_told(
    pusher: Pusher,
) -> None:
    """It might lift a STOP at Twilio that never reached us."""
    for to in (ALICE, BOB, CAROL):
        pusher.say(to, Kind.OPTED_OUT, "offers")
        pusher.say(to, Kind.OPTED_IN, "offers")
    pusher.say(BOB, Kind.OPTED_OUT)
    pusher.say(CAROL, Kind.BLOCKED, cause=Cause.LEGAL)
    pusher.now += 25 * HOUR

    pusher.push()

    assert {i["contact_id"] for i in pusher.items()} == {BOB}
    assert {i["status"] for i in pusher.items()} == {"opt-out"}


def test_twenty_five_in_a_request_and_a_pause_between_them(pusher: Pusher) -> None:
    """A hundred requests a minute is what Twilio takes."""
    for number in people(60):
        pusher.say(number, Kind.OPTED_OUT, "default")

    assert pusher.push().told == 60

    assert [len(seen.form["Items"]) for seen in pusher.account.seen] == [25, 25, 10]
    assert len({item["correlation_id"] for item in pusher.items()}) == 60
    assert all(pause >= 0.6 for pause in pusher.slept)
    assert len(pusher.slept) == 3


def test_where_twilio_gives_no_answer_it_is_told_again_ever_later(pusher: Pusher) -> None:
    """Nothing is lost, and it does not come back before its time."""
    pusher.say(ALICE, Kind.OPTED_OUT, "default")
    waits = []
    for fault in (Fault(status=503), Fault(cut=True), Fault(status=500, acts=True)):
        pusher.account.goes_wrong(fault)
        away = pusher.push()
        assert (away.is_away, away.failed) == (True, 1)
        (row,) = pusher.rows()
        waits.append((row.due_at - pusher.now).total_seconds())
        assert pusher.push().failed == 0
        pusher.now = row.due_at

    assert pusher.push().told == 1
    assert waits == [30, 60, 120]
    assert pusher.account.consents == {(LONG_CODE, ALICE): "opt-out"}


def test_after_429_a_minute_passes_and_it_counts_for_nothing(pusher: Pusher) -> None:
    """The whole run stops, since the limit is the account's."""
    for number in people(30):
        pusher.say(number, Kind.OPTED_OUT, "default")
    pusher.account.goes_wrong(Fault(status=429))

    away = pusher.push(chance=lambda: 0.0)

    assert (away.is_away, away.told, len(pusher.account.seen)) == (True, 0, 1)
    later = [row for row in pusher.rows() if row.code == 429 or row.due_at > pusher.now]
    assert {(row.tries, row.due_at - pusher.now) for row in later} == {(0, timedelta(minutes=1))}
    pusher.now += timedelta(minutes=1)
    assert pusher.push().told == 30


def test_what_twilio_will_not_take_is_kept_with_its_name_and_without_the_number(
    pusher: Pusher, db: Database
) -> None:
    """A newer word is told anew; the rest of the batch is taken."""
    nobody = "+10005550100"
    pusher.say(nobody, Kind.OPTED_OUT, "default")
    pusher.say(ALICE, Kind.OPTED_OUT, "default")

    pushed = pusher.push()

    assert (pushed.told, pushed.refused) == (1, 1)
    waiting, (kept,) = actions.kept(db)
    assert (waiting, kept.sender, kept.code, kept.fault) == (
        0, LONG_CODE, 30646, "INVALID_CONTACT_ID"
    )  # fmt: skip
    assert pusher.push().refused == 0
    pusher.say(nobody, Kind.OPTED_OUT, "default")
    assert pusher.push().refused == 1


def test_a_request_that_is_refused_as_a_whole_is_told_one_by_one(pusher: Pusher) -> None:
    """One bad item keeps nobody else from being told."""
    for number in people(3):
        pusher.say(number, Kind.OPTED_OUT, "default")
    pusher.account.goes_wrong(Fault(status=400), times=2)

    pushed = pusher.push()

    assert (pushed.told, pushed.refused) == (2, 1)
    assert [len(seen.form["Items"]) for seen in pusher.account.seen] == [3, 1, 1, 1]


def test_what_the_answer_does_not_name_is_told_again(pusher: Pusher) -> None:
    """It may have been taken or not; the rest of the batch is done."""
    for to in (ALICE, BOB):
        pusher.say(to, Kind.OPTED_OUT, "default")
    pusher.account.unheard = {ALICE}

    pushed = pusher.push()

    assert (pushed.told, pushed.failed, pushed.is_away) == (1, 1, False)
    pusher.account.unheard = set()
    pusher.now += HOUR
    assert pusher.push().told == 1


def test_an_account_without_the_api_is_told_so_and_nothing_is_lost(pusher: Pusher) -> None:
    """It may be switched on later."""
    pusher.say(ALICE, Kind.OPTED_OUT, "default")
    pusher.account.has_consents = False

    with pytest.raises(Misconfigured, match="Consent Management"):
        pusher.push()

    pusher.account.has_consents = True
    pusher.now += HOUR
    assert pusher.push().told == 1


def test_a_word_that_comes_while_another_is_told_is_told_next(
    pusher: Pusher, twilio_api: SmallTwilio
) -> None:
    """Never by two at once, which might overtake each other."""
    pusher.say(ALICE, Kind.OPTED_OUT, "default")
    twilio_api.account.goes_wrong(Fault(wait_s=1.5))
    pushing = threading.Thread(target=pusher.push)
    pushing.start()
    while not twilio_api.account.seen:
        pass
    pusher.say(ALICE, Kind.OPTED_IN, "default")
    meanwhile = pusher.push()
    seen_meanwhile = len(twilio_api.account.seen)
    pushing.join()
    pusher.push()

    assert (meanwhile.told, seen_meanwhile) == (0, 1)
    assert [item["status"] for item in pusher.items()] == ["opt-out", "opt-in"]
    assert pusher.rows() == []


def test_two_at_once_tell_everybody_and_nobody_twice(pusher: Pusher) -> None:
    """Each takes what the other does not have in hand."""
    crowd = people(200)
    for number in crowd:
        pusher.say(number, Kind.OPTED_OUT, "default")
    collect(pusher.db, now=pusher.now)
    threads = [threading.Thread(target=pusher.push) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(item["contact_id"] for item in pusher.items()) == sorted(crowd)


def test_a_process_that_died_while_telling_leaves_it_due(pusher: Pusher) -> None:
    """Its claim lapses."""
    pusher.say(ALICE, Kind.OPTED_OUT, "default")
    collect(pusher.db, now=pusher.now)
    with pusher.db.begin() as tx:
        tx.execute(sa.update(pushes).values(claimed_until=pusher.now + timedelta(minutes=2)))

    assert pusher.push().told == 0
    pusher.now += timedelta(minutes=2)
    assert pusher.push().told == 1


def test_a_person_whose_number_is_not_held_is_passed_over(pusher: Pusher) -> None:
    """Erased, or never kept."""
    pusher.say(ALICE, Kind.OPTED_OUT, "default")
    with pusher.db.begin() as tx:
        tx.execute(sa.update(numbers).values(sealed=None))

    assert pusher.push().passed_over == 1
    assert (pusher.account.seen, pusher.rows()) == ([], [])


def test_an_erasure_takes_what_waits_along_and_an_export_shows_it(
    pusher: Pusher, db: Database, vault: Vault
) -> None:
    """A row of the outbox is about a person too."""
    for to in (ALICE, BOB):
        pusher.say(to, Kind.OPTED_OUT, "default")
    collect(db, now=pusher.now)
    alice = subject.export(db, vault, to=ALICE, region="US")
    assert subject.as_document(alice)["pending_pushes"] == [LONG_CODE]

    subject.erase(db, vault, to=ALICE, region="US", evidence_too=True, now=pusher.now)
    pusher.push()

    assert {item["contact_id"] for item in pusher.items()} == {BOB}


def test_everything_can_be_told_again(pusher: Pusher, db: Database) -> None:
    """As senders are mapped that were not known."""
    pusher.say(ALICE, Kind.OPTED_OUT)
    assert pusher.push().told == 3
    programs.map_sender(db, "+12015550101", "offers", region="US")

    assert pusher.push().told == 0
    actions.start_over(db)
    assert pusher.push().told == 4
    with db.reading() as connection:
        assert connection.execute(sa.select(feed_readers.c.name)).scalars().all() == ["push"]


def test_without_a_sender_it_is_wrong_use_and_no_word_is_passed_by(
    db: Database, vault: Vault, twilio_api: SmallTwilio
) -> None:
    """What was said before the first sender was mapped is told then."""
    pusher = Pusher(db, vault, twilio_api)
    pusher.say(ALICE, Kind.OPTED_OUT)
    with pytest.raises(Misconfigured, match="senders set"):
        pusher.push()

    programs.map_sender(db, LONG_CODE, "default", region="US")

    assert pusher.push().told == 1
