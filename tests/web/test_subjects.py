"""A person's rights over HTTP."""

from tests.cast import ALICE, BOB
from tests.conftest import Web


def test_all_that_is_held_is_shown_and_erased(web: Web) -> None:
    """The export and the erasure, with what stays and why."""
    web.message("SM1", ALICE, "please stop texting me")

    shown = web.post("/v1/subjects/export", {"to": ALICE}).json
    erased = web.post("/v1/subjects/erase", {"to": ALICE, "evidence_too": True}).json

    assert shown is not None
    assert erased is not None
    assert shown["messages"][0]["text"] == shown["events"][0]["text"] == "please stop texting me"
    assert (erased["numbers"], erased["bodies"], erased["evidence"]) == (1, 1, 1)
    assert len(erased["stays"]) == 2
    assert web.check(ALICE)["reason"] == "opted_out"


def test_of_a_stranger_nothing_is_held(web: Web) -> None:
    """An answer, and no error."""
    shown = web.post("/v1/subjects/export", {"to": BOB}).json

    assert shown is not None
    assert (shown["first_seen"], shown["events"], shown["messages"]) == (None, [], [])
