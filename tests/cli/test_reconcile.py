"""Reconciling with Twilio, against a real server that behaves like it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.upstream import twilio_messages
from tests.cast import ACCOUNT, ALICE, BOB, CAROL, LONG_CODE, TOKEN
from tests.cli.conftest import Ran
from tests.conftest import Web
from tests.twilio_api import Fault, Message, TwilioApi

Run = Callable[..., Ran]
HOUR = timedelta(hours=1)


@pytest.fixture(name="reconcile")
def _reconcile(
    stoplist: Run, twilio_api: TwilioApi, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ran]:
    """Return a function that runs the command against the small Twilio."""
    monkeypatch.setenv("STOPLIST_TWILIO_API_URL", twilio_api.url)
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    monkeypatch.setattr(twilio_messages, "PAGE_SIZE", 2)
    monkeypatch.setattr(twilio_messages, "_FIRST_WAIT_S", 0.01)
    return lambda *arguments: stoplist("twilio", "reconcile", *arguments)


def _sends(
    twilio_api: TwilioApi, to: str, at: datetime, *, direction: str = "outbound-api"
) -> Message:
    message = Message(
        to=to,
        author=LONG_CODE,
        body="Offers",
        direction=direction,
        status="sent",
        date_created=at,
        date_sent=at,
    )
    twilio_api.account.messages.append(message)
    return message


def _report(ran: Ran) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(ran.out)[ACCOUNT]
    return report


def test_what_the_webhook_missed_is_heard(reconcile: Run, twilio_api: TwilioApi, web: Web) -> None:
    """With the time at which it was said; what the webhook delivered is no news."""
    now = datetime.now(UTC).replace(microsecond=0)
    texts = ("hello", "please stop texting me", "thanks", "nice", "lovely")
    people = (BOB, ALICE, BOB, CAROL, CAROL)
    listed = [
        twilio_api.account.receives(author, LONG_CODE, text, at=now - (30 - place) * HOUR)
        for place, (author, text) in enumerate(zip(people, texts, strict=True))
    ]
    web.message(listed[0].sid, BOB, "hello")

    first, second = reconcile("--json"), reconcile("--json", "--since", "2d")

    report = _report(first)
    assert (first.code, report["inbound"], report["missed_refusals"]) == (1, 5, 1)
    assert report["missed"] == [message.sid for message in listed[1:]]
    assert (second.code, _report(second)["missed"]) == (0, [])
    (event,) = web.post("/v1/history", {"to": ALICE}).json["events"]  # type: ignore[index]
    assert datetime.fromisoformat(event["occurred_at"]) == listed[1].date_sent
    assert web.check(ALICE)["reason"] == "opted_out"


def test_a_missed_stop_that_is_older_than_a_start_lifts_nothing_and_stops_nothing(
    reconcile: Run, twilio_api: TwilioApi, web: Web
) -> None:
    """The newest word counts, by when it was said."""
    twilio_api.account.receives(ALICE, LONG_CODE, "STOP", at=datetime.now(UTC) - 3 * HOUR)
    web.message("SM1", ALICE, "START")

    reconcile()

    assert web.check(ALICE)["allowed"] is True


def test_what_was_sent_after_a_stop_is_named(
    reconcile: Run, twilio_api: TwilioApi, web: Web
) -> None:
    """Not what went before it, nor the one confirmation, nor what went to others or after a START."""
    now = datetime.now(UTC).replace(microsecond=0)
    _sends(twilio_api, ALICE, now - 10 * HOUR)
    twilio_api.account.receives(ALICE, LONG_CODE, "STOP", at=now - 9 * HOUR)
    confirmation = now - 9 * HOUR + timedelta(seconds=2)
    _sends(twilio_api, ALICE, confirmation, direction="outbound-reply")
    wrong = _sends(twilio_api, ALICE, now - 8 * HOUR)
    _sends(twilio_api, BOB, now - 8 * HOUR)
    twilio_api.account.receives(ALICE, LONG_CODE, "START", at=now - 7 * HOUR)
    _sends(twilio_api, ALICE, now - 6 * HOUR)

    ran = reconcile("--json")

    report = _report(ran)
    assert (ran.code, report["outbound"]) == (1, 5)
    assert report["breaches"] == [
        {"message_id": wrong.sid, "program": "default", "reason": "opted_out", "seconds": 3600.0}
    ]
    words = reconcile("--since", "1d")
    assert (words.code, wrong.sid in words.out, ALICE in words.out) == (1, True, False)


@pytest.mark.parametrize("fault", [Fault(status=429), Fault(status=503), Fault(cut=True)])
def test_twilio_may_stumble_and_may_be_away(
    reconcile: Run, twilio_api: TwilioApi, fault: Fault
) -> None:
    """It is asked again some times; then it is unavailable, exit code 3."""
    twilio_api.account.receives(ALICE, LONG_CODE, "STOP", at=datetime.now(UTC) - HOUR)
    twilio_api.account.goes_wrong(fault, times=3)

    assert _report(reconcile("--json"))["missed_refusals"] == 1
    twilio_api.account.goes_wrong(fault, times=1000)
    away = reconcile()
    assert (away.code, "Traceback" in away.err) == (3, False)


def test_without_an_account_it_is_wrong_use(stoplist: Run) -> None:
    """In words."""
    ran = stoplist("twilio", "reconcile")

    assert (ran.code, "TWILIO_ACCOUNT_SID" in ran.err) == (2, True)


@pytest.mark.parametrize("since", ["soon", "2x", "2199-01-01", ""])
def test_a_span_that_is_none_is_wrong_use(reconcile: Run, since: str) -> None:
    """In words too."""
    assert reconcile("--since", since).code == 2
