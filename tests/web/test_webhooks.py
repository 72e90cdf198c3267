"""The webhook, from the outside."""

from tests.cast import ALICE
from tests.conftest import Web


def test_a_stop_is_refused_from_its_answer_on(web: Web) -> None:
    """What was answered 200 is committed."""
    assert web.check(ALICE)["allowed"] is True

    response = web.message("SM1", ALICE, "please STOP")

    assert response.status_code == 200
    answer = web.check(ALICE)
    assert (answer["allowed"], answer["reason"], answer["scope"]) == (False, "opted_out", "*")
