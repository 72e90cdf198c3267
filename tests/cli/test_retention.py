"""Purge, holds, subject and erase, as typed."""

import json
from collections.abc import Callable

from tests.cast import ALICE, BOB
from tests.cli.conftest import Ran
from tests.conftest import Web

Run = Callable[..., Ran]


def test_a_purge_says_what_would_go_and_what_went(stoplist: Run, web: Web) -> None:
    """Nothing is due on the first day."""
    web.message("SM1", ALICE, "nice weather")

    assert json.loads(stoplist("purge", "--dry-run", "--json").out) == {
        "dry_run": True, "bodies": 0, "evidence": 0, "messages": 0, "numbers": 0, "answers": 0,
    }  # fmt: skip
    assert "texts of messages" in stoplist("purge").out


def test_a_hold_is_set_listed_and_released(stoplist: Run) -> None:
    """Of a number or of a program, not of both, not of neither."""
    assert stoplist("hold", "set", ALICE, "--reason", "case 7").code == 0
    assert stoplist("hold", "set", "--program", "default", "--reason", "case 8").code == 0
    listed = json.loads(stoplist("hold", "list", "--json").out)
    assert [(row["of"], row["reason"]) for row in listed] == [
        ("a number", "case 7"),
        ("default", "case 8"),
    ]
    assert "case 7" in stoplist("hold", "list").out
    assert stoplist("hold", "release", str(listed[0]["id"])).code == 0
    assert stoplist("hold", "release", "99").code == 2
    assert stoplist("hold", "set", "--reason", "x").code == 2
    assert stoplist("hold", "set", ALICE, "--program", "default", "--reason", "x").code == 2


def test_a_subject_is_shown_in_words_and_erased(stoplist: Run, web: Web) -> None:
    """And what stays is said, with the reason."""
    web.post(
        "/v1/opt-ins",
        {
            "to": ALICE,
            "program": "default",
            "source": "web",
            "note": "at the fair",
            "consent": {"wording": "Yes", "medium": "paper", "time_zone": "America/New_York"},
        },
    )
    web.message("SM1", ALICE, "please stop texting me")

    words = stoplist("subject", "export", ALICE).out
    document = json.loads(stoplist("subject", "export", ALICE, "--json").out)

    for known in ("please stop texting me", "at the fair", "America/New_York", "opted_out"):
        assert known in words
    assert [event["kind"] for event in document["events"]] == ["opted_in", "opted_out"]
    assert "Nothing is held" in stoplist("subject", "export", BOB).out
    assert stoplist("hold", "set", ALICE, "--reason", "case 7").code == 0
    assert stoplist("erase", ALICE, "--yes").code == 2
    assert stoplist("hold", "release", "1").code == 0
    erased = stoplist("erase", ALICE, "--yes", "--evidence-too")
    assert (erased.code, "keyed hash" in erased.out) == (0, True)
    assert "please stop" not in stoplist("subject", "export", ALICE).out
