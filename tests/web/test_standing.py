"""The semantics of the contract, row by row, through HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cast import ALICE, BOB, LONG_CODE, SHORT_CODE
from tests.conftest import Web

ORDERS, PROMOTIONS = "+12015550101", "+12015550102"
HOUR = timedelta(hours=1)


def ago(time: timedelta) -> str:
    """Write down an instant of the past."""
    return (datetime.now(UTC) - time).isoformat()


@pytest.fixture(name="shop")
def _shop(web: Web) -> Web:
    """A web with two programs, each with a sender of its own."""
    web.put_program("orders", senders=[ORDERS])
    web.put_program("promotions", senders=[PROMOTIONS], requires_consent=True)
    return web


def _tell(web: Web, path: str, **body: Any) -> dict[str, Any]:
    response = web.post(path, {"to": ALICE, **body})
    assert response.status_code in {200, 201}, response.text
    answer = response.json
    assert isinstance(answer, dict)
    return answer


def _opt_out(web: Web, **more: Any) -> dict[str, Any]:
    return _tell(web, "/v1/opt-outs", **{"source": "agent", **more})


def _opt_in(web: Web, **more: Any) -> dict[str, Any]:
    return _tell(web, "/v1/opt-ins", **{"source": "web", "program": "orders", **more})


def _why(web: Web, program: str = "orders") -> str | None:
    reason: str | None = web.check(ALICE, program=program)["reason"]
    return reason


# 1. A block in force refuses; only an operator lifts it.


@pytest.mark.parametrize(
    "cause",
    ["operator", "legal", "litigator", "deceased", "minor", "complaint", "carrier"],
)
def test_a_block_refuses_whatever_its_cause(shop: Web, cause: str) -> None:
    """In every program, when its scope is everything."""
    event = _tell(shop, "/v1/blocks", cause=cause, note="as asked")

    assert (event["kind"], event["cause"], event["note"]) == ("blocked", cause, "as asked")
    assert {_why(shop, program) for program in ("default", "orders", "promotions")} == {"blocked"}


def test_a_block_of_one_program_leaves_the_others(shop: Web) -> None:
    """Scope is `*` or a program."""
    _tell(shop, "/v1/blocks", cause="operator", scope="orders")

    assert (_why(shop), _why(shop, "default")) == ("blocked", None)


def test_a_block_survives_start_and_consent_until_an_operator_lifts_it(shop: Web) -> None:
    """And the person who texted START is told nothing that is not so."""
    _tell(shop, "/v1/blocks", cause="litigator")
    started = shop.message("SM1", ALICE, "Unstop this, please start again", to=SHORT_CODE)
    _opt_in(shop)

    assert "<Message>" not in started.text
    assert _why(shop) == "blocked"
    lifted = _tell(shop, "/v1/blocks/lift", cause="litigator", note="settled")
    assert (lifted["kind"], _why(shop)) == ("unblocked", None)


def test_a_lifted_block_leaves_the_persons_own_word(shop: Web) -> None:
    """Whoever opted out meanwhile is still opted out."""
    _tell(shop, "/v1/blocks", cause="legal")
    shop.message("SM1", ALICE, "STOP")
    _tell(shop, "/v1/blocks/lift")

    assert _why(shop) == "opted_out"


def test_causes_are_a_closed_list(shop: Web) -> None:
    """A cause that nobody knows is refused, and so is none."""
    for body in ({"to": ALICE, "cause": "whim"}, {"to": ALICE}):
        response = shop.post("/v1/blocks", body)
        assert (response.status_code, response.json["code"]) == (400, "malformed_request")  # type: ignore[index]
    assert _why(shop) is None


# 2. Else the newest word.


def test_the_newest_word_counts_by_when_it_was_said(shop: Web) -> None:
    """A late-arriving older START never lifts a newer STOP, nor the other way round."""
    _opt_out(shop, occurred_at=ago(2 * HOUR))
    _opt_in(shop, occurred_at=ago(3 * HOUR))
    assert _why(shop) == "opted_out"

    _opt_in(shop, occurred_at=ago(HOUR))
    _opt_out(shop, occurred_at=ago(1.5 * HOUR))
    assert _why(shop) is None


def test_on_a_tie_the_opt_out_wins(shop: Web) -> None:
    """Whichever comes first."""
    moment = ago(HOUR)
    _opt_out(shop, occurred_at=moment)
    _opt_in(shop, occurred_at=moment)

    assert _why(shop) == "opted_out"


def test_a_wrong_number_is_refused_everywhere_as_such(shop: Web) -> None:
    """And it ends a consent: it was not this person's."""
    _opt_in(shop, program="promotions")
    shop.message("SM1", ALICE, "wrong number", to=PROMOTIONS)

    assert {_why(shop, program) for program in ("default", "promotions")} == {"wrong_number"}


def test_a_stop_ends_everything_and_a_start_begins_one_program(shop: Web) -> None:
    """STOP then START on a program leaves it allowed and every other refused."""
    shop.message("SM1", ALICE, "STOP", to=ORDERS)
    shop.message("SM2", ALICE, "START", to=ORDERS)

    assert (_why(shop), _why(shop, "default")) == (None, "opted_out")


def test_a_stop_can_be_narrowed_to_its_program_but_stopall_never(shop: Web) -> None:
    """By the program's own `stop_scope`."""
    shop.put_program("orders", stop_scope="program")
    shop.message("SM1", ALICE, "STOP", to=ORDERS)
    assert (_why(shop), _why(shop, "default")) == ("opted_out", None)

    shop.message("SM2", ALICE, "STOPALL", to=ORDERS)
    assert _why(shop, "default") == "opted_out"


def test_a_sender_that_is_not_mapped_is_of_the_default_program(shop: Web) -> None:
    """START to it begins the default program."""
    shop.message("SM1", ALICE, "STOP")
    shop.message("SM2", ALICE, "START", to=LONG_CODE)

    assert (_why(shop, "default"), _why(shop)) == (None, "opted_out")


# 3. Else, if the program requires consent and the newest word is not an opt-in.


def test_a_program_may_require_consent(shop: Web) -> None:
    """`no_consent` until the person opted in to this program."""
    assert _why(shop, "promotions") == "no_consent"
    _opt_in(shop, program="orders")
    assert _why(shop, "promotions") == "no_consent"
    _opt_in(shop, program="promotions", consent={"wording": "Yes, text me", "medium": "web form"})
    assert _why(shop, "promotions") is None


def test_an_opt_out_is_the_reason_before_missing_consent(shop: Web) -> None:
    """What the person said comes first."""
    _opt_out(shop)

    assert _why(shop, "promotions") == "opted_out"


def test_double_opt_in_waits_for_the_persons_yes(shop: Web) -> None:
    """An opt-in that others tell of is pending; YES from the phone itself confirms it, and only then."""
    shop.put_program("orders", senders=[ORDERS], double_opt_in=True)
    shop.message("SM1", ALICE, "Yes", to=ORDERS, From=BOB)
    assert _opt_in(shop)["kind"] == "consent_asked"
    assert _why(shop) == "no_consent"

    shop.message("SM2", ALICE, "Yes", to=LONG_CODE)  # an answer to somebody else
    assert _why(shop) == "no_consent"
    shop.message("SM3", ALICE, "yes!", to=ORDERS)
    assert _why(shop) is None


def test_a_yes_where_nothing_was_asked_is_no_opt_in(shop: Web) -> None:
    """It answers whatever else was asked."""
    shop.message("SM1", ALICE, "STOP", to=ORDERS)
    shop.message("SM2", ALICE, "yes", to=ORDERS)

    assert _why(shop) == "opted_out"


# Certainty, and reviews.


def test_a_dismissed_review_voids_the_fact(shop: Web) -> None:
    """Probable suppresses at once, and opens a review; the word before it stands again."""
    _opt_in(shop, program="promotions")
    shop.message("SM1", ALICE, "leave me alone", to=PROMOTIONS)
    assert shop.check(ALICE)["certainty"] == "probable"
    (review,) = shop.get("/v1/reviews").json["reviews"]  # type: ignore[index]

    closed = shop.post(f"/v1/reviews/{review['id']}/dismiss", None)

    assert (closed.status_code, closed.json["review"]) == (200, "dismissed")  # type: ignore[index]
    assert (_why(shop, "promotions"), _why(shop)) == (None, None)
    assert shop.get("/v1/reviews").json["reviews"] == []  # type: ignore[index]


def test_a_confirmed_review_leaves_the_fact(shop: Web) -> None:
    """The same verdict again changes nothing, the other one is too late."""
    shop.message("SM1", ALICE, "not interested", to=ORDERS)
    (review,) = shop.get("/v1/reviews").json["reviews"]  # type: ignore[index]
    path = f"/v1/reviews/{review['id']}"

    statuses = [
        shop.post(f"{path}/{verdict}", None).status_code
        for verdict in ("confirm", "confirm", "dismiss")
    ]

    assert statuses == [200, 200, 409]
    assert _why(shop) == "opted_out"


def test_a_definite_word_opens_no_review_and_an_unknown_one_is_404(shop: Web) -> None:
    """There is nothing to look at."""
    shop.message("SM1", ALICE, "STOP")

    assert shop.get("/v1/reviews").json == {"reviews": [], "next": 0}
    for missing in (1, 99, 10**30):
        assert shop.post(f"/v1/reviews/{missing}/dismiss", None).status_code == 404
