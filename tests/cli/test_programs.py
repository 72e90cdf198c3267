"""Programs, senders, histories, reviews and decisions, as typed."""

import json
from collections.abc import Callable

from tests.cast import ALICE, BOB, LONG_CODE, SHORT_CODE
from tests.cli.conftest import Ran
from tests.conftest import Web

Run = Callable[..., Ran]


def test_a_program_is_made_changed_listed_and_removed(stoplist: Run) -> None:
    """What is left out stays as it was."""
    made = stoplist("programs", "set", "promotions", "--brand", "Example", "--sender", SHORT_CODE)
    changed = stoplist(
        "programs", "set", "promotions", "--double-opt-in", "yes", "--opt-out-word", "NOPE"
    )

    assert (made.code, changed.code) == (0, 0), made.err + changed.err
    program = json.loads(changed.out)
    assert (program["brand"], program["senders"]) == ("Example", [SHORT_CODE])
    assert (program["double_opt_in"], program["keywords"]["opt_out"]) == (True, ["NOPE"])
    listed = json.loads(stoplist("programs", "list", "--json").out)
    assert [each["id"] for each in listed] == ["default", "promotions"]
    assert "double opt-in" in stoplist("programs", "list").out
    assert stoplist("programs", "remove", "promotions", "--yes").code == 0
    assert stoplist("programs", "remove", "promotions", "--yes").code == 2
    assert stoplist("programs", "remove", "default", "--yes").code == 2


def test_a_program_is_not_set_to_what_cannot_be(stoplist: Run) -> None:
    """Words of the fault, exit code 2."""
    for wrong in (
        ["Orders"],
        ["orders", "--brand", "x" * 31],
        ["orders", "--opt-in-word", "stop"],
        ["orders", "--quiet-hours", "loud"],
        ["orders", "--sender", "12"],
    ):
        ran = stoplist("programs", "set", *wrong)
        assert (ran.code, bool(ran.err), "Traceback" in ran.err) == (2, True, False), wrong
    assert [each["id"] for each in json.loads(stoplist("programs", "list", "--json").out)] == [
        "default"
    ]


def test_a_sender_is_mapped_listed_and_left(stoplist: Run) -> None:
    """In any spelling of its number."""
    stoplist("programs", "set", "orders")

    assert stoplist("senders", "set", "(201) 555-0100", "--program", "orders").code == 0
    listed = json.loads(stoplist("senders", "list", "--json").out)
    assert listed == [{"address": LONG_CODE, "kind": "long_code", "program": "orders"}]
    assert LONG_CODE in stoplist("senders", "list").out
    assert stoplist("senders", "set", LONG_CODE, "--program", "none-such").code == 2
    assert stoplist("senders", "remove", LONG_CODE).code == 0
    assert stoplist("senders", "remove", LONG_CODE).code == 2


def test_a_history_is_told_in_a_table_or_as_json(stoplist: Run, web: Web) -> None:
    """With what was noted."""
    web.post("/v1/opt-outs", {"to": ALICE, "source": "agent", "note": "called us"})
    web.post("/v1/blocks", {"to": ALICE, "cause": "litigator"})

    told = json.loads(stoplist("history", "201-555-0123", "--json").out)
    table = stoplist("history", ALICE)

    assert told["standing"]["default"]["reason"] == "blocked"
    assert [event["kind"] for event in told["events"]] == ["opted_out", "blocked"]
    assert (told["events"][0]["note"], told["events"][1]["cause"]) == ("called us", "litigator")
    assert (table.code, "litigator" in table.out) == (0, True)
    assert "Nothing is known" in stoplist("history", BOB).out
    assert stoplist("history", "hello").code == 2


def test_a_review_is_closed_from_the_command_line(stoplist: Run, web: Web) -> None:
    """Dismissed: the fact is void."""
    web.message("SM1", ALICE, "not interested")
    (waiting,) = json.loads(stoplist("review", "list", "--json").out)
    assert waiting["rule"] in stoplist("review", "list").out

    assert stoplist("review", "dismiss", str(waiting["id"])).code == 0
    assert stoplist("review", "confirm", str(waiting["id"])).code == 2
    assert stoplist("review", "dismiss", "99").code == 2
    assert stoplist("check", ALICE).code == 0


def test_a_decision_is_verified(stoplist: Run, web: Web) -> None:
    """Exit 0: it is ours and of that number."""
    token = web.check(ALICE)["decision"]

    ran = stoplist("decision", "verify", token, "--to", ALICE)
    assert (ran.code, "valid: allowed for the program default" in ran.out) == (0, True)
    assert stoplist("decision", "verify", token, "--to", BOB).code == 1
    assert json.loads(stoplist("decision", "verify", token[:-2], "--json").out) == {"valid": False}
