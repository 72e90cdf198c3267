"""What a carrier is to be told: only the word that stands, and an opt-in only where it is safe."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.events import EVERYTHING, Event, Kind
from app.core.phone import sender
from app.core.pushing import Consent, Medium, Status, consent
from tests.cast import LONG_CODE, SHORT_CODE, TOLL_FREE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def said(
    kind: Kind, hours_ago: float, scope: str = EVERYTHING, source: str = "api", rule: str = ""
) -> Event:
    """Return a fact of some hours ago."""
    moment = NOW - hours_ago * HOUR
    return Event(
        number_key=b"k" * 16,
        kind=kind,
        scope=scope,
        occurred_at=moment,
        recorded_at=moment,
        source=source,
        source_ref=f"{kind}{hours_ago}{scope}",
        rule=rule or None,
    )


def told(*history: Event, to: str = LONG_CODE) -> Consent | None:
    """Return what the carrier of a sender is told of a history."""
    return consent(history, sender(to), "offers", now=NOW)


def _status(*history: Event, to: str = LONG_CODE) -> Status | None:
    known = told(*history, to=to)
    return known.status if known else None


OUT, IN = said(Kind.OPTED_OUT, 3), said(Kind.OPTED_IN, 2, "offers")


def test_a_refusal_is_told_whatever_its_age() -> None:
    """A wrong number too."""
    assert _status(said(Kind.OPTED_OUT, 10_000)) is Status.OPTED_OUT
    assert _status(said(Kind.WRONG_NUMBER, 1), to=TOLL_FREE) is Status.OPTED_OUT


@pytest.mark.parametrize("address", [LONG_CODE, SHORT_CODE, "MG" + "0" * 32])
def test_a_refusal_that_was_taken_back_is_told(address: str) -> None:
    """Where the carrier lifts its own block for it."""
    assert _status(OUT, IN, to=address) is Status.OPTED_IN


@pytest.mark.parametrize(
    "history",
    [
        [],
        [IN],
        [said(Kind.OPTED_OUT, 50), said(Kind.OPTED_IN, 25, "offers")],
        [said(Kind.OPTED_OUT, 3, "other"), IN],
        [OUT, IN, said(Kind.BLOCKED, 1)],
        [OUT, IN, said(Kind.DEACTIVATED, 1)],
        [said(Kind.CONSENT_IMPORTED, 1, "offers")],
        [said(Kind.CONSENT_ASKED, 1, "offers")],
        [said(Kind.BLOCKED, 1)],
        [said(Kind.OPTED_OUT, 3, "other")],
    ],
)
def test_nothing_else_is_told(history: list[Event]) -> None:
    """Old, first, of another program, blocked, given up, imported, or waiting for a YES."""
    assert told(*history) is None


def test_an_opt_in_is_not_told_for_a_toll_free_number() -> None:
    """Its network takes its own START alone."""
    assert told(OUT, IN, to=TOLL_FREE) is None


def test_the_newest_word_is_told_in_whatever_order_they_came() -> None:
    """A START that was overtaken lifts nothing."""
    assert _status(IN, OUT) is Status.OPTED_IN
    assert _status(OUT, IN, said(Kind.OPTED_OUT, 1, "offers")) is Status.OPTED_OUT


@pytest.mark.parametrize(
    ("word", "medium"),
    [
        (said(Kind.OPTED_OUT, 1, source="twilio", rule="en.keyword.stop"), Medium.OPT_OUT_MESSAGE),
        (said(Kind.OPTED_OUT, 1, source="web"), Medium.WEBSITE),
        (said(Kind.OPTED_OUT, 1, source="agent"), Medium.OFFLINE),
        (said(Kind.OPTED_OUT, 1, source="crm"), Medium.OTHERS),
        (
            said(Kind.OPTED_IN, 1, "offers", source="twilio", rule="en.keyword.start"),
            Medium.OPT_IN_MESSAGE,
        ),
    ],
)
def test_it_is_told_how_it_was_said(word: Event, medium: Medium) -> None:
    """In Twilio's own words for it, with the time at which it was said."""
    known = told(OUT, word)

    assert known is not None
    assert (known.medium, known.since) == (medium, NOW - HOUR)
