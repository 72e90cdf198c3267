"""Answers in the shape of Twilio's API."""

import json
from datetime import UTC, datetime

import pytest

from app.core.standing import Decision, Reason
from app.core.twilio_answers import Answer, dumps, error, loads, refused


@pytest.mark.parametrize("reason", Reason)
def test_every_refusal_says_why_in_words_and_for_programs(reason: Reason) -> None:
    """21610 for whoever may not be texted, 21211 for what is nobody's number."""
    since = datetime(2026, 6, 1, 12, tzinfo=UTC)

    answer = refused(Decision(allowed=False, reason=reason, scope="*", since=since), "offers")

    body = json.loads(answer.body)
    assert answer.status == body["status"] == 400
    assert body["code"] == (21211 if reason is Reason.INVALID_NUMBER else 21610)
    assert reason.value in body["message"]
    assert body["details"] == {
        "reason": reason.value,
        "program": "offers",
        "scope": "*",
        "since": "2026-06-01T12:00:00Z",
        "certainty": None,
        "retry_at": None,
    }


def test_a_status_without_a_narrower_code_has_its_general_one() -> None:
    """As Twilio numbers them."""
    assert [error(s, "x").fields["code"] for s in (401, 404, 503)] == [20003, 20404, 20503]


@pytest.mark.parametrize(
    "body", [b'{"sid": "SM1"}', b"", b"\xff\xfe not text", "Grüße 😀".encode()]
)
def test_an_answer_that_was_written_down_is_the_same_byte_for_byte(body: bytes) -> None:
    """Whatever it holds."""
    answer = Answer(status=201, body=body, content_type="application/json;charset=utf-8")

    assert loads(dumps(answer)) == answer


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_has_no_fields(body: bytes) -> None:
    """And is no crash."""
    assert Answer(status=200, body=body).fields == {}
