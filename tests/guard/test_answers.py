"""What becomes of a message, by what the check answers: every doubt is a refusal."""

from typing import Any

import pytest
import requests
import responses
from responses.registries import OrderedRegistry
from twilio.base.exceptions import TwilioRestException

from app.guard import CheckFailed
from tests.cast import ALICE, BOB
from tests.guard.sends import ALLOWED, CHECK, MESSAGES, REFUSED, guarded, questions, send, urls


def test_an_allowed_message_is_asked_about_once_and_sent_once(wire: responses.RequestsMock) -> None:
    """The check first, with the number in its body and the key in its header."""
    wire.post(CHECK, json=ALLOWED)

    assert send(guarded()).sid == "SM1"

    assert urls(wire) == [CHECK, MESSAGES]
    assert questions(wire) == [{"to": ALICE, "program": "default"}]
    assert wire.calls[0].request.headers["Authorization"] == "Bearer key"
    assert str(wire.calls[1].request.headers["Authorization"]).startswith("Basic ")


def test_a_refusal_is_raised_by_the_package_as_twilios_own(wire: responses.RequestsMock) -> None:
    """Status, code, reason; the details say why and since when; the number stands nowhere."""
    wire.post(CHECK, json=REFUSED)

    with pytest.raises(TwilioRestException) as caught:
        send(guarded())

    refusal = caught.value
    assert type(refusal) is TwilioRestException
    assert (refusal.status, refusal.code, refusal.method) == (400, 21610, "POST")
    assert refusal.msg == "Unable to create record: Stoplist refuses this message: opted_out"
    assert refusal.details["since"] == REFUSED["since"]
    assert ALICE not in f"{refusal}{refusal.details}{refusal.uri}"
    assert urls(wire) == [CHECK]


NONSENSE: list[dict[str, Any]] = [
    {"status": 200, "body": "<html>Welcome</html>"},
    {"status": 200, "body": b"\xff\xfe"},
    {"status": 200, "body": "[" * 100_000},
    {"status": 200, "json": []},
    {"status": 200, "json": {}},
    {"status": 200, "json": {**ALLOWED, "allowed": "true"}},
    {"status": 200, "json": {**ALLOWED, "allowed": 1}},
    {"status": 200, "json": {**ALLOWED, "allowed": None}},
    {"status": 200, "json": {**ALLOWED, "reason": "opted_out"}},
    {"status": 200, "json": {**REFUSED, "reason": None}},
    {"status": 200, "json": {**REFUSED, "reason": f"{ALICE} said so"}},
    {"status": 200, "json": {**ALLOWED, "to": BOB}},
    {"status": 200, "json": {**ALLOWED, "to": None}},
    {"status": 200, "json": {**ALLOWED, "program": "other"}},
    {"status": 202, "json": ALLOWED},
    {"status": 204},
    {"status": 302, "headers": {"Location": "https://elsewhere.example.com/v1/check"}},
    {"status": 400, "json": {"code": "malformed_request"}},
    {"status": 401, "json": {"code": "unauthenticated"}},
    {"status": 403, "json": {"code": "forbidden"}},
    {"status": 422, "json": {"code": "unknown_program"}},
    {"status": 500, "json": ALLOWED},
    {"status": 502, "body": ALICE},
    {"status": 503, "json": {"code": "unavailable"}},
    {"status": 503, "json": {"code": ALICE}},
]


@pytest.mark.parametrize("answer", NONSENSE, ids=lambda a: str(a)[:60].replace(ALICE, "Alice"))
def test_what_is_not_a_plain_yes_sends_nothing(
    wire: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    """Not JSON, another shape, another number, an error, a redirect: `CheckFailed`, after one question."""
    wire.post(CHECK, **answer)

    with pytest.raises(CheckFailed) as caught:
        send(guarded())

    assert urls(wire) == [CHECK]
    assert caught.value.status == 503
    assert str(caught.value).startswith("Not sent: the check answered ")
    assert ALICE not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "fault", [requests.ReadTimeout(ALICE), requests.ConnectTimeout(), requests.TooManyRedirects()]
)
def test_no_answer_in_time_sends_nothing(
    wire: responses.RequestsMock, fault: requests.RequestException
) -> None:
    """And the question is not put again."""
    wire.post(CHECK, body=fault)

    with pytest.raises(CheckFailed, match=rf"gave no answer \({type(fault).__name__}\)"):
        send(guarded())

    assert urls(wire) == [CHECK]


def test_a_connection_that_went_away_is_asked_over_once() -> None:
    """A kept connection may be closed at the moment it is used; the second answer counts, a third is not sought."""
    with responses.RequestsMock(registry=OrderedRegistry) as wire:
        wire.post(CHECK, body=requests.ConnectionError())
        wire.post(CHECK, json=REFUSED)
        wire.post(CHECK, body=requests.ConnectionError())
        wire.post(CHECK, body=requests.ConnectionError())

        with pytest.raises(TwilioRestException, match="opted_out"):
            send(guarded())
        with pytest.raises(CheckFailed, match="ConnectionError"):
            send(guarded())

        assert urls(wire) == [CHECK] * 4
