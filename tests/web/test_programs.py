"""Messaging programs over HTTP."""

from typing import Any

import pytest

from tests.cast import ALICE, LONG_CODE, SHORT_CODE
from tests.conftest import Web

SERVICE = "MG" + "0" * 32


def test_a_program_is_what_was_put(web: Web) -> None:
    """Every field comes back, and it is in the list."""
    fields = {
        "name": "Promotions",
        "brand": "Example Shop",
        "contact": "help@example.com",
        "requires_consent": True,
        "double_opt_in": True,
        "quiet_hours": "advise",
        "stop_scope": "program",
        "senders": [LONG_CODE, SERVICE],
        "keywords": {
            "opt_out": ["NOPE"],
            "opt_in": ["DEALS"],
            "help": ["WHO"],
            "bare_negatives": True,
            "stop_with_argument": False,
        },
        "replies": {"opted_out": "You are out.", "help": "Write to us."},
    }

    put = web.put_program("promotions", **fields)
    got = web.get("/v1/programs/promotions").json
    listed = web.get("/v1/programs").json

    assert put == got == {"id": "promotions", **fields}
    assert listed is not None
    assert [program["id"] for program in listed["programs"]] == ["default", "promotions"]


def test_a_sender_belongs_to_one_program_in_whatever_spelling(web: Web) -> None:
    """It moves to the program that names it last; a list that is left out changes nothing."""
    web.put_program("orders", senders=["(201) 555-0100", "55501"])
    web.put_program("promotions", senders=["+12015550100"])
    web.put_program("orders", brand="Example")

    assert web.get("/v1/programs/orders").json["senders"] == ["55501"]  # type: ignore[index]
    assert web.get("/v1/programs/promotions").json["senders"] == ["+12015550100"]  # type: ignore[index]


def test_a_removed_program_keeps_its_history(web: Web) -> None:
    """What was said to it stays; its senders fall to the default program; made again, it knows."""
    web.put_program("orders", senders=[SHORT_CODE], stop_scope="program")
    web.message("SM1", ALICE, "STOP", to=SHORT_CODE)

    assert web.call("DELETE", "/v1/programs/orders").status_code == 200
    assert web.get("/v1/programs/orders").status_code == 404
    assert web.post("/v1/check", {"to": ALICE, "program": "orders"}).status_code == 422
    events = web.post("/v1/history", {"to": ALICE}).json["events"]  # type: ignore[index]
    assert [event["scope"] for event in events] == ["orders"]
    web.put_program("orders")
    assert web.check(ALICE, program="orders")["reason"] == "opted_out"


def test_the_default_program_cannot_be_removed_but_changed(web: Web) -> None:
    """It always exists."""
    assert web.call("DELETE", "/v1/programs/default").status_code == 409
    web.put_program("default", requires_consent=True)
    assert web.check(ALICE)["reason"] == "no_consent"


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 201},
        {"brand": "x" * 31},
        {"quiet_hours": "loud"},
        {"stop_scope": "some"},
        {"senders": [""]},
        {"senders": ["x" * 65]},
        {"senders": ["12"]},
        {"senders": ["a\nb"]},
        {"requires_consent": "yes"},
        {"keywords": {"opt_in": ["stop"]}},
        {"keywords": {"opt_in": ["Unsubscribe"]}},
        {"keywords": {"help": ["quit"]}},
        {"keywords": {"opt_out": ["START"]}},
        {"keywords": {"opt_out": ["help"]}},
        {"keywords": {"opt_out": [" "]}},
        {"replies": {"opted_out": ""}},
        {"colour": "red"},
    ],
)
def test_what_cannot_be_is_refused(web: Web, change: dict[str, Any]) -> None:
    """In words, and nothing is changed."""
    response = web.call("PUT", "/v1/programs/orders", {"name": "orders", **change})

    assert response.json is not None
    assert (response.status_code, response.json["code"]) in {
        (400, "malformed_request"),
        (422, "unacceptable"),
        (422, "invalid_sender"),
    }
    assert web.get("/v1/programs/orders").status_code == 404


@pytest.mark.parametrize("program_id", ["Orders", "a b", "*", "x" * 65, "ä", "-a", "%00"])
def test_an_id_is_a_slug(web: Web, program_id: str) -> None:
    """It stands in addresses and in scopes."""
    response = web.call("PUT", f"/v1/programs/{program_id}", {"name": "x"})

    assert response.status_code == 422


def test_a_programs_own_words_are_heard_both_ways(web: Web) -> None:
    """And in its own texts; other programs do not know them."""
    web.put_program(
        "promotions",
        senders=[SHORT_CODE],
        keywords={"opt_out": ["NOPE"], "opt_in": ["DEALS"], "help": ["WHO DIS"]},
        replies={"opted_out": "Out you are.", "help": "We are us."},
    )

    out = web.message("SM1", ALICE, "nope!", to=SHORT_CODE)
    assert "Out you are." in out.text
    assert web.check(ALICE)["reason"] == "opted_out"
    web.message("SM2", ALICE, "Deals", to=LONG_CODE)
    assert web.check(ALICE, program="promotions")["reason"] == "opted_out"
    web.message("SM3", ALICE, "Deals", to=SHORT_CODE)
    assert web.check(ALICE, program="promotions")["reason"] is None
    assert "We are us." in web.message("SM4", ALICE, "who dis", to=SHORT_CODE).text


@pytest.mark.parametrize(
    "word", ["STOP", "quit", "End", "revoke", "opt out", "cancel", "unsubscribe"]
)
def test_no_setting_takes_the_seven_words_away(web: Web, word: str) -> None:
    """Whatever a program says of itself."""
    web.put_program(
        "promotions",
        senders=[SHORT_CODE],
        keywords={"opt_in": ["deals"], "stop_with_argument": False},
    )

    web.message("SM1", ALICE, word, to=SHORT_CODE)

    assert web.check(ALICE)["certainty"] == "definite"


@pytest.mark.parametrize("text", ["no", "N", "S"])
def test_a_bare_no_is_an_opt_out_where_the_program_invites_it(web: Web, text: str) -> None:
    """And nowhere else."""
    web.message("SM1", ALICE, text, to=SHORT_CODE)
    assert web.check(ALICE)["allowed"] is True

    web.put_program("default", keywords={"bare_negatives": True})
    web.message("SM2", ALICE, text, to=SHORT_CODE)
    assert web.check(ALICE)["reason"] == "opted_out"


def test_stop_with_an_argument_is_a_setting(web: Web) -> None:
    """On, unless the program gives such words a meaning of their own."""
    web.put_program("default", keywords={"stop_with_argument": False})
    web.message("SM1", ALICE, "STOP ADS", to=SHORT_CODE)
    off = web.check(ALICE)["reason"]
    web.put_program("default")
    web.message("SM2", ALICE, "STOP ADS", to=SHORT_CODE)

    assert (off, web.check(ALICE)["reason"]) == (None, "opted_out")
