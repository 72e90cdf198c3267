"""Twilio's status callbacks: what they tell of a number, and that they do no harm."""

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from tests.cast import ACCOUNT, ALICE, BOB, LONG_CODE, TOKEN
from tests.conftest import Web

PATH = "/webhooks/twilio/status"


def _report(web: Web, message_id: str = "SM1", **fields: str) -> TestResponse:
    form = {
        "MessageSid": message_id,
        "MessageStatus": "failed",
        "AccountSid": ACCOUNT,
        "From": LONG_CODE,
        "To": ALICE,
        "ApiVersion": "2010-04-01",
        **fields,
    }
    signature = RequestValidator(TOKEN).compute_signature(f"http://localhost{PATH}", form)
    return web.client.post(PATH, data=form, headers={"X-Twilio-Signature": signature})


def _events(web: Web, to: str = ALICE) -> list[dict[str, str]]:
    story = web.post("/v1/history", {"to": to}).json
    assert story is not None
    events: list[dict[str, str]] = story["events"]
    return events


def test_a_refusal_for_an_opt_out_becomes_a_carriers_block(web: Web) -> None:
    """With the id of its message; told again, it is one fact."""
    answers = [_report(web, ErrorCode="21610") for _ in range(3)]

    assert {(answer.status_code, answer.data) for answer in answers} == {(204, b"")}
    (event,) = _events(web)
    assert (event["kind"], event["cause"], event["scope"]) == ("blocked", "carrier", "*")
    assert (event["source"], event["source_ref"]) == ("twilio", "21610:SM1")
    assert web.check(ALICE)["reason"] == "blocked"


@pytest.mark.parametrize("code", ["30003", "30005", "30006"])
def test_a_number_that_cannot_be_reached_is_kept_as_that(web: Web, code: str) -> None:
    """Once a day; it is no opt-out, and changes no answer."""
    for place in range(3):
        assert _report(web, f"SM{place}", ErrorCode=code).status_code == 204

    (event,) = _events(web)
    assert event["kind"] == "unreachable"
    assert web.check(ALICE)["allowed"] is True


@pytest.mark.parametrize(
    "fields",
    [
        {"MessageStatus": "delivered"},
        {"MessageStatus": "sent"},
        {"ErrorCode": ""},
        {"ErrorCode": "30007"},
        {"ErrorCode": "x" * 500},
        {"ErrorCode": "21610", "To": ""},
        {"ErrorCode": "21610", "To": "hello"},
        {"ErrorCode": "21610", "To": "55501"},
    ],
)
def test_what_tells_nothing_of_a_number_is_taken_and_forgotten(
    web: Web, fields: dict[str, str]
) -> None:
    """204, so that nobody sends it again."""
    assert _report(web, **fields).status_code == 204
    assert web.get("/v1/events").json == {"events": [], "next": 0}


def test_reports_out_of_order_do_no_harm(web: Web) -> None:
    """A late "sent" lifts nothing."""
    _report(web, ErrorCode="21610")
    assert _report(web, MessageStatus="sent").status_code == 204

    assert web.check(ALICE)["reason"] == "blocked"


def test_the_same_message_id_for_another_number_does_no_harm(web: Web) -> None:
    """A carrier's mistake is no error of ours."""
    _report(web, ErrorCode="21610")

    assert _report(web, ErrorCode="21610", To=BOB).status_code == 204
    assert _events(web, BOB) == []


def test_another_channels_address_is_its_number(web: Web) -> None:
    """WhatsApp and RCS name the same phone."""
    _report(web, ErrorCode="21610", To=f"whatsapp:{ALICE}")

    assert web.check(ALICE)["reason"] == "blocked"


def test_a_report_that_is_not_signed_or_no_report_is_refused(web: Web) -> None:
    """And nothing is stored."""
    forged = web.client.post(PATH, data={"MessageSid": "SM1", "ErrorCode": "21610", "To": ALICE})

    assert forged.status_code == 403
    assert _report(web, "", ErrorCode="21610").status_code == 400
    assert web.client.post("/webhooks/nobody/status").status_code == 404
    assert web.check(ALICE)["allowed"] is True
