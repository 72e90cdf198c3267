"""What follows from a received message."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.actions.check import check
from app.actions.receive import Policy, Received, receive
from app.core.evidence import loads
from app.core.inbound import InboundMessage
from app.core.intent import Intent
from app.core.phone import PhoneNumber, Sender, SenderKind, person, sender
from app.core.standing import Decision, Reason
from app.core.vault import Vault
from app.store import inbox, ledger, numbers
from app.store.database import Database
from app.store.tables import events, programs, senders
from app.store.tables import inbox as inbox_table
from tests.cast import ALICE, LONG_CODE, SHORT_CODE

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POLICY = Policy(stop_scope="all", store_numbers=True, keep_bodies=timedelta(days=30))
ORDERS = "+12015550101"  # a sender of the program `orders`


@pytest.fixture(autouse=True)
def _programs(db: Database) -> None:
    with db.begin() as tx:
        tx.execute(
            programs.insert(),
            {"id": "orders", "name": "Orders", "brand": "Example Shop", "requires_consent": False},
        )
        tx.execute(senders.insert(), {"address": ORDERS, "kind": "long_code", "program": "orders"})


def message(text: str, message_id: str = "SM1", **more: object) -> InboundMessage:
    """Return a message from Alice as an adapter would, to a short code, which no carrier answers for."""
    usual = InboundMessage(
        carrier="twilio",
        message_id=message_id,
        author=person(ALICE),
        author_address=ALICE,
        sender=sender(SHORT_CODE),
        service=None,
        channel="sms",
        text=text,
        verdict=None,
        carrier_answered=False,
        occurred_at=None,
    )
    return replace(usual, **more)  # type: ignore[arg-type]


class Receiver:
    """Receives messages and answers checks on one database."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self.db, self.vault = db, vault

    def receive(
        self,
        text: str,
        message_id: str = "SM1",
        *,
        now: datetime = NOW,
        policy: Policy = POLICY,
        **more: object,
    ) -> Received:
        """Receive one message."""
        return receive(self.db, self.vault, policy, message(text, message_id, **more), now=now)

    def check(self, program: str = "default") -> Decision:
        """Ask about Alice."""
        return check(self.db, self.vault, to=ALICE, program=program, region="US", now=NOW).decision

    def rows(self, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
        """Return every row of a table."""
        with self.db.reading() as connection:
            return list(connection.execute(sa.select(table).order_by(table.c.id)).all())


@pytest.fixture(name="alice")
def _alice(db: Database, vault: Vault) -> Receiver:
    return Receiver(db, vault)


def test_a_stop_suppresses_and_is_confirmed_once(alice: Receiver) -> None:
    """A second STOP gets no second text."""
    first = alice.receive("stop", "SM1")
    second = alice.receive("STOP!", "SM2", now=NOW + MINUTE)

    assert first.text is not None
    assert second.text is None
    assert alice.check().reason is Reason.OPTED_OUT


def test_where_the_carrier_answers_we_are_silent(alice: Receiver) -> None:
    """At most one confirmation reaches the person."""
    assert alice.receive("STOP", carrier_answered=True).text is None
    assert alice.check().reason is Reason.OPTED_OUT


def test_a_redelivery_is_one_fact_and_gets_the_same_answer(alice: Receiver) -> None:
    """The carrier may not have got our answer: it gets it again."""
    answers = [alice.receive("stop", now=NOW + n * MINUTE).text for n in range(3)]

    assert len(set(answers)) == 1
    assert answers[0] is not None
    assert len(alice.rows(events)) == len(alice.rows(inbox_table)) == 1


def test_a_redelivery_after_five_minutes_is_no_longer_confirmed(alice: Receiver) -> None:
    """47 CFR 64.1200(a)(12): five minutes from receipt."""
    alice.receive("stop")

    assert alice.receive("stop", now=NOW + 6 * MINUTE).text is None


def test_a_message_that_comes_late_is_not_confirmed(alice: Receiver) -> None:
    """A STOP fetched an hour later suppresses in silence."""
    assert alice.receive("stop", occurred_at=NOW - timedelta(hours=1)).text is None
    assert alice.check().since == NOW - timedelta(hours=1)


def test_start_lifts_a_stop_for_the_program_that_was_texted(alice: Receiver) -> None:
    """STOP then START on one program leaves every other refused."""
    alice.receive("stop", "SM1", sender=sender(ORDERS))
    welcome = alice.receive("start", "SM2", sender=sender(ORDERS), now=NOW + MINUTE)

    assert welcome.text is not None
    assert welcome.text.startswith("Example Shop: ")
    assert alice.check("orders").allowed is True
    assert alice.check("default").reason is Reason.OPTED_OUT


def test_a_second_start_gets_no_second_text(alice: Receiver) -> None:
    """Nothing changed by it."""
    assert alice.receive("start", "SM1").text is not None
    assert alice.receive("start", "SM2", now=NOW + MINUTE).text is None


def test_a_late_start_never_lifts_a_newer_stop(alice: Receiver) -> None:
    """The time of saying decides."""
    alice.receive("stop", "SM1")
    alice.receive("start", "SM2", occurred_at=NOW - MINUTE, now=NOW + MINUTE)

    assert alice.check().reason is Reason.OPTED_OUT


@pytest.mark.parametrize(("text", "scope"), [("stop", "orders"), ("STOPALL", "*")])
def test_a_stop_can_be_narrowed_to_its_program_but_not_stopall(
    alice: Receiver, text: str, scope: str
) -> None:
    """`STOPLIST_STOP_SCOPE=program`; who says all means all."""
    narrowed = replace(POLICY, stop_scope="program")

    alice.receive(text, sender=sender(ORDERS), policy=narrowed)

    assert alice.check("orders").scope == scope
    assert alice.check("default").allowed is (scope != "*")


def test_a_service_maps_to_its_program_too(alice: Receiver) -> None:
    """A sender in a messaging service that is mapped belongs to the service's program."""
    service = Sender(address="MG" + "0" * 32, kind=SenderKind.SERVICE)
    with alice.db.begin() as tx:
        tx.execute(
            senders.insert(), {"address": service.address, "kind": "service", "program": "orders"}
        )

    alice.receive("start", service=service)

    assert alice.rows(inbox_table)[0].program == "orders"


def test_help_is_answered_even_for_a_suppressed_number_and_changes_nothing(alice: Receiver) -> None:
    """CTIA: HELP is answered regardless of subscription."""
    alice.receive("stop", "SM1")

    answered = alice.receive("help", "SM2", now=NOW + MINUTE)

    assert answered.text is not None
    assert alice.check().reason is Reason.OPTED_OUT


@pytest.mark.parametrize("text", ["", "see you at nine", "yes", "👍"])
def test_a_message_of_no_consequence_is_kept_and_not_answered(alice: Receiver, text: str) -> None:
    """It is due for deletion later; YES is an ordinary answer."""
    received = alice.receive(text)

    kept = alice.rows(inbox_table)[0]
    assert received == Received(intent=Intent.NONE, text=None)
    assert not alice.rows(events)
    assert kept.purge_after == NOW + POLICY.keep_bodies


@pytest.mark.parametrize(
    ("text", "verdict", "expected"),
    [
        ("see you", Intent.OPT_OUT, Reason.OPTED_OUT),
        ("start", Intent.OPT_OUT, Reason.OPTED_OUT),
        ("stop", Intent.OPT_IN, Reason.OPTED_OUT),
        ("back please", Intent.OPT_IN, None),
    ],
)
def test_the_carriers_verdict_is_one_more_voice(
    alice: Receiver, text: str, verdict: Intent, expected: Reason | None
) -> None:
    """If the carrier says STOP it is one; a refusal that we heard is never overruled."""
    alice.receive(text, verdict=verdict)

    assert alice.check().reason is expected
    assert len(alice.rows(events)) == 1


def test_a_stop_from_no_person_is_kept_for_review(alice: Receiver, vault: Vault) -> None:
    """A short code is nobody whom a refusal could protect, but nothing is dropped."""
    received = alice.receive("STOP", author=None, author_address=SHORT_CODE)

    kept = alice.rows(inbox_table)[0]
    assert received.text is None
    assert (kept.number_key, kept.review) == (None, "open")
    assert (
        vault.open(kept.sealed_author, bound_to=inbox.author_binding("twilio", "SM1")) == SHORT_CODE
    )


def test_what_is_kept_opens_for_its_own_row(alice: Receiver, vault: Vault) -> None:
    """Number, body and evidence are sealed, and can be read back."""
    alice.receive("please STOP 🛑")

    event, kept = alice.rows(events)[0], alice.rows(inbox_table)[0]
    with alice.db.reading() as connection:
        number = connection.execute(sa.text("SELECT number_key, sealed FROM numbers")).one()
    key = bytes(number.number_key)
    binding = ledger.evidence_binding("twilio", "SM1")
    assert (
        vault.open(kept.sealed_body, bound_to=inbox.body_binding("twilio", "SM1"))
        == "please STOP 🛑"
    )
    assert loads(vault.open(event.sealed_evidence, bound_to=binding)).text == "please STOP 🛑"
    assert vault.open(bytes(number.sealed), bound_to=numbers.binding(key)) == ALICE


def test_numbers_need_not_be_kept_at_all(alice: Receiver) -> None:
    """`STOPLIST_STORE_NUMBERS=never`: the keyed hash alone; the check still works."""
    alice.receive("stop", policy=replace(POLICY, store_numbers=False))

    with alice.db.reading() as connection:
        assert connection.execute(sa.text("SELECT sealed FROM numbers")).scalar_one() is None
    assert alice.check().reason is Reason.OPTED_OUT


def test_a_number_from_a_range_nobody_knows_is_heard(alice: Receiver) -> None:
    """Its STOP is kept, and a check of it is refused for that reason."""
    unknown = PhoneNumber(e164="+999123456789", possible=False)

    alice.receive("stop", author=unknown)

    asked = check(alice.db, alice.vault, to=unknown.e164, program="default", region="US", now=NOW)
    assert asked.decision.reason is Reason.OPTED_OUT


def test_a_stop_under_an_older_secret_is_found_after_rotation(
    alice: Receiver, db: Database, vault: Vault
) -> None:
    """Every configured secret is looked under."""
    alice.receive("stop", sender=sender(LONG_CODE))
    rotated = Vault(
        ("another-secret-that-is-long-enough", "a-secret-for-tests-that-is-long-enough")
    )

    decision = check(db, rotated, to=ALICE, program="default", region="US", now=NOW).decision

    assert decision.reason is Reason.OPTED_OUT
