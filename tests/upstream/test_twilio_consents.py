"""What Twilio's Consent API is told, and how its answers are read."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from app.core.errors import CarrierAway, CarrierRefused
from app.upstream.twilio import TwilioApi
from app.upstream.twilio_consents import Item, Taken, tell
from tests.cast import ACCOUNT, ALICE, LONG_CODE, TOKEN
from tests.twilio_api import TwilioApi as SmallTwilio

URL = "https://accounts.twilio.com/v1/Consents/Bulk"
ITEM = Item(
    id="0" * 32,
    contact=ALICE,
    sender=LONG_CODE,
    status="opt-out",
    source="website",
    since=datetime(2026, 6, 1, 12, 30, 1, 999_999, tzinfo=UTC),
)


def _answered(body: Any, status: int = 201) -> dict[str, Taken]:
    """Return what is read from an answer of Twilio's own address."""
    with responses.RequestsMock() as twilio:
        twilio.post(URL, json=body, status=status)
        return dict(tell(TwilioApi({ACCOUNT: TOKEN}, "https://api.twilio.com"), ACCOUNT, [ITEM]))


def test_it_is_told_in_twilios_words(twilio_api: SmallTwilio) -> None:
    """One object of JSON for each, in one field that is repeated."""
    became = tell(TwilioApi({ACCOUNT: TOKEN}, twilio_api.url), ACCOUNT, [ITEM])

    (seen,) = twilio_api.account.seen
    assert [json.loads(item) for item in seen.form["Items"]] == [
        {
            "contact_id": ALICE,
            "correlation_id": "0" * 32,
            "sender_id": LONG_CODE,
            "status": "opt-out",
            "source": "website",
            "date_of_consent": "2026-06-01T12:30:01Z",
        }
    ]
    assert became == {ITEM.id: Taken(0)}


@pytest.mark.parametrize(
    ("answer", "taken"),
    [
        ({"error_code": 0, "error_messages": []}, Taken(0)),
        (
            {"error_code": 30646, "error_messages": [f"Invalid_Sender_Id: {LONG_CODE}"]},
            Taken(30646, "INVALID_SENDER_ID"),
        ),
        ({"error_code": 30647, "error_messages": [f"{ALICE} is odd", 7]}, Taken(30647)),
        ({"error_code": "30646", "error_messages": None}, Taken(-1)),
        ({}, Taken(-1)),
    ],
)
def test_of_an_error_the_code_and_the_name_are_kept_and_no_sentence(
    answer: dict[str, Any], taken: Taken
) -> None:
    """It may hold the number."""
    assert _answered({"items": [{"correlation_id": ITEM.id, **answer}]}) == {ITEM.id: taken}


@pytest.mark.parametrize("body", [{}, {"items": None}, {"items": {"a": 1}}])
def test_an_answer_that_says_nothing_of_the_items_is_none(body: Any) -> None:
    """They are told again."""
    with pytest.raises(CarrierAway):
        _answered(body)


@pytest.mark.parametrize(
    ("status", "error"), [(429, CarrierAway), (503, CarrierAway), (403, CarrierRefused)]
)
def test_an_answer_to_all_of_it_is_an_error(status: int, error: type[Exception]) -> None:
    """429 and 5xx say to try again."""
    with pytest.raises(error):
        _answered({"code": 20000 + status, "message": "", "status": status}, status)


def test_no_more_than_25_at_once(twilio_api: SmallTwilio) -> None:
    """Twilio says no to the request."""
    with pytest.raises(CarrierRefused) as caught:
        tell(TwilioApi({ACCOUNT: TOKEN}, twilio_api.url), ACCOUNT, [ITEM] * 26)
    assert caught.value.status == 400
