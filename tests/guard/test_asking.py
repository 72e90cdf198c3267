"""Which requests are asked about, and what is asked."""

from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from app.guard import CheckFailed
from tests.cast import ALICE, BOB, LONG_CODE
from tests.guard.sends import ALLOWED, CHECK, MESSAGES, REFUSED, guarded, questions, send, urls


@pytest.mark.parametrize(
    ("to", "asked"),
    [
        ("whatsapp:+12015550123", ALICE),
        ("rcs:+12015550123", ALICE),
        (" +12015550123 ", ALICE),
        ("(201) 555-0123", "(201) 555-0123"),
    ],
)
def test_every_way_to_write_a_recipient_is_asked_about(
    wire: responses.RequestsMock, to: str, asked: str
) -> None:
    """Channel addresses by their number; what is written otherwise, the server reads."""
    wire.post(CHECK, json=ALLOWED)

    send(guarded(region="US"), to=to)

    assert questions(wire) == [{"to": asked, "program": "default", "region": "US"}]


def test_a_scheduled_message_with_media_is_asked_about(wire: responses.RequestsMock) -> None:
    """Whatever else a send holds, it goes out unchanged."""
    wire.post(CHECK, json=ALLOWED)

    send(
        guarded(),
        messaging_service_sid="MG1",
        schedule_type="fixed",
        send_at=datetime(2026, 12, 1, tzinfo=UTC),
        media_url=["https://example.com/1.png", "https://example.com/2.png"],
    )

    assert urls(wire) == [CHECK, MESSAGES]
    body = str(wire.calls[1].request.body)
    assert "ScheduleType=fixed&SendAt=2026-12-01T00%3A00%3A00Z" in body
    assert body.count("MediaUrl=") == 2


def test_a_program_is_found_from_the_parameters_of_the_send(wire: responses.RequestsMock) -> None:
    """Named as Twilio names them."""
    programs = {LONG_CODE: "alerts", "MG1": "offers"}
    client = guarded(program=lambda sent: programs[sent.get("MessagingServiceSid") or sent["From"]])
    for program in ("alerts", "offers"):
        wire.post(CHECK, json={**ALLOWED, "program": program})

    send(client)
    client.messages.create(to=ALICE, messaging_service_sid="MG1", body="Hello")
    with pytest.raises(KeyError):
        send(client, from_="unknown")

    assert [asked["program"] for asked in questions(wire)] == ["alerts", "offers"]
    assert urls(wire).count(MESSAGES) == 2


def test_a_message_to_nobody_is_twilios_to_refuse(wire: responses.RequestsMock) -> None:
    """There is nobody to ask about."""
    send(guarded(), to="")

    assert urls(wire) == [MESSAGES]


OTHER_REQUESTS = [
    ("GET", MESSAGES),
    ("POST", MESSAGES.replace("Messages", "Messages/SM1")),
    ("POST", MESSAGES.replace("Messages", "Messages/SM1/Feedback")),
    ("GET", MESSAGES.replace("Messages", "Messages/SM1/Media")),
    ("POST", MESSAGES.replace("Messages", "Calls")),
    ("POST", "https://conversations.twilio.com/v1/Conversations/CH1/Messages"),
    ("DELETE", MESSAGES),
]


@pytest.mark.parametrize(("method", "url"), OTHER_REQUESTS)
def test_everything_else_passes_untouched(
    wire: responses.RequestsMock, method: str, url: str
) -> None:
    """Reading, changing, other products, though they name a number."""
    wire.add(method, url, json={})

    guarded().request(method, url, params={"From": ALICE}, data={"To": ALICE})

    assert [str(call.request.url).partition("?")[0] for call in wire.calls] == [url]


SENDS = [
    {"uri": MESSAGES.removesuffix(".json"), "data": {"To": ALICE}},
    {"uri": MESSAGES.replace("Messages", "SMS/Messages"), "data": {"To": ALICE}},
    {"uri": "http://127.0.0.1:9/x/Accounts/AC1/Messages.json", "data": {"To": ALICE}},
    {"uri": MESSAGES, "data": f"To=%2B{ALICE[1:]}&Body=Hello"},
    {"uri": MESSAGES, "data": [("To", ALICE)]},
    {"uri": MESSAGES, "params": {"To": ALICE}},
    {"uri": f"{MESSAGES}?To=%2B{ALICE[1:]}"},
]


@pytest.mark.parametrize("parameters", SENDS, ids=str)
def test_no_other_way_to_create_a_message_goes_past_the_check(
    wire: responses.RequestsMock, parameters: dict[str, Any]
) -> None:
    """Any format, any host, any form of the parameters."""
    wire.post(CHECK, json=REFUSED)

    assert guarded().request("post", **parameters).status_code == 400

    assert urls(wire) == [CHECK]


@pytest.mark.parametrize(
    "data", [b"To=1", [("To", ALICE), ("To", BOB)], {"To": "messenger:12015550123"}]
)
def test_a_send_whose_recipient_is_in_doubt_is_not_sent(
    wire: responses.RequestsMock, data: object
) -> None:
    """Parameters that cannot be read, more than one recipient, or one without a number."""
    with pytest.raises(CheckFailed):
        guarded().request("POST", MESSAGES, data=data)

    assert not wire.calls
