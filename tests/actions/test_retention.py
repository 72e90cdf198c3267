"""Retention, holds, and a person's rights."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.actions import holds, subject
from app.actions.check import check
from app.actions.history import history
from app.actions.purge import Keep, due, purge
from app.actions.receive import Policy, receive
from app.actions.record import Fact, record
from app.core.errors import UnderHold, UnknownHold, UnknownProgram
from app.core.events import Kind
from app.core.evidence import Consent
from app.core.phone import PhoneNumber
from app.core.vault import Vault
from app.store import suppressions
from app.store.database import Database
from app.store.retention import Due
from app.store.tables import events, inbox, numbers
from tests.actions.test_receive import message
from tests.cast import ALICE, BOB

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEEP = Keep(evidence=timedelta(days=3653))
POLICY = Policy(stop_scope="all", store_numbers=True, keep_bodies=timedelta(days=30))
DAY = timedelta(days=1)
CONSENT = Consent(wording="Yes, text me", medium="web form", postcode="07302")


class Held:
    """A database with Alice, who said something of no consequence, opted in, and opted out."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self.db, self.vault = db, vault
        for place, text in enumerate(("nice weather today", "please stop texting me")):
            receive(db, vault, POLICY, message(text, f"SM{place}"), now=NOW)
        fact = Fact(
            to=ALICE,
            region="US",
            kind=Kind.OPTED_IN,
            scope="default",
            source="web",
            consent=CONSENT,
        )
        record(db, vault, fact, store_numbers=True, now=NOW - DAY)

    def purge(self, now: datetime) -> Due:
        """Purge, and hold the dry run against it."""
        said = due(self.db, KEEP, now=now)
        gone = purge(self.db, self.vault, KEEP, now=now, on_progress=lambda _some: None)
        assert said == gone
        return gone

    def erase(self, *, evidence_too: bool = False, now: datetime = NOW) -> subject.Erased:
        """Erase what is held of Alice."""
        return subject.erase(
            self.db, self.vault, to=ALICE, region="US", evidence_too=evidence_too, now=now
        )

    def export(self) -> dict[str, Any]:
        """Return all that is held of Alice."""
        held = subject.export(self.db, self.vault, to=ALICE, region="US")
        document: dict[str, Any] = json.loads(json.dumps(subject.as_document(held), default=str))
        return document

    def count(self, column: sa.Column[Any]) -> int:
        """Count what is held in a column."""
        with self.db.reading() as connection:
            return int(connection.execute(sa.select(sa.func.count(column))).scalar_one())

    def is_opted_out(self) -> bool:
        """Ask the check."""
        checked = check(self.db, self.vault, to=ALICE, program="default", region="US", now=NOW)
        return checked.decision.reason == "opted_out"


@pytest.fixture(name="held")
def _held(db: Database, vault: Vault) -> Held:
    return Held(db, vault)


def test_nothing_goes_before_its_time(held: Held) -> None:
    """And where nothing went, nothing is written."""
    assert held.purge(NOW + 29 * DAY) == Due()
    assert held.count(events.c.id) == 2


def test_texts_of_no_consequence_go_after_thirty_days(held: Held) -> None:
    """The message too, and that it went is a fact; what somebody asked for stays."""
    assert held.purge(NOW + 31 * DAY) == Due(bodies=1, messages=1)

    assert (held.count(inbox.c.id), held.count(inbox.c.sealed_body)) == (1, 1)
    assert [event["text"] for event in held.export()["events"]] == ["please stop texting me", None]
    with held.db.reading() as connection:
        kinds = connection.execute(sa.select(events.c.kind).order_by(events.c.id)).scalars().all()
    assert kinds == ["opted_out", "opted_in", "purged"]
    assert held.purge(NOW + 31 * DAY) == Due()


def test_evidence_goes_after_years_and_an_opt_out_never(held: Held) -> None:
    """The facts, their order and the answer are as they were."""
    gone = held.purge(NOW + 3700 * DAY)

    assert gone == Due(bodies=2, evidence=2, messages=1)
    assert held.is_opted_out()
    assert [event["kind"] for event in held.export()["events"]] == ["opted_out", "opted_in"]
    with held.db.snapshot() as connection:
        assert not list(suppressions.differences(connection))


def test_a_number_of_whom_nothing_is_left_goes_too(held: Held) -> None:
    """It was seen once, and said nothing of consequence."""
    receive(
        held.db, held.vault, POLICY, message("hello", "SM9", author=PhoneNumber(e164=BOB)), now=NOW
    )

    assert held.purge(NOW + 31 * DAY).numbers == 1
    assert held.count(numbers.c.sealed) == 1


@pytest.mark.parametrize("of", ["number", "program"])
def test_what_is_held_does_not_go(held: Held, of: str) -> None:
    """Until the hold is released."""
    if of == "number":
        placed = holds.hold_number(
            held.db, held.vault, to=ALICE, region="US", reason="case 7", now=NOW
        )
    else:
        placed = holds.hold_program(
            held.db, held.vault, program="default", reason="case 7", now=NOW
        )
    kept = held.purge(NOW + 3700 * DAY)
    assert kept.messages == kept.bodies == 0
    assert kept.evidence == (0 if of == "number" else 1)  # an opt-out of everything is no program's

    (listed,) = holds.listed(held.db, held.vault)
    assert (listed.reason, listed.released_at) == ("case 7", None)
    holds.release(held.db, placed, now=NOW)
    assert held.purge(NOW + 3700 * DAY).bodies == 2


def test_a_hold_that_does_not_exist_is_not_released(held: Held) -> None:
    """Nor is a program held that there is not."""
    with pytest.raises(UnknownHold):
        holds.release(held.db, 99, now=NOW)
    with pytest.raises(UnknownProgram):
        holds.hold_program(held.db, held.vault, program="none-such", reason="x", now=NOW)


def test_a_person_sees_all_that_is_held(held: Held) -> None:
    """The number, the place, the facts with their words, the messages and until when they stay."""
    shown = held.export()

    assert (shown["to"], shown["number_is_kept"]) == (ALICE, True)
    assert shown["place"] == {"postcode": "07302", "time_zone": None}
    assert [message["text"] for message in shown["messages"]] == [
        "nice weather today",
        "please stop texting me",
    ]
    assert shown["messages"][0]["deleted_after"].startswith("2026-07-01")
    assert shown["events"][1]["consent"]["wording"] == "Yes, text me"
    assert shown["standing"]["default"]["reason"] == "opted_out"


def test_an_erasure_leaves_the_bare_suppression_and_what_the_law_keeps(held: Held) -> None:
    """The number, the place and the texts are gone; evidence of five years only if it is asked for."""
    erased = held.erase()

    assert (erased.numbers, erased.bodies, erased.evidence) == (1, 2, 0)
    shown = held.export()
    assert (shown["number_is_kept"], shown["place"]) == (False, None)
    assert {message["text"] for message in shown["messages"]} == {None}
    assert shown["events"][0]["text"] == "please stop texting me"
    assert shown["events"][-1]["kind"] == "erased"
    assert held.erase(now=NOW + 1900 * DAY).evidence == 2
    assert held.is_opted_out()


def test_an_erasure_can_take_the_evidence_too(held: Held) -> None:
    """Where no law wants it kept. Nothing that can be opened is left."""
    assert held.erase(evidence_too=True).evidence == 2

    shown = held.export()
    assert {event["text"] for event in shown["events"]} == {None}
    sealed = (numbers.c.sealed, numbers.c.sealed_place, inbox.c.sealed_body)
    for column in (*sealed, events.c.sealed_evidence):
        assert held.count(column) == 0
    assert held.is_opted_out()
    story = history(held.db, held.vault, to=ALICE, region="US")
    assert [told.event.kind for told in story.events] == ["opted_out", "opted_in", "erased"]


def test_a_hold_forbids_an_erasure(held: Held) -> None:
    """In words; nothing is erased."""
    holds.hold_number(held.db, held.vault, to=ALICE, region="US", reason="case 7", now=NOW)

    with pytest.raises(UnderHold):
        held.erase()

    assert held.export()["number_is_kept"] is True
    assert held.export()["under_hold"] is True


def test_a_person_who_comes_back_after_an_erasure_is_heard(held: Held) -> None:
    """Another STOP is another fact."""
    held.erase(evidence_too=True)
    receive(held.db, held.vault, POLICY, message("START", "SM7"), now=NOW + DAY)
    assert not held.is_opted_out()
    receive(held.db, held.vault, POLICY, message("STOP", "SM8"), now=NOW + 2 * DAY)
    assert held.is_opted_out()
