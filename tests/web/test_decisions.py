"""Decisions that a sender keeps, and shows later."""

import base64

import pytest

from tests.cast import ALICE, BOB
from tests.conftest import Web

VERIFY = "/v1/decisions/verify"


def _verify(web: Web, token: str, **more: str) -> dict[str, object]:
    response = web.post(VERIFY, {"decision": token, **more})
    assert response.status_code == 200, response.text
    answer = response.json
    assert isinstance(answer, dict)
    return answer


def test_a_decision_says_later_what_was_answered(web: Web) -> None:
    """Allowed or not, why, for which program, when, and for which number, without holding it."""
    web.message("SM1", ALICE, "STOP")
    for to, reason in ((ALICE, "opted_out"), (BOB, None), ("hello", "invalid_number")):
        checked = web.check(to)

        said = _verify(web, checked["decision"])

        assert (said["valid"], said["allowed"], said["reason"]) == (True, reason is None, reason)
        assert (said["program"], said["checked_at"]) == ("default", checked["checked_at"])
        assert (said["expired"], said["matches"]) == (False, None)
        raw = base64.urlsafe_b64decode(checked["decision"] + "==")
        assert b"2015550" not in raw


def test_a_decision_matches_the_number_that_it_was_given_for(web: Web) -> None:
    """In whatever spelling."""
    token = web.check(ALICE)["decision"]

    assert _verify(web, token, to="(201) 555-0123")["matches"] is True
    assert _verify(web, token, to=BOB)["matches"] is False


def test_a_changed_decision_is_not_valid(web: Web) -> None:
    """Whichever byte was changed, and however it was cut."""
    web.message("SM1", ALICE, "STOP")
    raw = base64.urlsafe_b64decode(web.check(ALICE)["decision"] + "==")

    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        token = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
        assert _verify(web, token)["valid"] is False, place
    for length in range(len(raw)):
        token = base64.urlsafe_b64encode(raw[:length]).rstrip(b"=").decode()
        assert _verify(web, token)["valid"] is False, length


@pytest.mark.parametrize("token", ["", "x", "é", "=" * 40, "A" * 400, "\x00"])
def test_what_is_no_decision_is_not_valid(web: Web, token: str) -> None:
    """It is an answer, and no error."""
    assert _verify(web, token)["valid"] is False
